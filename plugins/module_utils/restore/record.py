# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The restore record: a Restore object in the storage and, where wanted, in the cluster.

The storage is the source of truth. In the cluster a record is only ever InProgress or terminal:
a Velero server takes over restores in its other phases (reference beside-a-live-server.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model import phases
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    NotFoundError,
    RequestError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiResource,
    ApiResources,
)

MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"
MANAGED_BY = "velero.core"

AUTO = "auto"
IN_CLUSTER = "cluster"
IN_STORAGE = "storage"


def is_ours(record: Manifest) -> bool:
    """Returns whether a Restore object was made by this collection."""
    labels = (record.get("metadata") or {}).get("labels") or {}
    return bool(labels.get(MANAGED_BY_LABEL) == MANAGED_BY)


def phase_of(record: Manifest) -> str:
    """Returns the phase of a Restore object."""
    return str((record.get("status") or {}).get("phase") or phases.NEW)


@dataclass(slots=True)
class ClusterRecord:
    """The Restore object in the cluster. ``mode`` is auto, cluster or storage.

    ``is_live`` tells whether a Velero server works there; it is asked only before a write.
    """

    cluster: Cluster
    resource: ApiResource | None
    namespace: str
    mode: str
    is_live: Callable[[], bool]
    warnings: list[str]
    _begun: bool = False

    @property
    def kept(self) -> bool:
        """Returns whether a record in the cluster is wanted and possible."""
        return self.mode != IN_STORAGE and self.resource is not None

    def check(self) -> None:
        """Raises RequestError when ``record: cluster`` cannot be had."""
        if self.mode != IN_CLUSTER:
            return
        if self.resource is None:
            raise RequestError(
                "keeping the record in the cluster",
                "",
                "the CustomResourceDefinition restores.velero.io is not installed",
                "Use record: auto or record: storage",
            )
        if self.is_live():
            raise RequestError(
                "keeping the record in the cluster",
                f"(namespace {self.namespace})",
                "a Velero server works there and would act on it",
                "Use record: auto, which adds the finished record only",
            )

    def find(self, name: str) -> Manifest | None:
        """Returns the object of this name, or None when there is none to be seen."""
        if self.resource is None:
            return None
        try:
            return self.cluster.get(self.resource, self.namespace, name)
        except ApiError:
            return None

    def begin(
        self, record: Manifest, *, as_owner: bool = False, is_rerun: bool = False
    ) -> Manifest | None:
        """Writes an unfinished record and returns the object; None where there is none.

        Beside a live server that is done only ``as_owner``: node agents tell the restore of what
        they work on by its owner, and a running server leaves the phase InProgress alone. The
        object of a restore that is run again stays as it is until its end. Raises ApiError only
        with ``record: cluster``; nothing was restored yet.
        """
        if not self.kept:
            return None
        found = self.find(str(record["metadata"]["name"])) if is_rerun else None
        if found is not None:
            return found
        if not as_owner and self.is_live():
            return None
        written = self._write(record, strict=self.mode == IN_CLUSTER)
        self._begun = written is not None
        return written

    def progress(self, name: str, numbers: dict[str, Any]) -> None:
        """Patches ``status.progress`` of a record that was begun here.

        A failure is left to the next update.
        """
        if not self._begun or self.resource is None:
            return
        try:
            self.cluster.merge_patch(
                self.resource, self.namespace, name, {"status": {"progress": numbers}}
            )
        except ApiError:
            return

    def finish(self, record: Manifest) -> None:
        """Writes a terminal record; what fails is noted in ``warnings``."""
        if self.kept and phase_of(record) in phases.TERMINAL:
            self._write(record, strict=False)

    def heal(self, record: Manifest) -> None:
        """Writes a terminal record where the run was cut off before it finished our object."""
        found = self.find(record["metadata"]["name"]) if self.kept else None
        if found is not None and is_ours(found) and phase_of(found) not in phases.TERMINAL:
            self.finish(record)

    def _write(self, record: Manifest, *, strict: bool) -> Manifest | None:
        if self.resource is None:
            return None
        body = {
            **record,
            "metadata": {
                key: value
                for key, value in {**record["metadata"], "namespace": self.namespace}.items()
                if key not in ("uid", "creationTimestamp", "resourceVersion")
            },
        }
        try:
            return self._create_or_patch(self.resource, body)
        except ApiError as error:
            if strict:
                raise
            self.warnings.append(f"The record could not be written to the cluster: {error.message}")
            return None

    def _create_or_patch(self, resource: ApiResource, body: Manifest) -> Manifest:
        name = body["metadata"]["name"]
        try:
            found = self.cluster.get(resource, self.namespace, name)
        except NotFoundError:
            return self.cluster.create(resource, self.namespace, body)
        if _same_outcome(found, body):
            return found
        status = dict.fromkeys(found.get("status") or {}) | body["status"]
        patch: Manifest = {"spec": body["spec"], "status": status}
        return self.cluster.merge_patch(resource, self.namespace, name, patch)

    def remove(self, name: str) -> bool:
        """Deletes our own object; returns whether there was one.

        A finalizer that a server has added is taken off only when no server is live: a live one
        removes it, together with the artifacts. Raises ApiError, RequestError.
        """
        found = self.find(name)
        if found is None or self.resource is None:
            return False
        if not is_ours(found):
            raise RequestError(
                "removing",
                f"restore {self.namespace}/{name}",
                "this Restore object was not made by velero.core",
                "Delete it with velero restore delete",
            )
        if found["metadata"].get("finalizers") and not self.is_live():
            self.cluster.merge_patch(
                self.resource, self.namespace, name, {"metadata": {"finalizers": None}}
            )
        try:
            self.cluster.delete(self.resource, self.namespace, name)
        except NotFoundError:
            return True
        return True


def _same_outcome(found: Manifest, wanted: Manifest) -> bool:
    """Returns whether a restore that was run again came to the same end.

    Times do not count, nor do numbers of items: the namespaces made the first time are there now.
    """
    course = ("startTimestamp", "completionTimestamp", "progress")
    old, new = (
        {key: value for key, value in (record.get("status") or {}).items() if key not in course}
        for record in (found, wanted)
    )
    return bool(old == new and old.get("phase") in phases.TERMINAL)


def restores_resource(api: ApiResources) -> ApiResource | None:
    """Returns the resource of Velero's Restore objects, or None when its CRD is not there."""
    return api.by_plural("velero.io", "v1", "restores")
