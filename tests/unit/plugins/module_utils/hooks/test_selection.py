# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts of Velero's GroupRestoreExecHooks and of its hook selector."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.hooks.annotations import PREFIX
from ansible_collections.velero.core.plugins.module_utils.hooks.selection import hooks_of
from ansible_collections.velero.core.plugins.module_utils.hooks.spec import parse_hooks


def pod(
    *containers: str, namespace: str = "shop", labels: Any = None, **annotations: str
) -> dict[str, Any]:
    return {
        "metadata": {
            "name": "p",
            "namespace": namespace,
            "labels": labels or {"app": "db"},
            "annotations": {
                PREFIX + key.replace("_", "-"): text for key, text in annotations.items()
            },
        },
        "spec": {"containers": [{"name": name} for name in containers or ("first", "second")]},
    }


def resource(name: str, *post: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"name": name, "postHooks": list(post), **fields}


def run(command: str, **fields: Any) -> dict[str, Any]:
    return {"exec": {"command": [command], **fields}}


INIT = {"init": {"initContainers": [{"name": "i"}]}}


def found(item: dict[str, Any], *resources: dict[str, Any]) -> list[tuple[Any, ...]]:
    hooks = hooks_of(item, parse_hooks({"resources": list(resources)}), pytest.fail)
    return [
        (one.key.source, one.key.hook, one.key.index, one.key.container, one.hook.command[0])
        for one in hooks
    ]


@pytest.mark.parametrize(
    ("item", "resources", "expected"),
    [
        pytest.param(pod(), [], [], id="none"),
        pytest.param(
            pod(command="a", container="second"),
            [],
            [("annotation", "<from-annotation>", 0, "second", "a")],
            id="annotation",
        ),
        pytest.param(
            pod(command="a"),
            [],
            [("annotation", "<from-annotation>", 0, "first", "a")],
            id="annotation-first-container",
        ),
        pytest.param(
            pod(command="a"),
            [resource("h", run("b"))],
            [("annotation", "<from-annotation>", 0, "first", "a")],
            id="annotation-replaces-spec",
        ),
        pytest.param(
            pod(container="second"),
            [resource("h", run("b"))],
            [("spec", "h", 0, "first", "b")],
            id="annotation-without-command",
        ),
        pytest.param(
            pod(),
            [resource("h", run("a"), run("b", container="second"), run("c"))],
            [
                ("spec", "h", 0, "first", "a"),
                ("spec", "h", 1, "second", "b"),
                ("spec", "h", 2, "first", "c"),
            ],
            id="containers",
        ),
        pytest.param(
            pod(),
            [resource("h1", run("a")), resource("h2", run("b"))],
            [("spec", "h1", 0, "first", "a"), ("spec", "h2", 0, "first", "b")],
            id="two-entries",
        ),
        pytest.param(
            pod(),
            [resource("h", INIT, run("a"), {})],
            [("spec", "h", 1, "first", "a")],
            id="index-counts-all-hooks",
        ),
        pytest.param(
            pod(),
            [
                resource("here", run("a"), includedNamespaces=["sh*"]),
                resource("there", run("b"), includedNamespaces=["bar"]),
                resource("not", run("c"), excludedNamespaces=["shop"]),
            ],
            [("spec", "here", 0, "first", "a")],
            id="namespaces",
        ),
        pytest.param(
            pod(labels={"app": "db", "velero.io/restore-name": "r1"}),
            [
                resource("a", run("a"), labelSelector={"matchLabels": {"app": "db"}}),
                resource("b", run("b"), labelSelector={"matchLabels": {"app": "web"}}),
                resource(
                    "c",
                    run("c"),
                    labelSelector={
                        "matchExpressions": [
                            {"key": "velero.io/restore-name", "operator": "Exists"}
                        ]
                    },
                ),
            ],
            [("spec", "a", 0, "first", "a"), ("spec", "c", 0, "first", "c")],
            id="labels",
        ),
        pytest.param(
            pod(),
            [resource("h", run("a"), includedResources=["deployments"])],
            [("spec", "h", 0, "first", "a")],
            id="resources-have-no-effect",
        ),
    ],
)
def test_hooks_of_a_pod(
    item: dict[str, Any], resources: list[dict[str, Any]], expected: list[tuple[Any, ...]]
) -> None:
    assert found(item, *resources) == expected


def test_a_pod_without_containers_has_no_hooks() -> None:
    item = {**pod(command="a"), "spec": {}}
    assert found(item, resource("h", run("b"))) == []


def test_all_fields_of_a_hook() -> None:
    given = run(
        "a",
        container="second",
        onError="Fail",
        execTimeout="1m",
        waitTimeout="2m",
        waitForReady=True,
    )
    (hook,) = hooks_of(pod(), parse_hooks({"resources": [resource("h", given)]}), pytest.fail)
    assert (hook.key.namespace, hook.key.pod, hook.key.container) == ("shop", "p", "second")
    assert hook.hook.on_error == "Fail"
    assert (hook.hook.exec_timeout, hook.hook.wait_timeout) == (60.0, 120.0)
    assert hook.hook.wait_for_ready
