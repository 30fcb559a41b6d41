# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import VolumeError
from ansible_collections.velero.core.plugins.module_utils.model.volumes import (
    BackupVolumes,
    RestoredVolume,
    SnapshotLocation,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.native import NativeVolumes
from ansible_collections.velero.core.plugins.module_utils.volumes.snapshot_action import (
    RestoreSnapshot,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.tracker import VolumeTracker
from tests.support.builders import Manifest, obj
from tests.support.fake_cluster import FakeCluster, api_error
from tests.support.fake_snapshotters import FakeSnapshotters

OURS = {"velero.io/restore-name": "r1"}
BOUND = {"pv.kubernetes.io/bind-completed": "yes", "a": "b"}


def row(name: str = "pv", **spec: Any) -> dict[str, Any]:
    named = {"persistentVolumeName": name, "location": "native", "volumeType": "gp3", **spec}
    return {"spec": named, "status": {"providerSnapshotID": "snap-1"}}


def volume(name: str = "pv", claim: bool = True, **fields: Any) -> Manifest:
    spec: Manifest = {"awsElasticBlockStore": {"volumeID": "vol-old"}}
    if claim:
        spec["claimRef"] = {"namespace": "shop", "name": "data", "uid": "u"}
    return obj("PersistentVolume", name, spec=spec, annotations=dict(BOUND), **fields)


def healthy(**fields: Any) -> list[Manifest]:
    return [
        volume(**fields),
        obj("Namespace", "shop", status={"phase": "Active"}),
        obj("PersistentVolumeClaim", "data", "shop"),
    ]


class Native:
    """Native volumes in front of a cluster, and what was made."""

    def __init__(
        self,
        *objects: Manifest,
        rows: list[dict[str, Any]] | None = None,
        mapping: dict[str, str] | None = None,
        names: dict[str, str] | None = None,
        zones: dict[str, str] | None = None,
        restore_pvs: bool | None = None,
        strict: bool = False,
        plan: bool = False,
        resumed: bool = False,
        locations: Any = None,
    ) -> None:
        self.cluster = FakeCluster(*objects)
        self.tracker = VolumeTracker()
        self.snapshotters = FakeSnapshotters({"aws": {"snap-1": "vol-new"}}, names or {})
        self.log: list[str] = []
        action = RestoreSnapshot(
            BackupVolumes(snapshots=[row()] if rows is None else rows),
            locations or (lambda name: SnapshotLocation(name=name, provider="aws")),
            self.snapshotters,
            self.tracker,
            restore_pvs=restore_pvs,
            restore_uid="uid",
            zones=zones or {},
            strict=strict,
            plan=plan,
        )
        self._native = NativeVolumes(
            self.cluster,
            self.cluster.clock,
            action,
            self.tracker,
            namespace_mapping=mapping or {},
            rename=lambda name: f"clone-of-{name}",
            made=lambda item: resumed and item["metadata"].get("labels") == OURS,
            timeout=60,
        )

    def restore(self, pv: Manifest | None = None) -> RestoredVolume:
        return self._native.restore(pv or volume(), lambda level, text: self.log.append(text))

    def refused(self, pv: Manifest | None = None) -> str:
        with pytest.raises(VolumeError) as raised:
            self.restore(pv)
        return raised.value.message

    @property
    def made(self) -> int:
        return len(self.snapshotters.requests)


def id_of(restored: RestoredVolume) -> str:
    return str(restored.obj["spec"]["awsElasticBlockStore"]["volumeID"])


def test_4_2_an_absent_volume_is_made_of_its_snapshot() -> None:
    native = Native()
    given = volume()
    restored = native.restore(given)
    assert id_of(restored) == "vol-new"
    assert restored.obj["spec"]["claimRef"] == {"namespace": "shop", "name": "data"}
    assert restored.obj["metadata"]["annotations"] == {"a": "b"}
    assert (restored.renamed_from, restored.fresh) == ("", True)
    assert given == volume()
    assert native.log == [
        "Restoring persistent volume from snapshot.",
        "successfully restored persistent volume from snapshot",
    ]
    assert native.tracker.native_snapshots()["pv"].handle == "snap-1"


def test_4_2_a_healthy_volume_keeps_its_data() -> None:
    native = Native(*healthy())
    restored = native.restore()
    assert id_of(restored) == "vol-old"
    assert restored.obj["spec"]["claimRef"]["uid"] == "u"
    assert (restored.renamed_from, restored.fresh) == ("", False)
    assert native.made == 0
    assert native.tracker.native_snapshots() == {}


def test_4_2_a_mapped_claim_is_followed_without_reset() -> None:
    native = Native(*healthy(), mapping={"other": "x"})
    assert native.restore().obj["spec"]["claimRef"]["namespace"] == "shop"
    unclaimed = Native(volume(claim=False), mapping={"shop": "shop2"})
    assert "claimRef" not in unclaimed.restore(volume(claim=False)).obj["spec"]


@pytest.mark.parametrize("exists", [True, False])
def test_4_2_a_copy_gets_another_name_only_beside_its_original(exists: bool) -> None:
    native = Native(*(healthy() if exists else ()), mapping={"shop": "shop2"})
    restored = native.restore()
    name = "clone-of-pv" if exists else "pv"
    assert restored.obj["metadata"]["name"] == name
    assert restored.obj["spec"]["claimRef"]["namespace"] == "shop2"
    original = restored.obj["metadata"]["annotations"].get("velero.io/original-pv-name")
    assert original == ("pv" if exists else None)
    assert restored.renamed_from == ("pv" if exists else "")
    assert id_of(restored) == "vol-new"
    assert list(native.tracker.native_snapshots()) == [name]


@pytest.mark.parametrize("exists", [True, False])
def test_4_2_a_snapshotter_may_rename(exists: bool) -> None:
    native = Native(
        *(healthy() if exists else ()), mapping={"shop": "shop2"}, names={"vol-new": "theirs"}
    )
    restored = native.restore()
    assert restored.obj["metadata"]["name"] == "theirs"
    assert restored.obj["metadata"]["annotations"]["velero.io/original-pv-name"] == "pv"
    assert restored.renamed_from == "pv"
    assert list(native.tracker.native_snapshots()) == ["theirs"]


def test_4_2_whether_a_copy_needs_a_name_cannot_be_found_out() -> None:
    native = Native(*healthy(), mapping={"shop": "shop2"})
    native.cluster.fail("get", "persistentvolumes", error=api_error("Forbidden", "no"))
    text = "error checking if persistent volume exists in the cluster: no"
    assert native.refused() == text


def test_4_3_a_volume_that_stays_released() -> None:
    native = Native(volume(status={"phase": "Released"}))
    text = "error waiting on in-cluster persistentvolume pv: context deadline exceeded"
    assert native.refused() == text
    assert native.made == 0


def test_11_25_without_volumes_the_object_leads_to_the_original() -> None:
    native = Native(restore_pvs=False)
    assert id_of(native.restore()) == "vol-old"
    assert native.made == 0
    assert native.tracker.native_snapshots() == {}


def test_4_4_a_snapshot_that_is_not_recorded() -> None:
    strict = Native(rows=[], strict=True)
    assert id_of(strict.restore()) == "vol-old"
    assert strict.log[-1] == "No snapshot found for persistent volume"
    prefix = "error executing PVAction for persistentvolumes/pv: "
    text = "the backup says that pv has a native snapshot, but has no record of it"
    assert Native(rows=[]).refused().startswith(prefix + text)


@pytest.mark.parametrize(
    ("rows", "pv", "text"),
    [
        (
            [{**row(), "status": {"providerSnapshotID": "snap-9"}}],
            volume(),
            "snapshot snap-9 not found",
        ),
        ([row()], {**volume(), "spec": {"csi": {"driver": "x"}}}, "unable to handle CSI driver"),
    ],
)
def test_4_4_what_the_provider_refuses(rows: list[dict[str, Any]], pv: Manifest, text: str) -> None:
    native = Native(rows=rows)
    prefix = "error executing PVAction for persistentvolumes/pv: "
    assert native.refused(pv) == prefix + text
    assert native.made == 0


def test_4_4_a_location_that_cannot_be_read_is_asked_for_again() -> None:
    asked: list[str] = []

    def refuse(name: str) -> SnapshotLocation:
        asked.append(name)
        raise VolumeError("no such location")

    native = Native(locations=refuse)
    assert native.refused().endswith(": no such location")
    assert native.refused().endswith(": no such location")
    assert asked == ["native", "native"]


def test_4_4_the_request() -> None:
    more = {"volumeIOPS": 7, "volumeAZ": "a", "providerVolumeID": "vol-old"}
    native = Native(rows=[row(**more), row(volumeAZ="second")], zones={"a": "b"})
    labels = {"topology.kubernetes.io/zone": "a", "other": "a"}
    pv = volume(labels=labels)
    pv["spec"]["nodeAffinity"] = {
        "required": {
            "nodeSelectorTerms": [
                {
                    "matchExpressions": [
                        {"key": "topology.ebs.csi.aws.com/zone", "values": ["a", "c"]},
                        {"key": "disk", "values": ["a"]},
                    ]
                }
            ]
        }
    }
    restored = native.restore(pv).obj
    ((provider, request),) = native.snapshotters.requests
    assert provider == "aws"
    assert (request.type, request.zone, request.iops) == ("gp3", "b", 7)
    assert request.volume_id == "vol-old"
    assert len(request.token) == 64
    assert restored["metadata"]["labels"] == {"topology.kubernetes.io/zone": "b", "other": "a"}
    term = restored["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"][0]
    assert [one["values"] for one in term["matchExpressions"]] == [["b", "c"], ["a"]]


def test_the_token_tells_volumes_and_restores_apart() -> None:
    native = Native(rows=[row(), row("pv2")])
    native.restore()
    native.restore()
    native.restore(volume("pv2"))
    tokens = [request.token for _provider, request in native.snapshotters.requests]
    assert tokens[0] == tokens[1] != tokens[2]


def test_a_plan_makes_nothing_and_finds_what_would_stop_it() -> None:
    native = Native(plan=True)
    assert id_of(native.restore()) == "vol-old"
    assert native.made == 0
    broken = Native(plan=True)
    other = {**volume(), "spec": {"csi": {"driver": "x"}}}
    assert broken.refused(other).endswith("unable to handle CSI driver")


@pytest.mark.parametrize(
    ("present", "mapping", "name"),
    [
        (volume(labels=OURS), {}, "pv"),
        (volume(labels=OURS, status={"phase": "Released"}), {}, "pv"),
        (volume(labels=OURS), {"shop": "shop2"}, "pv"),
    ],
    ids=["its claim is not made yet", "released", "mapped"],
)
def test_a_resumed_run_makes_no_second_volume(
    present: Manifest, mapping: dict[str, str], name: str
) -> None:
    native = Native(present, mapping=mapping, resumed=True)
    restored = native.restore()
    assert restored.obj["metadata"]["name"] == name
    assert restored.renamed_from == ""
    assert native.made == 0
    assert native.cluster.clock.slept == []
    assert native.tracker.native_snapshots()[name].handle == "snap-1"


def test_a_resumed_run_finds_its_copy_again() -> None:
    copy = volume("clone-of-pv", labels=OURS)
    native = Native(*healthy(), copy, mapping={"shop": "shop2"}, resumed=True)
    restored = native.restore()
    assert restored.obj["metadata"]["name"] == "clone-of-pv"
    assert restored.renamed_from == "pv"
    assert native.made == 0
    assert list(native.tracker.native_snapshots()) == ["clone-of-pv"]


def test_a_resumed_run_without_volumes_tracks_none() -> None:
    native = Native(volume(labels=OURS), restore_pvs=False, resumed=True)
    native.restore()
    assert native.tracker.native_snapshots() == {}
