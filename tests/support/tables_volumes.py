# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the cases of the tables say about volumes, for the engine and for single decisions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.pod_volumes import (
    volume_snapshots,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.clock import SystemClock
from ansible_collections.velero.core.plugins.module_utils.model.errors import VolumeError
from ansible_collections.velero.core.plugins.module_utils.model.volumes import (
    BackupVolumes,
    Obstacle,
    SnapshotLocation,
    volume_info_by_name,
)
from ansible_collections.velero.core.plugins.module_utils.restore.volumes import VolumeInput
from ansible_collections.velero.core.plugins.module_utils.volumes.data_uploads import (
    DataUploadResults,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.decision import (
    claim_ref,
    has_csi_snapshot,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.in_cluster import is_absent
from ansible_collections.velero.core.plugins.module_utils.volumes.snapshot_action import (
    RestoreSnapshot,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.tracker import VolumeTracker
from tests.support.fake_snapshotters import FakeSnapshotters

Values = dict[str, Any]


def volume_input(data: Values, snapshotters: FakeSnapshotters) -> VolumeInput:
    """What the engine is given for a case."""
    template = data.get("pv_rename_template")
    return VolumeInput(
        backup=BackupVolumes(
            infos=volume_info_by_name(data.get("backup_volume_infos") or ()),
            snapshots=data.get("volume_snapshots") or (),
            csi_snapshots=data.get("csi_volume_snapshots") or (),
            pod_volume_backups=data.get("pod_volume_backups") or (),
        ),
        snapshotters=snapshotters,
        rename=(lambda name: template.replace("{name}", name)) if template else None,
    )


class StandInPodVolumes:
    """Stands in for the restorer of pod volumes: notes the pods that it is called for."""

    def __init__(self, data: Values) -> None:
        self._backups = data.get("pod_volume_backups") or []
        self._includes: Callable[[str], bool] = lambda resource: True
        self._lock = threading.Lock()
        self.started: list[str] = []

    def begin(self, includes: Callable[[str], bool]) -> None:
        self._includes = includes

    def volumes(self, pod: Values, source_namespace: str) -> Collection[str]:
        return volume_snapshots(self._backups, pod, source_namespace)

    def left_out(self) -> str:
        needed = ("persistentvolumeclaims", "persistentvolumes")
        return next((name for name in needed if not self._includes(name)), "")

    def obstacle(self, pod: Values, source_namespace: str) -> Obstacle | None:
        return None

    def start(self, pod: Values, source_namespace: str) -> None:
        with self._lock:
            self.started.append(f"{pod['metadata']['namespace']}/{pod['metadata']['name']}")

    def wait(self) -> list[str]:
        return []


def table_snapshotters(data: Values) -> FakeSnapshotters:
    """The snapshotters that a case names."""
    given = data.get("volume_snapshotters") or {}
    return FakeSnapshotters(
        {name: one.get("snapshot_to_volume") or {} for name, one in given.items()},
        {
            volume: name
            for one in given.values()
            for volume, name in (one.get("volume_to_pv_name") or {}).items()
        },
    )


def snapshotter_calls(snapshotters: FakeSnapshotters) -> list[Values]:
    """The volumes that were made, as the tables tell of them."""
    return [
        {
            "provider": provider,
            "snapshot_id": request.snapshot_id,
            "volume_type": request.type,
            "volume_az": request.zone,
            "volume_iops": request.iops,
        }
        for provider, request in snapshotters.requests
    ]


def should_restore(given: Values) -> Values:
    """The wait for a PersistentVolume that is in the cluster."""
    from tests.support.tables_cases import lenient_api
    from tests.support.tables_run import connected

    config = {
        "api_resources": [*given["api_resources"], _served("namespaces", given["namespaces"])],
        "options": {"velero_resources": True},
    }
    timeout = given["resource_terminating_timeout_ms"] / 1000
    with lenient_api(config) as api, connected(api.url) as cluster:
        try:
            absent = is_absent(cluster, SystemClock(), given["pv_name"], timeout)
            return {"result": absent, "timed_out": False}
        except VolumeError as error:
            return {"result": False, "timed_out": "context deadline exceeded" in error.message}


def _served(name: str, items: list[Values]) -> Values:
    return {
        "group": "",
        "version": "v1",
        "resource": name,
        "kind": "Namespace",
        "singular": "namespace",
        "namespaced": False,
        "short_names": ["ns"],
        "items": items,
    }


def csi_snapshot_found(given: Values) -> Values:
    """Whether a VolumeSnapshot of the backup belongs to a PersistentVolume."""
    claim = claim_ref(given["obj"])
    backup = BackupVolumes(csi_snapshots=[given["vs"]] if given["vs"] else [])
    return {"result": claim is not None and has_csi_snapshot(backup, *claim)}


def data_upload_found(given: Values) -> Values:
    """Whether a data mover's result belongs to a PersistentVolume."""
    from tests.support.tables_cases import lenient_api
    from tests.support.tables_run import connected

    claim = claim_ref(given["obj"])
    if claim is None:
        return {"result": False}
    config = {
        "velero_objects": [given["du_result"]] if given["du_result"] else [],
        "options": {"velero_resources": True},
    }
    with lenient_api(config) as api, connected(api.url) as cluster:
        results = DataUploadResults(cluster, given["restore"], lambda text: None)
        return {"result": results.has(*claim)}


def no_snapshot_restored(given: Values) -> Values:
    """The action for PersistentVolumes where there is nothing to do."""
    try:
        done = _action(given, FakeSnapshotters({})).execute(given["obj"], lambda *line: None)
    except VolumeError:
        return {"err": True, "res": None}
    return {"err": False, "res": done}


def snapshot_restored(given: Values) -> Values:
    """The arguments with which a volume is made."""
    providers = {one["spec"]["provider"]: _ANY for one in given["locations"]}
    snapshotters = FakeSnapshotters(providers)
    _action(given, snapshotters).execute(given["obj"], lambda *line: None)
    (call,) = snapshotter_calls(snapshotters)
    return call


class _Any(dict[str, str]):
    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> str:
        return "volume"


_ANY = _Any()


def _action(given: Values, snapshotters: FakeSnapshotters) -> RestoreSnapshot:
    providers = {one["metadata"]["name"]: one["spec"]["provider"] for one in given["locations"]}
    return RestoreSnapshot(
        BackupVolumes(snapshots=given["volume_snapshots"]),
        lambda name: SnapshotLocation(name=name, provider=providers[name]),
        snapshotters,
        VolumeTracker(),
        restore_pvs=given["restore"]["spec"].get("restorePVs"),
        restore_uid="uid",
        zones={},
        strict=True,
    )
