# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.existing import ExistingObjects
from ansible_collections.velero.core.plugins.module_utils.item.volumes import (
    ClaimStep,
    VolumeChoices,
    VolumeStep,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import VolumeError
from ansible_collections.velero.core.plugins.module_utils.model.volume_binding import (
    claim_of,
    reset_binding,
)
from ansible_collections.velero.core.plugins.module_utils.model.volumes import (
    FROM_SNAPSHOT,
    KEEP,
    REPROVISION,
    RestoredVolume,
    VolumeDecision,
)
from tests.support.builders import VOLUMES, Manifest, obj
from tests.support.builders_item import fate, logged, notes, work_on
from tests.support.fake_cluster import FakeCluster

BOUND = {
    "pv.kubernetes.io/bind-completed": "yes",
    "pv.kubernetes.io/bound-by-controller": "yes",
    "pv.kubernetes.io/provisioned-by": "x",
}
CLAIM_REF = {"namespace": "shop", "name": "data", "uid": "u", "resourceVersion": "1"}


def volume(policy: str = "Retain", **spec: Any) -> Manifest:
    spec = {"persistentVolumeReclaimPolicy": policy, "claimRef": dict(CLAIM_REF), **spec}
    return obj("PersistentVolume", "pv-1", annotations=dict(BOUND), spec=spec)


@dataclass
class Known:
    """Implements Volumes: always the same answers."""

    decision: VolumeDecision
    made: RestoredVolume | VolumeError | None = None
    lost: str = ""

    def decide(self, pv: Manifest) -> VolumeDecision:
        return self.decision

    def from_snapshot(self, pv: Manifest, log: Callable[[str, str], None]) -> RestoredVolume:
        assert self.made is not None
        if isinstance(self.made, VolumeError):
            raise self.made
        return self.made

    def lost_data(self, namespace: str, claim: str, volume: str, decision: VolumeDecision) -> str:
        return f"{namespace}/{claim} of {volume}: {self.lost}" if self.lost else ""


def existing(*objects: Manifest) -> ExistingObjects:
    found = ExistingObjects(FakeCluster(*objects), lambda namespace: False)
    found.look(VOLUMES, "", ["pv-1"])
    return found


def step(
    known: Known, mapping: dict[str, str] | None = None, found: ExistingObjects | None = None
) -> tuple[VolumeStep, VolumeChoices]:
    choices = VolumeChoices()
    known_objects = found or existing()
    return VolumeStep(known, choices, known_objects, mapping or {}, nullcontext), choices


ANEW = VolumeDecision(handling=REPROVISION, method="CSISnapshot", log=("one", "two"))
KEPT = VolumeDecision(handling=KEEP)
SNAPSHOT = VolumeDecision(handling=FROM_SNAPSHOT, method="NativeSnapshot")


def test_4_2_other_kinds_pass() -> None:
    assert step(Known(ANEW))[0](work_on(obj("Pod", "x", "shop")))


def test_4_2_a_volume_that_is_made_anew_is_skipped() -> None:
    decide, choices = step(Known(ANEW))
    work = work_on(volume("Delete"))
    assert not decide(work)
    assert fate(work) == ("skipped", "volume_reprovisioned")
    assert choices.reprovisioned("pv-1") == ANEW
    assert not notes(work)
    assert logged(work) == ["one", "two"]


@pytest.mark.parametrize(
    ("mapping", "namespace"), [(None, "shop"), ({"shop": "shop2"}, "shop2"), ({"x": "y"}, "shop")]
)
def test_4_2_without_data_kept_as_it_is(mapping: dict[str, str] | None, namespace: str) -> None:
    decide, choices = step(Known(KEPT), mapping)
    work = work_on(volume())
    assert decide(work)
    assert choices.reprovisioned("pv-1") is None
    assert work.obj["spec"]["claimRef"] == {"namespace": namespace, "name": "data"}
    assert work.obj["metadata"]["annotations"] == {"pv.kubernetes.io/provisioned-by": "x"}


def test_4_2_a_volume_of_a_snapshot_goes_on() -> None:
    made = volume(awsElasticBlockStore={"volumeID": "vol-2"})
    decide, choices = step(Known(SNAPSHOT, RestoredVolume(obj=made, fresh=True)))
    work = work_on(volume())
    assert decide(work)
    assert work.obj is made
    assert choices.new_name("pv-1") == ""


def test_4_2_a_renamed_volume_is_told_to_its_claim() -> None:
    made = obj("PersistentVolume", "clone")
    decide, choices = step(Known(SNAPSHOT, RestoredVolume(obj=made, renamed_from="pv-1")))
    assert decide(work_on(volume()))
    assert choices.new_name("pv-1") == "clone"


@pytest.mark.parametrize(
    ("made", "stays"),
    [
        (RestoredVolume(obj=volume(), fresh=True), False),
        (RestoredVolume(obj=volume()), True),
        (RestoredVolume(obj=obj("PersistentVolume", "c"), renamed_from="pv-1", fresh=True), True),
    ],
    ids=["waited for", "healthy", "copied"],
)
def test_4_3_a_volume_that_has_gone_meanwhile_is_forgotten(
    made: RestoredVolume, stays: bool
) -> None:
    found = existing(volume())
    assert step(Known(SNAPSHOT, made), found=found)[0](work_on(volume()))
    assert (found.take(VOLUMES, "", "pv-1") is not None) is stays


def test_4_2_a_volume_that_cannot_be_made_ends() -> None:
    decide, choices = step(Known(SNAPSHOT, VolumeError("no such snapshot")))
    work = work_on(volume())
    assert not decide(work)
    assert fate(work) == ("failed", "volume_not_restored")
    assert notes(work) == [("error", "", "no such snapshot")]
    assert choices.reprovisioned("pv-1") is None


@pytest.mark.parametrize("spec", [None, {}, {"claimRef": None}])
def test_4_2_a_volume_without_a_claim(spec: Any) -> None:
    work = work_on({**volume(), "spec": spec})
    assert step(Known(KEPT), {"shop": "x"})[0](work)


def claim(**spec: Any) -> Manifest:
    return obj("PersistentVolumeClaim", "data", "shop", annotations=dict(BOUND), spec=spec)


def claim_step(known: Known | None = None, *, strict: bool = False) -> ClaimStep:
    choices = VolumeChoices()
    choices.reprovision("pv-1", ANEW)
    choices.rename("pv-3", "clone")
    return ClaimStep(known or Known(ANEW), choices, strict=strict)


@pytest.mark.parametrize(
    ("spec", "kept"),
    [
        ({"volumeName": "pv-1"}, {}),
        ({"volumeName": "pv-2"}, {"volumeName": "pv-2"}),
        ({"volumeName": "pv-3"}, {"volumeName": "clone"}),
        ({"volumeName": ""}, {"volumeName": ""}),
        ({}, {}),
    ],
    ids=["re-provisioned", "another", "renamed", "empty", "none"],
)
def test_4_7_claims(spec: dict[str, str], kept: dict[str, str]) -> None:
    work = work_on(claim(**spec))
    assert claim_step()(work)
    assert work.obj["spec"] == kept
    is_reset = "pv.kubernetes.io/bind-completed" not in work.obj["metadata"]["annotations"]
    assert is_reset is bool(spec.get("volumeName"))
    said = {
        "pv-1": ["Resetting PersistentVolumeClaim for dynamic provisioning"],
        "pv-3": [
            "Updating persistent volume claim shop/data to reference renamed persistent volume "
            "(pv-3 -> clone)"
        ],
    }
    assert logged(work) == said.get(spec.get("volumeName", ""), [])


def test_c10_a_claim_that_would_be_empty_is_an_error() -> None:
    work = work_on(claim(volumeName="pv-1"), namespace="shop2")
    assert not claim_step(Known(ANEW, lost="gone"))(work)
    assert fate(work) == ("failed", "volume_data_lost")
    text = "persistent volume claim shop2/data would be empty: shop2/data of pv-1: gone"
    assert notes(work) == [("error", "shop2", text)]


def test_c10_strict_creates_it_empty() -> None:
    work = work_on(claim(volumeName="pv-1"))
    assert claim_step(Known(ANEW, lost="gone"), strict=True)(work)
    assert not notes(work)


def test_a_plan_without_its_actions_does_not_judge_claims() -> None:
    work = work_on(claim(volumeName="pv-1"))
    work.outcome.assumed = True
    assert claim_step(Known(ANEW, lost="gone"))(work)


@pytest.mark.parametrize("spec", [None, "text", []])
def test_4_7_odd_claims_pass(spec: Any) -> None:
    assert claim_step()(work_on({**claim(), "spec": spec}))


@pytest.mark.parametrize(
    ("item", "reset"),
    [
        (
            {"metadata": {"annotations": dict(BOUND)}},
            {"metadata": {"annotations": {"pv.kubernetes.io/provisioned-by": "x"}}},
        ),
        (
            {"spec": {"claimRef": dict(CLAIM_REF)}},
            {"spec": {"claimRef": {"namespace": "shop", "name": "data"}}},
        ),
        (
            {"metadata": {"annotations": {"pv.kubernetes.io/bind-completed": "yes"}}},
            {"metadata": {"annotations": {}}},
        ),
        ({}, {}),
    ],
    ids=["annotations", "claim", "emptied-annotations-stay", "nothing"],
)
def test_4_2_reset_binding(item: Manifest, reset: Manifest) -> None:
    assert reset_binding(item) == reset


def test_claim_of() -> None:
    assert claim_of(volume()) == ("shop", "data")
    assert claim_of({"spec": {}}) == ("", "")
