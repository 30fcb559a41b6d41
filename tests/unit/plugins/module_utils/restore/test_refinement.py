# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    RecordError,
    RequestError,
)
from ansible_collections.velero.core.plugins.module_utils.model.refinement import OrderRules
from ansible_collections.velero.core.plugins.module_utils.model.request import Priorities
from tests.support.builders import RESTORES, SERVED, api_of, config_map, crd, obj
from tests.support.builders_run import Restoring
from tests.support.fake_cluster import FakeCluster

POD = {"spec": {"containers": [{"name": "c", "image": "i"}]}}
ITEMS = [
    crd("caches", "x.io", "Cache"),
    obj("Cache", "c", "shop", api="x.io/v1"),
    obj("Deployment", "operator", "shop", api="apps/v1", spec={"template": POD}),
    obj("Secret", "s", "shop"),
    config_map("a"),
]


def order(*pairs: tuple[str, str], **rules: Any) -> dict[str, Any]:
    return {"order": OrderRules(before=pairs, **rules)}


def created(restoring: Restoring) -> list[str]:
    writes = [call for call in restoring.cluster.calls if call.verb in ("create", "apply")]
    return [call.gr for call in writes if call.gr != "namespaces"]


CRD = "customresourcedefinitions.apiextensions.k8s.io"


@pytest.mark.parametrize(
    ("refinement", "wanted"),
    [
        ({}, [CRD, "secrets", "configmaps", "caches.x.io", "deployments.apps"]),
        (
            order(("Deployment", "Cache")),
            [CRD, "secrets", "configmaps", "deployments.apps", "caches.x.io"],
        ),
        (
            order(first=("cm",), last=("secrets",)),
            [CRD, "configmaps", "caches.x.io", "deployments.apps", "secrets"],
        ),
        (
            order(("*.x.io", "secrets")),
            [CRD, "caches.x.io", "secrets", "configmaps", "deployments.apps"],
        ),
    ],
    ids=["default", "operator-first", "first-and-last", "pattern"],
)
def test_resources_are_restored_in_the_order_that_is_asked_for(
    refinement: dict[str, Any], wanted: list[str]
) -> None:
    restoring = Restoring(ITEMS)
    report = restoring.run(refinement=refinement)
    assert (report.phase, report.warnings) == ("Completed", [])
    assert created(restoring) == wanted


def test_priorities_and_rules_compose() -> None:
    priorities = Priorities(high=("secrets", "deployments.apps"), low=("caches.x.io",))
    restoring = Restoring(ITEMS, priorities=priorities)
    restoring.run(refinement=order(("caches.x.io", "secrets")))
    assert created(restoring) == [
        CRD,
        "caches.x.io",
        "secrets",
        "deployments.apps",
        "configmaps",
    ]


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_cycle_is_refused_before_the_first_write(check_mode: bool) -> None:
    restoring = Restoring(ITEMS)
    with pytest.raises(RequestError, match=r"caches\.x\.io → secrets → caches\.x\.io"):
        restoring.run(
            refinement=order(("Cache", "Secret"), ("Secret", "Cache")), check_mode=check_mode
        )
    assert restoring.cluster.writes == []
    assert restoring.store.writes == []


def test_a_name_that_means_nothing_draws_a_warning() -> None:
    restoring = Restoring(ITEMS)
    report = restoring.run(refinement=order(("Foo", "Secret")))
    assert report.warnings == [
        "order names Foo, which is no resource of the cluster or the backup; it has no effect."
    ]


def test_the_record_tells_the_order_and_keeps_veleros_schema() -> None:
    cluster = FakeCluster(obj("Namespace", "velero"), api=api_of(*SERVED, RESTORES))
    restoring = Restoring(ITEMS, cluster=cluster)
    plain = restoring.run(name="plain").restore
    report = restoring.run(name="ordered", refinement=order(("Deployment", "Cache")))
    kept = {"velero-core.io/order": '{"before":[{"first":"Deployment","then":"Cache"}]}'}
    stored = restoring.store.json("restores/ordered/velero-restore.json")
    in_cluster = cluster.see("restores.velero.io", "velero", "ordered")
    for record in (report.restore, stored, in_cluster):
        assert record["metadata"]["annotations"] == kept
        assert record["spec"] == plain["spec"]
    assert "annotations" not in plain["metadata"]


def test_another_order_is_another_restore() -> None:
    restoring = Restoring(ITEMS)
    wanted = order(("Deployment", "Cache"))
    restoring.run(refinement=wanted)
    restoring.forget_calls()
    assert not restoring.run(refinement=wanted).changed
    assert restoring.cluster.writes == []
    for other in ({}, order(("Secret", "Cache"))):
        with pytest.raises(RecordError, match="exists with another order"):
            restoring.run(refinement=other)
    names = {
        json.dumps(restoring.run(name="", refinement=one).restore["metadata"]["name"])
        for one in ({}, wanted, order(("Secret", "Cache")), wanted)
    }
    assert len(names) == 3
