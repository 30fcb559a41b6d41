# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.velero.core.plugins.module_utils import (
    ansible_item_action_info,
    ansible_item_action_inputs,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_connect import Access
from ansible_collections.velero.core.plugins.module_utils.ansible_item_action_spec import (
    ITEM_ACTION_INFO,
)
from tests.support.builders import config_map, obj
from tests.support.fake_cluster import FakeCluster
from tests.unit.plugins.modules.support import run

OWN = {"name": "example.com/own", "applies_to": {"included_resources": ["po", "foos"]}}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    fake = FakeCluster()
    monkeypatch.setattr(Access, "cluster", property(lambda self: fake))
    monkeypatch.setattr(ansible_item_action_inputs, "SystemClock", lambda: fake.clock)
    return fake


def info(**given: Any) -> dict[str, Any]:
    return run(ITEM_ACTION_INFO, ansible_item_action_info.run, given)


def store(cluster: FakeCluster, *names: str) -> None:
    for name in names:
        text = yaml.safe_dump({"name": f"example.com/{name}"})
        labels = {"velero-core.io/item-action": ""}
        cluster.put(config_map(name, "velero", data={"action.yaml": text}, labels=labels))


def test_all_actions_in_the_order_of_a_restore(cluster: FakeCluster) -> None:
    store(cluster, "b", "a")
    found = info(item_actions=[OWN])
    assert found["changed"] is False
    names = [action["name"] for action in found["actions"]]
    assert len(names) == 24
    assert names[0] == "velero.io/add-pvc-from-pod"
    assert names[16:] == [
        "velero.io/service-account",
        "velero.io/csi-pvc-restorer",
        "velero.io/csi-volumesnapshot-restorer",
        "velero.io/csi-volumesnapshotclass-restorer",
        "velero.io/csi-volumesnapshotcontent-restorer",
        "example.com/a",
        "example.com/b",
        "example.com/own",
    ]
    assert found["actions"][-1] == {
        "name": "example.com/own",
        "source": "given",
        "origin": "item_actions[0]",
        "version": "v2",
        "has_side_effects": False,
        "enabled": True,
        "applies_to": {
            "included_resources": ["pods", "foos"],
            "excluded_resources": [],
            "included_namespaces": [],
            "excluded_namespaces": [],
            "label_selector": "",
        },
    }
    by_name = {action["name"]: action for action in found["actions"]}
    assert by_name["velero.io/pod"]["version"] == "v1"
    assert by_name["velero.io/dataupload"]["has_side_effects"] is True
    assert by_name["example.com/a"]["origin"] == "ConfigMap velero/a"
    assert cluster.writes == []
    assert {"applicable", "resource"}.isdisjoint(found)


def test_config_maps_can_be_left_out(cluster: FakeCluster) -> None:
    store(cluster, "a")
    found = info(cluster_item_actions=False)
    assert {action["source"] for action in found["actions"]} == {"builtin"}
    assert cluster.said("list") == []


@pytest.mark.parametrize(("features", "on"), [([], False), (["EnableCSI"], True)])
def test_features_turn_actions_on(features: list[str], on: bool, cluster: FakeCluster) -> None:
    found = info(features=features, item=obj("PersistentVolumeClaim", "data", "shop"))
    csi = [action["enabled"] for action in found["actions"] if "/csi-" in action["name"]]
    assert csi == [on] * 4
    wanted = ["velero.io/change-storage-class", "velero.io/pvc"]
    assert found["applicable"] == wanted + ["velero.io/csi-pvc-restorer"] * on
    assert found["resource"] == "persistentvolumeclaims"


APPLICABLE = [
    ({}, ["example.com/a"]),
    ({"label_selector": "app=web"}, ["example.com/a"]),
    ({"label_selector": "app!=web"}, []),
    ({"included_namespaces": ["sh*"]}, []),
    ({"included_namespaces": ["co*"]}, ["example.com/a"]),
    ({"included_resources": ["secrets"]}, []),
]


@pytest.mark.parametrize(("applies_to", "applicable"), APPLICABLE)
def test_what_runs_for_an_item(
    applies_to: dict[str, Any], applicable: list[str], cluster: FakeCluster
) -> None:
    found = info(
        item=config_map("x", "shop", labels={"app": "web"}),
        item_actions=[{"name": "example.com/a", "applies_to": applies_to}],
        restore={"spec": {"namespaceMapping": {"shop": "copy"}}},
    )
    assert found["applicable"] == applicable


def test_faults_fail_the_task(cluster: FakeCluster) -> None:
    twice = info(item_actions=[OWN, OWN])
    assert "two item actions have this name" in twice["msg"]
    broken = info(item_actions=[{"name": "a", "patches": [{}]}])
    assert "item_actions[0].patches[0]" in broken["msg"]
    assert broken["error"]["kind"] == "request"
