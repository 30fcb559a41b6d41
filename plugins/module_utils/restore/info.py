# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading what is recorded about restores; nothing is changed.

Kept apart from the engine: an information task loads none of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.model.operations import ItemOperation
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Cluster,
    Manifest,
    ObjectStore,
)
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.restore.locations import locations
from ansible_collections.velero.core.plugins.module_utils.restore.record import (
    phase_of,
    restores_resource,
)
from ansible_collections.velero.core.plugins.module_utils.storage import layout
from ansible_collections.velero.core.plugins.module_utils.storage.artifacts import (
    RestoreArtifacts,
)


@dataclass(slots=True, kw_only=True)
class RestoreInfo:
    """What is known of one restore. ``found_in`` is storage, cluster or both.

    ``problems`` tells which of its artifacts could not be read.
    """

    name: str
    restore: Manifest
    found_in: list[str]
    progress: dict[str, Any] = field(default_factory=dict)
    results: Results = field(default_factory=Results)
    resource_list: dict[str, list[str]] = field(default_factory=dict)
    operations: list[ItemOperation] = field(default_factory=list)
    volumes: list[dict[str, Any]] = field(default_factory=list)
    artifacts: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def phase(self) -> str:
        """Returns the restore's phase."""
        return phase_of(self.restore)


def restore_info(
    store: ObjectStore | None,
    cluster: Cluster | None,
    *,
    velero_namespace: str = "velero",
    name: str = "",
) -> list[RestoreInfo]:
    """Returns the restores of a storage and of a cluster (either may be None), sorted by name.

    With ``name`` only that one; an unknown name gives an empty list. Where both know a restore,
    the storage's record counts. Raises StorageError, ClusterError.
    """
    in_cluster = _cluster_records(cluster, velero_namespace, name) if cluster else {}
    names = set(in_cluster)
    if store is not None:
        names.update([name] if name else store.folders(layout.RESTORES))
    found = (_one(each, store, in_cluster.get(each)) for each in sorted(names))
    return [info for info in found if info is not None]


def _cluster_records(cluster: Cluster, namespace: str, name: str) -> dict[str, Manifest]:
    resource = restores_resource(cluster.discover())
    if resource is None:
        return {}
    try:
        if name:
            return {name: cluster.get(resource, namespace, name)}
        return {obj["metadata"]["name"]: obj for obj in cluster.list(resource, namespace)}
    except ApiError as error:
        if error.code == 404:
            return {}
        raise


def _one(name: str, store: ObjectStore | None, in_cluster: Manifest | None) -> RestoreInfo | None:
    info = RestoreInfo(name=name, restore=in_cluster or {}, found_in=[])
    if in_cluster is not None:
        info.found_in.append("cluster")
        info.progress = dict((in_cluster.get("status") or {}).get("progress") or {})
    if store is not None:
        _add_stored(info, store)
    return info if info.found_in else None


def _add_stored(info: RestoreInfo, store: ObjectStore) -> None:
    artifacts = RestoreArtifacts(store, info.name, lambda seconds: None)
    try:
        record = artifacts.read_record()
    except StorageError as error:
        info.problems.append(str(error))
        record = None
    if record is None and not store.keys(layout.restore_folder(info.name)):
        return
    info.found_in.insert(0, "storage")
    info.artifacts = locations(info.name, store)
    if record is not None:
        info.restore = record
        info.progress = dict((record.get("status") or {}).get("progress") or info.progress)
    try:
        info.results = artifacts.read_results()
        info.resource_list = artifacts.read_resource_list()
        rows = artifacts.read_item_operations()
        info.operations = [ItemOperation.from_dict(row) for row in rows]
        info.volumes = artifacts.read_volume_info()
        live = artifacts.read_progress() or {}
    except StorageError as error:
        info.problems.append(str(error))
        return
    if "progress" not in (info.restore.get("status") or {}):
        numbers = ("totalItems", "itemsRestored")
        info.progress = {key: live[key] for key in numbers if key in live} or info.progress
