# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restore hooks in pods that run.

KWOK plays the kubelet and answers exec on its node. The exec endpoint of the test bed answers it
on another one, for exit codes, slow commands and a list of what was run. Pods on the third node
are nobody's: the test sets their status.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from tests.support.backups import BackupBuilder, Manifest
from tests.support.engine import Job
from tests.support.playbook import ansible
from tests.support.waiting import eventually
from tests.testbed.nodes import EXEC_NODE, KWOK_NODE, NODE_LABEL, OWN_NODE, Nodes

SHELL = ("/bin/sh", "-c")
_NUMBERS = itertools.count()
ANNOTATION = "post.hook.restore.velero.io/"


class Shop:
    """One backup of pods, and restores from it into a namespace of this test's own."""

    def __init__(self, nodes: Nodes, folder: Path, space: str, *pods: Manifest) -> None:
        self.nodes = nodes
        self.space = space
        self.folder = folder
        builder = BackupBuilder("b")
        for item in pods:
            item["metadata"]["namespace"] = "source"
            builder.add("pods", item)
        builder.write(folder)

    def job(self, *hooks: Manifest, **settings: Any) -> Job:
        resources = [{"name": "h", "postHooks": list(hooks)}] if hooks else []
        return Job(
            kubeconfig=self.nodes.cluster.kubeconfig(),
            artifacts=self.folder,
            backups=self.folder,
            backup="b",
            name=self.space,
            spec={
                "namespaceMapping": {"source": self.space},
                "hooks": {"resources": resources},
            },
            settings=settings,
        )

    def ran(self, pod: str) -> list[str]:
        """The scripts that the exec endpoint was asked for, in their order."""
        return [entry["command"][-1] for entry in self.nodes.commands(f"{self.space}/{pod}")]

    def pod(self, name: str) -> Manifest:
        path = f"/api/v1/namespaces/{self.space}/pods/{name}"
        found: Manifest = self.nodes.cluster.request("GET", path).body
        return found

    def set_status(self, name: str, *, ready: bool) -> None:
        status = {
            "phase": "Running",
            "containerStatuses": [
                {
                    "name": "main",
                    "image": "i",
                    "imageID": "i",
                    "restartCount": 0,
                    "ready": ready,
                    "state": {"running": {}},
                }
            ],
        }
        path = f"/api/v1/namespaces/{self.space}/pods/{name}/status"
        kind = "application/merge-patch+json"
        answer = self.nodes.cluster.request("PATCH", path, {"status": status}, content_type=kind)
        assert answer.ok, answer.body


@pytest.fixture
def shop(nodes: Nodes, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., Shop]:
    def make(*pods: Manifest) -> Shop:
        space = f"{request.node.originalname.replace('_', '-')[5:50]}-{next(_NUMBERS)}"
        return Shop(nodes, tmp_path / space, space, *pods)

    return make


def pod(
    name: str, node: str = EXEC_NODE, containers: tuple[str, ...] = ("main",), **annotations: str
) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "labels": {NODE_LABEL: node},
            "annotations": {
                ANNOTATION + key.replace("_", "-"): text for key, text in annotations.items()
            },
        },
        "spec": {"containers": [{"name": each, "image": "i"} for each in containers]},
    }


def run(script: str, **fields: Any) -> Manifest:
    return {"exec": {"command": [*SHELL, script], **fields}}


def errors_of(report: RestoreReport) -> dict[str, list[str]]:
    return report.results.errors.namespaces


def test_kwok_runs_hooks_of_the_spec_and_of_annotations(shop: Callable[..., Shop]) -> None:
    made = shop(pod("a", KWOK_NODE), pod("b", KWOK_NODE, command='["/bin/echo", "from the pod"]'))
    job = made.job(run("echo from the spec; echo why >&2", waitForReady=True))
    report = job.run()
    assert report.phase == "Completed"
    assert report.restore["status"]["hookStatus"] == {"hooksAttempted": 2}
    log = job.artifact("logs")
    for text in (
        "stdout of hook h: from the spec",
        "stderr of hook h: why",
        "stdout of hook <from-annotation>: from the pod",
    ):
        assert text in log
    assert "echo from the spec" not in log


def test_init_hooks_are_in_the_pod(shop: Callable[..., Shop]) -> None:
    made = shop(pod("a", KWOK_NODE))
    container = {"name": "fetch", "image": "tools:1", "command": ["fetch"]}
    report = made.job({"init": {"initContainers": [container], "timeout": "1m"}}).run()
    assert report.phase == "Completed"
    assert report.restore["status"]["hookStatus"] == {}
    (found,) = made.pod("a")["spec"]["initContainers"]
    assert {key: found[key] for key in container} == container


@pytest.mark.parametrize(
    ("mode", "ran", "failed"),
    [
        ("Continue", ["exit 3", "exit 0", "exit 4"], 2),
        ("Fail", ["exit 3"], 3),
    ],
)
def test_exit_codes_and_what_follows(
    shop: Callable[..., Shop], mode: str, ran: list[str], failed: int
) -> None:
    made = shop(pod("a"), pod("b"))
    job = made.job(run("exit 3", onError=mode), run("exit 0"), run("exit 4"))
    job.spec["hooks"]["resources"][0]["labelSelector"] = {
        "matchExpressions": [
            {"key": NODE_LABEL, "operator": "In", "values": [EXEC_NODE]},
            {"key": "velero.io/restore-name", "operator": "In", "values": [made.space]},
        ]
    }
    report = job.run()
    assert report.phase == "PartiallyFailed"
    # One pod's trouble is not another one's.
    assert (made.ran("a"), made.ran("b")) == (ran, ran)
    assert report.restore["status"]["hookStatus"] == {
        "hooksAttempted": 6,
        "hooksFailed": 2 * failed,
    }
    text = "hook h in container main failed to execute, err: command terminated with exit code {}"
    canceled = "hook h in container main in pod {}/{} not executed: context canceled"
    expected = {
        "Continue": [text.format(3), text.format(4)] * 2,
        "Fail": [
            line
            for name in ("a", "b")
            for line in (text.format(3), *[canceled.format(made.space, name)] * 2)
        ],
    }
    assert errors_of(report) == {made.space: expected[mode]}
    assert job.artifact("results")["errors"]["namespaces"] == errors_of(report)


def test_a_missing_container_fails_on_its_own(shop: Callable[..., Shop]) -> None:
    made = shop(pod("a", containers=("main", "second")))
    report = made.job(
        run("echo 1", container="gone", onError="Fail"), run("echo 2", container="second")
    ).run()
    assert made.ran("a") == ["echo 2"]
    assert errors_of(report) == {
        made.space: [
            f"hook h in container gone in pod {made.space}/a not executed: the pod has no such "
            "container"
        ]
    }
    assert report.restore["status"]["hookStatus"] == {"hooksAttempted": 2, "hooksFailed": 1}


def test_what_never_ends_is_left_at_its_own_deadline_and_named(
    shop: Callable[..., Shop],
) -> None:
    """A command that never ends, and a container that never comes up."""
    made = shop(pod("endless"), pod("never", OWN_NODE, command="x", wait_timeout="3s"))
    report = made.job(run("exec sleep 600", execTimeout="2s")).run()
    assert made.ran("endless") == ["exec sleep 600"]
    assert errors_of(report) == {
        made.space: [
            "hook h in container main failed to execute, err: timed out after 2s",
            f"hook <from-annotation> in container main in pod {made.space}/never not executed: "
            "context deadline exceeded",
        ]
    }


def test_a_hook_waits_until_its_container_is_ready(
    shop: Callable[..., Shop], proxy_factory: Any
) -> None:
    made = shop(pod("a", OWN_NODE))
    proxy = proxy_factory(made.nodes.cluster)
    job = made.job(run("echo 1", waitForReady=True))
    job.kubeconfig = made.nodes.cluster.kubeconfig(server=proxy.url)
    reports: list[RestoreReport] = []
    thread = threading.Thread(target=lambda: reports.append(job.run()))
    thread.start()
    eventually(lambda: made.pod("a").get("spec", {}).get("nodeName") == OWN_NODE)
    made.set_status("a", ready=False)
    seen = len(looks(proxy, made))
    eventually(lambda: len(looks(proxy, made)) >= seen + 3)
    assert made.ran("a") == []
    made.set_status("a", ready=True)
    thread.join(60)
    assert made.ran("a") == ["echo 1"]
    assert reports[0].phase == "Completed"


def looks(proxy: Any, made: Shop) -> list[Any]:
    return [
        record
        for record in proxy.requests("GET", f"/namespaces/{made.space}/pods")
        if "labelSelector" in record.path
    ]


def test_a_run_that_is_killed_in_a_hook_is_gone_on_with(shop: Callable[..., Shop]) -> None:
    made = shop(pod("a"), pod("b"))
    hooks = [run("echo 1"), run("exec sleep 600", execTimeout="20m"), run("echo 3")]
    job = made.job(*hooks)
    process = job.start()
    eventually(lambda: all(len(made.ran(name)) == 2 for name in ("a", "b")))
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    record = job.record()
    assert record is not None
    assert record["status"]["phase"] in ("InProgress", "Finalizing")
    report = job.run()
    for name in ("a", "b"):
        assert made.ran(name) == ["echo 1", "exec sleep 600", "echo 3"]
    assert report.phase == "PartiallyFailed"
    assert report.restore["status"]["hookStatus"] == {"hooksAttempted": 6, "hooksFailed": 2}
    assert [text.partition(":")[0] for text in errors_of(report)[made.space]] == [
        "hook h in container main was cut off with an earlier run of this restore"
    ] * 2
    # The outcome is recorded: a third run runs nothing.
    job.run()
    assert len(made.ran("a")) == 3


def test_hooks_run_while_other_items_are_restored(
    shop: Callable[..., Shop], proxy_factory: Any
) -> None:
    """Services come behind pods: theirs waits until the hook of the pod has run."""
    from tests.support.proxy import call

    made = shop(pod("a"))
    builder = BackupBuilder("two")
    item = pod("a")
    item["metadata"]["namespace"] = "source"
    builder.add("pods", item)
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}
    service["metadata"]["namespace"] = "source"  # type: ignore[index]
    builder.add("services", {**service, "spec": {"ports": [{"port": 80}]}})
    builder.write(made.folder)
    proxy = proxy_factory(made.nodes.cluster)
    proxy.add(
        call(lambda record: eventually(lambda: made.ran("a") == ["echo 1"])),
        method="POST",
        path="/services",
    )
    job = made.job(run("echo 1"))
    job.backup = "two"
    job.kubeconfig = made.nodes.cluster.kubeconfig(server=proxy.url)
    assert job.run().phase == "Completed"


def test_a_hundred_pods_at_once(shop: Callable[..., Shop]) -> None:
    made = shop(*(pod(f"p{number}") for number in range(100)))
    report = made.job(run("exit 0")).run()
    assert report.phase == "Completed"
    assert report.restore["status"]["hookStatus"] == {"hooksAttempted": 100}
    assert all(made.ran(f"p{number}") == ["exit 0"] for number in range(100))


def test_through_a_playbook(shop: Callable[..., Shop], tmp_path: Path) -> None:
    made = shop(pod("a"))
    hook = {
        "name": "greet",
        "included_namespaces": [made.space],
        "label_selector": {"match_labels": {NODE_LABEL: EXEC_NODE}},
        "post_hooks": [
            {"exec": {"command": [*SHELL, "echo hello"], "wait_for_ready": True}},
            {
                "exec": {
                    "command": [*SHELL, "exit 1"],
                    "on_error": "Continue",
                    "exec_timeout": "10s",
                }
            },
        ],
    }
    options = {
        "backup_name": "b",
        "name": made.space,
        "storage": {"provider": "directory", "path": str(made.folder)},
        "namespace_mapping": {"source": made.space},
        "hooks": {"resources": [hook]},
        "hook_wait_timeout": "1m",
        "fail_on": "never",
    }
    task = {"velero.core.velero_restore": options}
    done, results = ansible(
        tmp_path, made.nodes.cluster, [{**task, "check_mode": True}, {**task}, {**task}]
    )
    assert done.returncode == 0, done.stdout + done.stderr
    plan, first, second = results
    planned = {"type": "exec", "hook": "greet", "source": "spec", "container": "main"}
    (entry,) = [entry for entry in plan["plan"] if entry["id"].startswith("v1/Pod/")]
    assert entry["hooks"] == [planned, planned]
    assert first["restore"]["status"]["hookStatus"] == {"hooksAttempted": 2, "hooksFailed": 1}
    assert "hook greet in container main failed to execute, err: command terminated with exit" in (
        json.dumps(first["results"])
    )
    assert not second["changed"]
    assert made.ran("a") == ["echo hello", "exit 1"]


def test_a_user_without_the_right_to_exec_is_told(shop: Callable[..., Shop]) -> None:
    made = shop(pod("a"))
    give_rights_but_exec(made.nodes)
    job = made.job(run("exit 0"), cluster_item_actions=False)
    job.kubeconfig = made.nodes.cluster.kubeconfig("narrow")
    report = job.run()
    assert made.ran("a") == []
    (text,) = errors_of(report)[made.space]
    assert text.startswith(
        'hook h in container main failed to execute, err: pods "a" is forbidden: User "narrow" '
        "cannot"
    )


def give_rights_but_exec(nodes: Nodes) -> None:
    rules = [
        {"apiGroups": [""], "resources": ["pods", "namespaces"], "verbs": ["*"]},
        {
            "apiGroups": [""],
            "resources": ["serviceaccounts", "configmaps"],
            "verbs": ["get", "list"],
        },
    ]
    root = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
    nodes.cluster.request("POST", root, {"metadata": {"name": "but-exec"}, "rules": rules})
    api = "rbac.authorization.k8s.io"
    binding = {
        "metadata": {"name": "but-exec"},
        "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": "but-exec"},
        "subjects": [{"apiGroup": api, "kind": "Group", "name": "narrow"}],
    }
    nodes.cluster.request(
        "POST", f"{root}bindings".replace("clusterrolesb", "clusterroleb"), binding
    )
    eventually(lambda: nodes.cluster.request("GET", "/api/v1/pods", user="narrow").ok)
