# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a single call of an item action works on: an item of a backup and a Restore object."""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    NotFoundError,
    RequestError,
)
from ansible_collections.velero.core.plugins.module_utils.model.names import resource_id
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Cluster,
    Manifest,
    ObjectStore,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import Settings
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.plan.decode import (
    DecodeError,
    decode_item,
)
from ansible_collections.velero.core.plugins.module_utils.restore.record import (
    restores_resource,
)
from ansible_collections.velero.core.plugins.module_utils.restore.sources import BackupSource
from ansible_collections.velero.core.plugins.module_utils.storage import inputs
from ansible_collections.velero.core.plugins.module_utils.storage.artifacts import (
    RestoreArtifacts,
)

DEFAULT_NAME = "item-action"


def item_of_backup(
    source: BackupSource,
    backup: str,
    api: ApiResources,
    resource: str,
    namespace: str,
    name: str,
) -> tuple[str, Manifest]:
    """Returns the group-resource and the object of an item.

    ``resource`` may be a plural, singular or short name. Raises RequestError when the backup has
    no such item, ArchiveError, StorageError.
    """
    source.find(backup)
    gr = api.resolve_group_resource(resource)
    with source.open_catalog(backup, Settings()) as catalog:
        if name not in catalog.items(gr, namespace):
            raise RequestError(
                "reading from backup",
                backup,
                f"it has no item {resource_id(gr, namespace, name)}",
                "velero_backup_info with contents tells what it has",
            )
        try:
            return gr, decode_item(catalog, gr, namespace, name)
        except DecodeError as error:
            raise RequestError("reading from backup", backup, str(error)) from error


def pod_volume_backups(source: BackupSource | None, backup: str) -> tuple[Manifest, ...]:
    """Returns the PodVolumeBackups of a backup storage; none without one.

    The cluster is not asked for them: that needs a Velero server there.
    """
    if source is None or source.store is None:
        return ()
    return tuple(inputs.pod_volume_backups(source.store, backup))


def restore_object(given: Manifest, velero_namespace: str, backup: str = "") -> Manifest:
    """Returns ``given`` completed to a Restore object; raises RequestError."""
    for key in ("metadata", "spec", "status"):
        if not isinstance(given.get(key, {}), dict):
            raise RequestError("reading", f"restore.{key}", "it is not a mapping")
    metadata = {"name": DEFAULT_NAME, "namespace": velero_namespace}
    spec: dict[str, Any] = {"backupName": backup} if backup else {}
    return {
        **given,
        "apiVersion": "velero.io/v1",
        "kind": "Restore",
        "metadata": {**metadata, **given.get("metadata", {})},
        "spec": {**spec, **given.get("spec", {})},
        "status": given.get("status", {}),
    }


def recorded_restore(
    name: str,
    store: ObjectStore | None,
    cluster: Cluster,
    api: ApiResources,
    velero_namespace: str,
) -> Manifest:
    """Returns the Restore object of this name, from the storage or else from the cluster.

    Raises RequestError when neither has it, StorageError, ClusterError.
    """
    stored = RestoreArtifacts(store, name, lambda seconds: None).read_record() if store else None
    if stored is not None:
        return stored
    resource = restores_resource(api)
    if resource is not None:
        try:
            return cluster.get(resource, velero_namespace, name)
        except NotFoundError:
            pass
    raise RequestError(
        "reading",
        f"restore {name}",
        "there is no restore of this name",
        "Give the Restore object as a mapping",
    )
