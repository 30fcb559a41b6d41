# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The volume information of a restore, in Velero's format.

Source: reference restore-engine.md section 9.3, internal/volume/volumes_information.go:766. The
keys are in the order of Velero's types. Where Velero's order is random, ours is sorted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.csi_names import (
    DRIVER_ANNOTATION,
    SNAPSHOT_HANDLE_ANNOTATION,
)
from ansible_collections.velero.core.plugins.module_utils.actions.data_downloads import (
    DATA_DOWNLOADS,
    OPERATION_LABEL,
)
from ansible_collections.velero.core.plugins.module_utils.actions.quantities import (
    QuantityError,
    quantity_value,
)
from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import (
    restore_name,
    restore_namespace,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.kinds import PODS
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    RESTORE_NAME_LABEL,
    label_value,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.volumes import (
    CSI_SNAPSHOT,
    NATIVE_SNAPSHOT,
    POD_VOLUME_RESTORE,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.restored_claims import (
    Place,
    RestoredClaims,
    read_claims,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.tracker import (
    NativeSnapshotInfo,
    VolumeTracker,
)

_MOVER = "velero"
_UPLOADER = "kopia"

Row = dict[str, Any]
Warn = Callable[[str], None]


def restore_volume_info(
    tracker: VolumeTracker,
    cluster: Cluster,
    restore: Manifest,
    created_claims: Iterable[Place],
    warn: Warn,
) -> list[Row]:
    """Returns the rows for the volumes of a restore; to be called right after its items.

    ``created_claims`` are those that it created (namespace, name). What cannot be read is told to
    ``warn`` and left out. Raises ConnectionFailedError.
    """
    claims = read_claims(cluster, created_claims, warn)
    rows = []
    for pod_volume in tracker.pod_volumes():
        rows += _pod_volume(pod_volume, cluster, claims, warn)
    for volume, snapshot in tracker.native_snapshots().items():
        rows.append(_native(volume, snapshot, claims))
    for claim, snapshot_object in sorted(claims.snapshots.items()):
        rows.append(_csi(claim, snapshot_object, claims))
    rows += [_moved(item, claims) for item in _data_downloads(cluster, restore, warn)]
    return rows


def _row(claim: Place, volume: str, method: str, *, moved: bool = False) -> Row:
    """Returns the part that all rows have; empty texts are left out."""
    namespace, name = claim
    texts = {"pvcName": name, "pvcNamespace": namespace, "pvName": volume, "restoreMethod": method}
    return {**{key: text for key, text in texts.items() if text}, "snapshotDataMoved": moved}


def _pod_volume(
    restored: Manifest, cluster: Cluster, claims: RestoredClaims, warn: Warn
) -> list[Row]:
    spec = restored.get("spec") or {}
    pod, volume = spec.get("pod") or {}, str(spec.get("volume") or "")
    namespace, name = str(pod.get("namespace") or ""), str(pod.get("name") or "")
    label = str((restored.get("metadata") or {}).get("name") or "")
    try:
        claim = _claim_of_volume(cluster.get(PODS, namespace, name), volume)
    except ApiError as error:
        warn(f"Fail to get PVC from PodVolumeRestore: {label}: failed to get pod: {error.message}")
        return []
    if not claim:
        warn(
            f"unable to get PVC for PodVolumeRestore {label}, pod: {namespace}/{name}, "
            f"volume: {volume}"
        )
        return []
    place = (namespace, claim)
    row = _row(place, claims.volumes.get(place, ""), POD_VOLUME_RESTORE)
    progress = (restored.get("status") or {}).get("progress") or {}
    optional = {
        "snapshotHandle": str(spec.get("snapshotID") or ""),
        "size": int(progress.get("totalBytes") or 0),
    }
    row["pvrInfo"] = {
        **{key: value for key, value in optional.items() if value},
        "uploaderType": str(spec.get("uploaderType") or ""),
        "volumeName": volume,
        "podName": name,
        "podNamespace": namespace,
        "Phase": "",
    }
    return [row]


def _claim_of_volume(pod: Manifest, volume: str) -> str:
    for one in (pod.get("spec") or {}).get("volumes") or []:
        claim = one.get("persistentVolumeClaim")
        if one.get("name") == volume and claim:
            return str(claim.get("claimName") or "")
    return ""


def _native(volume: str, snapshot: NativeSnapshotInfo, claims: RestoredClaims) -> Row:
    row = _row(claims.claim_of(volume) or ("", ""), volume, NATIVE_SNAPSHOT)
    row["nativeSnapshotInfo"] = {
        "snapshotHandle": snapshot.handle,
        "volumeType": snapshot.type,
        "volumeAZ": snapshot.zone,
        "iops": str(snapshot.iops),
        "Phase": "",
    }
    return row


def _csi(claim: Place, snapshot: Manifest, claims: RestoredClaims) -> Row:
    annotations = (snapshot.get("metadata") or {}).get("annotations") or {}
    source = (snapshot.get("spec") or {}).get("source") or {}
    row = _row(claim, claims.volumes.get(claim, ""), CSI_SNAPSHOT)
    row["csiSnapshotInfo"] = {
        "snapshotHandle": str(annotations.get(SNAPSHOT_HANDLE_ANNOTATION) or ""),
        "size": _bytes((snapshot.get("status") or {}).get("restoreSize")),
        "driver": str(annotations.get(DRIVER_ANNOTATION) or ""),
        "vscName": str(source.get("volumeSnapshotContentName") or ""),
        "ReadyToUse": None,
    }
    return row


def _moved(download: Manifest, claims: RestoredClaims) -> Row:
    spec, metadata = download.get("spec") or {}, download.get("metadata") or {}
    target = spec.get("targetVolume") or {}
    place = (str(target.get("namespace") or ""), str(target.get("pvc") or ""))
    volume = str(target.get("pv") or "")
    if volume:
        place = claims.claim_of(volume) or place
    else:
        volume = claims.volumes.get(place, "")
    row = _row(place, volume, CSI_SNAPSHOT, moved=True)
    row["snapshotDataMovementInfo"] = {
        "dataMover": str(spec.get("datamover") or _MOVER),
        "uploaderType": _UPLOADER,
        "snapshotHandle": str(spec.get("snapshotID") or ""),
        "operationID": str((metadata.get("labels") or {}).get(OPERATION_LABEL) or ""),
        "size": 0,
        "Phase": "",
    }
    return row


def _data_downloads(cluster: Cluster, restore: Manifest, warn: Warn) -> list[Manifest]:
    selector = f"{RESTORE_NAME_LABEL}={label_value(restore_name(restore))}"
    try:
        return list(cluster.list(DATA_DOWNLOADS, restore_namespace(restore), selector))
    except ApiError as error:
        # Without Velero's CRDs there are none.
        if error.code != 404:
            warn(f"Failed to List DataDownloads: {error.message}")
        return []


def _bytes(quantity: Any) -> int:
    try:
        return math.ceil(quantity_value(str(quantity))) if quantity is not None else 0
    except QuantityError:
        return 0
