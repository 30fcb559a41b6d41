# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.init_restore_hook import (
    InitRestoreHookAction,
)
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)
from ansible_collections.velero.core.plugins.module_utils.model.glob import glob_matches
from tests.conformance.item_actions.cluster import FakeCluster

PREFIX = "init.hook.restore.velero.io/"
WARM = {"name": "warm", "image": "i", "command": ["w"], "novel": 1}


def pod(*containers, annotations=None, labels=None, namespace="shop"):
    metadata = {"name": "p", "namespace": namespace}
    metadata |= {"annotations": annotations} if annotations else {}
    metadata |= {"labels": labels} if labels else {}
    return {
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"initContainers": [{"name": name} for name in containers]},
    }


def annotated(**values):
    return pod(annotations={f"{PREFIX}{key.replace('_', '-')}": v for key, v in values.items()})


def hook(*containers, **scope):
    return {"name": "h", "postHooks": [{"init": {"initContainers": list(containers)}}], **scope}


def run(item, *hooks, **spec):
    restore = {"metadata": {}, "spec": {"hooks": {"resources": list(hooks)}, **spec}}
    action = InitRestoreHookAction(
        ActionEnvironment(cluster=FakeCluster(), glob_matches=glob_matches)
    )
    given = ExecuteInput(item=item, item_from_backup={}, restore=restore)
    return action.execute(given).updated_item["spec"]["initContainers"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("echo hi", ["echo hi"]),
        ('["a", null]', ["a", ""]),
        ('["a", 1]', ['["a", 1]']),
        ("[ -f x ]", ["[ -f x ]"]),
        (' ["a"]', [' ["a"]']),
    ],
)
def test_command_of_the_annotation(command, words):
    found = run(annotated(container_image="i", container_name="n", command=command))
    assert found == [{"name": "n", "image": "i", "command": words}]


def test_an_empty_list_is_no_command():
    found = run(annotated(container_image="i", container_name="n", command="[]"))
    assert found == [{"name": "n", "image": "i"}]


@pytest.mark.parametrize("command", [{}, {"command": ""}])
def test_an_image_without_a_command_is_an_error(command):
    with pytest.raises(ActionError, match="container-image needs"):
        run(annotated(container_image="i", **command))


def test_wait_container_first_then_hooks_then_the_rest():
    found = run(pod("restore-wait", "own"), hook(WARM))
    assert [container["name"] for container in found] == ["restore-wait", "warm", "own"]
    assert found[1] == WARM


def test_two_pods_do_not_share_a_container():
    shared = hook(WARM)
    first = run(pod(), shared)
    first[0]["name"] = "changed"
    assert run(pod(), shared)[0]["name"] == "warm"


@pytest.mark.parametrize(
    ("scope", "applies"),
    [
        ({"includedNamespaces": ["target"]}, True),
        ({"includedNamespaces": ["sh*"]}, False),
        ({"includedNamespaces": ["t*t"]}, True),
        ({"excludedNamespaces": ["target"]}, False),
        ({"labelSelector": {"matchLabels": {"app": "a"}}}, True),
        ({"labelSelector": {"matchLabels": {"app": "b"}}}, False),
        ({"labelSelector": {}}, True),
        ({"includedResources": ["deployments"]}, True),
    ],
)
def test_target_namespace_and_labels_decide(scope, applies):
    found = run(pod(labels={"app": "a"}), hook(WARM, **scope), namespaceMapping={"shop": "target"})
    assert bool(found) is applies


@pytest.mark.parametrize(
    ("container", "words"),
    [
        ({"name": "x", "image": "i"}, "doesn't have Command, Name or Image field"),
        ({"name": "x", "image": "i", "command": []}, "doesn't have Command"),
        (None, "doesn't have Command"),
        ({"name": "x", "image": 1, "command": ["a"]}, "number into .* Container.image of type"),
        ({"name": "x", "image": "i", "command": [1]}, "number into .* Container.command of type"),
        ("x", "cannot unmarshal string into Go value of type v1.Container"),
    ],
)
def test_containers_that_velero_refuses(container, words):
    with pytest.raises(ActionError, match=words):
        run(pod(), hook(container))


def test_a_hook_that_does_not_apply_is_not_looked_into():
    assert run(pod("own"), hook(None, includedNamespaces=["x"])) == [{"name": "own"}]


def test_a_bad_selector_fails_every_pod():
    selector = {"matchExpressions": [{"key": "a", "operator": "Near"}]}
    with pytest.raises(ActionError, match='"Near" is not a valid label selector operator'):
        run(annotated(container_image="i", command="c"), hook(labelSelector=selector))


def test_without_globs_a_wildcard_is_an_error_and_not_overlooked():
    action = InitRestoreHookAction(ActionEnvironment(cluster=FakeCluster()))
    hooks = {"resources": [hook(WARM, includedNamespaces=["sh*"])]}
    restore = {"spec": {"hooks": hooks}}
    with pytest.raises(ActionError, match="no wildcards are known"):
        action.execute(ExecuteInput(item=pod(), item_from_backup={}, restore=restore))


@pytest.mark.parametrize(
    ("expression", "labels", "applies"),
    [
        ({"key": "a", "operator": "In", "values": ["x", "y"]}, {"a": "y"}, True),
        ({"key": "a", "operator": "In", "values": [""]}, {"a": ""}, True),
        ({"key": "a", "operator": "In", "values": ["", "x"]}, {"a": ""}, True),
        ({"key": "a", "operator": "NotIn", "values": ["x"]}, {}, True),
        ({"key": "a", "operator": "NotIn", "values": ["x", "y"]}, {"a": "x"}, False),
        ({"key": "a.b/c", "operator": "Exists"}, {"a.b/c": ""}, True),
        ({"key": "a", "operator": "DoesNotExist"}, {"a": "x"}, False),
    ],
)
def test_expressions(expression, labels, applies):
    found = run(pod(labels=labels), hook(WARM, labelSelector={"matchExpressions": [expression]}))
    assert bool(found) is applies


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ({"matchLabels": {"a": "x,b"}}, 'values: Invalid value: "x,b"'),
        ({"matchLabels": {"a b": "x"}}, 'key: Invalid value: "a b"'),
        ({"matchLabels": {"-a": "x"}}, 'key: Invalid value: "-a"'),
        ({"matchExpressions": [{"key": "a", "operator": "In"}]}, "values set can't be empty"),
        (
            {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["x"]}]},
            "values set must be empty",
        ),
    ],
)
def test_bad_selectors(selector, words):
    with pytest.raises(ActionError, match=words):
        run(pod(), hook(labelSelector=selector))
