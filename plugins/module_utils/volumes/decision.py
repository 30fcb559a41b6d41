# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done about a PersistentVolume of a backup (reference restore-engine.md section 4.2).

By the backup's volume information; where that says nothing of a volume (Velero before 1.13), by
what else the backup holds. Source: pkg/restore/restore.go:1219-1310.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.volumes import (
    CSI_SNAPSHOT,
    FROM_SNAPSHOT,
    KEEP,
    NATIVE_SNAPSHOT,
    POD_VOLUME_BACKUP,
    REPROVISION,
    BackupVolumes,
    Row,
    VolumeDecision,
)

CLAIM_NAME_ANNOTATION = "velero.io/pvc-name"

_REPROVISION = "Dynamically re-provisioning persistent volume because it "
_LOG = {
    POD_VOLUME_BACKUP: _REPROVISION + "has a pod volume backup to be restored.",
    CSI_SNAPSHOT: _REPROVISION + "has a CSI VolumeSnapshot or a related snapshot DataUpload.",
}
_DELETED = _REPROVISION + "doesn't have a snapshot and its reclaim policy is Delete."
_KEPT = (
    "Restoring persistent volume as-is because it doesn't have a snapshot and its reclaim policy "
    "is not Delete."
)

# Tells whether a data mover's result for a claim (namespace, name) of the backup is there.
HasDataUpload = Callable[[str, str], bool]


def decide(pv: Manifest, backup: BackupVolumes, has_data_upload: HasDataUpload) -> VolumeDecision:
    """Returns what is done about ``pv``, the object of the backup."""
    name = str((pv.get("metadata") or {}).get("name") or "")
    info = backup.infos.get(name)
    if info is not None:
        method = str(info.get("backupMethod") or "")
        moved = bool(info.get("snapshotDataMoved"))
        found = f"Find BackupVolumeInfo for PV {name}."
    else:
        method, moved = _legacy_method(pv, name, backup, has_data_upload)
        found = f"Cannot find BackupVolumeInfo for PV {name}."
    if method == NATIVE_SNAPSHOT:
        return VolumeDecision(handling=FROM_SNAPSHOT, method=method, log=(found,))
    if method in _LOG:
        return VolumeDecision(
            handling=REPROVISION, method=method, moved=moved, log=(found, _LOG[method])
        )
    if _map(pv.get("spec")).get("persistentVolumeReclaimPolicy") == "Delete":
        return VolumeDecision(handling=REPROVISION, log=(found, _DELETED))
    return VolumeDecision(handling=KEEP, log=(found, _KEPT))


def native_snapshot(backup: BackupVolumes, name: str) -> Row | None:
    """Returns the record of the native snapshot of a PersistentVolume, the first if several."""
    for row in backup.snapshots:
        if _map(row.get("spec")).get("persistentVolumeName") == name:
            return row
    return None


def has_csi_snapshot(backup: BackupVolumes, namespace: str, claim: str) -> bool:
    """Returns whether a VolumeSnapshot of the backup was taken of a claim."""
    for row in backup.csi_snapshots:
        source = _map(_map(row.get("spec")).get("source")).get("persistentVolumeClaimName")
        if source == claim and (_map(row.get("metadata")).get("namespace") or "") == namespace:
            return True
    return False


def claim_ref(pv: Manifest) -> tuple[str, str] | None:
    """Returns namespace and name of the claim that ``pv`` refers to, None without one."""
    claim = _map(pv.get("spec")).get("claimRef")
    if not isinstance(claim, Mapping):
        return None
    return str(claim.get("namespace") or ""), str(claim.get("name") or "")


def _legacy_method(
    pv: Manifest, name: str, backup: BackupVolumes, has_data_upload: HasDataUpload
) -> tuple[str, bool]:
    if native_snapshot(backup, name) is not None:
        return NATIVE_SNAPSHOT, False
    claim = claim_ref(pv)
    if claim is None:
        return "", False
    if _has_pod_volume_backup(backup, *claim):
        return POD_VOLUME_BACKUP, False
    if has_csi_snapshot(backup, *claim):
        return CSI_SNAPSHOT, False
    return (CSI_SNAPSHOT, True) if has_data_upload(*claim) else ("", False)


def _has_pod_volume_backup(backup: BackupVolumes, namespace: str, claim: str) -> bool:
    return any(
        (_map(_map(row.get("spec")).get("pod")).get("namespace") or "") == namespace
        and _map(_map(row.get("metadata")).get("annotations")).get(CLAIM_NAME_ANNOTATION) == claim
        for row in backup.pod_volume_backups
    )


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
