# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.refinement import OrderRules
from ansible_collections.velero.core.plugins.module_utils.model.request import Priorities
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.plan.definitions import CRD_GR
from ansible_collections.velero.core.plugins.module_utils.plan.order import ordered_resources
from ansible_collections.velero.core.plugins.module_utils.plan.resource_names import ResourceNames
from ansible_collections.velero.core.plugins.module_utils.plan.resource_order import (
    ResourceOrder,
    shortest_cycle,
    stable_order,
)
from tests.support.builders import api_of, examples

DEFAULT = [CRD_GR, "namespaces", "secrets", "pods", "services", "a.x.io", "b.x.io", "jobs.batch"]


def order_of(
    rules: OrderRules, default: list[str] | None = None, api: ApiResources | None = None
) -> list[str]:
    default = DEFAULT if default is None else default
    return ResourceOrder(rules, ResourceNames(api or api_of(), default)).arrange(default)


def before(*pairs: str) -> OrderRules:
    sides = [pair.split(" < ") for pair in pairs]
    return OrderRules(before=tuple((first, then) for first, then in sides))


@pytest.mark.parametrize(
    ("rules", "order"),
    [
        (OrderRules(), "secrets pods services a.x.io b.x.io jobs.batch"),
        (before("secrets < pods"), "secrets pods services a.x.io b.x.io jobs.batch"),
        (before("services < pods"), "secrets services pods a.x.io b.x.io jobs.batch"),
        (before("jobs.batch < a.x.io"), "secrets pods services jobs.batch a.x.io b.x.io"),
        (before("Job < a.x.io"), "secrets pods services jobs.batch a.x.io b.x.io"),
        (before("job < a"), "secrets pods services jobs.batch a.x.io b.x.io"),
        (before("job < *.x.io"), "secrets pods services jobs.batch a.x.io b.x.io"),
        (before("*.x.io < po"), "secrets a.x.io b.x.io pods services jobs.batch"),
        (before("b < a", "job < b"), "secrets pods services jobs.batch b.x.io a.x.io"),
        (before("a.x.io < *.x.io"), "secrets pods services a.x.io b.x.io jobs.batch"),
        (before("b.x.io < *.x.io"), "secrets pods services b.x.io a.x.io jobs.batch"),
        (OrderRules(first=("b", "po")), "b.x.io pods secrets services a.x.io jobs.batch"),
        (OrderRules(last=("po", "secrets")), "services a.x.io b.x.io jobs.batch pods secrets"),
        (
            OrderRules(first=("*.x.io", "b.x.io")),
            "a.x.io b.x.io secrets pods services jobs.batch",
        ),
        (
            OrderRules(last=("*.x.io", "a.x.io")),
            "secrets pods services jobs.batch b.x.io a.x.io",
        ),
        (
            OrderRules(first=("svc",), last=("secrets",), before=(("job", "po"),)),
            "services jobs.batch pods a.x.io b.x.io secrets",
        ),
        (OrderRules(first=("crd", "ns", "svc")), "services secrets pods a.x.io b.x.io jobs.batch"),
        (before("configmaps < pods"), "secrets pods services a.x.io b.x.io jobs.batch"),
        (before("pods < cm", "cm < secrets"), "pods secrets services a.x.io b.x.io jobs.batch"),
    ],
)
def test_rules_are_added_to_the_default(rules: OrderRules, order: str) -> None:
    assert order_of(rules) == [CRD_GR, "namespaces", *order.split()]


@pytest.mark.parametrize(
    ("rules", "cycle"),
    [
        (before("po < po"), "pods → pods"),
        (before("a < b", "b < a"), "a.x.io → b.x.io → a.x.io"),
        (before("a < b", "b < po", "po < a"), "a.x.io → b.x.io → pods → a.x.io"),
        (before("secrets < ns"), "namespaces → secrets → namespaces"),
        (before("a < crd"), f"a.x.io → {CRD_GR} → a.x.io"),
        (before("ns < crd"), f"{CRD_GR} → namespaces → {CRD_GR}"),
        (OrderRules(first=("secrets", "ns")), "namespaces → secrets → namespaces"),
        (OrderRules(first=("po",), last=("po",)), "pods → pods"),
        (OrderRules(first=("po",), before=(("a", "po"),)), "a.x.io → pods → a.x.io"),
        (OrderRules(last=("po",), before=(("po", "a"),)), "a.x.io → pods → a.x.io"),
        (before("cm < job", "job < cm"), "configmaps → jobs.batch → configmaps"),
    ],
)
def test_a_cycle_is_refused_and_printed(rules: OrderRules, cycle: str) -> None:
    with pytest.raises(RequestError, match="ordering resources") as caught:
        order_of(rules)
    assert caught.value.why == f"the rules contradict each other: {cycle}"


def test_names_that_mean_nothing_are_told_and_do_nothing() -> None:
    rules = OrderRules(first=("foos",), last=("*.none",), before=(("pods", "bars"),))
    order = ResourceOrder(rules, ResourceNames(api_of(), DEFAULT))
    assert order.unknown == ("foos", "*.none", "bars")
    assert order.arrange(DEFAULT) == DEFAULT


NODES = list("abcdefgh")
EDGES = st.sets(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=12)


def has_cycle(edges: set[tuple[str, str]]) -> bool:
    """By taking away what nothing comes before, as long as there is any."""
    left = set(NODES)
    while True:
        free = {node for node in left if not any(b == node and a in left for a, b in edges)}
        if not free:
            return bool(left)
        left -= free


@examples()
@given(st.permutations(NODES), EDGES)
def test_the_order_keeps_all_edges_and_a_cycle_is_always_found(
    default: list[str], edges: set[tuple[str, str]]
) -> None:
    predecessors = {node: {a for a, b in edges if b == node} for node in NODES}
    order = stable_order(default, predecessors)
    cycle = shortest_cycle(predecessors)
    if has_cycle(edges):
        assert order is None
        assert cycle[0] == cycle[-1] and len(cycle) > 1
        assert all(pair in edges for pair in pairwise(cycle))
        return
    assert cycle == []
    assert order is not None
    assert sorted(order) == NODES
    assert all(order.index(a) < order.index(b) for a, b in edges)


@examples()
@given(st.permutations(NODES), EDGES)
def test_an_order_that_keeps_all_rules_is_left_alone(
    default: list[str], edges: set[tuple[str, str]]
) -> None:
    kept = {(a, b) for a, b in edges if default.index(a) < default.index(b)}
    predecessors = {node: {a for a, b in kept if b == node} for node in NODES}
    assert stable_order(default, predecessors) == default


@examples()
@given(st.permutations(NODES), st.sampled_from(list(combinations(NODES, 2))))
def test_one_rule_moves_one_resource(default: list[str], edge: tuple[str, str]) -> None:
    order = stable_order(default, {node: {edge[0]} if node == edge[1] else set() for node in NODES})
    assert order is not None
    assert [node for node in order if node != edge[0]] == [
        node for node in default if node != edge[0]
    ]


def test_the_default_lists_keep_their_place() -> None:
    """Adding a rule takes nothing out of the default list, as Velero's flag does."""
    in_backup = ["deployments.apps", "caches.x.io", "secrets", "pods", "persistentvolumeclaims"]
    listed = ordered_resources(Priorities(), in_backup)
    default = list(dict.fromkeys(api_of().resolve_group_resource(name) for name in listed))
    order = order_of(before("deployments.apps < caches.x.io"), default)
    assert sorted(order) == sorted(default)
    moved = "deployments.apps"
    assert [gr for gr in order if gr != moved] == [gr for gr in default if gr != moved]
    assert order.index(moved) == order.index("caches.x.io") - 1
