# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole restores with exec hooks, in memory."""

from __future__ import annotations

import contextlib
import gzip
import json
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.commands import (
    CommandOutcome,
    ContainerCommand,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ConnectionFailedError,
    RequestError,
    RunAbortedError,
)
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from tests.support.builders import config_map, obj
from tests.support.builders_run import Killed, Restoring
from tests.support.fake_cluster import api_error

RECORD = "restores/r1/velero-restore.json"
RESULTS = "restores/r1/restore-r1-results.gz"
LOG = "restores/r1/restore-r1-logs.gz"
HOOKS = "restores/r1/restore-r1-hooks.json.gz"
ANNOTATION = "post.hook.restore.velero.io/"


def pod(name: str, *containers: str, **annotations: str) -> dict[str, Any]:
    spec = {"containers": [{"name": each, "image": "i"} for each in containers or ("main",)]}
    notes = {ANNOTATION + key.replace("_", "-"): text for key, text in annotations.items()}
    return obj("Pod", name, "shop", labels={"app": name}, annotations=notes, spec=spec)


def hooks(*post: dict[str, Any], name: str = "h", **fields: Any) -> dict[str, Any]:
    return {"resources": [{"name": name, "postHooks": list(post), **fields}]}


def command(*words: str, **fields: Any) -> dict[str, Any]:
    return {"exec": {"command": list(words), **fields}}


class Hooked(Restoring):
    """Restores whose pods run as soon as somebody waits for them."""

    def __init__(self, *items: dict[str, Any], running: bool = True, **options: Any) -> None:
        super().__init__([obj("Namespace", "shop"), config_map("a"), *items], **options)
        if running:
            self.clock.on_sleep = self.start_pods

    def start_pods(self) -> None:
        for (gr, _namespace, _name), item in list(self.cluster.objects.items()):
            if gr == "pods":
                statuses = [
                    {"name": each["name"], "ready": True, "state": {"running": {}}}
                    for each in item["spec"]["containers"]
                ]
                item["status"] = {"phase": "Running", "containerStatuses": statuses}

    @property
    def ran(self) -> list[str]:
        return [f"{each.pod}: {' '.join(each.command)}" for each in self.cluster.commands]

    def fails(self, error: str) -> None:
        self.cluster.on_command = lambda given: CommandOutcome(error, "out\n", "err\n")

    def log(self) -> str:
        return gzip.decompress(self.store.read(LOG)).decode()

    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.store.json(HOOKS)["hooks"]
        return rows


def status_of(report: RestoreReport) -> dict[str, Any]:
    return {
        key: value
        for key, value in report.restore["status"].items()
        if key in ("phase", "errors", "warnings", "hookStatus")
    }


def test_hooks_that_succeed() -> None:
    restoring = Hooked(pod("db"), pod("web", command='["reload", "now"]'))
    report = restoring.run(hooks=hooks(command("load", "all")))
    assert sorted(restoring.ran) == ["db: load all", "web: reload now"]
    assert status_of(report) == {"phase": "Completed", "hookStatus": {"hooksAttempted": 2}}
    assert report.results.empty
    assert [(row["pod"], row["state"], row["error"]) for row in restoring.rows()] == [
        ("db", "done", ""),
        ("web", "done", ""),
    ]


def test_no_hooks_leave_no_trace() -> None:
    restoring = Hooked(pod("db"))
    report = restoring.run()
    assert status_of(report) == {"phase": "Completed", "hookStatus": {}}
    assert HOOKS not in restoring.store.writes
    assert restoring.log().rstrip().endswith('msg="restore completed" restore=velero/r1')


def test_a_failed_hook_is_one_error_of_its_namespace() -> None:
    restoring = Hooked(pod("db"))
    restoring.fails("command terminated with exit code 1")
    report = restoring.run(hooks=hooks(command("load", onError="Continue")))
    text = "hook h in container main failed to execute, err: command terminated with exit code 1"
    assert status_of(report) == {
        "phase": "PartiallyFailed",
        "errors": 1,
        "hookStatus": {"hooksAttempted": 1, "hooksFailed": 1},
    }
    assert restoring.store.json(RESULTS) == {
        "errors": {"namespaces": {"shop": [text]}},
        "warnings": {},
    }
    assert json.loads(restoring.store.read(RECORD))["status"] == report.restore["status"]


def test_the_log_has_what_the_hooks_did_behind_what_the_items_did() -> None:
    restoring = Hooked(pod("db"))
    restoring.fails("timed out after 30s")
    restoring.run(hooks=hooks(command("load", "--password=hunter2")))
    log = restoring.log()
    lines = log.splitlines()
    at = {
        text: next(number for number, line in enumerate(lines) if text in line)
        for text in (
            "starting restore",
            "restore completed",
            "Waiting for restore exec hooks starts",
            "running exec hook h in container main of pod shop/db",
            "stdout of hook h: out",
            "stderr of hook h: err",
            "hook h in container main failed to execute, err: timed out after 30s",
            "Done waiting for restore exec hooks starts",
        )
    }
    assert list(at.values()) == sorted(at.values())
    assert "hunter2" not in log


def test_what_a_hook_is_for() -> None:
    restoring = Hooked(pod("db"), pod("web"))
    restoring.run(
        hooks=hooks(
            command("load"),
            includedNamespaces=["target"],
            labelSelector={"matchLabels": {"app": "db", "velero.io/restore-name": "r1"}},
        ),
        namespace_mapping={"shop": "target"},
    )
    assert [(each.namespace, each.pod) for each in restoring.cluster.commands] == [("target", "db")]


def test_a_pod_that_was_there_has_no_hooks() -> None:
    restoring = Hooked(pod("db"))
    restoring.cluster.put(pod("db"))
    report = restoring.run(hooks=hooks(command("load")))
    assert restoring.ran == []
    assert report.restore["status"]["hookStatus"] == {}


def test_a_missing_container_blocks_nothing() -> None:
    restoring = Hooked(pod("db"), pod("web"))
    report = restoring.run(hooks=hooks(command("load", container="gone"), command("go")))
    assert sorted(restoring.ran) == ["db: go", "web: go"]
    assert report.restore["status"]["hookStatus"] == {"hooksAttempted": 4, "hooksFailed": 2}
    text = "hook h in container gone in pod shop/{} not executed: the pod has no such container"
    assert report.results.errors.namespaces == {"shop": [text.format("db"), text.format("web")]}


@pytest.mark.parametrize(
    ("settings", "fields", "seconds"),
    [
        ({"resource_timeout": 90.0}, {}, 90.0),
        ({"hook_wait_timeout": 30.0}, {}, 30.0),
        ({}, {"waitTimeout": "45s"}, 45.0),
    ],
)
def test_a_container_that_never_comes_up(
    settings: dict[str, float], fields: dict[str, str], seconds: float
) -> None:
    restoring = Hooked(pod("db"), running=False, **settings)
    began = restoring.clock.monotonic()
    report = restoring.run(hooks=hooks(command("load", **fields)))
    assert restoring.clock.monotonic() - began == seconds
    assert report.results.errors.namespaces == {
        "shop": ["hook h in container main in pod shop/db not executed: context deadline exceeded"]
    }


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (hooks({"exec": {}}), r"hooks\.resources\[0\]\.postHooks\[0\]\.exec\.command"),
        (hooks(command("a", onError="Retry")), "Continue or Fail"),
        (hooks(command("a", waitTimeout="later")), "it is not a duration"),
    ],
)
def test_bad_hooks_are_refused_before_anything_is_written(
    spec: dict[str, Any], message: str
) -> None:
    restoring = Hooked(pod("db"))
    with pytest.raises(RequestError, match=message):
        restoring.run(hooks=spec)
    assert (restoring.cluster.writes, restoring.store.writes) == ([], [])


@pytest.mark.parametrize(("compatibility", "count"), [("safe", 1), ("strict", 0)])
def test_lists_of_resources_are_told(compatibility: str, count: int) -> None:
    restoring = Hooked(pod("db"), compatibility=compatibility)
    report = restoring.run(hooks=hooks(command("load"), includedResources=["deployments"]))
    assert [text for text in report.warnings if "hooks h have no effect" in text] == [
        "The lists of resources of the hooks h have no effect: hooks are for pods"
    ] * count


def test_the_times_of_the_record_are_those_of_go() -> None:
    restoring = Hooked(pod("db"))
    spec = hooks(command("load", execTimeout="90"))
    report = restoring.run(hooks=spec)
    (resource,) = report.restore["spec"]["hooks"]["resources"]
    assert resource["postHooks"][0]["exec"]["execTimeout"] == "1m30s"
    assert restoring.cluster.commands[0].timeout == 90.0
    # The same request again is the same restore.
    assert not restoring.run(hooks=spec).changed


# ------------------------------------------------------------------ check mode


def test_a_plan_tells_the_hooks_of_each_pod_and_runs_none() -> None:
    init = {"init": {"initContainers": [{"name": "fetch", "image": "i", "command": ["c"]}]}}
    restoring = Hooked(pod("db"), pod("web", command="reload", container="main"))
    report = restoring.run(check_mode=True, hooks=hooks(init, command("load", "--secret")))
    assert report.plan is not None
    found = {entry["id"]: entry["hooks"] for entry in report.plan if "hooks" in entry}
    fetch = {"type": "init", "hook": "h", "source": "spec", "container": "fetch"}
    assert found == {
        "v1/Pod/shop/db": [
            fetch,
            {"type": "exec", "hook": "h", "source": "spec", "container": "main"},
        ],
        "v1/Pod/shop/web": [
            fetch,
            {
                "type": "exec",
                "hook": "<from-annotation>",
                "source": "annotation",
                "container": "main",
            },
        ],
    }
    assert (restoring.ran, restoring.store.writes) == ([], [])
    assert restoring.cluster.said("list", "get").count("list pods/shop") <= 1


def test_a_plan_asks_for_the_right_to_exec() -> None:
    restoring = Hooked(pod("db"))
    report = restoring.run(check_mode=True, review_access=True, hooks=hooks(command("load")))
    assert {
        (entry["verb"], entry["resource"]) for entry in report.access if "exec" in entry["resource"]
    } == {("create", "pods/exec"), ("get", "pods/exec")}


# ------------------------------------------------------------------ runs that were cut off


SPEC = hooks(command("one"), command("two"))


@pytest.mark.parametrize("count", range(40))
def test_a_run_that_was_killed_anywhere_is_gone_on_with(count: int) -> None:
    """Every hook is run once, or it is told that nobody knows."""
    restoring = Hooked(pod("db"), pod("web"))
    restoring.kill_at(count)
    with contextlib.suppress(Killed):
        restoring.run(hooks=SPEC)
    restoring.revive()
    report = restoring.run(hooks=SPEC)
    ran = restoring.ran
    assert len(ran) == len(set(ran))
    assert report.restore["status"]["hookStatus"]["hooksAttempted"] == 4
    unknown = [
        text for text in report.results.errors.namespaces.get("shop", []) if "not known" in text
    ]
    # One of each pod at most was under way.
    assert report.results.errors.count == len(unknown) <= 2
    assert len(ran) + len(unknown) >= 4


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (ConnectionFailedError("reading", "pods", "gone"), ConnectionFailedError),
        (api_error("Unauthorized"), RunAbortedError),
    ],
)
def test_a_connection_that_is_lost_while_hooks_are_waited_for(
    error: Exception, raised: type[Exception]
) -> None:
    restoring = Hooked(pod("db"), pod("web"))

    def lose() -> None:
        if not restoring.ran:
            restoring.start_pods()
            restoring.cluster.fail("exec", name="web", error=api_error("Unauthorized"), times=1)

    restoring.clock.on_sleep = lose
    restoring.cluster.on_command = lambda given: CommandOutcome()
    if isinstance(error, ConnectionFailedError):
        restoring.cluster.fail("list", "pods", error=error, times=1)
    with pytest.raises(raised):
        restoring.run(hooks=hooks(command("load")))
    record = json.loads(restoring.store.read(RECORD))
    assert record["status"]["phase"] == "Finalizing"
    assert "level=error" in restoring.log()
    restoring.clock.on_sleep = restoring.start_pods
    report = restoring.run(hooks=hooks(command("load")))
    assert sorted(restoring.ran) == ["db: load", "web: load"]
    assert status_of(report) == {"phase": "Completed", "hookStatus": {"hooksAttempted": 2}}


def test_the_errors_of_the_earlier_run_are_told_again() -> None:
    restoring = Hooked(pod("db"), pod("web"))

    def answer(given: ContainerCommand) -> CommandOutcome:
        return CommandOutcome("why" if given.pod == "db" else "")

    restoring.cluster.on_command = answer
    restoring.cluster.fail("exec", name="web", error=api_error("Unauthorized"), times=1)
    with pytest.raises(RunAbortedError):
        restoring.run(hooks=hooks(command("load")))
    report = restoring.run(hooks=hooks(command("load")))
    assert sorted(restoring.ran) == ["db: load", "web: load"]
    assert report.results.errors.namespaces == {
        "shop": ["hook h in container main failed to execute, err: why"]
    }


@pytest.mark.parametrize(
    ("mode", "ran"), [("Continue", ["db: one", "db: two"]), ("Fail", ["db: one"])]
)
def test_a_command_that_was_cut_off_counts_as_failed(mode: str, ran: list[str]) -> None:
    restoring = Hooked(pod("db"))

    def die(given: ContainerCommand) -> CommandOutcome:
        raise Killed

    restoring.cluster.on_command = die
    spec = hooks(command("one", onError=mode), command("two"))
    with pytest.raises(Killed):
        restoring.run(hooks=spec)
    restoring.cluster.on_command = lambda given: CommandOutcome()
    report = restoring.run(hooks=spec)
    assert restoring.ran == ran
    errors = report.results.errors.namespaces["shop"]
    assert errors[0] == (
        "hook h in container main was cut off with an earlier run of this restore: whether it "
        "has succeeded is not known"
    )
    canceled = "hook h in container main in pod shop/db not executed: context canceled"
    assert errors[1:] == ([canceled] if mode == "Fail" else [])


def test_a_pod_that_was_made_anew_gets_its_hooks_again() -> None:
    restoring = Hooked(pod("db"), pod("web"))
    restoring.cluster.fail("exec", name="web", error=api_error("Unauthorized"), times=1)
    with pytest.raises(RunAbortedError):
        restoring.run(hooks=hooks(command("load")))
    # As if it had been cut off before the last item.
    record = json.loads(restoring.store.files[RECORD])
    record["status"]["phase"] = "InProgress"
    restoring.store.files[RECORD] = json.dumps(record).encode()
    restoring.cluster.objects.pop(("pods", "shop", "db"))
    restoring.run(hooks=hooks(command("load")))
    assert sorted(restoring.ran) == ["db: load", "db: load", "web: load"]


def test_hooks_of_another_restore_of_this_name_do_not_count() -> None:
    restoring = Hooked(pod("db"))
    restoring.fails("why")
    restoring.run(hooks=hooks(command("load")))
    report = restoring.run(hooks=hooks(command("load")), settings={"rerun": "always"})
    assert status_of(report)["hookStatus"] == {}
    assert report.phase == "Completed"
