# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Surprises (reference section 11) about volumes: 24 to 27 and 44."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.builders import obj
from tests.support.builders_run import Restoring
from tests.support.contract import SAFE, STRICT, Seen, both_modes, seen
from tests.support.fake_snapshotters import FakeSnapshotters
from tests.support.volume_cases import DATA, SITUATIONS, restoring

PV, CLAIM = "v1/PersistentVolume/pv", "v1/PersistentVolumeClaim/shop/data"
INFO = "restores/r1/r1-volumeinfo.json.gz"


def prepared(data: str, mode: str, situation: str, **info: Any) -> Restoring:
    chosen = replace(SITUATIONS[situation], strict=mode == STRICT)
    return restoring(DATA[data], replace(chosen, info={**chosen.info, **info}))


def done(found: Restoring, situation: str) -> Seen:
    found.cluster.calls.clear()
    return seen(found, found.run(**SITUATIONS[situation].spec))


def made(found: Restoring) -> int:
    """How many volumes the storage provider has made."""
    assert isinstance(found.snapshotters, FakeSnapshotters)
    return len(found.snapshotters.requests)


@pytest.mark.parametrize("mode", [SAFE, STRICT])
def test_surprise_24_a_failed_backup_of_a_volume(mode: str) -> None:
    """Rule C10: Velero creates the claim empty, and the restore is Completed."""
    found = prepared("file system backup", mode, "its backup failed")
    result = done(found, "its backup failed")
    assert result.fates[PV] == ("skipped", "volume_reprovisioned")
    if mode == STRICT:
        assert result.fates[CLAIM] == ("created", "created")
        assert "volumeName" not in found.cluster.see(*claim_place())["spec"]
        assert result.silent
    else:
        assert result.fates[CLAIM] == ("failed", "volume_data_lost")
        assert claim_place() not in found.cluster.objects
        assert result.phase == "PartiallyFailed"


def claim_place(namespace: str = "shop") -> tuple[str, str, str]:
    return "persistentvolumeclaims", namespace, "data"


@both_modes
def test_surprise_25_without_volumes_the_object_leads_to_the_original(mode: str) -> None:
    situation = "`restore_pvs: false`"
    found = prepared("native snapshot", mode, situation)
    result = done(found, situation)
    assert result.fates[PV] == ("created", "created")
    volume = found.cluster.see("persistentvolumes", "", "pv")
    assert volume["spec"]["awsElasticBlockStore"] == {"volumeID": "vol-old"}
    assert made(found) == 0
    assert found.store.json(INFO) == []
    assert result.silent


@both_modes
@pytest.mark.parametrize(
    ("data", "renamed"), [("native snapshot", True), ("none, policy Retain", False)]
)
def test_surprise_26_only_volumes_of_native_snapshots_are_renamed(
    mode: str, data: str, renamed: bool
) -> None:
    situation = "`namespace_mapping`, the volume is there"
    found = prepared(data, mode, situation)
    result = done(found, situation)
    name = found.cluster.see(*claim_place("shop2"))["spec"]["volumeName"]
    assert name.startswith("velero-clone-") is renamed
    assert not result.errors
    if renamed:
        assert found.cluster.see("persistentvolumes", "", name)
        assert result.silent
    else:
        assert name == "pv", "which belongs to shop/data"
        (text,) = result.warnings["cluster"]
        assert text.startswith("could not restore, PersistentVolume:pv already exists")
        assert result.listed["v1/PersistentVolume"] == ["pv(failed)"]


@both_modes
@pytest.mark.parametrize(
    "situation", ["the volume is there, unclaimed", "the volume is there, bound"]
)
def test_surprise_27_a_healthy_volume_prevents_a_new_one(mode: str, situation: str) -> None:
    found = prepared("native snapshot", mode, situation)
    result = done(found, situation)
    assert made(found) == 0
    assert not result.errors
    assert result.phase == "Completed"
    assert not [text for text in result.log if "snapshot" in text.lower()]


@both_modes
def test_surprise_27_a_released_one_is_waited_for_and_then_an_error(mode: str) -> None:
    situation = "the volume is there, released"
    found = prepared("native snapshot", mode, situation)
    result = done(found, situation)
    assert sum(found.clock.slept) == 600
    assert result.errors["cluster"] == [
        "error waiting on in-cluster persistentvolume pv: context deadline exceeded"
    ]


@both_modes
def test_surprise_44_volume_information_is_written_before_claims_are_bound(mode: str) -> None:
    """The wrap-up waits until they are, and does not write it again."""
    found = prepared(
        "CSI snapshot", mode, "nothing is there", pvcNamespace="shop", pvcName="data", pvInfo={}
    )

    def bind() -> None:
        claim = found.cluster.see(*claim_place())
        claim["spec"]["volumeName"], claim["status"] = "new", {"phase": "Bound"}
        reference = {"claimRef": {"namespace": "shop", "name": "data"}}
        found.cluster.put(obj("PersistentVolume", "new", spec=reference, status={"phase": "Bound"}))

    found.clock.on_sleep = bind
    result = done(found, "nothing is there")
    assert result.silent
    assert found.clock.slept, "the wrap-up has waited"
    assert found.cluster.see(*claim_place())["spec"]["volumeName"] == "new"
    (row,) = found.store.json(INFO)
    assert (row["pvcName"], row["restoreMethod"]) == ("data", "CSISnapshot")
    assert "pvName" not in row
    assert found.store.writes.count(INFO) == 1
