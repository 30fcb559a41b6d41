# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.finalize.contract import FinalizeInput
from ansible_collections.velero.core.plugins.module_utils.finalize.registry import finalize_tasks
from ansible_collections.velero.core.plugins.module_utils.finalize.validation import ValidateItems
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from tests.support.builders import Manifest, config_map, obj
from tests.support.builders_run import Restoring
from tests.support.fake_cluster import FakeCluster, api_error


def warnings(cluster: FakeCluster, items: dict[str, list[str]]) -> dict[str, Any]:
    given = FinalizeInput(
        restore=obj("Restore", "r1", "velero", api="velero.io/v1"),
        spec=RestoreSpec(backup_name="b1"),
        cluster=cluster,
        clock=cluster.clock,
        resource_timeout=60,
        restored_items=items,
    )
    found = ValidateItems().run(given).to_dict()
    assert found["errors"] == {}, "it only warns"
    assert not cluster.writes
    return dict(found["warnings"])


def pod(**status: Any) -> Manifest:
    return obj("Pod", "web", "shop", status=status)


def waiting(reason: str) -> list[dict[str, Any]]:
    return [{"name": "c", "state": {"waiting": {"reason": reason}}}]


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (config_map("x"), ""),
        (obj("PersistentVolumeClaim", "data", "shop", status={"phase": "Bound"}), ""),
        (obj("PersistentVolumeClaim", "data", "shop", status={"phase": "Lost"}), "is Lost"),
        (obj("PersistentVolumeClaim", "data", "shop"), "is Pending"),
        (pod(phase="Running"), ""),
        (pod(phase="Pending", containerStatuses=waiting("ContainerCreating")), ""),
        (pod(phase="Failed", reason="Evicted"), "has failed: Evicted"),
        (pod(phase="Failed"), "has failed: no reason is given"),
        (
            pod(phase="Pending", containerStatuses=waiting("ImagePullBackOff")),
            "has container c in ImagePullBackOff",
        ),
        (
            pod(phase="Pending", initContainerStatuses=waiting("CrashLoopBackOff")),
            "has container c in CrashLoopBackOff",
        ),
    ],
)
def test_what_is_wrong_with_an_item(item: Manifest, text: str) -> None:
    kind, name = item["kind"], item["metadata"]["name"]
    found = warnings(FakeCluster(item), {f"v1/{kind}": [f"shop/{name}(created)"]})
    assert found == ({"namespaces": {"shop": [f'{kind} "{name}" {text}']}} if text else {})


def test_what_is_gone() -> None:
    entries = ["shop/a(created)", "shop/b(updated)", "shop/c(skipped)", "shop/d(failed)"]
    assert warnings(FakeCluster(config_map("a")), {"v1/ConfigMap": entries}) == {
        "namespaces": {
            "shop": ['ConfigMap "b" was restored, but is not in the cluster any more'],
        }
    }


def test_cluster_scope_and_names_with_brackets() -> None:
    items = {
        "v1/PersistentVolume": ["pv(created)"],
        "v1/ConfigMap": ["shop/odd(name)(created)"],
    }
    assert warnings(FakeCluster(), items) == {
        "cluster": ['PersistentVolume "pv" was restored, but is not in the cluster any more'],
        "namespaces": {
            "shop": ['ConfigMap "odd(name)" was restored, but is not in the cluster any more']
        },
    }


def test_what_cannot_be_looked_at_is_told() -> None:
    cluster = FakeCluster(config_map("x"))
    cluster.fail("list", "configmaps", error=api_error("Forbidden", "not you"))
    items = {"v1/ConfigMap": ["shop/x(created)"], "no.io/v1/Foo": ["shop/x(created)"]}
    assert warnings(cluster, items) == {
        "namespaces": {
            "shop": [
                "restored items of kind Foo cannot be validated: the server does not serve it",
                "restored items of kind ConfigMap cannot be validated: not you",
            ]
        }
    }


@pytest.mark.parametrize("validates", [True, False])
def test_it_is_the_last_task_and_asked_for(validates: bool) -> None:
    names = [task.name for task in finalize_tasks(validates=validates)]
    assert (names[-1] == "validating restored items") is validates


def test_a_whole_restore_that_validates_warns_and_completes() -> None:
    claim = obj("PersistentVolumeClaim", "data", "shop", spec={})
    restoring = Restoring([claim, config_map("x")], validate=True)
    report = restoring.run()
    assert report.phase == "Completed"
    assert report.restore["status"]["warnings"] == 1
    told = restoring.store.json("restores/r1/restore-r1-results.gz")["warnings"]
    assert told == {"namespaces": {"shop": ['PersistentVolumeClaim "data" is Pending']}}
    assert Restoring([claim, config_map("x")]).run().restore["status"].get("warnings") is None
