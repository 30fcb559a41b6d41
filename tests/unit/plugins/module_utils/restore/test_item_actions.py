# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Item actions of users in whole restores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ForbiddenError,
    NotFoundError,
    RequestError,
)
from tests.support.builders import config_map, obj
from tests.support.builders_run import Restoring, fates
from tests.support.fake_cluster import FakeCluster, api_error

LABELS = {"velero-core.io/item-action": ""}
MAPS = {"included_resources": ["configmaps"]}


def declared(name: str, **told: Any) -> dict[str, Any]:
    return {"name": name, "applies_to": MAPS, **told}


def python(tmp_path: Path, body: str, head: str = "") -> dict[str, Any]:
    path = tmp_path / "mine.py"
    path.write_text(
        f"class Mine:\n    {head or 'pass'}\n"
        "    def applies_to(self):\n        return {'included_resources': ['configmaps']}\n"
        f"    def execute(self, given):\n        {body}\n"
    )
    return {"python": str(path), "class": "Mine"}


def test_the_order_of_actions(tmp_path: Path) -> None:
    def appends(name: str) -> dict[str, Any]:
        return declared(
            name, when=f"data.a != '{name}'", patches=[{"merge": {"data": {"a": name}}}]
        )

    import json

    stored = config_map(
        "z", "velero", labels=LABELS, data={"action.yaml": json.dumps(appends("c"))}
    )
    mine = python(
        tmp_path,
        "given.item['data']['by'] = given.item['data']['a']; return {'updated_item': given.item}",
    )
    restoring = Restoring(
        [config_map()], cluster=FakeCluster(stored), item_actions=(appends("l"), mine)
    )
    assert restoring.run().phase == "Completed"
    assert restoring.cluster.see("configmaps", "shop", "x")["data"] == {"a": "l", "by": "l"}
    without = Restoring(
        [config_map()],
        cluster=FakeCluster(stored),
        item_actions=(mine,),
        cluster_item_actions=False,
    )
    without.run()
    assert without.cluster.see("configmaps", "shop", "x")["data"] == {"a": "1", "by": "1"}


def test_a_fault_costs_only_its_item(tmp_path: Path) -> None:
    body = "return {'skip_restore': 1 / (given.item['metadata']['name'] != 'b') > 1}"
    items = [config_map(name) for name in "abc"]
    report = Restoring(items, item_actions=(python(tmp_path, body),)).run()
    found = fates(report)
    assert found["v1/ConfigMap/shop/b"] == ("failed", "action_failed")
    assert found["v1/ConfigMap/shop/a"] == found["v1/ConfigMap/shop/c"] == ("created", "created")
    (text,) = report.results.errors.namespaces["shop"]
    assert text == ("error preparing configmaps/shop/b: ZeroDivisionError: division by zero")


def test_check_mode_does_not_run_what_has_side_effects(tmp_path: Path) -> None:
    body = f"open({str(tmp_path / 'ran')!r}, 'w').close()"
    items = [config_map(), obj("Secret", "s", "shop")]
    restoring = Restoring(items, item_actions=(python(tmp_path, body),))
    plan = restoring.run(check_mode=True).plan
    assert plan is not None
    assert not (tmp_path / "ran").exists()
    assumed = {entry["id"] for entry in plan if entry.get("assumed")}
    assert assumed == {"v1/ConfigMap/shop/x"}
    assert restoring.run().phase == "Completed"
    assert (tmp_path / "ran").exists()


def test_check_mode_runs_what_has_none(tmp_path: Path) -> None:
    mine = python(tmp_path, "return {'skip_restore': True}", "has_side_effects = False")
    plan = Restoring([config_map()], item_actions=(mine,)).run(check_mode=True).plan
    assert plan is not None
    found = {entry["id"]: entry for entry in plan}
    entry = found["v1/ConfigMap/shop/x"]
    assert (entry["action"], entry["reason"]) == ("skip", "discarded_by_action")
    assert "assumed" not in entry


def test_a_plan_does_not_wait() -> None:
    waits = declared(
        "waits",
        additional_items=[{"resource": "secrets", "name": "s"}],
        ready_when=[{"jmespath": "status"}],
    )
    restoring = Restoring([config_map(), obj("Secret", "s", "shop")], item_actions=(waits,))
    report = restoring.run(check_mode=True)
    assert restoring.clock.slept == []
    assert report.results.errors.count == 0


@pytest.mark.parametrize(
    ("told", "settings", "wanted"),
    [
        ({}, {}, 600),
        ({}, {"resource_timeout": 30.0}, 30),
        ({}, {"resource_timeout": 30.0, "additional_items_ready_timeout": 7.0}, 7),
        ({"timeout": "9s"}, {"additional_items_ready_timeout": 7.0}, 9),
    ],
)
def test_how_long_is_waited(told: Any, settings: Any, wanted: float) -> None:
    waits = declared(
        "waits",
        additional_items=[{"resource": "secrets", "name": "s"}],
        ready_when=[{"jmespath": "status"}],
        **told,
    )
    items = [config_map(), obj("Secret", "s", "shop")]
    restoring = Restoring(items, item_actions=(waits,), **settings)
    report = restoring.run()
    assert sum(restoring.clock.slept) == pytest.approx(wanted)
    assert report.phase == "PartiallyFailed"
    assert fates(report)["v1/ConfigMap/shop/x"][0] == "created"


def test_an_additional_item_that_is_missing() -> None:
    """It is left out of what has to be ready."""
    waits = declared(
        "waits",
        additional_items=[{"resource": "secrets", "name": "s"}],
        ready_when=[{"jmespath": "status"}],
    )
    report = Restoring([config_map()], item_actions=(waits,)).run()
    assert report.phase == "Completed"
    (text,) = report.results.warnings.namespaces["shop"]
    assert "secrets" in text


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    "settings",
    [
        {"item_actions": ({"name": "a", "x": 1},)},
        {"storage_class_mapping": {"a": "b"}},
        {"image_mapping": {"a": ""}},
    ],
)
def test_mistakes_before_the_first_write(settings: Any, check_mode: bool) -> None:
    restoring = Restoring([config_map()], **settings)
    with pytest.raises((RequestError, NotFoundError)):
        restoring.run(check_mode=check_mode)
    assert restoring.cluster.said("create", "apply", "patch", "put_status", "delete") == []
    assert restoring.store.writes == []


def test_a_plan_tells_what_may_not_be_read_and_goes_on() -> None:
    cluster = FakeCluster()
    restoring = Restoring([config_map()], cluster=cluster, storage_class_mapping={"a": "b"})
    cluster.fail("list", "configmaps", error=api_error("Forbidden", "no maps"))
    cluster.fail("get", "storageclasses.storage.k8s.io", error=api_error("Forbidden", "no class"))
    report = restoring.run(check_mode=True)
    assert report.plan
    assert [word for word in ("no class", "no maps") if word in " ".join(report.warnings)] == [
        "no class",
        "no maps",
    ]
    cluster.fail("get", "storageclasses.storage.k8s.io", error=api_error("Forbidden", "no class"))
    with pytest.raises(ForbiddenError):
        restoring.run()
    assert cluster.writes == []


def test_what_has_ended_needs_no_actions_any_more() -> None:
    restoring = Restoring([config_map()])
    restoring.run()
    again = restoring.run(settings={"item_actions": ({"x": 1},)})
    assert (again.changed, again.phase) == (False, "Completed")


def test_images_are_mapped_without_a_config_map() -> None:
    pod = obj("Pod", "p", "shop", spec={"containers": [{"name": "c", "image": "docker.io/a/b:1"}]})
    restoring = Restoring([pod], image_mapping={"docker.io/": "mirror.example.com/"})
    restoring.run()
    (container,) = restoring.cluster.see("pods", "shop", "p")["spec"]["containers"]
    assert container["image"] == "mirror.example.com/a/b:1"
