# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference sections 2.13 and 3: namespaces that are missing, terminating, mapped or refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Manifest, MemoryCatalog, config_map, obj
from tests.support.contract import SAFE, STRICT, both_modes, restore
from tests.support.fake_cluster import FakeCluster, api_error, obj_namespace

X = config_map("x")
TERMINATING = obj("Namespace", "shop", status={"phase": "Terminating"})
TIMED_OUT = (
    "timed out waiting for terminating namespace shop to disappear before restoring: context "
    "deadline exceeded"
)
NEAR = {"shop": "near"}


def namespace_made(items: Any, mode: str) -> Any:
    seen = restore(items, mode=mode, namespace_mapping=NEAR)
    body = seen.bodies("create")[0]
    assert body["kind"] == "Namespace"
    return body


# ------------------------------------------------------------------ 3.1


@both_modes
@pytest.mark.parametrize("raw", [None, b"{"], ids=["missing", "invalid"])
def test_3_1_without_one_in_the_backup_it_is_bare(mode: str, raw: bytes | None) -> None:
    catalog = MemoryCatalog([X], raw={("namespaces", "", "shop"): raw} if raw else {})
    seen = restore(catalog, mode=mode, namespace_mapping=NEAR, excluded_resources=["namespaces"])
    body = seen.bodies("create")[0]
    assert body["metadata"] == {"name": "near"}
    assert not body["spec"]


@both_modes
def test_3_1_labels_annotations_and_spec_under_the_new_name(mode: str) -> None:
    home = obj(
        "Namespace",
        "shop",
        labels={"a": "b"},
        annotations={"c": "d"},
        meta={"finalizers": ["f"], "ownerReferences": [{}], "uid": "u"},
        spec={"finalizers": ["kubernetes"]},
        status={"phase": "Active"},
    )
    assert namespace_made([home, X], mode) == {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "near", "labels": {"a": "b"}, "annotations": {"c": "d"}},
        "spec": {"finalizers": ["kubernetes"]},
    }


# ------------------------------------------------------------------ 3.2


@both_modes
def test_3_2_row_404_creates(mode: str) -> None:
    seen = restore([X], mode=mode, cluster=FakeCluster())
    assert seen.requests[:2] == ["get namespaces/shop", "create namespaces/shop"]
    assert seen.listed["v1/Namespace"] == ["shop(created)"]


@both_modes
def test_3_2_row_another_error_fails(mode: str) -> None:
    cluster = FakeCluster(obj_namespace("shop"))
    cluster.fail("get", "namespaces", "shop", error=api_error("Forbidden", "no"))
    seen = restore([X], mode=mode, cluster=cluster)
    assert seen.errors == {"velero": ["error getting namespace shop: no"]}
    assert not seen.writes
    assert not seen.listed


@pytest.mark.parametrize(("mode", "errors"), [(SAFE, 1), (STRICT, 2)])
@pytest.mark.parametrize(
    "home",
    [
        TERMINATING,
        obj("Namespace", "shop", meta={"deletionTimestamp": "2026-01-01T00:00:00Z"}),
    ],
    ids=["phase", "deletion-timestamp"],
)
def test_3_2_row_terminating_is_waited_for(mode: str, errors: int, home: Manifest) -> None:
    seen = restore(
        [X, config_map("y")],
        mode=mode,
        cluster=FakeCluster(home),
        settings={"terminating_resource_timeout": 3},
    )
    assert seen.errors == {"velero": [TIMED_OUT] * errors}
    assert seen.cluster.clock.slept == [1.0, 1.0, 1.0]
    assert seen.phase == "PartiallyFailed"


@both_modes
def test_3_2_row_terminating_and_then_gone_creates(mode: str) -> None:
    cluster = FakeCluster(TERMINATING)

    def vanish() -> None:
        if len(cluster.clock.slept) == 2:
            del cluster.objects["namespaces", "", "shop"]

    cluster.clock.on_sleep = vanish
    seen = restore([X], mode=mode, cluster=cluster)
    assert seen.writes == ["create namespaces/shop", "create configmaps/shop/x"]
    assert seen.silent


@both_modes
def test_3_2_row_healthy_is_left_untouched(mode: str) -> None:
    home = obj("Namespace", "shop", labels={"a": "backup"})
    seen = restore([home, X], mode=mode, existing_resource_policy="update")
    assert seen.writes == ["create configmaps/shop/x"]
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}


@both_modes
@pytest.mark.parametrize(
    ("found", "error"),
    [
        (obj_namespace("shop"), None),
        (TERMINATING, "namespace shop created and marked for termination after timeout"),
    ],
    ids=["healthy", "terminating"],
)
def test_3_2_created_by_somebody_else_meanwhile(
    mode: str, found: Manifest, error: str | None
) -> None:
    cluster = FakeCluster(found)
    cluster.fail("get", "namespaces", "shop", error=api_error("NotFound"), times=1)
    seen = restore([X], mode=mode, cluster=cluster)
    assert seen.errors == ({"velero": [error]} if error else {})
    assert ("create configmaps/shop/x" in seen.writes) is (error is None)
    assert "v1/Namespace" not in seen.listed


@both_modes
def test_3_2_a_refused_creation_fails_each_of_its_items(mode: str) -> None:
    cluster = FakeCluster()
    cluster.fail("create", "namespaces", error=api_error("Forbidden", "no"))
    seen = restore([X, config_map("y")], mode=mode, cluster=cluster)
    assert seen.errors == {"velero": ["error creating namespace shop: no"] * 2}
    assert not seen.listed


# ------------------------------------------------------------------ 3.3 and 2.13


@both_modes
def test_3_3_existing_ones_are_not_listed_and_created_ones_count(mode: str) -> None:
    seen = restore([X, config_map("x", "far")], mode=mode)
    assert seen.listed["v1/Namespace"] == ["far(created)"]
    assert seen.report.restore["status"]["progress"] == {"totalItems": 3, "itemsRestored": 3}


@both_modes
@pytest.mark.parametrize(
    "spec",
    [
        {"excluded_resources": ["namespaces"]},
        {"label_selector": {"matchLabels": {"in": "yes"}}},
    ],
    ids=["excluded", "filtered-by-label"],
)
def test_3_3_on_demand_in_any_case(mode: str, spec: dict[str, Any]) -> None:
    items = [obj("Namespace", "far", annotations={"a": "b"}), config_map("x", "far")]
    items[1]["metadata"]["labels"] = {"in": "yes"}
    seen = restore(items, mode=mode, **spec)
    assert seen.writes == ["create namespaces/far", "create configmaps/far/x"]
    assert seen.cluster.see("namespaces", "", "far")["metadata"]["annotations"] == {"a": "b"}


@both_modes
def test_2_13_step_1_a_namespace_is_mapped_itself(mode: str) -> None:
    seen = restore([obj("Namespace", "shop")], mode=mode, namespace_mapping=NEAR)
    assert seen.writes == ["create namespaces/near"]
    assert seen.listed == {"v1/Namespace": ["near(created)"]}


@both_modes
def test_2_13_step_2_an_error_and_the_next_item_goes_on(mode: str) -> None:
    cluster = FakeCluster(obj_namespace("shop"))
    cluster.fail("get", "namespaces", "far", error=api_error("Forbidden", "no"))
    seen = restore([config_map("x", "far"), X], mode=mode, cluster=cluster)
    assert seen.errors == {"velero": ["error getting namespace far: no"]}
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}


@both_modes
def test_2_13_step_4_says_how_far_it_is(mode: str) -> None:
    seen = restore([X, config_map("y")], mode=mode)
    tail = "(estimate will change throughout the restore)"
    told = [text for text in seen.log if text.startswith("Restored ")]
    assert told == [
        f"Restored 1 items out of an estimated total of 2 {tail}",
        f"Restored 2 items out of an estimated total of 2 {tail}",
    ]
