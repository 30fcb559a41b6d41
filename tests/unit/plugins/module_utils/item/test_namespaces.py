# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.namespaces import (
    NamespaceKeeper,
    NamespaceState,
    is_terminating,
    namespace_object,
)
from ansible_collections.velero.core.plugins.module_utils.item.resume import EarlierRun
from tests.support.builders import MemoryCatalog, obj
from tests.support.fake_clock import FakeClock
from tests.support.fake_cluster import FakeCluster, api_error

TERMINATING = obj("Namespace", "shop", status={"phase": "Terminating"})
TIMED_OUT = (
    "timed out waiting for terminating namespace shop to disappear before restoring: context "
    "deadline exceeded"
)


def keeper(
    cluster: FakeCluster, timeout: float = 600, since: float | None = None
) -> NamespaceKeeper:
    return NamespaceKeeper(
        cluster, cluster.clock, MemoryCatalog(), timeout, EarlierRun("r1", since)
    )


# ------------------------------------------------------------------ 3.1


@pytest.mark.parametrize(
    ("saved", "made"),
    [
        pytest.param(None, {}, id="missing"),
        pytest.param(b"{", {}, id="invalid"),
        pytest.param(b"[]", {}, id="no-object"),
        pytest.param({"metadata": None}, {}, id="no-metadata"),
        pytest.param({"metadata": "text"}, {}, id="odd-metadata"),
        pytest.param(
            {
                "metadata": {
                    "name": "shop",
                    "labels": {"a": "b"},
                    "annotations": {"c": "d"},
                    "finalizers": ["f"],
                    "ownerReferences": [{}],
                    "uid": "u",
                },
                "spec": {"finalizers": ["kubernetes"]},
                "status": {"phase": "Active"},
            },
            {
                "metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}},
                "spec": {"finalizers": ["kubernetes"]},
            },
            id="labels-annotations-spec",
        ),
    ],
)
def test_3_1_the_object_to_create(saved: Any, made: dict[str, Any]) -> None:
    catalog = MemoryCatalog()
    if isinstance(saved, bytes):
        catalog = MemoryCatalog(raw={("namespaces", "", "shop"): saved})
    elif saved is not None:
        catalog = MemoryCatalog(versions={("namespaces", "", "", "shop"): saved})
    assert namespace_object(catalog, "shop", "shop2") == {
        "apiVersion": "v1",
        "kind": "Namespace",
        "spec": {},
        **made,
        "metadata": {"name": "shop2", **made.get("metadata", {})},
    }


# ------------------------------------------------------------------ 3.2


def test_3_2_missing_is_created() -> None:
    cluster = FakeCluster()
    keeping = keeper(cluster)
    assert keeping.needs("shop")
    assert keeping.ensure("shop", "shop").created
    assert cluster.said("get", "create") == ["get namespaces/shop", "create namespaces/shop"]
    assert keeping.is_new("shop")
    assert not keeping.needs("shop")


def test_3_2_existing_is_left_untouched() -> None:
    cluster = FakeCluster(obj("Namespace", "shop"))
    keeping = keeper(cluster)
    assert keeping.ensure("shop", "shop") == NamespaceState()
    assert not cluster.writes
    assert not keeping.is_new("shop")


def test_3_2_one_of_a_cut_off_run_counts_as_created_but_may_hold_objects() -> None:
    cluster = FakeCluster(obj("Namespace", "shop"))
    keeping = keeper(cluster, since=cluster.clock.now())
    assert keeping.ensure("shop", "shop").created
    assert not keeping.is_new("shop")


@pytest.mark.parametrize(
    ("found", "terminating"),
    [
        ({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}, True),
        ({"status": {"phase": "Terminating"}}, True),
        ({"metadata": {}, "status": {"phase": "Active"}}, False),
        ({}, False),
    ],
)
def test_3_2_terminating(found: dict[str, Any], terminating: bool) -> None:
    assert is_terminating(found) is terminating


def test_3_2_terminating_is_waited_for_and_then_created() -> None:
    clock = FakeClock()
    cluster = FakeCluster(TERMINATING, clock=clock)

    def vanish() -> None:
        if len(clock.slept) == 3:
            del cluster.objects["namespaces", "", "shop"]

    clock.on_sleep = vanish
    assert keeper(cluster).ensure("shop", "shop").created
    assert clock.slept == [1, 1, 1]


def test_3_2_terminating_too_long_is_waited_for_once() -> None:
    cluster = FakeCluster(TERMINATING)
    keeping = keeper(cluster, timeout=10)
    for _look in range(3):
        state = keeping.ensure("shop", "shop")
        assert (state.error, state.terminating) == (TIMED_OUT, True)
        assert keeping.needs("shop")
    assert len(cluster.clock.slept) == 10


def test_3_2_a_plan_waits_for_nothing() -> None:
    cluster = FakeCluster(TERMINATING)
    assert keeper(cluster, timeout=0).ensure("shop", "shop").error == TIMED_OUT
    assert not cluster.clock.slept


@pytest.mark.parametrize(
    ("verb", "text"),
    [
        ("get", "error getting namespace shop: not yours"),
        ("create", "error creating namespace shop: not yours"),
    ],
)
def test_3_2_refused(verb: str, text: str) -> None:
    cluster = FakeCluster()
    cluster.fail(verb, error=api_error("Forbidden", "not yours"))
    keeping = keeper(cluster)
    assert keeping.ensure("shop", "shop") == NamespaceState(error=text)
    assert keeping.needs("shop"), "the next item tries again"


@pytest.mark.parametrize(
    ("existing", "error"),
    [
        (obj("Namespace", "shop"), ""),
        (TERMINATING, "namespace shop created and marked for termination after timeout"),
    ],
)
def test_3_2_created_by_another_in_between(existing: dict[str, Any], error: str) -> None:
    cluster = FakeCluster(existing)
    cluster.fail("get", error=api_error("NotFound"), times=1)
    state = keeper(cluster).ensure("shop", "shop")
    assert (state.created, state.error) == (False, error)


def test_3_2_created_by_another_and_gone_again() -> None:
    cluster = FakeCluster(obj("Namespace", "shop"))
    cluster.fail("get", error=api_error("NotFound", "gone"))
    assert keeper(cluster).ensure("shop", "shop").error == "error getting namespace shop: gone"
