# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ConnectionFailedError,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.restore_info import (
    restore_volume_info,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.tracker import (
    NativeSnapshotInfo,
    VolumeTracker,
)
from tests.support.builders import SERVED, Manifest, api_of, obj, resource
from tests.support.fake_cluster import FakeCluster, api_error

RESTORE = obj("Restore", "r1", "velero", api="velero.io/v1", meta={"uid": "u"})
API = api_of(
    *SERVED,
    resource("volumesnapshots.snapshot.storage.k8s.io", "VolumeSnapshot"),
    resource("datadownloads.velero.io", "DataDownload", version="v2alpha1"),
)


def claim(name: str, volume: str = "", source: str = "", phase: str = "Bound") -> Manifest:
    spec: Manifest = {"volumeName": volume} if volume else {}
    if source:
        spec["dataSource"] = {"kind": "VolumeSnapshot", "name": source}
    return obj("PersistentVolumeClaim", name, "shop", spec=spec, status={"phase": phase})


def volume(name: str) -> Manifest:
    return obj("PersistentVolume", name)


def snapshot(name: str, **status: Any) -> Manifest:
    return obj(
        "VolumeSnapshot",
        name,
        "shop",
        api="snapshot.storage.k8s.io/v1",
        annotations={
            "velero.io/csi-volumesnapshot-handle": "handle",
            "velero.io/csi-driver-name": "driver",
        },
        spec={"source": {"volumeSnapshotContentName": f"content-{name}"}},
        status=status,
    )


def download(name: str = "r1-1", labels: dict[str, str] | None = None, **target: str) -> Manifest:
    return obj(
        "DataDownload",
        name,
        "velero",
        api="velero.io/v2alpha1",
        labels=labels or {"velero.io/restore-name": "r1", "velero.io/async-operation-id": "dd-1"},
        spec={"snapshotID": "k1", "targetVolume": {"namespace": "shop", **target}},
    )


def pod(claim_name: str = "") -> Manifest:
    one: Manifest = {"name": "v"}
    if claim_name:
        one["persistentVolumeClaim"] = {"claimName": claim_name}
    return obj("Pod", "web", "shop", spec={"volumes": [{"name": "other"}, one]})


def pod_volume_restore(name: str = "r1-x", **progress: int) -> Manifest:
    return obj(
        "PodVolumeRestore",
        name,
        "velero",
        api="velero.io/v1",
        spec={
            "pod": {"namespace": "shop", "name": "web"},
            "volume": "v",
            "snapshotID": "s1",
            "uploaderType": "kopia",
        },
        status={"progress": progress},
    )


class Told:
    """A cluster, what was tracked, and what the log says."""

    def __init__(self, *objects: Manifest) -> None:
        self.cluster = FakeCluster(*objects, api=API)
        self.tracker = VolumeTracker()
        self.log: list[str] = []

    def rows(self, *claims: str) -> list[Manifest]:
        created = [("shop", name) for name in claims]
        return restore_volume_info(self.tracker, self.cluster, RESTORE, created, self.log.append)


def test_9_3_nothing() -> None:
    told = Told()
    assert told.rows() == []
    assert told.log == []


def test_9_3_native_snapshots() -> None:
    told = Told(claim("data", "pv-1"), volume("pv-1"))
    told.tracker.track_native_snapshot("pv-2", NativeSnapshotInfo(handle="snap-2"))
    info = NativeSnapshotInfo(handle="snap-1", type="io1", zone="a", iops=200)
    told.tracker.track_native_snapshot("old", info)
    told.tracker.rename_volume("old", "pv-1")
    told.tracker.rename_volume("unknown", "pv-3")
    first, second = told.rows("data")
    assert list(first.items()) == [
        ("pvcName", "data"),
        ("pvcNamespace", "shop"),
        ("pvName", "pv-1"),
        ("restoreMethod", "NativeSnapshot"),
        ("snapshotDataMoved", False),
        (
            "nativeSnapshotInfo",
            {
                "snapshotHandle": "snap-1",
                "volumeType": "io1",
                "volumeAZ": "a",
                "iops": "200",
                "Phase": "",
            },
        ),
    ]
    assert second["pvName"] == "pv-2"
    assert "pvcName" not in second
    assert second["nativeSnapshotInfo"]["iops"] == "0"


@pytest.mark.parametrize(
    ("status", "size"),
    [({}, 0), ({"restoreSize": "1Gi"}, 1024**3), ({"restoreSize": "odd"}, 0)],
)
@pytest.mark.parametrize("bound", [True, False])
def test_9_3_csi_snapshots(status: dict[str, str], size: int, bound: bool) -> None:
    made = claim("data", "pv-1", "vs", "Bound" if bound else "Pending")
    told = Told(made, volume("pv-1"), snapshot("vs", **status))
    (row,) = told.rows("data")
    assert row == {
        "pvcName": "data",
        "pvcNamespace": "shop",
        **({"pvName": "pv-1"} if bound else {}),
        "restoreMethod": "CSISnapshot",
        "snapshotDataMoved": False,
        "csiSnapshotInfo": {
            "snapshotHandle": "handle",
            "size": size,
            "driver": "driver",
            "vscName": "content-vs",
            "ReadyToUse": None,
        },
    }
    waits = "PVC shop/data is not bound or has no volume name"
    assert told.log == ([] if bound else [waits])


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ({"pvc": "data"}, {"pvcName": "data", "pvName": "pv-1"}),
        ({"pvc": "late"}, {"pvcName": "late"}),
        ({"pvc": "x", "pv": "pv-1"}, {"pvcName": "data", "pvName": "pv-1"}),
        ({"pvc": "x", "pv": "pv-9"}, {"pvcName": "x", "pvName": "pv-9"}),
    ],
)
def test_9_3_moved_data(target: dict[str, str], found: dict[str, str]) -> None:
    told = Told(claim("data", "pv-1"), volume("pv-1"), download(**target))
    told.cluster.put(download("r2-1", {"velero.io/restore-name": "r2"}, pvc="data"))
    (row,) = told.rows("data")
    assert row == {
        **found,
        "pvcNamespace": "shop",
        "restoreMethod": "CSISnapshot",
        "snapshotDataMoved": True,
        "snapshotDataMovementInfo": {
            "dataMover": "velero",
            "uploaderType": "kopia",
            "snapshotHandle": "k1",
            "operationID": "dd-1",
            "size": 0,
            "Phase": "",
        },
    }


def test_9_3_pod_volumes_come_first() -> None:
    told = Told(claim("data", "pv-1"), volume("pv-1"), pod("data"))
    told.tracker.track_native_snapshot("pv-2", NativeSnapshotInfo(handle="snap"))
    told.tracker.track_pod_volume(pod_volume_restore(totalBytes=0))
    told.tracker.track_pod_volume(pod_volume_restore(totalBytes=4096))
    row, native = told.rows("data")
    assert row == {
        "pvcName": "data",
        "pvcNamespace": "shop",
        "pvName": "pv-1",
        "restoreMethod": "PodVolumeRestore",
        "snapshotDataMoved": False,
        "pvrInfo": {
            "snapshotHandle": "s1",
            "size": 4096,
            "uploaderType": "kopia",
            "volumeName": "v",
            "podName": "web",
            "podNamespace": "shop",
            "Phase": "",
        },
    }
    assert native["restoreMethod"] == "NativeSnapshot"


@pytest.mark.parametrize("objects", [[], [pod()]], ids=["no pod", "no claim"])
def test_9_3_pod_volumes_without_a_claim_are_left_out(objects: list[Manifest]) -> None:
    told = Told(*objects)
    told.tracker.track_pod_volume(pod_volume_restore())
    assert told.rows() == []
    assert len(told.log) == 1


@pytest.mark.parametrize(
    ("verb", "gr"),
    [
        ("get", "persistentvolumeclaims"),
        ("get", "persistentvolumes"),
        ("get", "volumesnapshots.snapshot.storage.k8s.io"),
        ("list", "datadownloads.velero.io"),
    ],
)
def test_9_2_what_cannot_be_read_is_left_out(verb: str, gr: str) -> None:
    told = Told(claim("data", "pv-1", "vs"), volume("pv-1"), snapshot("vs"))
    told.cluster.fail(verb, gr, error=api_error("Forbidden", "no"))
    told.rows("data")
    assert len([line for line in told.log if line.endswith("no")]) == 1


def test_9_2_without_veleros_kinds_nothing_was_moved() -> None:
    told = Told()
    told.cluster.fail("list", "datadownloads.velero.io", error=api_error("NotFound"))
    assert told.rows() == []
    assert told.log == []


def test_9_2_a_lost_connection_passes_through() -> None:
    told = Told(claim("data", "pv-1"))
    told.cluster.fail("get", error=ConnectionFailedError("reading", "it", "gone"))
    with pytest.raises(ConnectionFailedError):
        told.rows("data")


def test_9_2_many_claims_cost_few_requests() -> None:
    names = [f"data-{number}" for number in range(20)]
    claims = [claim(name, f"pv-{name}", f"vs-{name}") for name in names]
    told = Told(
        *claims,
        *(volume(f"pv-{name}") for name in names),
        *(snapshot(f"vs-{name}") for name in names),
    )
    rows = told.rows(*names)
    assert [row["pvcName"] for row in rows] == sorted(names)
    assert len(told.cluster.calls) == 4


def test_tracking_from_many_threads() -> None:
    tracker = VolumeTracker()

    def track(number: int) -> None:
        tracker.track_native_snapshot(f"pv-{number}", NativeSnapshotInfo(handle="s"))
        tracker.rename_volume(f"pv-{number}", f"new-{number:03}")
        tracker.track_pod_volume(pod_volume_restore(f"r1-{number}"))

    threads = [threading.Thread(target=track, args=[number]) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(tracker.native_snapshots()) == [f"new-{number:03}" for number in range(50)]
    assert len(tracker.pod_volumes()) == 50
