# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making sure that target namespaces exist and are usable.

Source: pkg/util/kube/utils.go:83, pkg/restore/restore.go:810, reference section 3. A terminating
namespace is waited for once in a restore; later looks do not wait again (Velero's intent).
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass

from ansible_collections.velero.core.plugins.module_utils.item.resume import EarlierRun
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    AlreadyExistsError,
    ApiError,
    NotFoundError,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import NAMESPACES
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Catalog,
    Clock,
    Cluster,
    Manifest,
)

_POLL = 1.0


@dataclass(frozen=True, slots=True)
class NamespaceState:
    """What is known of a target namespace; ``error`` is empty when it can be used.

    ``created``: this restore has made it, now (``fresh``: it is empty) or in a run that was cut
    off.
    """

    created: bool = False
    fresh: bool = False
    error: str = ""
    terminating: bool = False


class NamespaceKeeper:
    """Ensures namespaces; safe to call from several threads for different namespaces."""

    def __init__(
        self,
        cluster: Cluster,
        clock: Clock,
        catalog: Catalog,
        terminating_timeout: float,
        earlier: EarlierRun,
    ) -> None:
        self._cluster = cluster
        self._clock = clock
        self._catalog = catalog
        self._timeout = terminating_timeout
        self._earlier = earlier
        self._states: dict[str, NamespaceState] = {}
        self._waited: set[str] = set()
        self._lock = threading.Lock()

    def state(self, target: str) -> NamespaceState:
        """Returns what the last look found; an unknown namespace counts as usable."""
        return self._states.get(target, NamespaceState())

    def is_new(self, target: str) -> bool:
        """Returns whether this run has created the namespace."""
        return self.state(target).fresh

    def needs(self, target: str) -> bool:
        """Returns whether ``target`` still has to be ensured."""
        known = self._states.get(target)
        return known is None or bool(known.error)

    def ensure(self, source: str, target: str) -> NamespaceState:
        """Creates ``target`` from the backup's namespace ``source`` where it is missing.

        Returns what was found; waits while an existing namespace is being deleted.
        """
        state = self._ensure(source, target)
        with self._lock:
            self._states[target] = state
        return state

    def _ensure(self, source: str, target: str) -> NamespaceState:
        deadline = self._clock.monotonic() + (0 if target in self._waited else self._timeout)
        while True:
            try:
                found = self._cluster.get(NAMESPACES, "", target)
            except NotFoundError:
                return self._create(source, target)
            except ApiError as error:
                return NamespaceState(error=f"error getting namespace {target}: {error.message}")
            if not is_terminating(found):
                made = found.get("metadata", {}).get("creationTimestamp") or ""
                return NamespaceState(created=self._earlier.newer(made))
            if self._clock.monotonic() >= deadline:
                self._waited.add(target)
                return NamespaceState(
                    error=f"timed out waiting for terminating namespace {target} to disappear "
                    "before restoring: context deadline exceeded",
                    terminating=True,
                )
            self._clock.sleep(_POLL)

    def _create(self, source: str, target: str) -> NamespaceState:
        try:
            self._cluster.create(NAMESPACES, "", namespace_object(self._catalog, source, target))
        except AlreadyExistsError:
            return self._after_conflict(target)
        except ApiError as error:
            return NamespaceState(error=f"error creating namespace {target}: {error.message}")
        return NamespaceState(created=True, fresh=True)

    def _after_conflict(self, target: str) -> NamespaceState:
        try:
            found = self._cluster.get(NAMESPACES, "", target)
        except ApiError as error:
            return NamespaceState(error=f"error getting namespace {target}: {error.message}")
        if is_terminating(found):
            return NamespaceState(
                error=f"namespace {target} created and marked for termination after timeout",
                terminating=True,
            )
        return NamespaceState()


def is_terminating(namespace: Manifest) -> bool:
    """Returns whether a namespace is being deleted."""
    if namespace.get("metadata", {}).get("deletionTimestamp"):
        return True
    return bool((namespace.get("status") or {}).get("phase") == "Terminating")


def namespace_object(catalog: Catalog, source: str, target: str) -> Manifest:
    """Returns the Namespace to create: the backup's labels, annotations and spec, renamed.

    Without a readable Namespace in the backup it is a bare one.
    """
    bare: Manifest = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": target},
        "spec": {},
    }
    try:
        saved = json.loads(catalog.read("namespaces", "", source))
    except (KeyError, ValueError):
        return bare
    if not isinstance(saved, dict):
        return bare
    metadata = saved.get("metadata")
    if not isinstance(metadata, dict):
        return bare
    for field in ("labels", "annotations"):
        if metadata.get(field):
            bare["metadata"][field] = metadata[field]
    if saved.get("spec"):
        bare["spec"] = saved["spec"]
    return bare
