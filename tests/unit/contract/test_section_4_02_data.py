# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference sections 4.2 to 4.4 and step 7 of 2.9: PersistentVolumes whose data was backed up.

The volume is called pv, its claim shop/data; both are in the backup, see volume_cases. Every
observation of section 4.3 and every step of 4.4 has its own test beside the code.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.support.builders import Manifest, MemoryCatalog, backup_object, obj
from tests.support.builders_run import Restoring
from tests.support.contract import SAFE, STRICT, Seen, both_modes, seen
from tests.support.fake_cluster import api_error
from tests.support.fake_snapshotters import FakeSnapshotters
from tests.support.volume_cases import DATA, SITUATIONS, restoring

PV, CLAIM = "v1/PersistentVolume/pv", "v1/PersistentVolumeClaim/shop/data"
FOUND = "Find BackupVolumeInfo for PV pv."
NOT_FOUND = "Cannot find BackupVolumeInfo for PV pv."
ANEW = "Dynamically re-provisioning persistent volume because it "
ACTION_FAILED = "error executing PVAction for persistentvolumes/"
MAPPED = "`namespace_mapping`, the volume is there"
older = pytest.mark.parametrize("older", [False, True], ids=["by-information", "older-backup"])


def prepared(data: str, mode: str, situation: str = "nothing is there") -> Restoring:
    chosen = replace(SITUATIONS[situation], strict=mode == STRICT)
    return restoring(DATA[data], chosen)


def done(found: Restoring, situation: str = "nothing is there") -> Seen:
    found.cluster.calls.clear()
    return seen(found, found.run(**SITUATIONS[situation].spec))


def made(found: Restoring) -> int:
    """How many volumes the storage provider has made."""
    assert isinstance(found.snapshotters, FakeSnapshotters)
    return len(found.snapshotters.requests)


def created(result: Seen, kind: str) -> Manifest:
    """The body with which the one object of a kind was created."""
    (body,) = [one for one in result.bodies("create") if one["kind"] == kind]
    return dict(body)


# ------------------------------------------------------------------ 4.2, the table


@both_modes
@older
def test_4_2_row_native_snapshot(mode: str, older: bool) -> None:
    found = prepared("native snapshot" + ", older backup" * older, mode)
    result = done(found)
    assert result.fates[PV] == ("created", "created")
    body = created(result, "PersistentVolume")
    assert body["spec"]["awsElasticBlockStore"] == {"volumeID": "vol-new"}
    assert (NOT_FOUND if older else FOUND) in result.log
    assert result.silent


@both_modes
@older
@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("file system backup", "has a pod volume backup to be restored."),
        ("CSI snapshot", "has a CSI VolumeSnapshot or a related snapshot DataUpload."),
        ("moved data", "has a CSI VolumeSnapshot or a related snapshot DataUpload."),
        ("none, policy Delete", "doesn't have a snapshot and its reclaim policy is Delete."),
    ],
    ids=["pod-volume-backup", "csi-snapshot", "data-upload", "policy-delete"],
)
def test_4_2_row_reprovisioned(mode: str, older: bool, data: str, why: str) -> None:
    result = done(prepared(data + ", older backup" * older, mode))
    assert result.fates[PV] == ("skipped", "volume_reprovisioned")
    assert result.listed["v1/PersistentVolume"] == ["pv(skipped)"]
    assert not [text for text in result.writes if "persistentvolumes/" in text]
    assert (NOT_FOUND if older else FOUND) in result.log
    assert ANEW + why in result.log


@both_modes
@older
def test_4_2_row_other_method_and_policy(mode: str, older: bool) -> None:
    result = done(prepared("none, policy Retain" + ", older backup" * older, mode))
    assert result.fates[PV] == ("created", "created")
    body = created(result, "PersistentVolume")
    assert body["spec"]["awsElasticBlockStore"] == {"volumeID": "vol-old"}
    assert result.silent


# ------------------------------------------------------------------ 4.2, native snapshots


@both_modes
@pytest.mark.parametrize("situation", [MAPPED, "`namespace_mapping`"], ids=["there", "absent"])
def test_4_2_native_step_1_renamed_only_beside_its_original(mode: str, situation: str) -> None:
    result = done(prepared("native snapshot", mode, situation), situation)
    body = created(result, "PersistentVolume")
    assert body["metadata"]["name"].startswith("velero-clone-") is (situation == MAPPED)


@both_modes
def test_4_2_native_step_1_what_cannot_be_found_out_ends_the_item(mode: str) -> None:
    found = prepared("native snapshot", mode, "`namespace_mapping`")
    found.cluster.fail("get", "persistentvolumes", error=api_error("Forbidden", "no"))
    result = done(found, "`namespace_mapping`")
    assert result.fates[PV][0] == "failed"
    text = "error checking if persistent volume exists in the cluster: no"
    assert result.errors == {"cluster": [text]}
    assert made(found) == 0


@both_modes
@pytest.mark.parametrize("situation", [MAPPED, "`namespace_mapping`"], ids=["there", "absent"])
def test_4_2_native_step_2_the_claim_is_followed(mode: str, situation: str) -> None:
    result = done(prepared("native snapshot", mode, situation), situation)
    body = created(result, "PersistentVolume")
    assert body["spec"]["claimRef"] == {"namespace": "shop2", "name": "data"}


@both_modes
def test_4_2_native_step_3_a_healthy_volume_goes_on_without_a_new_one(mode: str) -> None:
    found = prepared("native snapshot", mode, "the volume is there, bound")
    result = done(found, "the volume is there, bound")
    assert made(found) == 0
    assert "Restoring persistent volume from snapshot." not in result.log
    assert result.listed["v1/PersistentVolume"] == ["pv(failed)"], "compared, and different"
    assert not result.errors


@both_modes
def test_4_2_native_step_4_the_binding_is_reset(mode: str) -> None:
    found = prepared("native snapshot", mode)
    result = done(found)
    body = created(result, "PersistentVolume")
    assert set(body["spec"]["claimRef"]) == {"namespace", "name"}
    assert result.log.index("Restoring persistent volume from snapshot.") < result.log.index(
        "successfully restored persistent volume from snapshot"
    )


@both_modes
def test_4_2_native_step_4_a_failure_ends_the_item(mode: str) -> None:
    found = prepared("native snapshot", mode)
    found.snapshotters = FakeSnapshotters({"aws": {}})
    result = done(found)
    assert result.fates[PV] == ("failed", "volume_not_restored")
    assert result.errors == {"cluster": [ACTION_FAILED + "pv: snapshot snap-1 not found"]}
    assert result.listed["v1/PersistentVolume"] == ["pv(failed)"]
    assert result.phase == "PartiallyFailed"


@both_modes
@pytest.mark.parametrize("situation", ["nothing is there", MAPPED], ids=["absent", "there"])
def test_4_2_native_step_5_a_name_of_the_snapshotter_wins(mode: str, situation: str) -> None:
    found = prepared("native snapshot", mode, situation)
    found.snapshotters = FakeSnapshotters({"aws": {"snap-1": "vol-new"}}, {"vol-new": "theirs"})
    result = done(found, situation)
    volume, claim = (
        created(result, kind) for kind in ("PersistentVolume", "PersistentVolumeClaim")
    )
    assert volume["metadata"]["name"] == "theirs"
    assert volume["metadata"]["annotations"]["velero.io/original-pv-name"] == "pv"
    assert claim["spec"]["volumeName"] == "theirs"


@both_modes
def test_4_2_native_step_5_a_clone_tells_its_origin_and_is_recorded(mode: str) -> None:
    found = prepared("native snapshot", mode, MAPPED)
    result = done(found, MAPPED)
    volume, claim = (
        created(result, kind) for kind in ("PersistentVolume", "PersistentVolumeClaim")
    )
    name = volume["metadata"]["name"]
    assert volume["metadata"]["annotations"]["velero.io/original-pv-name"] == "pv"
    assert claim["spec"]["volumeName"] == name
    (row,) = found.store.json("restores/r1/r1-volumeinfo.json.gz")
    assert row["pvName"] == name


# ------------------------------------------------------------------ 4.3 and 4.4


@both_modes
def test_4_3_a_wait_without_an_end_is_an_error_of_the_cluster(mode: str) -> None:
    situation = "the volume is there, released"
    found = prepared("native snapshot", mode, situation)
    began = found.clock.monotonic()
    result = done(found, situation)
    assert found.clock.monotonic() - began == 600
    text = "error waiting on in-cluster persistentvolume pv: context deadline exceeded"
    assert result.errors == {"cluster": [text]}
    assert result.fates[PV] == ("failed", "volume_not_restored")
    assert made(found) == 0


@both_modes
def test_4_4_a_volume_without_a_name(mode: str) -> None:
    nameless: dict[str, Any] = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {}}
    catalog = MemoryCatalog(raw={("persistentvolumes", "", "pv"): json.dumps(nameless).encode()})
    found = Restoring(
        catalog,
        backup=backup_object(),
        volumes=[{"pvName": "", "backupMethod": "NativeSnapshot"}],
        snapshotters=FakeSnapshotters({}),
        compatibility=mode,
    )
    result = done(found)
    assert result.errors == {"cluster": [f"{ACTION_FAILED}: PersistentVolume is missing its name"]}
    assert "get persistentvolumes" not in result.requests
    assert not result.writes


@both_modes
def test_4_4_without_volumes_the_object_is_unchanged(mode: str) -> None:
    found = prepared("native snapshot", mode, "`restore_pvs: false`")
    result = done(found, "`restore_pvs: false`")
    body = created(result, "PersistentVolume")
    assert body["spec"]["awsElasticBlockStore"] == {"volumeID": "vol-old"}
    assert made(found) == 0
    assert result.silent


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        (
            SAFE,
            "the backup says that pv has a native snapshot, but has no record of it; the restored "
            "object would use the original volume",
        ),
        (STRICT, ""),
    ],
)
def test_4_4_without_a_record_of_the_snapshot(mode: str, error: str) -> None:
    """Rule C10."""
    situation = "without a record of the snapshot"
    result = done(prepared("native snapshot", mode, situation), situation)
    if error:
        assert result.errors == {"cluster": [f"{ACTION_FAILED}pv: {error}"]}
    else:
        assert "No snapshot found for persistent volume" in result.log
        assert result.silent


@both_modes
def test_4_4_the_location_is_that_of_veleros_namespace(mode: str) -> None:
    found = prepared("native snapshot", mode)
    del found.cluster.objects["volumesnapshotlocations.velero.io", "velero", "native"]
    found.cluster.put(
        obj(
            "VolumeSnapshotLocation",
            "native",
            "elsewhere",
            api="velero.io/v1",
            spec={"provider": "aws"},
        )
    )
    result = done(found)
    (text,) = result.errors["cluster"]
    assert text.startswith(
        ACTION_FAILED + 'pv: volumesnapshotlocations.velero.io "native" not found'
    )


# ------------------------------------------------------------------ 2.9, step 7


def results_of(found: Restoring) -> list[str]:
    return [
        name
        for (gr, namespace, name), item in found.cluster.objects.items()
        if gr == "configmaps"
        and namespace == "velero"
        and (item["metadata"].get("labels") or {}).get("velero.io/resource-usage") == "DataUpload"
    ]


@both_modes
def test_2_9_step_7_results_of_data_uploads_are_removed(mode: str) -> None:
    found = prepared("moved data", mode)
    other = obj(
        "ConfigMap",
        "of-another-restore",
        "velero",
        labels={"velero.io/restore-uid": "other", "velero.io/resource-usage": "DataUpload"},
    )
    found.cluster.put(other)
    assert done(found).phase == "Completed"
    said = [text for text in found.cluster.said("create", "delete") if "configmaps" in text]
    assert [text.split("/")[:2] for text in said] == [
        ["create configmaps", "velero"],
        ["delete configmaps", "velero"],
    ]
    assert results_of(found) == ["of-another-restore"]


@both_modes
def test_2_9_step_7_a_refusal_is_only_logged(mode: str) -> None:
    found = prepared("moved data", mode)
    found.cluster.fail("delete", "configmaps", error=api_error("Forbidden", "no"))
    result = done(found)
    assert result.silent
    assert result.phase == "Completed"
    text = "Fail to batch delete DataUploadResult ConfigMaps for restore r1: no"
    assert text in result.log
