# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The volumes of a restore, sorted into the groups in which Velero describes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.describe.facts import Rows
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

_COMPLETED = "Completed"
_IN_PROGRESS = "In Progress"
_NEW = "New"
_PHASES = (_COMPLETED, "Canceled", "Failed", _IN_PROGRESS, "Prepared", "Accepted", _NEW)
_GROUPS = {"InProgress": _IN_PROGRESS, "": _NEW}
_CSI = "CSISnapshot"
_SNAPSHOT = ("vscName", "snapshotHandle", "driver")
_MOVED = ("operationID", "dataMover", "uploaderType")


@dataclass(slots=True)
class PodVolumes:
    """Volumes of pods, restored from the file system, by phase and ``namespace/pod``."""

    uploader: str
    by_phase: dict[str, dict[str, list[str]]] = field(default_factory=dict)


def pod_volumes(restores: list[Manifest]) -> PodVolumes | None:
    """Returns the PodVolumeRestores in the order of their phases, or None when there are none.

    All have the uploader of the first. One in a phase that Velero does not know is in no group.
    """
    if not restores:
        return None
    found = PodVolumes(str((restores[0].get("spec") or {}).get("uploaderType") or ""))
    for phase in _PHASES:
        pods: dict[str, list[str]] = {}
        for restore in restores:
            if _group(restore) == phase:
                spec = restore.get("spec") or {}
                pod = spec.get("pod") or {}
                name = f"{pod.get('namespace', '')}/{pod.get('name', '')}"
                pods.setdefault(name, []).append(_volume(restore, phase))
        if pods:
            found.by_phase[phase] = {name: sorted(pods[name]) for name in sorted(pods)}
    return found


def _group(restore: Manifest) -> str:
    phase = str((restore.get("status") or {}).get("phase") or "")
    return _GROUPS.get(phase, phase)


def _volume(restore: Manifest, phase: str) -> str:
    name = str((restore.get("spec") or {}).get("volume") or "")
    progress = (restore.get("status") or {}).get("progress") or {}
    total, done = int(progress.get("totalBytes") or 0), int(progress.get("bytesDone") or 0)
    if phase == _IN_PROGRESS and total:
        return f"{name} ({done / total * 100:.2f}%)"
    if phase == _COMPLETED and total > 0:
        return f"{name} (size: {total})"
    return name


@dataclass(frozen=True, slots=True)
class CsiVolume:
    """A claim restored from a CSI snapshot, or from data that was moved.

    ``info`` has the fields of the volume information that are told.
    """

    claim: str
    moved: bool
    info: dict[str, str]


def csi_volumes(rows: Rows) -> list[CsiVolume]:
    """Returns the volumes restored by CSI, those whose data was moved last."""
    infos = [row for row in rows if row.get("restoreMethod") == _CSI]
    infos.sort(key=lambda row: bool(row.get("snapshotDataMoved")))
    return list(map(_csi_volume, infos))


def _csi_volume(row: dict[str, Any]) -> CsiVolume:
    claim = f"{row.get('pvcNamespace', '')}/{row.get('pvcName', '')}"
    moved = bool(row.get("snapshotDataMoved"))
    source = row.get("snapshotDataMovementInfo" if moved else "csiSnapshotInfo") or {}
    info = {name: str(source.get(name) or "") for name in (_MOVED if moved else _SNAPSHOT)}
    return CsiVolume(claim, moved, info)
