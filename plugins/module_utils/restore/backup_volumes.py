# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of the volumes of a backup."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    POD_VOLUME_BACKUPS,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    BACKUP_NAME_LABEL,
    label_value,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.model.volumes import BackupVolumes
from ansible_collections.velero.core.plugins.module_utils.restore.sources import BackupSource


def backup_volumes(
    source: BackupSource,
    name: str,
    cluster: Cluster,
    api: ApiResources | None,
    namespace: str,
    warnings: list[str],
) -> BackupVolumes:
    """Returns what is known of a backup's volumes.

    PodVolumeBackups that the storage does not have are taken from the cluster, where Velero looks
    for them. Raises StorageError.
    """
    known = source.volumes(name)
    if known.pod_volume_backups or not _served(api or cluster.discover()):
        return known
    selector = f"{BACKUP_NAME_LABEL}={label_value(name)}"
    try:
        found = list(cluster.list(POD_VOLUME_BACKUPS, namespace, selector))
    except ApiError as error:
        warnings.append(f"PodVolumeBackups cannot be listed in the cluster: {error.message}")
        return known
    return replace(known, pod_volume_backups=found)


def _served(api: ApiResources) -> bool:
    wanted = POD_VOLUME_BACKUPS
    return api.by_plural(wanted.group, wanted.version, wanted.plural) is not None
