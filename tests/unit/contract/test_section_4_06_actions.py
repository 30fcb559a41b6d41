# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference section 4.6: item actions, step by step."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
    ExecuteOutput,
    ResourceSelector,
)
from tests.support.builders import Manifest, MemoryCatalog, config_map, obj
from tests.support.builders_actions import Action, Execute, unchanged, wants
from tests.support.contract import Seen, both_modes, restore
from tests.support.fake_cluster import FakeCluster, obj_namespace

X = config_map("x")
VOLUME = obj("PersistentVolume", "pv", spec={"persistentVolumeReclaimPolicy": "Retain"})
CREATED = ("created", "created")


def noting(ran: list[str], **selector: Any) -> Action:
    """An action that notes the items it is called for."""

    def execute(given: ExecuteInput) -> ExecuteOutput:
        ran.append(given.item["metadata"]["name"])
        return ExecuteOutput()

    return Action(execute, selector=ResourceSelector(**selector))


def marking(letter: str) -> Execute:
    def execute(given: ExecuteInput) -> ExecuteOutput:
        data = {"seen": given.item["data"].get("seen", "") + letter}
        return ExecuteOutput(updated_item={**given.item, "data": data})

    return execute


def refusing(error: Exception) -> Execute:
    def execute(given: ExecuteInput) -> ExecuteOutput:
        if given.item["metadata"]["name"] == "x":
            raise error
        return ExecuteOutput()

    return execute


# ------------------------------------------------------------------ which actions


@both_modes
@pytest.mark.parametrize(
    ("selector", "ran"),
    [
        ({}, ["pv", "x"]),
        ({"included_resources": ("cm",)}, ["x"]),
        ({"excluded_resources": ("configmaps",)}, ["pv"]),
        ({"included_resources": ("pv",)}, ["pv"]),
        ({"included_namespaces": ("near",)}, ["x"]),
        ({"included_namespaces": ("shop",)}, []),
        ({"excluded_namespaces": ("near",)}, []),
        ({"excluded_namespaces": ("other",)}, ["x"]),
        ({"included_namespaces": ("*",)}, ["pv", "x"]),
        ({"included_resources": ("configmaps",), "included_namespaces": ("other",)}, []),
    ],
    ids=[
        *("everything", "short-name", "excluded-resource", "cluster-scoped"),
        *("target-namespace", "source-namespace", "excluded-target", "restricted-cluster-scope"),
        *("all-namespaces", "resource-and-namespace"),
    ],
)
def test_4_6_applicable_actions(mode: str, selector: dict[str, Any], ran: list[str]) -> None:
    seen_by: list[str] = []
    restore(
        [X, VOLUME],
        mode=mode,
        actions=[noting(seen_by, **selector)],
        namespace_mapping={"shop": "near"},
    )
    assert sorted(seen_by) == ran


@both_modes
def test_4_6_actions_in_the_order_of_their_registration(mode: str) -> None:
    seen = restore(
        [config_map("x", data={})],
        mode=mode,
        actions=[Action(marking("1"), "z.io/z"), Action(marking("2"), "a.io/a")],
    )
    (body,) = seen.bodies("create")
    assert body["data"] == {"seen": "12"}


@both_modes
@pytest.mark.parametrize(("first", "runs"), [("label", True), ("note", False)])
def test_4_6_step_1_the_current_labels_count(mode: str, first: str, runs: bool) -> None:
    def label(given: ExecuteInput) -> ExecuteOutput:
        given.item["metadata"]["labels"] = {"late": "yes"}
        return ExecuteOutput(updated_item=given.item)

    ran: list[str] = []
    note = noting(ran, label_selector="late=yes")
    actions = [Action(label), note] if first == "label" else [note, Action(label)]
    restore([X], mode=mode, actions=actions)
    assert bool(ran) is runs


@both_modes
@pytest.mark.parametrize(
    ("features", "runs"), [(frozenset(), False), (frozenset({"EnableCSI"}), True)]
)
def test_4_6_step_2_csi_actions_need_the_feature(
    mode: str, features: frozenset[str], runs: bool
) -> None:
    ran: list[str] = []
    action = noting(ran)
    action.name = "velero.io/csi-pvc-restorer"
    seen = restore([X], mode=mode, actions=[action], settings={"features": features})
    assert bool(ran) is runs
    text = (
        "Skip action velero.io/csi-pvc-restorer for resource configmaps:shop/x, because the CSI "
        "feature is not enabled. Feature setting is ."
    )
    assert (text in seen.log) is not runs
    assert seen.fates == {"v1/ConfigMap/shop/x": CREATED}


@both_modes
def test_4_6_step_3_what_an_action_is_given(mode: str) -> None:
    given_to: list[ExecuteInput] = []

    def look(given: ExecuteInput) -> ExecuteOutput:
        given_to.append(given)
        return ExecuteOutput()

    item = config_map("x", meta={"uid": "u"})
    restore([item], mode=mode, actions=[Action(look)], namespace_mapping={"shop": "near"})
    (given,) = given_to
    assert given.item_from_backup == item
    assert given.restore["metadata"]["name"] == "r1"
    assert given.restore["spec"]["namespaceMapping"] == {"shop": "near"}


@both_modes
def test_4_6_step_3_no_item_means_unchanged(mode: str) -> None:
    seen = restore([X], mode=mode, actions=[Action(unchanged)])
    (body,) = seen.bodies("create")
    assert body["data"] == X["data"]


@both_modes
@pytest.mark.parametrize(
    ("name", "error", "text"),
    [
        ("e.io/a", ActionError("no"), "no"),
        ("velero.io/a", ActionError("no"), "rpc error: code = Unknown desc = no"),
        (
            "velero.io/a",
            KeyError("spec"),
            "rpc error: code = Aborted desc = plugin panicked: KeyError: 'spec'",
        ),
    ],
    ids=["own", "plugin", "panic"],
)
def test_4_6_step_3_an_error_ends_the_item(
    mode: str, name: str, error: Exception, text: str
) -> None:
    seen = restore(
        [X, config_map("y")],
        mode=mode,
        actions=[Action(refusing(error), name)],
        namespace_mapping={"shop": "near"},
    )
    assert seen.errors == {"namespaces": {"near": [f"error preparing configmaps/near/x: {text}"]}}
    assert seen.fates["v1/ConfigMap/near/x"] == ("failed", "action_failed")
    assert seen.fates["v1/ConfigMap/near/y"] == CREATED
    assert seen.writes == ["create namespaces/near", "create configmaps/near/y"]


@both_modes
def test_4_6_step_4_an_operation_is_recorded_before_skip_is_looked_at(mode: str) -> None:
    action = Action(wants(operation_id="op-1", skip_restore=True), name="e.io/a")
    seen = restore([X], mode=mode, actions=[action], namespace_mapping={"shop": "near"})
    assert not any("configmaps" in text for text in seen.writes)
    (operation,) = operations_of(seen)
    assert operation["spec"]["operationID"] == "op-1"
    assert operation["spec"]["resourceIdentifier"] == {
        "Group": "",
        "Resource": "configmaps",
        "Namespace": "near",
        "Name": "x",
    }


def operations_of(seen: Seen) -> list[Any]:
    found = seen.store.json("restores/r1/restore-r1-itemoperations.json.gz")
    assert isinstance(found, list)
    return found


@both_modes
def test_4_6_step_5_a_discarded_item_ends_and_asks_for_nothing(mode: str) -> None:
    ran: list[str] = []
    discard = Action(wants("secrets/far/s", skip_restore=True))
    seen = restore([X], mode=mode, actions=[discard, noting(ran)])
    assert seen.fates == {"v1/ConfigMap/shop/x": ("skipped", "discarded_by_action")}
    assert seen.listed == {"v1/ConfigMap": ["shop/x(skipped)"]}
    assert "Skipping restore because a registered plugin discarded it" in seen.log
    assert not ran
    assert not seen.writes
    assert seen.silent


@both_modes
def test_4_6_step_6_the_updated_item_goes_on(mode: str) -> None:
    seen = restore([X], mode=mode, actions=[Action(marking("new"))])
    (body,) = seen.bodies("create")
    assert body["data"] == {"seen": "new"}


# ------------------------------------------------------------------ step 7


@both_modes
def test_4_6_step_7_additional_items_before_the_next_action(mode: str) -> None:
    cluster = FakeCluster(obj_namespace("shop"))
    made_before: list[str] = []

    def look(given: ExecuteInput) -> ExecuteOutput:
        if given.item["metadata"]["name"] == "x":
            made_before.extend(cluster.said("create"))
        return ExecuteOutput()

    restore(
        [X, obj("Service", "s", "shop")],
        mode=mode,
        cluster=cluster,
        actions=[Action(wants("services/shop/s")), Action(look)],
    )
    assert "create services/shop/s" in made_before
    assert "create configmaps/shop/x" not in made_before


@both_modes
def test_4_6_step_7_a_missing_file_is_a_warning_in_its_source_namespace(mode: str) -> None:
    seen = restore(
        [X],
        mode=mode,
        actions=[Action(wants("secrets/far/s"))],
        namespace_mapping={"shop": "near", "far": "farther"},
    )
    text = "stat resources/secrets/namespaces/far/s.json: no such file or directory"
    assert seen.warnings == {"namespaces": {"far": [text]}}
    assert "unable to restore additional item" in " ".join(seen.log)
    assert seen.fates["v1/ConfigMap/near/x"] == CREATED
    assert not seen.errors


@both_modes
def test_4_6_step_7_a_missing_cluster_scoped_file_is_a_warning_of_the_cluster(mode: str) -> None:
    seen = restore([X], mode=mode, actions=[Action(wants("persistentvolumes//pv"))])
    text = "stat resources/persistentvolumes/cluster/pv.json: no such file or directory"
    assert seen.warnings == {"cluster": [text]}


@both_modes
def test_4_6_step_7_an_unreadable_file_is_an_error_of_the_parent(mode: str) -> None:
    catalog = MemoryCatalog([X], raw={("secrets", "far", "s"): b"{"})
    seen = restore(
        catalog,
        mode=mode,
        actions=[Action(wants("secrets/far/s"))],
        excluded_namespaces=["far"],
        namespace_mapping={"shop": "near"},
    )
    assert seen.errors == {
        "namespaces": {
            "near": [
                "error restoring additional item secrets/far/s: error decoding "
                '"resources/secrets/namespaces/far/s.json": unexpected end of JSON input'
            ]
        }
    }
    assert seen.fates["v1/ConfigMap/near/x"] == CREATED


@both_modes
def test_4_6_step_7_its_namespace_is_mapped(mode: str) -> None:
    seen = restore(
        [X, obj("Service", "s", "far")],
        mode=mode,
        actions=[Action(wants("services/far/s"))],
        namespace_mapping={"far": "near"},
    )
    assert seen.writes == [
        "create namespaces/near",
        "create services/near/s",
        "create configmaps/shop/x",
    ]


@both_modes
def test_4_6_step_7_its_messages_are_merged_into_the_parent(mode: str) -> None:
    """An equal parent whose additional item warns is failed."""
    service = obj("Service", "s", "shop", spec={"a": 1})
    seen = restore(
        [X, obj("Service", "s", "shop", spec={"a": 2})],
        mode=mode,
        actions=[Action(wants("services/shop/s"))],
        existing=[X, service],
    )
    assert seen.listed == {
        "v1/ConfigMap": ["shop/x(failed)"],
        "v1/Service": ["shop/s(failed)"],
    }
    text = (
        "could not restore, Service:s already exists. Warning: the in-cluster version is "
        "different than the backed-up version"
    )
    assert seen.warnings == {"namespaces": {"shop": [text]}}
    assert seen.writes == ["create services/shop/s"], "which was refused"


@both_modes
def test_4_6_step_7_only_what_exists_is_waited_for(mode: str) -> None:
    action = Action(wants("secrets/far/gone", "services/shop/s", wait_for_additional_items=True))
    restore([X, obj("Service", "s", "shop")], mode=mode, actions=[action])
    assert action.asked == [["services/shop/s"]]


@both_modes
def test_4_6_additional_items_pass_label_selectors(mode: str) -> None:
    seen = restore(
        [config_map("x", labels={"a": "b"}), obj("Service", "s", "shop")],
        mode=mode,
        actions=[Action(wants("services/shop/s"))],
        label_selector={"matchLabels": {"a": "b"}},
    )
    assert seen.writes == ["create services/shop/s", "create configmaps/shop/x"]


# ------------------------------------------------------------------ step 8


def waiting(ready: Any, **output: Any) -> Action:
    return Action(wants(wait_for_additional_items=True, **output), ready=ready)


@both_modes
def test_4_6_step_8_polls_at_once_and_every_second(mode: str) -> None:
    answers = iter([False, False, True])
    action = waiting(lambda items: next(answers))
    seen = restore([X], mode=mode, actions=[action])
    assert seen.cluster.clock.slept == [1.0, 1.0]
    assert seen.silent


@both_modes
@pytest.mark.parametrize(
    ("output", "settings", "seconds"),
    [
        ({"additional_items_ready_timeout": 3}, {}, 3),
        ({}, {"resource_timeout": 5.0}, 5),
    ],
    ids=["its-own", "resource-timeout"],
)
def test_4_6_step_8_a_timeout_is_an_error_and_the_item_goes_on(
    mode: str, output: dict[str, Any], settings: dict[str, Any], seconds: int
) -> None:
    action = waiting(lambda items: False, **output)
    seen = restore(
        [X], mode=mode, actions=[action], settings=settings, namespace_mapping={"shop": "near"}
    )
    text = "error verifying additional items are ready to use: context deadline exceeded"
    assert seen.errors == {"namespaces": {"near": [text]}}
    assert sum(seen.cluster.clock.slept) == seconds
    assert seen.fates["v1/ConfigMap/near/x"] == CREATED


@both_modes
def test_4_6_step_8_an_error_ends_the_wait_and_the_item_goes_on(mode: str) -> None:
    def broken(items: Any) -> bool:
        raise ActionError("broken")

    seen = restore([X], mode=mode, actions=[waiting(broken)])
    text = "error verifying additional items are ready to use: broken"
    assert seen.errors == {"namespaces": {"shop": [text]}}
    assert seen.fates == {"v1/ConfigMap/shop/x": CREATED}


def test_4_6_the_object_itself_is_never_needed_twice() -> None:
    item: Manifest = config_map("x")
    seen = restore([item], actions=[Action(wants("configmaps/shop/x"))])
    assert seen.writes == ["create configmaps/shop/x"]
