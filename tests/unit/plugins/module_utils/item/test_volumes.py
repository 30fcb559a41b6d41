# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.volume_binding import (
    claim_of,
    reset_binding,
)
from ansible_collections.velero.core.plugins.module_utils.item.volumes import (
    ClaimStep,
    ReprovisionedVolumes,
    VolumeStep,
)
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.plan.filters import IncludesExcludes
from ansible_collections.velero.core.plugins.module_utils.plan.scope import scope_of
from tests.support.builders import Manifest, api_of, obj
from tests.support.builders_item import fate, logged, notes, work_on

BOUND = {
    "pv.kubernetes.io/bind-completed": "yes",
    "pv.kubernetes.io/bound-by-controller": "yes",
    "pv.kubernetes.io/provisioned-by": "x",
}
CLAIM_REF = {"namespace": "shop", "name": "data", "uid": "u", "resourceVersion": "1"}


def volume(policy: str = "Retain", **spec: Any) -> Manifest:
    spec = {"persistentVolumeReclaimPolicy": policy, "claimRef": dict(CLAIM_REF), **spec}
    return obj("PersistentVolume", "pv-1", annotations=dict(BOUND), spec=spec)


def step(
    methods: dict[str, str] | None = None, mapping: dict[str, str] | None = None
) -> tuple[VolumeStep, ReprovisionedVolumes]:
    scope = scope_of(RestoreSpec(namespace_mapping=mapping), api_of(), IncludesExcludes())
    reprovisioned = ReprovisionedVolumes()
    return VolumeStep(scope, methods or {}, reprovisioned), reprovisioned


def test_4_2_other_kinds_pass() -> None:
    assert step({"x": "CSISnapshot"})[0](work_on(obj("Pod", "x", "shop")))


def test_4_2_without_data_and_reclaim_policy_delete() -> None:
    decide, reprovisioned = step()
    work = work_on(volume("Delete"))
    assert not decide(work)
    assert fate(work) == ("skipped", "volume_reprovisioned")
    assert "pv-1" in reprovisioned
    assert not notes(work)
    assert logged(work) == [
        "Dynamically re-provisioning persistent volume because it doesn't have a snapshot and its "
        "reclaim policy is Delete."
    ]


@pytest.mark.parametrize(
    ("mapping", "namespace"), [(None, "shop"), ({"shop": "shop2"}, "shop2"), ({"x": "y"}, "shop")]
)
def test_4_2_without_data_kept_as_it_is(mapping: dict[str, str] | None, namespace: str) -> None:
    decide, reprovisioned = step(mapping=mapping)
    work = work_on(volume())
    assert decide(work)
    assert "pv-1" not in reprovisioned
    assert work.obj["spec"]["claimRef"] == {"namespace": namespace, "name": "data"}
    assert work.obj["metadata"]["annotations"] == {"pv.kubernetes.io/provisioned-by": "x"}


@pytest.mark.parametrize(
    ("method", "reprovisioned"),
    [("NativeSnapshot", False), ("CSISnapshot", True), ("PodVolumeBackup", True)],
)
def test_a_volume_with_data_is_an_error_in_this_version(method: str, reprovisioned: bool) -> None:
    decide, names = step({"pv-1": method})
    work = work_on(volume("Delete"))
    assert not decide(work)
    assert fate(work) == ("failed", "volume_data_unsupported")
    ((severity, bucket, text),) = notes(work)
    assert (severity, bucket) == ("error", "")
    assert method in text
    assert ("pv-1" in names) is reprovisioned


@pytest.mark.parametrize("spec", [None, {}, {"claimRef": None}])
def test_4_2_a_volume_without_a_claim(spec: Any) -> None:
    work = work_on({**volume(), "spec": spec})
    assert step(mapping={"shop": "x"})[0](work)


def claim(**spec: Any) -> Manifest:
    return obj("PersistentVolumeClaim", "data", "shop", annotations=dict(BOUND), spec=spec)


@pytest.mark.parametrize(
    ("spec", "kept"),
    [
        ({"volumeName": "pv-1"}, {}),
        ({"volumeName": "pv-2"}, {"volumeName": "pv-2"}),
        ({"volumeName": ""}, {"volumeName": ""}),
        ({}, {}),
    ],
    ids=["re-provisioned", "another", "empty", "none"],
)
def test_4_7_claims(spec: dict[str, str], kept: dict[str, str]) -> None:
    reprovisioned = ReprovisionedVolumes()
    reprovisioned.add("pv-1")
    work = work_on(claim(**spec))
    assert ClaimStep(reprovisioned)(work)
    assert work.obj["spec"] == kept
    is_reset = "pv.kubernetes.io/bind-completed" not in work.obj["metadata"]["annotations"]
    assert is_reset is bool(spec.get("volumeName"))
    dropped = "Resetting PersistentVolumeClaim for dynamic provisioning" in logged(work)
    assert dropped is (spec.get("volumeName") == "pv-1")


@pytest.mark.parametrize("spec", [None, "text", []])
def test_4_7_odd_claims_pass(spec: Any) -> None:
    assert ClaimStep(ReprovisionedVolumes())(work_on({**claim(), "spec": spec}))


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
