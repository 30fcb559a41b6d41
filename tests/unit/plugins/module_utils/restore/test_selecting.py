# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole restores of selected items, in memory."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    RecordError,
    RequestError,
)
from ansible_collections.velero.core.plugins.module_utils.model.refinement import (
    Selection,
    SelectRule,
)
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from tests.support.builders import MemoryCatalog, config_map, crd, examples, obj
from tests.support.builders_run import Restoring, fates
from tests.support.fake_cluster import FakeCluster

CONTAINERS = [{"name": "c", "image": "i", "envFrom": [{"configMapRef": {"name": "settings"}}]}]
ITEMS = [
    crd("caches", "x.io", "Cache"),
    crd("foos", "y.io", "Foo"),
    obj("Namespace", "shop", labels={"team": "x"}),
    obj("Namespace", "bank"),
    obj("Cache", "main", "shop", api="x.io/v1"),
    obj(
        "Deployment",
        "web",
        "shop",
        api="apps/v1",
        spec={"template": {"spec": {"serviceAccountName": "web", "containers": CONTAINERS}}},
    ),
    obj("Deployment", "other", "bank", api="apps/v1", spec={"template": {"spec": {}}}),
    config_map("settings"),
    config_map("unrelated"),
    obj("ServiceAccount", "web", "shop"),
]
WEB = SelectRule(kinds=("Deployment",), names=("web",))


def select(*rules: SelectRule, deps: bool = False) -> dict[str, Any]:
    return {"selection": Selection(rules=rules, with_dependencies=deps)}


def restored(report: RestoreReport) -> set[str]:
    found = fates(report)
    return {
        key.rpartition("v1/")[2]
        for key, (action, _reason) in found.items()
        if action == "created" and "Namespace/" not in key
    }


@pytest.mark.parametrize(
    ("refinement", "spec", "wanted"),
    [
        (select(WEB), {}, {"Deployment/shop/web"}),
        (
            select(WEB, deps=True),
            {},
            {"Deployment/shop/web", "ConfigMap/shop/settings", "ServiceAccount/shop/web"},
        ),
        (
            select(WEB, SelectRule(kinds=("sa",), include=False), deps=True),
            {},
            {"Deployment/shop/web", "ConfigMap/shop/settings"},
        ),
        (select(WEB), {"included_namespaces": ["bank"]}, set()),
        (select(SelectRule(kinds=("Cache",))), {}, {"Cache/shop/main"}),
        (
            select(SelectRule(kinds=("Cache",)), deps=True),
            {},
            {"CustomResourceDefinition/caches.x.io", "Cache/shop/main"},
        ),
        (
            select(SelectRule(kinds=("Cache",)), deps=True),
            {"included_namespaces": ["shop"]},
            {"CustomResourceDefinition/caches.x.io", "Cache/shop/main"},
        ),
        (
            select(deps=True),
            {"included_namespaces": ["shop"], "included_resources": ["deploy", "cm"]},
            {"Deployment/shop/web", "ConfigMap/shop/settings", "ConfigMap/shop/unrelated"},
        ),
        (
            select(deps=True),
            {"label_selector": {"matchLabels": {"app": "none"}}},
            set(),
        ),
    ],
    ids=[
        "one",
        "with-dependencies",
        "but-not-these",
        "filters-come-first",
        "custom-resource",
        "with-definition",
        "definition-in-spite-of-namespaces",
        "lists-of-resources-hold",
        "nothing-needs-nothing",
    ],
)
def test_what_is_restored(
    refinement: dict[str, Any], spec: dict[str, Any], wanted: set[str]
) -> None:
    cluster = FakeCluster()
    if "Cache/shop/main" in wanted and "CustomResourceDefinition/caches.x.io" not in wanted:
        cluster.put(ITEMS[0])
    restoring = Restoring(ITEMS, cluster=cluster)
    planned = restoring.run(refinement=refinement, check_mode=True, **spec)
    assert cluster.writes == []
    report = restoring.run(refinement=refinement, **spec)
    assert report.phase == "Completed"
    assert restored(report) == wanted
    plan = {(one["id"], one["reason"]) for one in planned.plan or ()}
    assert plan == {(key, reason) for key, (_action, reason) in fates(report).items()}
    assert [one.to_dict() for one in planned.dangling] == [one.to_dict() for one in report.dangling]


def test_namespaces_are_made_as_they_were() -> None:
    restoring = Restoring(ITEMS)
    restoring.run(refinement=select(WEB))
    assert restoring.cluster.see("namespaces", "", "shop")["metadata"]["labels"] == {"team": "x"}
    with pytest.raises(KeyError):
        restoring.cluster.see("namespaces", "", "bank")


def dangling(report: RestoreReport) -> dict[str, str]:
    told = [entry.to_dict() for entry in report.dangling]
    return {entry["id"]: entry["reason"] for entry in told}


LEFT = {"configmaps/shop/settings": "not_selected", "serviceaccounts/shop/web": "not_selected"}


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_a_selection_leaves_dangling(check_mode: bool) -> None:
    report = Restoring(ITEMS).run(refinement=select(WEB), check_mode=check_mode)
    assert dangling(report) == LEFT


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ({}, {}),
        ({"included_resources": ["deploy"]}, dict.fromkeys(LEFT, "resource_excluded")),
        ({"excluded_resources": ["cm"]}, {"configmaps/shop/settings": "resource_excluded"}),
    ],
)
def test_a_plan_tells_what_veleros_filters_leave_dangling(
    spec: dict[str, Any], wanted: dict[str, str]
) -> None:
    restoring = Restoring(ITEMS)
    assert dangling(restoring.run(check_mode=True, **spec)) == wanted
    assert dangling(restoring.run(**spec)) == {}


def test_what_the_cluster_has_does_not_dangle() -> None:
    restoring = Restoring(ITEMS, cluster=FakeCluster(config_map("settings")))
    report = restoring.run(refinement=select(WEB), check_mode=True)
    assert dangling(report) == {"serviceaccounts/shop/web": "not_selected"}


def test_the_cluster_is_asked_in_the_target_namespace() -> None:
    restoring = Restoring(ITEMS, cluster=FakeCluster(config_map("settings", "copy")))
    report = restoring.run(
        refinement=select(WEB), check_mode=True, namespace_mapping={"shop": "copy"}
    )
    assert dangling(report) == {"serviceaccounts/shop/web": "not_selected"}


def test_what_an_item_action_brings_does_not_dangle() -> None:
    claim = obj("PersistentVolumeClaim", "data", "shop", spec={})
    volumes = [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]
    pod = obj("Pod", "p", "shop", spec={"containers": [], "volumes": volumes})
    report = Restoring([pod, claim]).run(
        refinement=select(SelectRule(kinds=("Pod",))), check_mode=True
    )
    assert "v1/PersistentVolumeClaim/shop/data" in fates(report)
    assert dangling(report) == {}


def test_a_server_that_does_not_let_us_look_counts_as_empty() -> None:
    restoring = Restoring(ITEMS, cluster=FakeCluster(config_map("settings")))
    restoring.cluster.fail("get", "configmaps")
    report = restoring.run(refinement=select(WEB), check_mode=True)
    assert dangling(report) == LEFT


def test_warnings_of_rules_that_do_nothing() -> None:
    rules = (WEB, SelectRule(kinds=("Robot",)), SelectRule(names=("none",), include=False))
    report = Restoring(ITEMS).run(refinement=select(*rules))
    assert report.warnings == [
        "select[1] names the kind Robot, which is no resource of the cluster or the backup.",
        "select[1] matches no item.",
        "select[2] matches no item.",
    ]


@pytest.mark.parametrize(
    ("selection", "text"),
    [
        ((SelectRule(),), r"select\[0\]: it says nothing"),
        ((WEB, SelectRule(names=())), r"select\[1\]\.names: it is empty"),
        ((SelectRule(names=tuple("x" * 250 for _each in range(1000))),), "more than 64000 bytes"),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_wrong_rules_are_refused_before_anything(
    selection: tuple[SelectRule, ...], text: str, check_mode: bool
) -> None:
    restoring = Restoring(ITEMS)
    with pytest.raises(RequestError, match=text):
        restoring.run(refinement=select(*selection), check_mode=check_mode)
    assert restoring.cluster.calls == []
    assert restoring.store.writes == []


def test_another_selection_is_another_restore() -> None:
    restoring = Restoring(ITEMS)
    record = restoring.run(refinement=select(WEB, deps=True)).restore
    assert record["metadata"]["annotations"] == {
        "velero-core.io/select": '{"rules":[{"kinds":["Deployment"],"names":["web"]}],'
        '"withDependencies":true}'
    }
    assert not restoring.run(refinement=select(WEB, deps=True)).changed
    for other in ({}, select(WEB), select(deps=True)):
        with pytest.raises(RecordError, match="exists with another select"):
            restoring.run(refinement=other)


def test_a_selected_item_that_cannot_be_read_is_an_error() -> None:
    broken = {("deployments.apps", "shop", "web"): b"{", ("deployments.apps", "shop", "b"): b"{"}
    restoring = Restoring(MemoryCatalog([config_map("a")], raw=broken))
    report = restoring.run(refinement=select(WEB))
    assert report.phase == "PartiallyFailed"
    (texts,) = report.results.errors.namespaces.values()
    assert len(texts) == 1
    assert "deployments.apps/namespaces/shop/web.json" in texts[0]


@examples(0.2)
@given(
    st.sets(st.sampled_from(["web", "other", "settings", "unrelated", "main"]), min_size=1),
    st.booleans(),
)
def test_the_plan_is_the_outcome(names: set[str], deps: bool) -> None:
    refinement = select(SelectRule(names=tuple(sorted(names))), deps=deps)
    restoring = Restoring(ITEMS)
    planned = restoring.run(refinement=refinement, check_mode=True)
    report = restoring.run(refinement=refinement)
    assert {(one["id"], one["reason"]) for one in planned.plan or ()} == {
        (key, reason) for key, (_action, reason) in fates(report).items()
    }
    assert dangling(planned) == dangling(report)
