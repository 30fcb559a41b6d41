# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happened to volumes during a restore, as Velero tracks it for its volume information.

Source: reference restore-engine.md section 9.1, internal/volume/volumes_information.go:707.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeSnapshotInfo:
    """The snapshot that a volume was made of."""

    handle: str
    type: str = ""
    zone: str = ""
    iops: int = 0


class VolumeTracker:
    """Collects what the steps of a restore tell; may be called from several threads at once.

    Nothing is kept on disk: a resumed run tells again of the volumes and PodVolumeRestores that
    it finds in the cluster, where the restore's labels mark them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._native: dict[str, NativeSnapshotInfo] = {}
        self._pod_volumes: dict[tuple[str, str], Manifest] = {}

    def track_native_snapshot(self, volume: str, snapshot: NativeSnapshotInfo) -> None:
        """Notes that the PersistentVolume ``volume`` was made of a native snapshot."""
        with self._lock:
            self._native[volume] = snapshot

    def rename_volume(self, old: str, new: str) -> None:
        """Moves what is noted under ``old`` to ``new``."""
        with self._lock:
            if old in self._native:
                self._native[new] = self._native.pop(old)

    def track_pod_volume(self, pod_volume_restore: Mapping[str, Any]) -> None:
        """Notes a PodVolumeRestore in its final phase.

        The last object of a namespace and name counts. Those that are given up (timeout, no node
        agent) are not to be told of, as in Velero.
        """
        metadata = pod_volume_restore.get("metadata") or {}
        key = (str(metadata.get("namespace") or ""), str(metadata.get("name") or ""))
        with self._lock:
            self._pod_volumes[key] = copy.deepcopy(dict(pod_volume_restore))

    def native_snapshots(self) -> dict[str, NativeSnapshotInfo]:
        """Returns the snapshots by PersistentVolume, sorted by its name."""
        with self._lock:
            return dict(sorted(self._native.items()))

    def pod_volumes(self) -> list[Manifest]:
        """Returns the PodVolumeRestores, sorted by pod and volume."""
        with self._lock:
            found = list(self._pod_volumes.values())
        return sorted(found, key=_place)


def _place(pod_volume_restore: Manifest) -> tuple[str, str, str]:
    spec = pod_volume_restore.get("spec") or {}
    pod = spec.get("pod") or {}
    return str(pod.get("namespace")), str(pod.get("name")), str(spec.get("volume"))
