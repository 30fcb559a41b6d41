# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making a volume of its native snapshot (pkg/restore/pv_restorer.go, reference section 4.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from ansible_collections.velero.core.plugins.module_utils.actions.environment import Once
from ansible_collections.velero.core.plugins.module_utils.model.errors import VolumeError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.volumes import (
    BackupVolumes,
    Row,
    SnapshotLocation,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.decision import native_snapshot
from ansible_collections.velero.core.plugins.module_utils.volumes.native import Log, name_of
from ansible_collections.velero.core.plugins.module_utils.volumes.snapshotter import (
    Snapshotters,
    VolumeRequest,
    VolumeSnapshotter,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.tracker import (
    NativeSnapshotInfo,
    VolumeTracker,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.zones import remap_zone

# Returns the VolumeSnapshotLocation of a name; raises VolumeError.
LocationReader = Callable[[str], SnapshotLocation]


class RestoreSnapshot:
    """The action for PersistentVolumes of one restore; may be called from several threads.

    ``restore_uid`` makes the volumes of this restore recognisable for its later runs.
    ``zones`` maps the availability zones of the backup to others. Unless ``strict``, a volume
    without a record of its snapshot is an error: the object would lead to the original volume.
    A ``plan`` finds out what would stop it, and makes no volume.
    """

    def __init__(
        self,
        backup: BackupVolumes,
        locations: LocationReader,
        snapshotters: Snapshotters,
        tracker: VolumeTracker,
        *,
        restore_pvs: bool | None,
        restore_uid: str,
        zones: Mapping[str, str],
        strict: bool,
        plan: bool = False,
    ) -> None:
        self._backup = backup
        self._locations = locations
        self._snapshotters = snapshotters
        self._tracker = tracker
        self._restore_pvs = restore_pvs
        self._uid = restore_uid
        self._zones = zones
        self._strict = strict
        self._plan = plan
        self._once = Once()

    def execute(self, pv: Manifest, log: Log) -> Manifest:
        """Returns ``pv`` with a new volume behind it, or as it is; raises VolumeError."""
        name = name_of(pv)
        if not name:
            raise VolumeError("PersistentVolume is missing its name")
        if self._restore_pvs is False:
            return pv
        record = native_snapshot(self._backup, name)
        if record is None:
            self._refuse_original(name)
            log("info", "No snapshot found for persistent volume")
            return pv
        snapshotter = self._snapshotter(str(record["spec"].get("location") or ""))
        snapshotter.check(pv)
        if self._plan:
            return pv
        request = self._request(record, name)
        volume = snapshotter.create_volume(request)
        log("info", "successfully restored persistent volume from snapshot")
        restored = snapshotter.set_volume_id(pv, volume)
        remap_zone(restored, _zone(record), request.zone)
        self._track(str(restored["metadata"]["name"]), request)
        return restored

    def recall(self, pv: Manifest) -> None:
        """Tracks the volume again that an earlier run has made for ``pv``."""
        name = str(pv["metadata"]["name"])
        record = native_snapshot(self._backup, name)
        if record is not None and self._restore_pvs is not False:
            self._track(name, self._request(record, name))

    def _refuse_original(self, name: str) -> None:
        if not self._strict:
            raise VolumeError(
                f"the backup says that {name} has a native snapshot, but has no record of it; "
                "the restored object would use the original volume"
            )

    def _snapshotter(self, location: str) -> VolumeSnapshotter:
        def opened() -> VolumeSnapshotter:
            return self._snapshotters.open(self._locations(location))

        return self._once.get(location, opened)

    def _request(self, record: Row, name: str) -> VolumeRequest:
        spec, status = record["spec"], record.get("status") or {}
        zone = _zone(record)
        iops = spec.get("volumeIOPS")
        return VolumeRequest(
            snapshot_id=str(status.get("providerSnapshotID") or ""),
            type=str(spec.get("volumeType") or ""),
            zone=self._zones.get(zone, zone),
            iops=None if iops is None else int(iops),
            volume_id=str(spec.get("providerVolumeID") or ""),
            token=hashlib.sha256(f"{self._uid}/{name}".encode()).hexdigest(),
        )

    def _track(self, name: str, request: VolumeRequest) -> None:
        info = NativeSnapshotInfo(
            handle=request.snapshot_id,
            type=request.type,
            zone=request.zone,
            iops=request.iops or 0,
        )
        self._tracker.track_native_snapshot(name, info)


def _zone(record: Row) -> str:
    return str(record["spec"].get("volumeAZ") or "")
