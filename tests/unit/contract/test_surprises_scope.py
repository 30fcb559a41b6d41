# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Surprises (reference section 11) about what is restored and where to: 1 to 8, 51, 53, 56."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
    ExecuteOutput,
    ResourceSelector,
)
from tests.support.builders import MemoryCatalog, config_map, crd, obj
from tests.support.builders_actions import Action, wants
from tests.support.contract import SAFE, STRICT, both_modes, restore
from tests.support.fake_cluster import FakeCluster

CREATED = ("created", "created")
ROLE = obj("ClusterRole", "x", api="rbac.authorization.k8s.io/v1")
MAPPED = {"a": "shop", "b": "shop"}


# ------------------------------------------------------------------ 1 to 5


@pytest.mark.rule("C3")
@pytest.mark.parametrize(("mode", "everything"), [(SAFE, False), (STRICT, True)])
def test_surprise_01_a_wildcard_that_matches_nothing(mode: str, everything: bool) -> None:
    """Rule C3: Velero then restores everything, cluster-scoped items too."""
    seen = restore([config_map("x"), ROLE], mode=mode, included_namespaces=["nomatch-*"])
    assert bool(seen.writes) is everything
    assert set(seen.listed) == (
        {"v1/ConfigMap", "rbac.authorization.k8s.io/v1/ClusterRole"} if everything else set()
    )
    assert seen.phase == "Completed"


@pytest.mark.parametrize(("mode", "everything"), [(SAFE, False), (STRICT, True)])
def test_surprise_02_wildcards_do_not_see_empty_namespaces(mode: str, everything: bool) -> None:
    """As in Velero; what a list that matches nothing means is rule C3."""
    items = [obj("Namespace", "empty-1"), config_map("x")]
    seen = restore(items, mode=mode, included_namespaces=["empty-*"])
    assert ("v1/ConfigMap/shop/x" in seen.fates) is everything
    assert ("create namespaces/empty-1" in seen.writes) is everything
    named = restore(
        items,
        mode=mode,
        included_namespaces=["empty-1", "sho?"],
        include_cluster_resources=True,
    )
    assert named.writes == ["create namespaces/empty-1", "create configmaps/shop/x"]


@both_modes
def test_surprise_03_any_excluded_namespace_turns_cluster_scope_off(mode: str) -> None:
    seen = restore([config_map("x"), ROLE, crd()], mode=mode, excluded_namespaces=["elsewhere"])
    assert seen.writes == ["create configmaps/shop/x"]
    assert (
        "Skipping resource clusterroles.rbac.authorization.k8s.io because it's cluster-scoped and "
        "only specific namespaces are included in the restore" in seen.log
    )


@both_modes
def test_surprise_04_cluster_resources_bring_every_namespace(mode: str) -> None:
    items = [obj("Namespace", "a"), obj("Namespace", "b"), config_map("x", "a"), ROLE]
    seen = restore(items, mode=mode, included_namespaces=["a"], include_cluster_resources=True)
    assert seen.listed == {
        "rbac.authorization.k8s.io/v1/ClusterRole": ["x(created)"],
        "v1/ConfigMap": ["a/x(created)"],
        "v1/Namespace": ["a(created)", "b(created)"],
    }


@both_modes
def test_surprise_05_additional_items_ignore_selectors_and_the_unset_gate(mode: str) -> None:
    """But neither resource and namespace filters nor an explicit false."""
    items = [config_map("x", labels={"a": "b"}), ROLE, obj("Secret", "s", "far")]
    action = Action(wants("clusterroles.rbac.authorization.k8s.io//x", "secrets/far/s"))
    spec: dict[str, Any] = {
        "included_namespaces": ["shop"],
        "label_selector": {"matchLabels": {"a": "b"}},
    }
    seen = restore(items, mode=mode, actions=[action], **spec)
    assert seen.listed == {
        "rbac.authorization.k8s.io/v1/ClusterRole": ["x(created)"],
        "v1/ConfigMap": ["shop/x(created)"],
    }
    off = restore(items, mode=mode, actions=[action], include_cluster_resources=False, **spec)
    assert off.listed == {"v1/ConfigMap": ["shop/x(created)"]}
    filtered = restore(
        items, mode=mode, actions=[action], included_resources=["configmaps"], **spec
    )
    assert filtered.listed == {"v1/ConfigMap": ["shop/x(created)"]}


# ------------------------------------------------------------------ 6


def failing(given: ExecuteInput) -> ExecuteOutput:
    raise ActionError(given.item["metadata"]["namespace"])


@both_modes
def test_surprise_06_filters_look_at_the_source(mode: str) -> None:
    mapping = {"shop": "near"}
    seen = restore(
        [config_map("x")], mode=mode, included_namespaces=["shop"], namespace_mapping=mapping
    )
    assert seen.fates["v1/ConfigMap/near/x"] == CREATED
    none = restore(
        [config_map("x")], mode=mode, included_namespaces=["near"], namespace_mapping=mapping
    )
    assert not none.fates


@both_modes
@pytest.mark.parametrize(("selected", "runs"), [("near", True), ("shop", False)])
def test_surprise_06_actions_are_chosen_by_the_target_and_given_the_source(
    mode: str, selected: str, runs: bool
) -> None:
    """The message is in the target's list and says which namespace the item had."""
    action = Action(failing, selector=ResourceSelector(included_namespaces=(selected,)))
    seen = restore(
        [config_map("x")], mode=mode, actions=[action], namespace_mapping={"shop": "near"}
    )
    text = "error preparing configmaps/near/x: shop"
    assert seen.errors == ({"namespaces": {"near": [text]}} if runs else {})


@both_modes
def test_surprise_06_a_missing_additional_item_warns_in_its_source(mode: str) -> None:
    seen = restore(
        [config_map("x")],
        mode=mode,
        actions=[Action(wants("secrets/shop/s"))],
        namespace_mapping={"shop": "near"},
    )
    assert list(seen.warnings["namespaces"]) == ["shop"]


@both_modes
def test_surprise_06_keys_and_operations_name_the_target(mode: str) -> None:
    seen = restore(
        [config_map("x")],
        mode=mode,
        actions=[Action(wants(operation_id="op"))],
        namespace_mapping={"shop": "near"},
    )
    assert "v1/ConfigMap/near/x" in seen.fates
    (operation,) = seen.store.json("restores/r1/restore-r1-itemoperations.json.gz")
    assert operation["spec"]["resourceIdentifier"]["Namespace"] == "near"


@both_modes
@pytest.mark.parametrize(("home", "kept"), [("shop", False), ("near", True)])
def test_surprise_06_accounts_of_tokens_are_looked_up_in_the_source(
    mode: str, home: str, kept: bool
) -> None:
    """Source name, target cluster."""
    token = obj(
        "Secret",
        "robot-token-x",
        "shop",
        type="kubernetes.io/service-account-token",
        annotations={"kubernetes.io/service-account.name": "robot"},
        data={"token": "dA=="},
    )
    seen = restore(
        [token],
        mode=mode,
        existing=[obj("ServiceAccount", "robot", home)],
        namespace_mapping={"shop": "near"},
    )
    assert ("create secrets/near/robot-token-x" in seen.writes) is kept


# ------------------------------------------------------------------ 7, 8


@pytest.mark.rule("C7")
@pytest.mark.parametrize("policy", ["", "none", "update"])
@pytest.mark.parametrize(
    ("data", "fate"),
    [
        ("1", ("unchanged", "equal")),
        ("2", ("failed", "mapped_namespace_collision")),
    ],
)
def test_surprise_07_two_namespaces_mapped_to_one(
    policy: str, data: str, fate: tuple[str, str]
) -> None:
    """Rule C7: the second is compared with the first, told, and never overwrites it."""
    items = [config_map("x", "a"), config_map("x", "b", data={"a": data})]
    seen = restore(items, namespace_mapping=MAPPED, existing_resource_policy=policy)
    assert seen.outcomes == [
        ("v1/ConfigMap/shop/x", *CREATED),
        ("v1/ConfigMap/shop/x", *fate),
    ]
    assert bool(seen.warnings) is (fate[0] == "failed")
    assert seen.cluster.see("configmaps", "shop", "x")["data"] == {"a": "1"}
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}


@pytest.mark.rule("C7")
def test_surprise_07_two_namespaces_mapped_to_one_strict() -> None:
    items = [config_map("x", "a"), config_map("x", "b", data={"a": "2"})]
    seen = restore(items, mode=STRICT, namespace_mapping=MAPPED)
    assert seen.writes == ["create configmaps/shop/x"]
    assert seen.silent
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}
    assert "Skipping configmaps/shop/x because it's already been restored." in seen.log


@both_modes
def test_surprise_08_names_inside_the_files_count(mode: str) -> None:
    """Labels and identity are those of the content, not of the path."""
    catalog = MemoryCatalog(
        versions={
            ("configmaps", "", "shop", "file-1"): config_map("x", labels={"a": "b"}),
            ("configmaps", "", "shop", "file-2"): config_map("x", labels={"a": "b"}),
            ("configmaps", "", "shop", "file-3"): config_map("y"),
        }
    )
    seen = restore(catalog, mode=mode, label_selector={"matchLabels": {"a": "b"}})
    assert seen.writes == ["create configmaps/shop/x"]
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}
    assert "Skipping configmaps/shop/x because it's already been restored." in seen.log


# ------------------------------------------------------------------ 51, 53, 56


@both_modes
def test_surprise_51_namespaces_are_made_on_demand_and_never_touched(mode: str) -> None:
    ran: list[str] = []

    def note(given: ExecuteInput) -> ExecuteOutput:
        ran.append(given.item["kind"])
        return ExecuteOutput()

    home = obj("Namespace", "shop", labels={"a": "b"}, annotations={"c": "d"})
    seen = restore(
        [home, config_map("x")],
        mode=mode,
        actions=[Action(note)],
        excluded_resources=["namespaces"],
        namespace_mapping={"shop": "near"},
    )
    made = seen.cluster.see("namespaces", "", "near")["metadata"]
    assert made["labels"] == {"a": "b"}, "those of the source, and none of the restore"
    assert made["annotations"] == {"c": "d"}
    assert ran == ["ConfigMap"]
    there = restore([home, config_map("x")], mode=mode, existing_resource_policy="update")
    assert there.writes == ["create configmaps/shop/x"]
    assert "v1/Namespace" not in there.listed


FOO = obj("Foo", "f", "shop", api="example.io/v1")


@pytest.mark.rule("D10")
@pytest.mark.parametrize("name", ["foos", "foo", "foos.example", "FOOS"])
@pytest.mark.parametrize(("mode", "filters"), [(SAFE, True), (STRICT, False)])
def test_surprise_53_short_names_of_kinds_that_the_restore_brings(
    name: str, mode: str, filters: bool
) -> None:
    """Rule D10: in Velero they neither exclude nor include, silently."""
    excluded = restore([crd(), FOO], mode=mode, actions=[], excluded_resources=[name])
    assert ("create foos.example.io/shop/f" in excluded.writes) is not filters
    included = restore(
        [crd(), FOO, config_map("x")],
        mode=mode,
        actions=[],
        included_resources=["customresourcedefinitions", name],
    )
    assert ("create foos.example.io/shop/f" in included.writes) is filters
    assert "create configmaps/shop/x" not in included.writes


@both_modes
def test_surprise_53_full_names_always_filter(mode: str) -> None:
    seen = restore([crd(), FOO], mode=mode, actions=[], excluded_resources=["foos.example.io"])
    assert "create foos.example.io/shop/f" not in seen.writes


def test_surprise_53_what_the_cluster_knows_wins() -> None:
    """A name keeps its meaning when the backup brings another kind of that name."""
    pods = crd("pods", "example.io", "Pod")
    pod = obj("Pod", "p", "shop", api="example.io/v1")
    seen = restore([pods, pod], actions=[], excluded_resources=["pods"])
    assert "create pods.example.io/shop/p" in seen.writes


UPLOAD = obj(
    "DataUpload",
    "u",
    "old-server",
    api="velero.io/v2alpha1",
    spec={"sourceNamespace": "shop", "sourcePVC": "data"},
)


@pytest.mark.rule("D11")
@pytest.mark.parametrize(("mode", "made"), [(SAFE, False), (STRICT, True)])
@pytest.mark.parametrize(
    "spec",
    [{"included_namespaces": ["shop"]}, {"excluded_namespaces": ["old-server"]}],
    ids=["not-included", "excluded"],
)
def test_surprise_56_uploads_of_an_excluded_namespace(
    mode: str, made: bool, spec: dict[str, Any]
) -> None:
    """Rule D11: they are read in any case, but their namespace is made in Velero only."""
    asked: list[str] = []

    def discard(given: ExecuteInput) -> ExecuteOutput:
        asked.append(given.item["kind"])
        return ExecuteOutput(skip_restore=given.item["kind"] == "DataUpload")

    seen = restore([UPLOAD, config_map("x")], mode=mode, actions=[Action(discard)], **spec)
    assert asked == ["DataUpload", "ConfigMap"]
    assert ("create namespaces/old-server" in seen.writes) is made
    assert seen.listed["velero.io/v2alpha1/DataUpload"] == ["old-server/u(skipped)"]
    assert seen.silent


@both_modes
def test_surprise_56_uploads_of_an_included_namespace(mode: str) -> None:
    action = Action(lambda given: ExecuteOutput(skip_restore=True))
    seen = restore([UPLOAD], mode=mode, cluster=FakeCluster(), actions=[action])
    assert seen.writes == ["create namespaces/old-server"]
