# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which volumes of a pod the node agents restore (pkg/podvolume/util.go, reference 3.13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

SNAPSHOT_ANNOTATION_PREFIX = "snapshot.velero.io/"
_UPLOADER = "kopia"


@dataclass(frozen=True, slots=True)
class VolumeSnapshot:
    """What a volume can be filled with; ``size`` is in bytes, 0 when it is not known."""

    snapshot_id: str
    size: int = 0
    uploader: str = _UPLOADER
    location: str = ""


def volume_snapshots(
    backups: Iterable[Mapping[str, Any]], pod: Manifest, source_namespace: str
) -> dict[str, VolumeSnapshot]:
    """Returns the snapshot of each volume of ``pod`` that a PodVolumeBackup can restore.

    Backups belong to the pod's present name and its namespace in the backup. Those without a
    snapshot and those of projected and downward API volumes are passed over; when none is left,
    the old annotations of the pod count. The names are sorted (Velero's order is random).
    """
    name = _metadata(pod).get("name") or ""
    passed_over = _not_restorable(pod)
    found: dict[str, VolumeSnapshot] = {}
    for backup in backups:
        spec, status = backup.get("spec") or {}, backup.get("status") or {}
        owner, volume = spec.get("pod") or {}, spec.get("volume") or ""
        if (owner.get("name") or "", owner.get("namespace") or "") != (name, source_namespace):
            continue
        if status.get("snapshotID") and volume not in passed_over:
            found[volume] = VolumeSnapshot(
                str(status["snapshotID"]),
                int((status.get("progress") or {}).get("totalBytes") or 0),
                str(spec.get("uploaderType") or _UPLOADER),
                str(spec.get("backupStorageLocation") or ""),
            )
    return dict(sorted((found or _annotated(pod)).items()))


def _not_restorable(pod: Manifest) -> set[str]:
    first: dict[str, Any] = {}
    for volume in (pod.get("spec") or {}).get("volumes") or []:
        first.setdefault((volume or {}).get("name") or "", volume or {})
    return {
        name
        for name, volume in first.items()
        if volume.get("projected") is not None or volume.get("downwardAPI") is not None
    }


def _annotated(pod: Manifest) -> dict[str, VolumeSnapshot]:
    annotations = _metadata(pod).get("annotations") or {}
    return {
        key[len(SNAPSHOT_ANNOTATION_PREFIX) :]: VolumeSnapshot(str(value or ""))
        for key, value in annotations.items()
        if key.startswith(SNAPSHOT_ANNOTATION_PREFIX)
    }


def _metadata(pod: Manifest) -> dict[str, Any]:
    return pod.get("metadata") or {}
