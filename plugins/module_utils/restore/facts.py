# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gathering all that a description of a restore tells of; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ansible_collections.velero.core.plugins.module_utils.describe.facts import (
    NOT_FOUND,
    Absent,
    RestoreFacts,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    RESTORE_NAME_LABEL,
    label_value,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Cluster,
    Manifest,
    ObjectStore,
)
from ansible_collections.velero.core.plugins.module_utils.restore.info import RestoreInfo
from ansible_collections.velero.core.plugins.module_utils.storage import layout
from ansible_collections.velero.core.plugins.module_utils.storage.artifacts import (
    RestoreArtifacts,
)

_NO_STORAGE = Absent("no storage was asked for it")
_UNASKED = (
    "Volumes of pods were restored from the file system. How that went is known to the cluster, "
    "which was not asked"
)

Content = TypeVar("Content")


class FactFinder:
    """Reads artifacts and PodVolumeRestores; what cannot be read is told in their place.

    ``store`` or ``cluster`` may be None.
    """

    def __init__(
        self, store: ObjectStore | None, cluster: Cluster | None, velero_namespace: str
    ) -> None:
        self._store = store
        self._cluster = cluster
        self._namespace = velero_namespace

    def facts(self, info: RestoreInfo) -> RestoreFacts:
        """Returns what is known of a restore; what fails is added to its problems.

        Raises ClusterError when the cluster cannot be reached.
        """
        pod_volumes = self._pod_volume_restores(info)
        facts = self._stored(info, _with_progress(info), pod_volumes)
        if self._cluster is None and _has_pod_volumes(facts):
            info.problems.append(_UNASKED)
        return facts

    def _stored(
        self, info: RestoreInfo, restore: Manifest, pod_volumes: list[Manifest]
    ) -> RestoreFacts:
        store, name = self._store, info.name
        if store is None:
            return RestoreFacts(
                restore=restore,
                results=_NO_STORAGE,
                resource_list=_NO_STORAGE,
                item_operations=_NO_STORAGE,
                volume_info=_NO_STORAGE,
                pod_volume_restores=pod_volumes,
            )
        keys = frozenset(store.keys(layout.restore_folder(name)))
        files = RestoreArtifacts(store, name, lambda seconds: None)
        return RestoreFacts(
            restore=restore,
            results=_read(keys, layout.restore_results(name), files.read_results),
            resource_list=_read(keys, layout.restore_resource_list(name), files.read_resource_list),
            item_operations=_read(
                keys, layout.restore_item_operations(name), files.read_item_operations
            ),
            volume_info=_read(keys, layout.restore_volume_info(name), files.read_volume_info),
            pod_volume_restores=pod_volumes,
        )

    def _pod_volume_restores(self, info: RestoreInfo) -> list[Manifest]:
        if self._cluster is None:
            return []
        resource = self._cluster.discover().by_plural("velero.io", "v1", "podvolumerestores")
        if resource is None:
            return []
        try:
            selector = f"{RESTORE_NAME_LABEL}={label_value(info.name)}"
            return list(self._cluster.list(resource, self._namespace, selector))
        except ApiError as error:
            if error.code != 404:
                info.problems.append(str(error))
            return []


def _with_progress(info: RestoreInfo) -> Manifest:
    metadata = {**(info.restore.get("metadata") or {}), "name": info.name}
    restore = {**info.restore, "metadata": metadata}
    if info.progress:
        restore["status"] = {**(info.restore.get("status") or {}), "progress": info.progress}
    return restore


def _read(keys: frozenset[str], key: str, read: Callable[[], Content]) -> Content | Absent:
    if key not in keys:
        return NOT_FOUND
    try:
        return read()
    except StorageError as error:
        return Absent(str(error))


def _has_pod_volumes(facts: RestoreFacts) -> bool:
    rows: Sequence[dict[str, Any]] = (
        [] if isinstance(facts.volume_info, Absent) else facts.volume_info
    )
    return any(row.get("restoreMethod") == "PodVolumeRestore" for row in rows)
