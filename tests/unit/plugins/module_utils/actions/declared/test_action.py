# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    AsyncNotSupportedError,
    ExecuteInput,
    ExecuteOutput,
    InvalidOperationError,
    ResourceIdentifier,
    ResourceSelector,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.action import (
    Declaration,
    DeclaredAction,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.live import LiveObjects
from tests.support.builders import config_map, crd, obj
from tests.support.fake_cluster import FakeCluster

RESTORE = {"spec": {"namespaceMapping": {"shop": "copy"}}}


def action(cluster: FakeCluster | None = None, **document: Any) -> DeclaredAction:
    cluster = cluster or FakeCluster()
    told = Declaration({"name": "one", **document}, "item_actions[0]")
    return DeclaredAction(told, LiveObjects(cluster, cluster.clock))


def execute(item: dict[str, Any], status: Any = None, **document: Any) -> ExecuteOutput:
    backup = {**copy.deepcopy(item), **({} if status is None else {"status": status})}
    given = ExecuteInput(item=item, item_from_backup=backup, restore=RESTORE)
    return action(**document).execute(given)


def items(output: ExecuteOutput) -> list[tuple[str, str, str]]:
    return [(one.group_resource, one.namespace, one.name) for one in output.additional_items]


ITEM = config_map("one", data={"secret": "s", "names": "x"})


def test_what_it_says_of_itself() -> None:
    told = {
        "included_resources": ["deploy"],
        "excluded_resources": ["pods"],
        "included_namespaces": ["a*"],
        "excluded_namespaces": ["b"],
        "label_selector": "app in (a, b)",
    }
    made = action(applies_to=told)
    assert (made.name, made.has_side_effects) == ("one", False)
    assert made.applies_to() == ResourceSelector(
        included_resources=("deploy",),
        excluded_resources=("pods",),
        included_namespaces=("a*",),
        excluded_namespaces=("b",),
        label_selector="app in (a, b)",
    )
    assert action().applies_to() == ResourceSelector()


def test_an_action_that_says_nothing_does_nothing() -> None:
    assert execute(ITEM) == ExecuteOutput()


@pytest.mark.parametrize(
    ("expression", "runs"),
    [
        ("data.secret == 's'", True),
        ("data.secret", True),
        ("data.missing", False),
        ("data.missing || `0`", True),
        ("data.missing || `false`", False),
        ("length(keys(data)) > `1`", True),
        ("status.phase == 'Bound'", True),
        ("`[]`", False),
        ("''", False),
    ],
)
def test_when(expression: str, runs: bool) -> None:
    found = execute(ITEM, {"phase": "Bound"}, when=expression, skip=True)
    assert found == (ExecuteOutput(skip_restore=True) if runs else ExecuteOutput())


def test_an_expression_that_fails_shows_no_value() -> None:
    with pytest.raises(ActionError) as caught:
        execute(ITEM, when="length(data.number)")
    assert execute(ITEM, when="length(data.secret) == `1`", skip=True).skip_restore
    assert str(caught.value) == (
        "the JMESPath expression item_actions[0].when failed: JMESPathTypeError"
    )


@pytest.mark.parametrize(
    ("skip", "skipped"),
    [(True, True), (False, False), ("data.secret", True), ("data.missing", False)],
)
def test_skip(skip: Any, skipped: bool) -> None:
    patches = [{"merge": {"data": {"x": "y"}}}]
    found = execute(ITEM, skip=skip, patches=patches)
    assert found.skip_restore is skipped
    assert (found.updated_item is None) is skipped


def test_patches_follow_each_other() -> None:
    found = execute(
        ITEM,
        patches=[
            {"merge": {"data": {"secret": None, "a": "1"}}},
            {"json": [{"op": "move", "from": "/data/a", "path": "/data/b"}]},
            {
                "json": [
                    {"op": "test", "path": "/data/b", "value": "2"},
                    {"op": "remove", "path": "/data"},
                ]
            },
            {"strategic": {"metadata": {"finalizers": ["example.com/x"]}}},
        ],
    )
    assert found.updated_item is not None
    assert found.updated_item["data"] == {"names": "x", "b": "1"}
    assert found.updated_item["metadata"]["finalizers"] == ["example.com/x"]
    assert ITEM["data"] == {"secret": "s", "names": "x"}


@pytest.mark.parametrize(
    ("patch", "why"),
    [
        ({"json": [{"op": "remove", "path": "/x"}]}, "patches[0] cannot be applied: "),
        ({"merge": {"kind": None}}, "patches[0] makes something that is no object"),
        ({"json": [{"op": "replace", "path": "", "value": 1}]}, "that is no object"),
    ],
)
def test_patches_that_fail(patch: Any, why: str) -> None:
    with pytest.raises(ActionError) as caught:
        execute(ITEM, patches=[patch])
    assert f"item_actions[0].{why}" in str(caught.value) or why in str(caught.value)


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({"resource": "secrets", "name": "a"}, [("secrets", "shop", "a")]),
        ({"resource": "Secret", "name": "{name}-tls"}, [("secrets", "shop", "one-tls")]),
        ({"resource": "secrets", "name": "a", "namespace": "b"}, [("secrets", "b", "a")]),
        ({"resource": "deploy", "name": "a"}, [("deployments.apps", "shop", "a")]),
        ({"resource": "pv", "name": "a"}, [("persistentvolumes", "", "a")]),
        (
            {"group": "apps", "resource": "deployments", "name": "a", "namespace": ""},
            [("deployments.apps", "", "a")],
        ),
        (
            {"resource": "things.example.com", "name": "a", "namespace": "{namespace}-2"},
            [("things.example.com", "shop-2", "a")],
        ),
        ({"jmespath": "data.secret", "resource": "secrets"}, [("secrets", "shop", "s")]),
        ({"jmespath": "data.missing", "resource": "secrets"}, []),
        (
            {"jmespath": "[data.secret, data.missing, data.names]", "resource": "secrets"},
            [("secrets", "shop", "s"), ("secrets", "shop", "x")],
        ),
        (
            {"jmespath": "data.secret", "resource": "secrets", "name": "{value}-{name}"},
            [("secrets", "shop", "s-one")],
        ),
        (
            {"jmespath": "{name: data.secret, namespace: 'else', resource: 'secrets'}"},
            [("secrets", "else", "s")],
        ),
        (
            {
                "jmespath": "[{name: data.secret, kind: 'X'}]",
                "resource": "configmaps",
                "name": "{value}-2",
            },
            [("configmaps", "shop", "s-2")],
        ),
    ],
)
def test_additional_items(told: Any, wanted: Any) -> None:
    found = execute(ITEM, additional_items=[told, told])
    assert items(found) == wanted
    assert not found.wait_for_additional_items


def test_braces_in_an_item_are_no_placeholders() -> None:
    found = execute(
        config_map("one", data={"name": "{value}"}),
        additional_items=[{"jmespath": "data.name", "resource": "secrets"}],
    )
    assert items(found) == [("secrets", "shop", "{value}")]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"jmespath": "`[true]`", "resource": "x"}, "found neither texts nor mappings"),
        ({"jmespath": "`[[1]]`", "resource": "x"}, "found neither texts nor mappings"),
        ({"jmespath": "data.secret"}, "found an item without resource"),
        ({"jmespath": "{x: data.secret}", "resource": "x"}, "found an item without name"),
    ],
)
def test_additional_items_that_are_none(told: Any, why: str) -> None:
    with pytest.raises(ActionError) as caught:
        execute(ITEM, additional_items=[told])
    assert why in str(caught.value)


def deployment(**status: Any) -> dict[str, Any]:
    return obj("Deployment", "op", "copy", api="apps/v1", spec={"replicas": 2}, status=status)


def is_ready(cluster: FakeCluster, *tests: Any) -> bool:
    made = action(cluster, ready_when=list(tests))
    found = [
        ResourceIdentifier(group="apps", resource="deployments", namespace="shop", name="op"),
        ResourceIdentifier(resource="persistentvolumes", name="v"),
    ]
    return made.are_additional_items_ready(found, RESTORE)


AVAILABLE = {"type": "Available", "status": "True"}


@pytest.mark.parametrize(
    ("test", "ready"),
    [
        ({"condition": {"type": "Available"}}, True),
        ({"condition": {"type": "Available", "status": "False"}}, False),
        ({"condition": {"type": "Other"}}, False),
        ({"jmespath": "status.readyReplicas == spec.replicas"}, True),
        ({"jmespath": "status.nothing"}, False),
        ({"field": {"path": "status.readyReplicas", "operator": ">=", "value": 2}}, True),
        ({"field": {"path": "status.readyReplicas", "operator": ">", "value": 2}}, False),
        ({"field": {"path": "status.readyReplicas", "operator": "<", "value": "3"}}, False),
        ({"field": {"path": "status.missing", "operator": "<", "value": 3}}, False),
        ({"field": {"path": "status.missing", "operator": "!=", "value": 3}}, True),
        ({"field": {"path": "status.missing", "operator": "==", "value": None}}, True),
        ({"field": {"path": "metadata.name", "operator": "in", "value": ["op", "x"]}}, True),
        ({"field": {"path": "metadata.name", "operator": "not in", "value": ["op"]}}, False),
        ({"field": {"path": "metadata.name", "operator": "contains", "value": "o"}}, True),
        ({"field": {"path": "spec", "operator": "contains", "value": "o"}}, False),
    ],
)
def test_ready(test: Any, ready: bool) -> None:
    cluster = FakeCluster(deployment(conditions=[AVAILABLE], readyReplicas=2))
    assert is_ready(cluster, {"resource": "deploy", **test}) is ready


def test_all_items_and_all_tests_have_to_be_ready() -> None:
    cluster = FakeCluster(deployment(phase="Bound"))
    test = {"jmespath": "status.phase == 'Bound'"}
    assert not is_ready(cluster, test)
    cluster.put(obj("PersistentVolume", "v", status={"phase": "Bound"}))
    cluster.clock.advance(1)
    assert is_ready(cluster, test)
    assert not is_ready(cluster, test, {"resource": "pv", "jmespath": "spec"})


def test_a_stale_condition_does_not_count() -> None:
    stale = {**AVAILABLE, "observedGeneration": 1}
    item = deployment(conditions=[stale])
    item["metadata"]["generation"] = 2
    test = {"resource": "deploy", "condition": {"type": "Available"}}
    assert not is_ready(FakeCluster(item), test)
    stale["observedGeneration"] = 2
    assert is_ready(FakeCluster(item), test)


def test_an_object_of_the_cluster() -> None:
    told = {"resource": "cm", "namespace": "copy", "name": "flag"}
    test = {"object": told, "field": {"path": "data.up", "operator": "==", "value": "yes"}}
    cluster = FakeCluster()
    made = action(cluster, ready_when=[test])
    assert not made.are_additional_items_ready([], RESTORE)
    cluster.put(config_map("flag", "copy", data={"up": "yes"}))
    cluster.clock.advance(1)
    assert made.are_additional_items_ready([], RESTORE)


def test_what_the_server_refuses_ends_the_wait() -> None:
    cluster = FakeCluster(deployment())
    cluster.fail("get", "deployments.apps")
    with pytest.raises(ActionError, match=r"error reading deployments\.apps op: "):
        is_ready(cluster, {"jmespath": "status"})


def test_many_that_wait_for_one_ask_once() -> None:
    cluster = FakeCluster(deployment())
    told = {"resource": "deploy", "namespace": "copy", "name": "op"}
    made = action(cluster, ready_when=[{"object": told, "jmespath": "status.up"}])
    with ThreadPoolExecutor(20) as pool:
        found = pool.map(lambda turn: made.are_additional_items_ready([], RESTORE), range(100))
        assert not any(found)
    assert cluster.said("get") == ["get deployments.apps/copy/op"]


def test_a_kind_that_comes_later_is_found() -> None:
    cluster = FakeCluster()
    made = action(
        cluster,
        ready_when=[
            {"object": {"resource": "things.example.com", "name": "t"}, "jmespath": "kind"}
        ],
    )
    for turn in range(3):
        assert not made.are_additional_items_ready([], RESTORE), turn
    discoveries = len([call for call in cluster.calls if call.verb == "discover"])
    assert discoveries == 1
    definition = crd("things", "example.com", "Thing")
    definition["spec"]["scope"] = "Cluster"
    cluster.put(definition)
    cluster.put(obj("Thing", "t", api="example.com/v1"))
    cluster.clock.advance(6)
    assert made.are_additional_items_ready([], RESTORE)


def test_the_wait_and_its_timeout() -> None:
    told = {"ready_when": [{"jmespath": "status"}]}
    assert execute(ITEM, **told).wait_for_additional_items
    assert execute(ITEM, **told).additional_items_ready_timeout == 0
    assert execute(ITEM, **told, timeout="1m30s").additional_items_ready_timeout == 90
    assert not execute(ITEM, **told, when="data.missing").wait_for_additional_items


OPERATION = {
    "group": "batch",
    "resource": "jobs",
    "name": "{name}-import",
    "done_when": {"condition": {"type": "Complete"}},
    "failed_when": {"condition": {"type": "Failed"}},
    "progress": {
        "n_completed": "status.succeeded",
        "n_total": "spec.completions",
        "units": "'pods'",
        "description": "status.conditions[-1].message",
        "error": "status.conditions[?type=='Failed'].message | [0]",
    },
}


def test_an_operation_from_its_start_to_its_end() -> None:
    operation_id = execute(ITEM, operation=OPERATION).operation_id
    assert operation_id == "batch//jobs/copy/one-import"
    cluster = FakeCluster()
    made = action(cluster, operation=OPERATION)
    first = made.progress(operation_id, RESTORE)
    assert (first.completed, first.started) == (False, "")
    assert first.description == "waiting for jobs one-import"

    def conditions(*told: str) -> dict[str, Any]:
        listed = [{"type": one, "status": "True", "message": f"{one} it is"} for one in told]
        return {"succeeded": 1, "conditions": listed}

    job = obj("Job", "one-import", "copy", api="batch/v1", spec={"completions": 3})
    cluster.put({**job, "status": conditions()})
    cluster.clock.advance(1)
    running = made.progress(operation_id, RESTORE)
    assert (running.completed, running.n_completed, running.n_total) == (False, 1, 3)
    assert running.operation_units == "pods"
    assert running.started
    cluster.put({**job, "status": conditions("Complete")})
    cluster.clock.advance(1)
    ended = made.progress(operation_id, RESTORE)
    assert (ended.completed, ended.err, ended.description) == (True, "", "Complete it is")
    cluster.put({**job, "status": conditions("Failed")})
    cluster.clock.advance(1)
    failed = made.progress(operation_id, RESTORE)
    assert (failed.completed, failed.err) == (True, "Failed it is")
    made.cancel(operation_id, RESTORE)


def test_a_failure_without_text() -> None:
    told = {key: OPERATION[key] for key in ("group", "resource", "done_when", "failed_when")}
    status = {"conditions": [{"type": "Failed", "status": "True"}]}
    cluster = FakeCluster(obj("Job", "j", "copy", api="batch/v1", status=status))
    made = action(cluster, operation={**told, "name": "j", "version": "v1"})
    found = made.progress("batch/v1/jobs/copy/j", RESTORE)
    assert found.err == "the object that is watched says that it has failed"


def test_operations_that_are_none() -> None:
    with pytest.raises(InvalidOperationError, match="operation ID x is invalid"):
        action(operation=OPERATION).progress("x", RESTORE)
    with pytest.raises(AsyncNotSupportedError):
        action().progress("x", RESTORE)


def test_an_operation_of_an_item_that_is_skipped_is_watched() -> None:
    found = execute(ITEM, operation=OPERATION, skip=True)
    assert (found.skip_restore, found.operation_id) == (True, "batch//jobs/copy/one-import")
