# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the built-in actions need of the outside world (reference section 3, column "API").

Every read is made when an item needs it first. What was found is kept for the whole restore; a
refused or failed read is made again for the next item, as Velero's actions do.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ActionError
from ansible_collections.velero.core.plugins.module_utils.actions.pod_volumes import VolumeSnapshot
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    NotFoundError,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import (
    CONFIG_MAPS,
    DEPLOYMENTS,
    SERVICE_ACCOUNTS,
    STORAGE_CLASSES,
)
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    BACKUP_NAME_LABEL,
    label_value,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

T = TypeVar("T")

BACKUPS = ApiResource("velero.io", "v1", "backups", "Backup", namespaced=True)
POD_VOLUME_BACKUPS = ApiResource(
    "velero.io", "v1", "podvolumebackups", "PodVolumeBackup", namespaced=True
)

DEFAULT_VELERO_NAMESPACE = "velero"
FEATURE_CSI = "EnableCSI"
_SERVER_DEPLOYMENT = "velero"
_WILDCARD = re.compile(r"[*?{\[\\]")


class Once:
    """Values that are made once per key, also when several threads ask at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}
        self._values: dict[Hashable, object] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Returns what ``make`` returned first for ``key``; its exceptions are not kept."""
        if key in self._values:
            return self._values[key]  # type: ignore[return-value]
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            if key not in self._values:
                self._values[key] = make()
            return self._values[key]  # type: ignore[return-value]

    def put(self, key: Hashable, value: object) -> None:
        """Replaces what is kept for ``key``."""
        self._values[key] = value

    def peek(self, key: Hashable) -> object | None:
        """Returns what is kept for ``key``, or None."""
        return self._values.get(key)


@contextmanager
def api_errors(prefix: str = "") -> Iterator[None]:
    """Turns what the cluster refuses inside into an ActionError: ``prefix`` + the API's text.

    A lost connection passes through: it ends the run, which can then be resumed.
    """
    try:
        yield
    except ApiError as error:
        raise ActionError(f"{prefix}{error.message}") from error


def _ignore(text: str) -> None:
    """Takes a log line that nobody reads."""


def _plain_names(pattern: str, text: str) -> bool:
    if _WILDCARD.search(pattern):
        raise ActionError(f"the pattern {pattern} cannot be used here: no wildcards are known")
    return pattern == text


@dataclass(kw_only=True)
class ActionEnvironment:
    """The cluster, what is known without asking it, and reads that are remembered.

    Empty and None fields are looked up in the cluster as Velero does: ``server_image`` is the
    image of the Deployment ``velero``, ``backup`` the Backup that the Restore names,
    ``pod_volume_backups`` those that are labelled with its name. ``pod_volumes`` tells by pod and
    namespace in the backup which volumes are going to be filled: no pod waits for others, there
    need not be a server, and ``image_without_server`` is the image then.
    ``why_not_moved`` tells by namespace in the backup and BackupStorageLocation why Velero's data
    mover cannot bring data (empty: it can; None: nobody looks). ``image_tag`` completes a
    configured image that has none. ``inline_config`` is configuration that needs no ConfigMap, by
    the label key of the action; its entries win over those of the ConfigMap. ``warn`` takes log
    lines about faults that are no reason to give up an item. Without ``restore_in_cluster`` the
    objects that actions create get no owner: the garbage collector deletes those of an absent one.
    Without ``strict`` a data mover that failed without saying why has failed all the same.
    ``glob_matches`` is for the namespaces of init hooks; the default knows plain names and refuses
    others.
    """

    cluster: Cluster
    velero_namespace: str = DEFAULT_VELERO_NAMESPACE
    server_image: str = ""
    image_tag: str = "latest"
    features: frozenset[str] = frozenset()
    backup: Manifest | None = None
    pod_volume_backups: tuple[Manifest, ...] | None = None
    pod_volumes: Callable[[Manifest, str], Mapping[str, VolumeSnapshot]] | None = None
    image_without_server: Callable[[], str] = lambda: ""
    why_not_moved: Callable[[str, str], str] | None = None
    inline_config: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    restore_in_cluster: bool = True
    strict: bool = True
    warn: Callable[[str], None] = _ignore
    glob_matches: Callable[[str, str], bool | None] = _plain_names
    _once: Once = field(default_factory=Once, init=False, repr=False)

    def config_maps(self, namespace: str, label_selector: str) -> tuple[Manifest, ...]:
        """Returns the ConfigMaps that match; listed once per namespace and selector.

        Raises ClusterError.
        """
        return self._once.get(
            ("configmaps", namespace, label_selector),
            lambda: tuple(self.cluster.list(CONFIG_MAPS, namespace, label_selector)),
        )

    def service_accounts(self, namespace: str, *, fresh: bool = False) -> frozenset[str]:
        """Returns the names of the service accounts of a namespace (empty: of all).

        ``fresh`` lists them again: in a new namespace accounts appear a moment later. Raises
        ClusterError.
        """
        key = ("serviceaccounts", namespace)
        if fresh:
            self._once.put(key, self._list_service_accounts(namespace))
        return self._once.get(key, lambda: self._list_service_accounts(namespace))

    def knows_service_accounts(self, namespace: str) -> bool:
        """Returns whether service_accounts() would answer without a request."""
        return self._once.peek(("serviceaccounts", namespace)) is not None

    def _list_service_accounts(self, namespace: str) -> frozenset[str]:
        found = self.cluster.list(SERVICE_ACCOUNTS, namespace)
        return frozenset((item.get("metadata") or {}).get("name", "") for item in found)

    def storage_class(self, name: str) -> Manifest:
        """Returns a StorageClass; one that was found is not read again. Raises ClusterError."""
        return self._once.get(
            ("storageclasses", name), lambda: self.cluster.get(STORAGE_CLASSES, "", name)
        )

    def backup_of(self, restore: Manifest) -> Manifest:
        """Returns the given Backup, else the one that ``restore`` names. Raises ClusterError."""
        if self.backup is not None:
            return self.backup
        namespace, name = _backup_key(restore)
        return self._once.get(
            ("backups", namespace, name), lambda: self.cluster.get(BACKUPS, namespace, name)
        )

    def pod_volume_backups_of(self, restore: Manifest) -> tuple[Manifest, ...]:
        """Returns the given PodVolumeBackups, else those in the cluster of the restore's backup.

        Raises ClusterError.
        """
        if self.pod_volume_backups is not None:
            return self.pod_volume_backups
        namespace, name = _backup_key(restore)
        selector = f"{BACKUP_NAME_LABEL}={label_value(name)}"
        return self._once.get(
            ("podvolumebackups", namespace, name),
            lambda: tuple(self.cluster.list(POD_VOLUME_BACKUPS, namespace, selector)),
        )

    def image_of_server(self) -> str:
        """Returns the given image, else that of the first container of the Deployment ``velero``.

        Raises ClusterError. Source: pkg/restore/actions/pod_volume_restore_action.go.
        """
        if self.server_image:
            return self.server_image
        return self._once.get("server image", self._read_server_image)

    def _read_server_image(self) -> str:
        try:
            found = self.cluster.get(DEPLOYMENTS, self.velero_namespace, _SERVER_DEPLOYMENT)
        except NotFoundError:
            image = self.image_without_server()
            if not image:
                raise
            return image
        try:
            return str(found["spec"]["template"]["spec"]["containers"][0].get("image", ""))
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            where = f"{self.velero_namespace}/{_SERVER_DEPLOYMENT}"
            raise ActionError(f"deployment {where} has no container") from error


def _backup_key(restore: Manifest) -> tuple[str, str]:
    metadata, spec = restore.get("metadata") or {}, restore.get("spec") or {}
    return str(metadata.get("namespace", "")), str(spec.get("backupName", ""))
