# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.model.refinement import SelectRule
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.plan.backup_index import BackupIndex
from ansible_collections.velero.core.plugins.module_utils.plan.dangling import (
    in_words,
    left_dangling,
)
from ansible_collections.velero.core.plugins.module_utils.plan.definitions import (
    with_definitions_of,
)
from ansible_collections.velero.core.plugins.module_utils.plan.dependencies import Dependencies
from ansible_collections.velero.core.plugins.module_utils.plan.namespaces import namespace_filter
from ansible_collections.velero.core.plugins.module_utils.plan.references.contract import (
    ItemId,
    Reference,
)
from ansible_collections.velero.core.plugins.module_utils.plan.resource_names import ResourceNames
from ansible_collections.velero.core.plugins.module_utils.plan.scope import scope_of
from ansible_collections.velero.core.plugins.module_utils.plan.select_rules import SelectRules
from tests.support.builders import (
    Manifest,
    MemoryCatalog,
    api_of,
    config_map,
    crd,
    examples,
    obj,
)


def deployment(name: str, *, namespace: str = "shop", **spec: Any) -> Manifest:
    return obj("Deployment", name, namespace, api="apps/v1", spec={"template": {"spec": spec}})


def env_from(*names: str) -> list[dict[str, Any]]:
    return [{"name": "c", "envFrom": [{"configMapRef": {"name": name}} for name in names]}]


CRD = "customresourcedefinitions.apiextensions.k8s.io"
WEB = deployment(
    "web",
    serviceAccountName="web",
    containers=env_from("settings", "gone"),
    volumes=[{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}],
)
ITEMS = [
    WEB,
    config_map("settings"),
    config_map("other"),
    obj("ServiceAccount", "web", "shop", imagePullSecrets=[{"name": "regcred"}]),
    obj("Secret", "regcred", "shop", labels={"keep": "no"}),
    obj("PersistentVolumeClaim", "data", "shop", spec={"volumeName": "pv"}),
    obj("PersistentVolume", "pv", spec={}),
    crd("caches", "x.io", "Cache"),
    obj("Cache", "c", "shop", api="x.io/v1"),
]


def dependencies(
    items: Iterable[Manifest] = (), *, rules: Sequence[SelectRule] = (), **spec: Any
) -> Dependencies:
    catalog = MemoryCatalog(items or ITEMS)
    api = with_definitions_of(catalog, api_of())
    wanted = RestoreSpec(**spec)
    scope = scope_of(wanted, api, namespace_filter(wanted, catalog, safe=True))
    compiled = SelectRules(rules, ResourceNames(api, catalog.group_resources())) if rules else None
    return Dependencies(BackupIndex(catalog, {}, api), scope, compiled)


def ids(*texts: str) -> set[ItemId]:
    return {ItemId(*text.split("/")) for text in texts}


WEB_ID = ItemId("deployments.apps", "shop", "web")
NEEDS = ids(
    "deployments.apps/shop/web",
    "configmaps/shop/settings",
    "serviceaccounts/shop/web",
    "secrets/shop/regcred",
    "persistentvolumeclaims/shop/data",
    "persistentvolumes//pv",
)


@pytest.mark.parametrize(
    ("spec", "rules", "gone"),
    [
        ({}, [], set()),
        ({"label_selector": {"matchLabels": {"a": "b"}}}, [], set()),
        ({"excluded_resources": ["secrets"]}, [], ids("secrets/shop/regcred")),
        (
            {"excluded_resources": ["sa"]},
            [],
            ids("serviceaccounts/shop/web", "secrets/shop/regcred"),
        ),
        ({"include_cluster_resources": False}, [], ids("persistentvolumes//pv")),
        ({"included_namespaces": ["shop"]}, [], set()),
        (
            {"included_resources": ["deploy", "cm"]},
            [],
            NEEDS - ids("deployments.apps/shop/web", "configmaps/shop/settings"),
        ),
        ({}, [SelectRule(kinds=("deploy",))], set()),
        (
            {},
            [SelectRule(label_selector={"matchLabels": {"keep": "no"}}, include=False)],
            ids("secrets/shop/regcred"),
        ),
    ],
    ids=[
        "all",
        "labels-do-not-count",
        "resource",
        "and-what-hangs-on-it",
        "cluster-scoped",
        "one-namespace",
        "included-resources",
        "including-rules-do-not-count",
        "excluding-rules-do",
    ],
)
def test_what_a_deployment_needs(
    spec: dict[str, Any], rules: list[SelectRule], gone: set[ItemId]
) -> None:
    assert dependencies(rules=rules, **spec).closure([WEB_ID]) == NEEDS - gone


def test_a_custom_resource_brings_its_definition() -> None:
    cache = ItemId("caches.x.io", "shop", "c")
    assert dependencies().closure([cache]) == {cache, ItemId(CRD, "", "caches.x.io")}


def test_other_namespaces_are_reached_where_the_filter_lets_them() -> None:
    binding = obj(
        "ClusterRoleBinding",
        "b",
        api="rbac.authorization.k8s.io/v1",
        roleRef={"kind": "ClusterRole", "name": "r"},
        subjects=[{"kind": "ServiceAccount", "name": "sa", "namespace": "bank"}],
    )
    items = [binding, obj("ServiceAccount", "sa", "bank"), obj("ServiceAccount", "sa", "shop")]
    start = ItemId("clusterrolebindings.rbac.authorization.k8s.io", "", "b")
    wanted = ItemId("serviceaccounts", "bank", "sa")
    assert wanted in dependencies(items).closure([start])
    assert dependencies(items, excluded_namespaces=["bank"]).closure([start]) == {start}


def test_what_cannot_be_read_is_taken_and_leads_nowhere() -> None:
    catalog = MemoryCatalog([config_map("a")], raw={("deployments.apps", "shop", "web"): b"{"})
    scope = scope_of(RestoreSpec(), api_of(), namespace_filter(RestoreSpec(), catalog, safe=True))
    found = Dependencies(BackupIndex(catalog, {}, api_of()), scope, None).closure([WEB_ID])
    assert found == {WEB_ID}


@pytest.mark.parametrize(
    ("spec", "rules", "reasons"),
    [
        ({}, [], {"settings": "not_selected", "gone": "not_in_backup"}),
        ({"excluded_resources": ["cm"]}, [], {"settings": "resource_excluded"}),
        ({"excluded_namespaces": ["shop"]}, [], {"settings": "namespace_excluded"}),
        (
            {},
            [SelectRule(names=("settings",), include=False)],
            {"settings": "excluded_by_rule", "gone": "not_in_backup"},
        ),
    ],
)
def test_what_is_left_dangling_and_why(
    spec: dict[str, Any], rules: list[SelectRule], reasons: dict[str, str]
) -> None:
    found = left_dangling([WEB_ID], dependencies(rules=rules, **spec))
    told = {entry.target.name: entry.reason for entry in found}
    assert reasons.items() <= told.items()
    assert "default" not in told


def test_cluster_scoped_objects_that_are_left_out() -> None:
    claim = obj("PersistentVolumeClaim", "d", "shop", spec={"storageClassName": "fast"})
    catalog = MemoryCatalog([claim], raw={("storageclasses.storage.k8s.io", "", "fast"): b"{}"})
    wanted = RestoreSpec(include_cluster_resources=False)
    scope = scope_of(wanted, api_of(), namespace_filter(wanted, catalog, safe=True))
    needs = Dependencies(BackupIndex(catalog, {}, api_of()), scope, None)
    (entry,) = left_dangling([ItemId("persistentvolumeclaims", "shop", "d")], needs)
    assert entry.reason == "cluster_scoped"


def test_how_it_is_told() -> None:
    items = [deployment(f"d{at:02}", containers=env_from("a")) for at in range(12)]
    chosen = [ItemId("deployments.apps", "shop", f"d{at:02}") for at in range(12)]
    (entry,) = left_dangling(chosen, dependencies([*items, config_map("a")]))
    field = "spec.template.spec.containers[c].envFrom"
    told = entry.to_dict()
    assert told["id"] == "configmaps/shop/a"
    assert told["reason"] == "not_selected"
    assert told["referrer_count"] == 12
    assert [one["id"] for one in told["referrers"]] == [
        f"deployments.apps/shop/d{at:02}" for at in range(10)
    ]
    assert {one["field"] for one in told["referrers"]} == {field}
    assert in_words(entry) == (
        "deployments.apps/shop/d00 and 11 more refer to configmaps/shop/a "
        f"({field}), which is not restored (not_selected) and not in the cluster."
    )
    entry.referrers = entry.referrers[:1]
    assert re.match(r"deployments.apps/shop/d00 refers to ", in_words(entry))


def test_optional_references_are_followed_but_never_dangle() -> None:
    optional = [{"configMapRef": {"name": "a", "optional": True}}]
    item = deployment("d", containers=[{"name": "c", "envFrom": optional}])
    chosen = ItemId("deployments.apps", "shop", "d")
    needs = dependencies([item, config_map("a")])
    assert left_dangling([chosen], needs) == []
    assert needs.closure([chosen]) == {chosen, ItemId("configmaps", "shop", "a")}


# ------------------------------------------------------------------ algebra

NODES = "abcdef"
GRAPHS = st.dictionaries(st.sampled_from(NODES), st.sets(st.sampled_from(NODES + "x")))
ROOTS = st.sets(st.sampled_from(NODES))


class Graph(Dependencies):
    """Any references, cycles among them; `x` is not there."""

    def __init__(self, edges: dict[str, set[str]]) -> None:
        self._edges = edges

    def references(self, item: ItemId) -> Iterator[Reference]:
        for name in sorted(self._edges.get(item.name, ())):
            yield Reference(node(name), "field")

    def left_out(self, item: ItemId) -> str:
        return "not_in_backup" if item.name == "x" else ""


def node(name: str) -> ItemId:
    return ItemId("nodes", "", name)


def closure(edges: dict[str, set[str]], roots: Iterable[str]) -> set[str]:
    return {item.name for item in Graph(edges).closure(map(node, roots))}


@examples()
@given(GRAPHS, ROOTS)
def test_a_closure_holds_what_can_be_reached_and_nothing_else(
    edges: dict[str, set[str]], roots: set[str]
) -> None:
    reached = set(roots)
    for _round in NODES:
        reached |= {other for name in reached for other in edges.get(name, ())} - {"x"}
    found = closure(edges, roots)
    assert found == reached
    assert closure(edges, found) == found
    missing = {entry.target.name for entry in left_dangling(map(node, found), Graph(edges))}
    assert missing == {"x" for name in found if "x" in edges.get(name, ())}


@examples()
@given(GRAPHS, GRAPHS, ROOTS, ROOTS)
def test_more_roots_and_more_references_reach_more(
    edges: dict[str, set[str]], more: dict[str, set[str]], roots: set[str], others: set[str]
) -> None:
    both = {name: edges.get(name, set()) | more.get(name, set()) for name in NODES}
    assert closure(edges, roots) <= closure(edges, roots | others)
    assert closure(edges, roots) <= closure(both, roots)
    assert closure(edges, roots | others) == closure(edges, roots) | closure(edges, others)
