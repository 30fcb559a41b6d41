# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference sections 4.2 and 4.7: PersistentVolumes without data, and claims."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Manifest, obj
from tests.support.builders_actions import Action, unchanged
from tests.support.contract import both_modes, restore

BOUND = {
    "pv.kubernetes.io/bind-completed": "yes",
    "pv.kubernetes.io/bound-by-controller": "yes",
}
CLAIM_REF = {"namespace": "shop", "name": "data", "uid": "u", "resourceVersion": "1"}


def volume(policy: str, **annotations: str) -> Manifest:
    return obj(
        "PersistentVolume",
        "pv",
        annotations={**BOUND, **annotations},
        spec={"persistentVolumeReclaimPolicy": policy, "claimRef": dict(CLAIM_REF)},
    )


def claim(volume_name: str = "pv", **annotations: str) -> Manifest:
    spec = {"volumeName": volume_name} if volume_name else {}
    return obj(
        "PersistentVolumeClaim", "data", "shop", annotations={**BOUND, **annotations}, spec=spec
    )


@both_modes
def test_4_2_row_reclaim_policy_delete_is_made_anew(mode: str) -> None:
    seen = restore([volume("Delete")], mode=mode, actions=[])
    assert seen.fates == {"v1/PersistentVolume/pv": ("skipped", "volume_reprovisioned")}
    assert seen.listed == {"v1/PersistentVolume": ["pv(skipped)"]}
    assert not seen.writes
    assert seen.silent
    assert (
        "Dynamically re-provisioning persistent volume because it doesn't have a snapshot and its "
        "reclaim policy is Delete." in seen.log
    )


@both_modes
@pytest.mark.parametrize("policy", ["Retain", "Recycle", ""])
def test_4_2_row_any_other_policy_is_kept_as_it_is(mode: str, policy: str) -> None:
    seen = restore([volume(policy)], mode=mode, actions=[], namespace_mapping={"shop": "near"})
    assert seen.fates == {"v1/PersistentVolume/pv": ("created", "created")}
    (body,) = seen.bodies("create")
    assert body["spec"]["claimRef"] == {"namespace": "near", "name": "data"}
    assert (
        "Restoring persistent volume as-is because it doesn't have a snapshot and its reclaim "
        "policy is not Delete." in seen.log
    )


@both_modes
@pytest.mark.parametrize(
    ("more", "left"),
    [
        ({}, {}),
        ({"pv.kubernetes.io/provisioned-by": "x"}, {"pv.kubernetes.io/provisioned-by": "x"}),
    ],
    ids=["emptied", "provisioner-stays"],
)
def test_4_2_reset_binding_info(mode: str, more: dict[str, str], left: dict[str, str]) -> None:
    seen = restore([volume("Retain", **more)], mode=mode, actions=[])
    (body,) = seen.bodies("create")
    assert body["metadata"]["annotations"] == left
    assert body["spec"]["claimRef"] == {"namespace": "shop", "name": "data"}


# ------------------------------------------------------------------ 4.7


@both_modes
def test_4_7_a_claim_of_a_volume_that_is_made_anew_is_freed(mode: str) -> None:
    seen = restore([volume("Delete"), claim()], mode=mode, actions=[])
    (body,) = seen.bodies("create")
    assert body["spec"] == {}
    assert body["metadata"]["annotations"] == {}
    assert "Resetting PersistentVolumeClaim for dynamic provisioning" in seen.log
    assert seen.silent


@both_modes
def test_4_7_a_claim_of_a_kept_volume_keeps_its_name(mode: str) -> None:
    seen = restore([volume("Retain"), claim()], mode=mode, actions=[])
    body = seen.bodies("create")[1]
    assert body["spec"] == {"volumeName": "pv"}
    assert body["metadata"]["annotations"] == {}
    assert "Resetting PersistentVolumeClaim for dynamic provisioning" not in seen.log


@both_modes
def test_4_7_an_unbound_claim_is_left_alone(mode: str) -> None:
    seen = restore([volume("Delete"), claim("")], mode=mode, actions=[])
    (body,) = seen.bodies("create")
    assert body["metadata"]["annotations"] == BOUND


@both_modes
def test_4_7_no_action_decides_but_through_the_volume(mode: str) -> None:
    """The volume that counts is the one the claim names after all actions."""

    def rebind(given: Any) -> Any:
        if given.item["kind"] == "PersistentVolumeClaim":
            given.item["spec"]["volumeName"] = "other"
        return unchanged(given)

    seen = restore([volume("Delete"), claim()], mode=mode, actions=[Action(rebind)])
    (body,) = seen.bodies("create")
    assert body["spec"] == {"volumeName": "other"}


@pytest.mark.parametrize(("resources", "freed"), [(None, True), (["pvc"], False)])
def test_surprise_28_a_claim_is_freed_only_when_its_volume_was_looked_at(
    resources: list[str] | None, freed: bool
) -> None:
    seen = restore(
        [volume("Delete"), claim()], mode="strict", actions=[], included_resources=resources
    )
    (body,) = seen.bodies("create")
    assert body["spec"] == ({} if freed else {"volumeName": "pv"})
