# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One volume of a backup, and what becomes of it: the cases of docs/volumes.md.

`DATA` are the ways in which its data may have been backed up, `SITUATIONS` what may be asked for
and found. `restore` does a case and tells in the words of the page what became of it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from tests.support.builders import (
    RESTORES,
    SERVED,
    Manifest,
    MemoryStore,
    add_backup,
    api_of,
    backup_object,
    obj,
    resource,
)
from tests.support.builders_pod_volumes import daemon_set, repository
from tests.support.builders_run import Restoring, move_data
from tests.support.fake_cluster import FakeCluster
from tests.support.fake_snapshotters import FakeSnapshotters

_SNAPSHOT_API = "snapshot.storage.k8s.io/v1"
_CLAIM_REF = {"namespace": "shop", "name": "data"}


def _api() -> Any:
    group = "snapshot.storage.k8s.io"
    return api_of(
        *SERVED,
        resource(f"volumesnapshots.{group}", "VolumeSnapshot"),
        resource(f"volumesnapshotcontents.{group}", "VolumeSnapshotContent", namespaced=False),
        resource(f"volumesnapshotclasses.{group}", "VolumeSnapshotClass", namespaced=False),
        resource("storageclasses.storage.k8s.io", "StorageClass", namespaced=False),
        resource("csidrivers.storage.k8s.io", "CSIDriver", namespaced=False),
        resource("csinodes.storage.k8s.io", "CSINode", namespaced=False),
        resource("daemonsets.apps", "DaemonSet"),
        resource("datauploads.velero.io", "DataUpload", version="v2alpha1"),
        resource("datadownloads.velero.io", "DataDownload", version="v2alpha1"),
        resource("podvolumerestores.velero.io", "PodVolumeRestore"),
        resource("backuprepositories.velero.io", "BackupRepository", status=False),
        RESTORES,
        resource("volumesnapshotlocations.velero.io", "VolumeSnapshotLocation", status=False),
    )


@dataclass(frozen=True)
class Data:
    """How the data of the volume was backed up."""

    info: dict[str, Any] | None
    policy: str = "Delete"
    annotations: dict[str, str] = field(default_factory=dict)
    items: tuple[Manifest, ...] = ()
    backup: dict[str, Any] = field(default_factory=dict)
    records: dict[str, list[Manifest]] = field(default_factory=dict)


@dataclass(frozen=True)
class Situation:
    """What is asked for (`spec`), with which features, and what is in the cluster."""

    spec: dict[str, Any] = field(default_factory=dict)
    csi: bool = True
    strict: bool = False
    there: tuple[Manifest, ...] = ()
    info: dict[str, Any] = field(default_factory=dict)
    records: bool = True


def _volume(name: str = "pv", **fields: Any) -> Manifest:
    spec = {
        "capacity": {"storage": "5Gi"},
        "storageClassName": "fast",
        "awsElasticBlockStore": {"volumeID": "vol-old"},
        **fields.pop("spec", {}),
    }
    return obj("PersistentVolume", name, spec=spec, **fields)


_SNAPSHOTS = (
    obj(
        "VolumeSnapshot",
        "vs",
        "shop",
        api=_SNAPSHOT_API,
        spec={"source": {"persistentVolumeClaimName": "data"}},
        status={"boundVolumeSnapshotContentName": "vsc"},
        annotations={
            "velero.io/csi-volumesnapshot-handle": "handle",
            "velero.io/csi-driver-name": "csi.test",
        },
    ),
    obj(
        "VolumeSnapshotContent",
        "vsc",
        api=_SNAPSHOT_API,
        spec={
            "driver": "csi.test",
            "deletionPolicy": "Retain",
            "source": {},
            "volumeSnapshotRef": {"namespace": "shop", "name": "vs"},
        },
        status={"snapshotHandle": "handle"},
        annotations={
            "velero.io/csi-volumesnapshot-handle": "handle",
            "velero.io/csi-driver-name": "csi.test",
        },
    ),
)
_UPLOAD = obj(
    "DataUpload",
    "b1-1",
    "velero",
    api="velero.io/v2alpha1",
    spec={"sourceNamespace": "shop", "sourcePVC": "data"},
    status={"snapshotID": "k1"},
)
_NATIVE = {
    "spec": {"persistentVolumeName": "pv", "location": "native", "volumeType": "gp3"},
    "status": {"providerSnapshotID": "snap-1"},
}
_POD_VOLUME = {
    "metadata": {"name": "b1-p", "annotations": {"velero.io/pvc-name": "data"}},
    "spec": {"pod": {"namespace": "shop", "name": "web"}, "volume": "v"},
    "status": {"snapshotID": "k1"},
}
_BY_SNAPSHOT = {"velero.io/volume-snapshot-name": "vs"}
_BY_UPLOAD = {"velero.io/data-upload-name": "b1-1"}

DATA: Mapping[str, Data] = {
    "native snapshot": Data(
        {"backupMethod": "NativeSnapshot"}, records={"volumesnapshots": [_NATIVE]}
    ),
    "CSI snapshot": Data(
        {"backupMethod": "CSISnapshot", "csiSnapshotInfo": {"driver": "csi.test"}},
        annotations=_BY_SNAPSHOT,
        items=_SNAPSHOTS,
    ),
    "moved data": Data(
        {"backupMethod": "CSISnapshot", "snapshotDataMoved": True},
        annotations=_BY_UPLOAD,
        items=(_UPLOAD,),
        backup={"snapshotMoveData": True, "csiSnapshotTimeout": "10m"},
    ),
    "file system backup": Data(
        {"backupMethod": "PodVolumeBackup"}, records={"podvolumebackups": [_POD_VOLUME]}
    ),
    "none, policy Delete": Data({"skipped": True}),
    "none, policy Retain": Data({"skipped": True}, policy="Retain"),
    "native snapshot, older backup": Data(None, records={"volumesnapshots": [_NATIVE]}),
    "CSI snapshot, older backup": Data(
        None,
        annotations=_BY_SNAPSHOT,
        items=_SNAPSHOTS,
        records={"csi-volumesnapshots": list(_SNAPSHOTS[:1])},
    ),
    "moved data, older backup": Data(
        None,
        annotations=_BY_UPLOAD,
        items=(_UPLOAD,),
        backup={"snapshotMoveData": True, "csiSnapshotTimeout": "10m"},
    ),
    "file system backup, older backup": Data(None, records={"podvolumebackups": [_POD_VOLUME]}),
    "none, policy Delete, older backup": Data(None),
    "none, policy Retain, older backup": Data(None, policy="Retain"),
}

_MAPPED = {"namespace_mapping": {"shop": "shop2"}}
_RELEASED = _volume(status={"phase": "Released"}, spec={"claimRef": _CLAIM_REF})
_BOUND_CLAIM = obj(
    "PersistentVolumeClaim", "data", "shop", spec={"volumeName": "pv"}, status={"phase": "Bound"}
)

SITUATIONS: Mapping[str, Situation] = {
    "nothing is there": Situation(),
    "`restore_pvs: true`": Situation({"restore_pvs": True}),
    "`restore_pvs: false`": Situation({"restore_pvs": False}),
    "the volume is there, unclaimed": Situation(there=(_volume(),)),
    "the volume is there, bound": Situation(
        there=(_volume(spec={"claimRef": _CLAIM_REF}), _BOUND_CLAIM)
    ),
    "the volume is there, released": Situation(there=(_RELEASED,)),
    "`namespace_mapping`": Situation(_MAPPED),
    "`namespace_mapping`, the volume is there": Situation(
        _MAPPED, there=(_volume(spec={"claimRef": _CLAIM_REF}), _BOUND_CLAIM)
    ),
    "without `persistentvolumes`": Situation({"excluded_resources": ["persistentvolumes"]}),
    "without `persistentvolumeclaims`": Situation(
        {"excluded_resources": ["persistentvolumeclaims"]}
    ),
    "without `pods`": Situation({"excluded_resources": ["pods"]}),
    "its backup failed": Situation(info={"result": "failed"}),
    "without `EnableCSI`": Situation(csi=False),
    "without `EnableCSI`, strict": Situation(csi=False, strict=True),
    "without a record of the snapshot": Situation(records=False),
    "without a record of the snapshot, strict": Situation(records=False, strict=True),
}


@dataclass(frozen=True)
class Fate:
    """What became of the volume, in the words of the page."""

    decision: str
    volume: str
    claim: str
    result: str


def restore(data: Data, situation: Situation) -> Fate:
    """Restores the case, planned and then done."""
    planned = restoring(data, situation).run(check_mode=True, **situation.spec)
    done = restoring(data, situation)
    report = done.run(**situation.spec)
    decisions = [f"{row['decision']}{' (blocked)' * row['blocked']}" for row in planned.volumes]
    return Fate(
        decision=", ".join(decisions) or "–",
        volume=_volume_fate(done.cluster, situation),
        claim=_claim_fate(done.cluster, situation),
        result=_result(report),
    )


def restoring(data: Data, situation: Situation) -> Restoring:
    """The backup, the cluster and the storage provider of a case."""
    claim = obj(
        "PersistentVolumeClaim",
        "data",
        "shop",
        annotations={**data.annotations},
        meta={"uid": "claim-uid"},
        spec={"volumeName": "pv", "storageClassName": "fast"},
        status={"phase": "Bound"},
    )
    policy = {"persistentVolumeReclaimPolicy": data.policy, "claimRef": dict(_CLAIM_REF)}
    info = None if data.info is None else {**data.info, **situation.info, "pvName": "pv"}
    store = add_backup(
        MemoryStore(),
        [_volume(spec=policy), claim, *data.items],
        backup_object(spec={"storageLocation": "default", **data.backup}),
        [info] if info else [],
        **(data.records if situation.records else {}),
    )
    cluster = FakeCluster(*_cluster(), *copy.deepcopy(situation.there), api=_api())
    move_data(cluster)
    return Restoring(
        store=store,
        cluster=cluster,
        snapshotters=FakeSnapshotters({"aws": {"snap-1": "vol-new"}}),
        features=frozenset({"EnableCSI"} if situation.csi else ()),
        compatibility="strict" if situation.strict else "safe",
    )


def _cluster() -> list[Manifest]:
    return [
        obj("StorageClass", "fast", api="storage.k8s.io/v1"),
        obj("CSIDriver", "csi.test", api="storage.k8s.io/v1"),
        obj("VolumeSnapshotClass", "fast", api=_SNAPSHOT_API, driver="csi.test"),
        daemon_set(),
        repository("shop"),
        obj(
            "VolumeSnapshotLocation",
            "native",
            "velero",
            api="velero.io/v1",
            spec={"provider": "aws"},
        ),
    ]


def _volume_fate(cluster: FakeCluster, situation: Situation) -> str:
    found = {
        name: item
        for (gr, _namespace, name), item in cluster.objects.items()
        if gr == "persistentvolumes"
    }
    copies = [item for name, item in found.items() if name.startswith("velero-clone-")]
    if copies:
        assert _volume_id(copies[0]) == "vol-new"
        return "a copy with a new volume"
    if "pv" not in found:
        return "not created"
    if any(item["kind"] == "PersistentVolume" for item in situation.there):
        assert _volume_id(found["pv"]) == "vol-old"
        return "left alone"
    return "with a new volume" if _volume_id(found["pv"]) == "vol-new" else "as it was"


def _volume_id(volume: Manifest) -> str:
    return str(volume["spec"]["awsElasticBlockStore"]["volumeID"])


def _claim_fate(cluster: FakeCluster, situation: Situation) -> str:
    target = "shop2" if "namespace_mapping" in situation.spec else "shop"
    claim = cluster.objects.get(("persistentvolumeclaims", target, "data"))
    if claim is None:
        return "not created"
    spec = claim["spec"]
    if any(item["kind"] == "PersistentVolumeClaim" for item in situation.there) and (
        target == "shop"
    ):
        return "left alone"
    if spec.get("volumeName", "").startswith("velero-clone-"):
        return "of the copy"
    if spec.get("volumeName"):
        return "of that volume"
    if (spec.get("dataSource") or {}).get("kind") == "VolumeSnapshot":
        return "new, of the snapshot"
    labels = (spec.get("selector") or {}).get("matchLabels") or {}
    return "new, for the data mover" if "velero.io/dynamic-pv-restore" in labels else "new"


def _result(report: RestoreReport) -> str:
    found = [report.phase]
    for count, word in (
        (report.results.errors.count, "error"),
        (report.results.warnings.count, "warning"),
    ):
        if count:
            found.append(f"{count} {word}{'s' * (count > 1)}")
    return ", ".join(found)
