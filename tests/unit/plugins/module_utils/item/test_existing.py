# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.existing import ExistingObjects
from tests.support.builders import CONFIG_MAPS, VOLUMES, config_map, obj
from tests.support.fake_cluster import FakeCluster, api_error


def existing(cluster: FakeCluster, new: str = "") -> ExistingObjects:
    return ExistingObjects(cluster, lambda namespace: namespace == new)


@pytest.mark.parametrize(
    ("names", "calls"),
    [
        (["x"], ["get configmaps/shop/x"]),
        (["x", "y"], ["get configmaps/shop/x", "get configmaps/shop/y"]),
        (["x", "y", "z"], ["list configmaps/shop"]),
    ],
)
def test_few_are_got_many_are_listed(names: list[str], calls: list[str]) -> None:
    cluster = FakeCluster(config_map("x"), config_map("other"))
    objects = existing(cluster)
    objects.look(CONFIG_MAPS, "shop", names)
    assert cluster.said("get", "list") == calls
    found = objects.take(CONFIG_MAPS, "shop", "x")
    assert found is not None
    assert found["data"] == {"a": "1"}
    assert objects.take(CONFIG_MAPS, "shop", "x") is None, "once"
    assert objects.take(CONFIG_MAPS, "shop", "other") is None, "not asked for"


def test_a_new_namespace_is_not_asked() -> None:
    cluster = FakeCluster()
    objects = existing(cluster, new="shop")
    objects.look(CONFIG_MAPS, "shop", ["x", "y", "z"])
    assert not cluster.calls
    assert objects.take(CONFIG_MAPS, "shop", "x") is None


def test_cluster_scope_is_always_asked() -> None:
    cluster = FakeCluster(obj("PersistentVolume", "pv"))
    objects = existing(cluster)
    objects.look(VOLUMES, "", ["pv"])
    assert objects.take(VOLUMES, "", "pv")


@pytest.mark.parametrize("reason", ["Forbidden", "NotFound", "InternalError"])
@pytest.mark.parametrize("names", [["x"], ["x", "y", "z"]], ids=["get", "list"])
def test_who_may_not_look_finds_nothing(reason: str, names: list[str]) -> None:
    cluster = FakeCluster(config_map("x"))
    for verb in ("get", "list"):
        cluster.fail(verb, error=api_error(reason))
    objects = existing(cluster)
    objects.look(CONFIG_MAPS, "shop", names)
    assert objects.take(CONFIG_MAPS, "shop", "x") is None


def test_clear_forgets() -> None:
    objects = existing(FakeCluster(config_map("x")))
    objects.look(CONFIG_MAPS, "shop", ["x"])
    objects.clear()
    assert objects.take(CONFIG_MAPS, "shop", "x") is None


@pytest.mark.parametrize(
    ("plans", "name", "new", "found", "calls"),
    [
        (False, "x", "", False, []),
        (True, "x", "", True, ["get configmaps/shop/x"]),
        (True, "gone", "", False, ["get configmaps/shop/gone"]),
        (True, "x", "shop", False, []),
        (True, "seen", "", False, []),
    ],
    ids=["a run", "a plan", "a plan: absent", "a plan: new namespace", "a plan: looked before"],
)
def test_only_a_plan_seeks_what_was_not_looked_at(
    plans: bool, name: str, new: str, found: bool, calls: list[str]
) -> None:
    cluster = FakeCluster(config_map("x"))
    objects = ExistingObjects(cluster, lambda namespace: namespace == new, plans=plans)
    if name == "seen":
        objects.look(CONFIG_MAPS, "shop", ["seen"])
        cluster.calls.clear()
    assert (objects.take(CONFIG_MAPS, "shop", name) is not None) is found
    assert cluster.said("get", "list") == calls
