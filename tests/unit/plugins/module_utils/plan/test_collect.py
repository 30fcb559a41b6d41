# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.model.refinement import SelectRule
from ansible_collections.velero.core.plugins.module_utils.model.request import Priorities
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.model.selectors import compile_selector
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.plan.collect import (
    CRD_PRIORITIES,
    Collection,
    Collector,
)
from ansible_collections.velero.core.plugins.module_utils.plan.namespaces import namespace_filter
from ansible_collections.velero.core.plugins.module_utils.plan.references.contract import ItemId
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
    gr_of,
    obj,
)

RBAC = "rbac.authorization.k8s.io/v1"


class Collecting:
    """One collector and what it logs."""

    def __init__(
        self,
        catalog: MemoryCatalog,
        spec: RestoreSpec,
        *,
        api: ApiResources | None = None,
        versions: dict[str, str] | None = None,
        **narrowed: Any,
    ) -> None:
        self.api = api or api_of()
        self.log: list[str] = []
        self.collector = Collector(
            catalog,
            scope_of(spec, self.api, namespace_filter(spec, catalog, safe=True)),
            versions or {},
            compile_selector(spec.label_selector),
            [compile_selector(one) for one in spec.or_label_selectors or []],
            lambda level, text: self.log.append(text),
            **narrowed,
        )

    def __call__(self, *high: str, low: Sequence[str] = (), **options: Any) -> Collection:
        priorities = Priorities(high=high, low=tuple(low))
        return self.collector.collect(self.api, priorities, **{"include_others": True, **options})


def ids(collection: Collection) -> list[str]:
    return [
        "/".join(part for part in (item.gr, item.namespace, item.name) if part)
        for entry in collection.resources
        for item in entry.items
    ]


def collect(
    items: Sequence[Manifest], spec: RestoreSpec | None = None, *high: str, **options: Any
) -> list[str]:
    return ids(Collecting(MemoryCatalog(items), spec or RestoreSpec())(*high, **options))


def test_rules_and_members_spare_reading() -> None:
    catalog = MemoryCatalog([config_map(f"c{at}") for at in range(50)])
    names = ResourceNames(api_of(), ["configmaps"])
    rules = SelectRules([SelectRule(names=("c1*",))], names)
    collecting = Collecting(catalog, RestoreSpec(), rules=rules)
    assert len(ids(collecting())) == 11
    assert len(catalog.reads) == 11
    members = {ItemId("configmaps", "shop", "c7")}
    collecting = Collecting(catalog, RestoreSpec(), members=members)
    assert ids(collecting()) == ["configmaps/shop/c7"]
    assert len(catalog.reads) == 12


UPLOAD = obj("DataUpload", "u", "velero", api="velero.io/v2alpha1")
CONTENT = obj("VolumeSnapshotContent", "v", api="snapshot.storage.k8s.io/v1")


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        (None, ["datauploads.velero.io/velero/u", f"{gr_of(CONTENT)}/v"]),
        (["cm"], ["datauploads.velero.io/velero/u"]),
        ([gr_of(CONTENT)], ["datauploads.velero.io/velero/u", f"{gr_of(CONTENT)}/v"]),
    ],
    ids=["no-rules", "of-others", "by-name"],
)
def test_what_passes_filters_and_rules(rules: list[str] | None, wanted: list[str]) -> None:
    catalog = MemoryCatalog([UPLOAD, CONTENT])
    names = ResourceNames(api_of(), catalog.group_resources())
    compiled = SelectRules([SelectRule(kinds=tuple(rules))], names) if rules else None
    spec = RestoreSpec(label_selector={"matchLabels": {"a": "b"}})
    assert sorted(ids(Collecting(catalog, spec, rules=compiled)())) == sorted(wanted)


ITEMS = [
    config_map("b", "shop"),
    config_map("a", "shop"),
    config_map("a", "bank"),
    obj("Pod", "p", "shop", labels={"app": "web"}),
    obj("ClusterRole", "r", api=RBAC),
    obj("Deployment", "d", "shop", api="apps/v1"),
]


def test_2_10_resources_by_priority_then_by_name() -> None:
    assert collect(ITEMS, None, "pods", low=["configmaps"]) == [
        "pods/shop/p",
        "clusterroles.rbac.authorization.k8s.io/r",
        "deployments.apps/shop/d",
        "configmaps/bank/a",
        "configmaps/shop/a",
        "configmaps/shop/b",
    ]


def test_2_10_one_entry_per_resource_and_namespace() -> None:
    found = Collecting(MemoryCatalog(ITEMS), RestoreSpec())()
    assert [(entry.gr, entry.namespace, len(entry.items)) for entry in found.resources] == [
        ("clusterroles.rbac.authorization.k8s.io", "", 1),
        ("configmaps", "bank", 1),
        ("configmaps", "shop", 2),
        ("deployments.apps", "shop", 1),
        ("pods", "shop", 1),
    ]
    assert found.total_items == 6


def test_2_8_a_short_name_and_the_canonical_one_are_one_resource() -> None:
    assert collect(ITEMS[:4], None, "cm", "po")[0] == "configmaps/bank/a"
    assert len(collect(ITEMS, None, "clusterroles", "cm", "configmaps")) == len(ITEMS)


def test_2_10_what_discovery_does_not_know_is_kept() -> None:
    collecting = Collecting(MemoryCatalog([obj("Foo", "f", "shop", api="g.io/v1")]), RestoreSpec())
    assert ids(collecting()) == ["foos.g.io/shop/f"]
    assert "resource cannot be resolved via discovery" in collecting.log


def test_2_10_an_excluded_resource_is_not_processed_and_may_come_later() -> None:
    collecting = Collecting(MemoryCatalog(ITEMS), RestoreSpec(excluded_resources=["pods"]))
    found = collecting()
    assert "pods" not in found.processed
    assert "Skipping restore of resource because the restore spec excludes it" in collecting.log


def test_2_10_a_resource_without_items_is_processed() -> None:
    collecting = Collecting(MemoryCatalog(empty=["pods"]), RestoreSpec())
    assert collecting().processed == {"pods"}


@pytest.mark.parametrize(
    ("spec", "gone"),
    [
        ({"included_resources": ["po"]}, {"cm", "role", "deploy"}),
        ({"excluded_resources": ["po"]}, {"pod"}),
        ({"excluded_resources": ["deploy.apps", "*.rbac.*"]}, {"deploy", "role"}),
        ({"included_namespaces": ["bank"]}, {"shop", "pod", "role", "deploy"}),
        ({"excluded_namespaces": ["shop"]}, {"shop", "pod", "role", "deploy"}),
        ({"excluded_namespaces": ["sh*"]}, {"shop", "pod", "role", "deploy"}),
    ],
    ids=["included", "excluded", "globs", "namespace", "no-namespace", "wildcard"],
)
def test_2_10_filters(spec: dict[str, list[str]], gone: set[str]) -> None:
    names = {
        "pods/shop/p": "pod",
        "deployments.apps/shop/d": "deploy",
        "clusterroles.rbac.authorization.k8s.io/r": "role",
        "configmaps/bank/a": "cm",
    }
    found = collect(ITEMS, RestoreSpec(**spec))  # type: ignore[arg-type]
    for identity, short in names.items():
        assert (identity in found) is (short not in gone), identity
    assert ("configmaps/shop/a" in found) is not bool(gone & {"cm", "shop"})


# Reference section 2.12: includeClusterResources against the namespace filter.
@pytest.mark.parametrize(
    ("include_cluster_resources", "namespaces", "collected"),
    [
        (True, {}, True),
        (True, {"included_namespaces": ["shop"]}, True),
        (True, {"excluded_namespaces": ["shop"]}, True),
        (None, {}, True),
        (None, {"included_namespaces": ["*"]}, True),
        (None, {"included_namespaces": ["shop"]}, False),
        (None, {"excluded_namespaces": ["shop"]}, False),
        (None, {"excluded_namespaces": ["other"]}, False),
        (None, {"included_namespaces": ["sh*"]}, False),
        (None, {"included_namespaces": ["no-*"]}, False),
        (False, {}, False),
        (False, {"included_namespaces": ["shop"]}, False),
    ],
)
@pytest.mark.parametrize("kind", ["ClusterRole", "VolumeSnapshotContent"])
def test_2_12_include_cluster_resources(
    include_cluster_resources: bool | None,
    namespaces: dict[str, list[str]],
    collected: bool,
    kind: str,
) -> None:
    api = {"ClusterRole": RBAC, "VolumeSnapshotContent": "snapshot.storage.k8s.io/v1"}[kind]
    spec = RestoreSpec(
        include_cluster_resources=include_cluster_resources,
        **namespaces,  # type: ignore[arg-type]
    )
    collecting = Collecting(MemoryCatalog([obj(kind, "x", api=api), config_map("a")]), spec)
    found = collecting()
    assert any(entry.namespace == "" for entry in found.resources) is collected
    if not collected:
        assert any("cluster-scoped" in text for text in collecting.log)


def test_2_12_the_words_of_the_log() -> None:
    role = [obj("ClusterRole", "r", api=RBAC)]
    gr = gr_of(role[0])
    without = Collecting(MemoryCatalog(role), RestoreSpec(include_cluster_resources=False))
    without()
    assert without.log == [f"Skipping resource {gr} because it's cluster-scoped"]
    some = Collecting(MemoryCatalog(role), RestoreSpec(excluded_namespaces=["a"]))
    some()
    assert some.log == [
        f"Skipping resource {gr} because it's cluster-scoped and only specific namespaces are "
        "included in the restore"
    ]


def test_1_7_must_have_resources_pass_all_filters_and_selectors() -> None:
    upload = obj("DataUpload", "u", "velero", api="velero.io/v2alpha1")
    spec = RestoreSpec(
        included_resources=["pods"],
        included_namespaces=["shop"],
        label_selector={"matchLabels": {"no": "such"}},
    )
    assert collect([upload, *ITEMS], spec) == ["datauploads.velero.io/velero/u"]


@pytest.mark.parametrize(
    ("selector", "either", "found"),
    [
        (None, None, ["bare", "db", "web"]),
        ({"matchLabels": {"app": "web"}}, None, ["web"]),
        ({}, None, ["bare", "db", "web"]),
        (None, [{"matchLabels": {"app": "web"}}, {"matchLabels": {"app": "db"}}], ["db", "web"]),
        (None, [], ["bare", "db", "web"]),
        (None, [{"matchLabels": {"no": "such"}}], []),
    ],
)
def test_2_11_label_selectors(
    selector: dict[str, Any] | None, either: list[dict[str, Any]] | None, found: list[str]
) -> None:
    items = [
        config_map("web", labels={"app": "web"}),
        config_map("db", labels={"app": "db"}),
        config_map("bare"),
    ]
    spec = RestoreSpec(label_selector=selector, or_label_selectors=either)
    assert collect(items, spec) == [f"configmaps/shop/{name}" for name in found]


@pytest.mark.parametrize("metadata", [None, [], "text", {"labels": None}, {"labels": ["a"]}])
def test_2_11_an_item_with_odd_metadata_has_no_labels(metadata: Any) -> None:
    odd = {**config_map("odd"), "metadata": metadata}
    catalog = MemoryCatalog(versions={("configmaps", "", "shop", "odd"): odd})
    spec = RestoreSpec(label_selector={"matchLabels": {"app": "web"}})
    assert ids(Collecting(catalog, spec)()) == []
    found = Collecting(catalog, RestoreSpec())().resources[0].items[0]
    assert (found.name, found.object_name) == ("odd", "odd")


def test_2_11_the_name_is_that_of_the_file() -> None:
    inside = config_map("inside")
    catalog = MemoryCatalog(versions={("configmaps", "", "shop", "file"): inside})
    found = Collecting(catalog, RestoreSpec(namespace_mapping={"shop": "shop2"}))().resources[0]
    item = found.items[0]
    assert (item.name, item.object_name, item.api_kind) == ("file", "inside", "v1/ConfigMap")
    assert (item.namespace, item.target_namespace, found.target_namespace) == (
        *("shop", "shop2", "shop2"),
    )


def test_2_11_a_decode_error_goes_to_the_target_namespace_and_the_rest_goes_on() -> None:
    catalog = MemoryCatalog(
        ITEMS, raw={("configmaps", "shop", "bad"): b"{", ("nodes", "", "bad"): b"{"}
    )
    collecting = Collecting(catalog, RestoreSpec(namespace_mapping={"shop": "shop2"}))
    assert "configmaps/shop/a" in ids(collecting())
    errors = collecting.collector.results.errors
    assert errors.namespaces == {
        "shop2": [
            'error decoding "resources/configmaps/namespaces/shop/bad.json": unexpected end of '
            "JSON input"
        ]
    }
    assert errors.cluster == [
        'error decoding "resources/nodes/cluster/bad.json": unexpected end of JSON input'
    ]


def test_2_7_items_of_a_version_folder() -> None:
    folder = "v1-preferredversion"
    catalog = MemoryCatalog(
        versions={("configmaps", folder, "shop", "x"): config_map("x")}, empty=["configmaps"]
    )
    found = Collecting(catalog, RestoreSpec(), versions={"configmaps": folder})()
    assert [item.version for entry in found.resources for item in entry.items] == [folder]
    assert not Collecting(catalog, RestoreSpec())().resources


def test_2_9_two_passes() -> None:
    collecting = Collecting(MemoryCatalog([*ITEMS, crd()]), RestoreSpec())
    first = collecting.collector.collect(collecting.api, CRD_PRIORITIES, include_others=False)
    assert ids(first) == ["customresourcedefinitions.apiextensions.k8s.io/foos.example.io"]
    second = collecting("pods", start=first)
    assert ids(second)[:2] == [*ids(first), "pods/shop/p"]
    assert len(ids(second)) == 1 + len(ITEMS)
    assert first.total_items == 1, "the first collection stays as it is"


# ------------------------------------------------------------------ properties

KINDS = {
    "ConfigMap": ("v1", True),
    "Pod": ("v1", True),
    "Foo": ("g.io/v1", True),
    "ClusterRole": (RBAC, False),
    "Namespace": ("v1", False),
}
SPACES = ["a", "ab", "b"]
LABELS = st.sampled_from([{}, {"app": "x"}, {"app": "y"}, {"app": "x", "tier": "t"}])


@st.composite
def backups(draw: st.DrawFn) -> list[Manifest]:
    items = {}
    for kind in draw(st.lists(st.sampled_from(sorted(KINDS)), max_size=8)):
        api, namespaced = KINDS[kind]
        namespace = draw(st.sampled_from(SPACES)) if namespaced else ""
        name = draw(st.sampled_from(["n1", "n2"]))
        items[kind, namespace, name] = obj(kind, name, namespace, api=api, labels=draw(LABELS))
    return list(items.values())


def some(*words: str) -> st.SearchStrategy[list[str] | None]:
    return st.none() | st.lists(st.sampled_from(words), max_size=2, unique=True)


SPECS = st.builds(
    RestoreSpec,
    included_resources=some("*", "cm", "pods", "clusterroles", "foos.g.io", "nothing"),
    excluded_resources=some("po", "configmaps", "namespaces", "foos.g.io"),
    included_namespaces=some("*", "a", "a*", "b", "z*"),
    excluded_namespaces=some("ab", "b?", "*b", "z"),
    include_cluster_resources=st.sampled_from([None, True, False]),
    namespace_mapping=st.sampled_from([None, {"a": "t"}, {"a": "b", "b": "a"}]),
    label_selector=st.sampled_from([None, {}, {"matchLabels": {"app": "x"}}]),
    or_label_selectors=st.sampled_from(
        [None, [{"matchLabels": {"app": "y"}}, {"matchLabels": {"tier": "t"}}]]
    ),
)
FULL_NAMES = {"cm": "configmaps", "po": "pods", "clusterroles": gr_of(obj("ClusterRole", api=RBAC))}
GLOBS = {"a*": {"a", "ab"}, "z*": set[str](), "b?": set[str](), "*b": {"ab", "b"}}


def wanted(item: Manifest, spec: RestoreSpec, items: Sequence[Manifest]) -> bool:
    """Whether an item is restored, by sections 2.4 to 2.12 and in no way like the collector."""
    gr, namespace = gr_of(item), item["metadata"].get("namespace", "")
    labels = item["metadata"]["labels"]
    full = [FULL_NAMES.get(name, name) for name in spec.included_resources or ["*"]]
    if gr not in full and "*" not in full:
        return False
    if gr in [FULL_NAMES.get(name, name) for name in spec.excluded_resources or []]:
        return False
    if spec.label_selector and labels.get("app") != "x":
        return False
    if spec.or_label_selectors and labels.get("app") != "y" and labels.get("tier") != "t":
        return False
    includes, excludes = spec.included_namespaces or [], spec.excluded_namespaces or []
    present = {one["metadata"].get("namespace", "") for one in items} - {""}
    expands = bool(includes) and "*" not in includes
    expands = expands and any("*" in one or "?" in one for one in [*includes, *excludes])

    def expanded(names: list[str]) -> set[str]:
        sets = [GLOBS.get(name, {name}) for name in names]
        found = set().union(*sets)
        return {one for one in found if one in present or one in names} if expands else found

    inside, outside = expanded(includes), expanded(excludes)
    if namespace:
        included = not includes or "*" in includes or namespace in inside
        return included and namespace not in outside
    if spec.include_cluster_resources is not None:
        return spec.include_cluster_resources
    no_excludes = not outside if expands else not excludes
    return (not includes or includes == ["*"]) and no_excludes


@examples()
@given(backups(), SPECS)
def test_an_item_is_collected_when_the_specification_says_so(
    items: list[Manifest], spec: RestoreSpec
) -> None:
    before = copy.deepcopy(spec)
    found = collect(items, spec)
    expected = [
        "/".join(part for part in (gr_of(one), one["metadata"].get("namespace"), name) if part)
        for one in items
        for name in [one["metadata"]["name"]]
        if wanted(one, spec, items)
    ]
    assert sorted(found) == sorted(expected)
    assert spec == before


@examples()
@given(backups(), SPECS, st.randoms(), st.permutations(["po", "configmaps", "clusterroles"]))
def test_no_permutation_of_the_inputs_changes_the_collection(
    items: list[Manifest], spec: RestoreSpec, random: Any, high: list[str]
) -> None:
    found = collect(items, spec, *high)
    shuffled = list(items)
    random.shuffle(shuffled)
    for name in ("included_resources", "excluded_resources", "included_namespaces"):
        if getattr(spec, name):
            setattr(spec, name, random.sample(getattr(spec, name), len(getattr(spec, name))))
    assert collect(shuffled, spec, *high) == found
    ranks = [FULL_NAMES.get(name, name) for name in high]
    positions = [
        ranks.index(gr) if gr in ranks else len(ranks)
        for gr in (identity.partition("/")[0] for identity in found)
    ]
    assert positions == sorted(positions), "no priority edge is broken"
