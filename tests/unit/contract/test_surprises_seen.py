# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was seen on real runs and what Velero's documentation says otherwise.

Reference sections 11.0 and 11.1, and the second section 13 about the ownership of fields. What
items 1, 15, 36, 43 and 52 of section 11 tell as well is tested with those.
"""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.request import (
    HIGH_PRIORITIES,
    LOW_PRIORITIES,
    Priorities,
    Settings,
)
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from tests.support.builders import config_map, crd, obj, owner
from tests.support.contract import SAFE, STRICT, both_modes, restore
from tests.support.fake_cluster import FakeCluster, obj_namespace

FOO = obj("Foo", "f", "shop", api="example.io/v1")


@both_modes
def test_seen_custom_resources_without_their_definition(mode: str) -> None:
    seen = restore([crd(), FOO], mode=mode, actions=[], included_resources=["foos.example.io"])
    text = (
        "error restoring foos.example.io/shop/f: the server could not find the requested resource"
    )
    assert seen.errors == {"namespaces": {"shop": [text]}}
    assert seen.fates == {"example.io/v1/Foo/shop/f": ("failed", "create_failed")}
    assert seen.phase == "PartiallyFailed"


@pytest.mark.parametrize(("mode", "phase"), [(SAFE, "Completed"), (STRICT, "PartiallyFailed")])
def test_seen_no_deployment_of_velero(mode: str, phase: str) -> None:
    """Rule C6."""
    cluster = FakeCluster(obj_namespace("shop"))
    real = cluster.get

    def get(resource: Any, namespace: str, name: str) -> Any:
        if (resource.plural, name) == ("deployments", "velero"):
            cluster.objects.pop((resource.group_resource, namespace, name), None)
        return real(resource, namespace, name)

    cluster.get = get  # type: ignore[method-assign]
    seen = restore([config_map(), obj("Pod", "p", "shop")], mode=mode, cluster=cluster)
    assert seen.phase == phase


# ------------------------------------------------------------------ 11.1


@both_modes
def test_documented_unknown_resources_are_tried(mode: str) -> None:
    seen = restore([FOO], mode=mode, actions=[])
    assert "resource cannot be resolved via discovery" in seen.log
    assert seen.writes == ["create foos.example.io/shop/f"]


def test_documented_definitions_are_waited_for_ten_minutes() -> None:
    assert Settings().resource_timeout == 600
    seen = restore([crd()], cluster=FakeCluster(established=False), actions=[])
    assert 600 <= sum(seen.cluster.clock.slept) < 602


def test_documented_the_default_order() -> None:
    assert Settings().priorities == Priorities(high=HIGH_PRIORITIES, low=LOW_PRIORITIES)
    assert (len(HIGH_PRIORITIES), len(LOW_PRIORITIES)) == (23, 5)
    kinds = ["Service", "Pod", "ConfigMap", "Secret", "ServiceAccount"]
    seen = restore([obj(kind, "x", "shop") for kind in kinds], actions=[])
    assert seen.writes == [
        f"create {plural}/shop/x"
        for plural in ("serviceaccounts", "secrets", "configmaps", "pods", "services")
    ]


@both_modes
def test_documented_the_default_policy_is_unset(mode: str) -> None:
    assert RestoreSpec().existing_resource_policy == ""
    seen = restore([config_map()], mode=mode, existing=[config_map(data={"a": "2"})])
    assert seen.warnings["namespaces"]["shop"][0].startswith("could not restore, ConfigMap:x ")


@both_modes
@pytest.mark.parametrize(("size", "warns"), [("1Gi", False), ("2Gi", True)])
def test_documented_an_existing_volume_is_compared(mode: str, size: str, warns: bool) -> None:
    def volume(capacity: str) -> Any:
        return obj(
            "PersistentVolume",
            "pv",
            spec={
                "persistentVolumeReclaimPolicy": "Retain",
                "capacity": {"storage": capacity},
            },
        )

    seen = restore([volume("1Gi")], mode=mode, actions=[], existing=[volume(size)])
    assert bool(seen.warnings) is warns
    assert not seen.errors


# ------------------------------------------------------------------ 13, field ownership

ONE = [owner("one")]
TWO = [owner("one"), owner("two")]
APPLIED = [owner("one", "Apply")]


@both_modes
@pytest.mark.parametrize("owners", [ONE, TWO, APPLIED])
def test_ownership_1_no_body_of_a_post_carries_owners(mode: str, owners: Any) -> None:
    seen = restore([config_map(meta={"managedFields": owners})], mode=mode)
    for body in (*seen.bodies("create"), *seen.bodies("apply")):
        assert "managedFields" not in body["metadata"]


def test_ownership_2_one_update_writer_is_a_post_in_its_name() -> None:
    seen = restore([config_map(meta={"managedFields": ONE})])
    (call,) = [call for call in seen.cluster.calls if call.verb == "create" and call.name == "x"]
    assert call.manager == "one"
    assert seen.writes == ["create configmaps/shop/x"]


def test_ownership_3_one_apply_writer_is_a_server_side_apply() -> None:
    seen = restore([config_map(meta={"managedFields": APPLIED})])
    (call,) = [call for call in seen.cluster.calls if call.verb == "apply"]
    assert call.manager == "one"
    assert seen.writes == ["apply configmaps/shop/x"]


@pytest.mark.parametrize(("mode", "owners"), [(SAFE, TWO), (STRICT, TWO), (STRICT, ONE)])
def test_ownership_4_several_writers_are_patched_in(mode: str, owners: Any) -> None:
    seen = restore([config_map(meta={"managedFields": owners})], mode=mode)
    assert seen.writes == ["create configmaps/shop/x", "patch configmaps/shop/x"]
    assert seen.cluster.see("configmaps", "shop", "x")["metadata"]["managedFields"] == owners


@both_modes
def test_ownership_5_nothing_is_put_to_create_it(mode: str) -> None:
    seen = restore([config_map(meta={"managedFields": TWO})], mode=mode)
    assert {text.split()[0] for text in seen.writes} <= {"create", "apply", "patch"}
