# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole restores whose item actions start operations."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
    ExecuteOutput,
    OperationProgress,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ConnectionFailedError,
    RequestError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from tests.support.builders import Manifest, config_map
from tests.support.builders_actions import Action, only_actions
from tests.support.builders_run import Killed, Restoring

RECORD = "restores/r1/velero-restore.json"
OPERATIONS = "restores/r1/restore-r1-itemoperations.json.gz"
RESULTS = "restores/r1/restore-r1-results.gz"
LOG = "restores/r1/restore-r1-logs.gz"
TIMED_OUT = "Asynchronous action timed out"
TOLD = "error from restore item operation: {}"


@dataclass
class Operating(Action):
    """Starts an operation for each item of ``wanted``; they outlive the process.

    ``polls`` is how often each is asked about before it ends, with ``errors`` by name.
    """

    wanted: tuple[str, ...] = ("a",)
    polls: int = 2
    errors: dict[str, str] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    asked_about: dict[str, int] = field(default_factory=dict)
    cancels: list[str] = field(default_factory=list)
    broken: Exception | None = None
    exists: Callable[[str], bool] = lambda name: False

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        name = given.item["metadata"]["name"]
        if name not in self.wanted or self.exists(name):
            return ExecuteOutput()
        self.begun.append(name)
        return ExecuteOutput(operation_id=f"op-{name}")

    def progress(self, operation_id: str, restore: Manifest) -> OperationProgress:
        if self.broken:
            raise self.broken
        seen = self.asked_about[operation_id] = self.asked_about.get(operation_id, 0) + 1
        done = seen >= self.polls
        name = operation_id.removeprefix("op-")
        return OperationProgress(
            completed=done,
            err=self.errors.get(name, "") if done else "",
            n_completed=min(seen, self.polls),
            n_total=self.polls,
            started="2026-01-02T03:04:05Z",
        )

    def cancel(self, operation_id: str, restore: Manifest) -> None:
        self.cancels.append(operation_id)


class Operated(Restoring):
    """Restores config maps a, b and c with one action."""

    def __init__(self, action: Operating | None = None, **settings: Any) -> None:
        super().__init__([config_map(name) for name in "abc"], **settings)
        self.action = action or Operating()
        # As Velero's own action does: an item that is there has its operation already.
        self.action.exists = lambda name: ("configmaps", "shop", name) in self.cluster.objects

    def run(self, **given: Any) -> RestoreReport:
        with only_actions(self.action):
            return super().run(**given)

    def stored(self) -> dict[str, tuple[str, str]]:
        """Phase and error of the stored operations, by their item."""
        rows = self.store.json(OPERATIONS) if OPERATIONS in self.store.files else []
        return {
            row["spec"]["resourceIdentifier"]["Name"]: (
                row["status"]["phase"],
                row["status"].get("error", ""),
            )
            for row in rows
        }

    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.store.files[RECORD])
        return found

    def status(self) -> dict[str, Any]:
        times = ("startTimestamp", "completionTimestamp", "progress", "hookStatus")
        return {key: value for key, value in self.record()["status"].items() if key not in times}

    def phases(self) -> list[str]:
        """The phases that the stored record has gone through, each named once."""
        return list(dict.fromkeys(self.seen))

    def follow_phases(self) -> None:
        self.seen: list[str] = []
        write = self.store.write

        def seen(key: str, data: bytes) -> None:
            write(key, data)
            if key == RECORD:
                self.seen.append(json.loads(data)["status"]["phase"])

        self.store.write = seen  # type: ignore[method-assign]


@pytest.fixture
def operated() -> Iterator[Operated]:
    yield Operated()


# ------------------------------------------------------------------ from the items to the end


@pytest.mark.parametrize(
    ("polls", "errors", "phases", "counts"),
    [
        pytest.param(
            1,
            {},
            ["InProgress", "Finalizing", "Completed"],
            {"restoreItemOperationsCompleted": 1},
            id="done at the first look",
        ),
        pytest.param(
            3,
            {},
            ["InProgress", "WaitingForPluginOperations", "Finalizing", "Completed"],
            {"restoreItemOperationsCompleted": 1},
            id="done later",
        ),
        pytest.param(
            1,
            {"a": "why"},
            ["InProgress", "FinalizingPartiallyFailed", "PartiallyFailed"],
            {"restoreItemOperationsFailed": 1, "errors": 1},
            id="failed at the first look",
        ),
        pytest.param(
            3,
            {"a": "why"},
            [
                "InProgress",
                "WaitingForPluginOperations",
                "WaitingForPluginOperationsPartiallyFailed",
                "FinalizingPartiallyFailed",
                "PartiallyFailed",
            ],
            {"restoreItemOperationsFailed": 1, "errors": 1},
            id="failed later",
        ),
    ],
)
def test_the_course_of_a_restore(
    polls: int, errors: dict[str, str], phases: list[str], counts: dict[str, int]
) -> None:
    operated = Operated(Operating(polls=polls, errors=errors))
    operated.follow_phases()
    report = operated.run()
    assert operated.phases() == phases
    assert operated.status() == {
        "phase": phases[-1],
        "restoreItemOperationsAttempted": 1,
        **counts,
    }
    assert operated.stored() == {"a": ("Failed" if errors else "Completed", errors.get("a", ""))}
    assert report.results.errors.velero == [TOLD.format(text) for text in errors.values()]
    assert operated.store.json(RESULTS) == report.results.to_dict()
    assert not report.warnings


def test_an_error_of_an_item_and_an_operation_that_runs() -> None:
    operated = Operated()
    operated.cluster.fail("create", "configmaps", "b", times=1)
    operated.follow_phases()
    operated.run()
    assert operated.phases() == [
        "InProgress",
        "WaitingForPluginOperationsPartiallyFailed",
        "FinalizingPartiallyFailed",
        "PartiallyFailed",
    ]


def test_one_of_several_fails() -> None:
    operated = Operated(Operating(wanted=("a", "b", "c"), errors={"b": "why"}, polls=4))
    report = operated.run()
    assert report.phase == "PartiallyFailed"
    assert operated.stored() == {
        "a": ("Completed", ""),
        "b": ("Failed", "why"),
        "c": ("Completed", ""),
    }
    status = operated.status()
    assert status["restoreItemOperationsAttempted"] == 3
    assert status["restoreItemOperationsCompleted"] == 2
    assert status["restoreItemOperationsFailed"] == 1


def test_one_that_never_ends_is_cancelled() -> None:
    operated = Operated(Operating(polls=10**9))
    report = operated.run(item_operation_timeout=60)
    assert operated.action.cancels == ["op-a"]
    assert operated.stored() == {"a": ("Failed", TIMED_OUT)}
    assert report.results.errors.velero == [TOLD.format(TIMED_OUT)]
    assert 60 <= sum(operated.clock.slept) <= 71


@pytest.mark.parametrize(("strict", "phase"), [(True, "PartiallyFailed"), (False, "Completed")])
def test_surprise_39_a_server_that_does_not_answer_once(strict: bool, phase: str) -> None:
    operated = Operated(compatibility="strict" if strict else "safe")
    lost = ActionError("why")
    lost.__cause__ = ConnectionFailedError("asking", "the server")
    operated.action.broken = lost

    def mend() -> None:
        operated.action.broken = None

    operated.clock.on_sleep = mend
    assert operated.run().phase == phase


def test_the_order_of_the_artifacts() -> None:
    operated = Operated()
    operated.run()
    written = [key.rpartition("/")[2] for key in operated.store.writes if "progress" not in key]
    assert written == [
        "velero-restore.json",
        "restore-r1-itemoperations.json.gz",  # before the item is created
        "restore-r1-logs.gz",
        "restore-r1-results.gz",
        "restore-r1-resource-list.json.gz",
        "restore-r1-itemoperations.json.gz",
        "r1-volumeinfo.json.gz",
        "velero-restore.json",  # waiting
        "restore-r1-itemoperations.json.gz",
        "velero-restore.json",  # the counters
        "velero-restore.json",  # finalizing
        "velero-restore.json",  # the end
        "restore-r1-logs.gz",
    ]


def test_what_happens_after_the_items_is_in_the_log() -> None:
    operated = Operated(Operating(errors={"a": "why"}))
    operated.run()
    log = gzip.decompress(operated.store.read(LOG)).decode()
    lines = [
        'msg="restore completed"',
        'msg="Waiting for operation op-a of example.io/a for configmaps/shop/a"',
        'msg="operation op-a of example.io/a for configmaps/shop/a has failed: why"',
    ]
    places = [log.index(line) for line in lines]
    assert places == sorted(places)


# ------------------------------------------------------------------ without waiting


def test_without_waiting_a_later_run_looks_once_and_ends_it() -> None:
    operated = Operated(Operating(polls=4), wait=False)
    first = operated.run()
    assert (first.phase, first.changed) == ("WaitingForPluginOperations", True)
    second = operated.run()
    assert (second.phase, second.changed) == ("WaitingForPluginOperations", False)
    third = operated.run()
    assert (third.phase, third.changed) == ("Completed", True)
    fourth = operated.run()
    assert (fourth.phase, fourth.changed) == ("Completed", False)
    assert not operated.clock.slept
    assert operated.action.begun == ["a"]
    assert [outcome.key.name for outcome in third.outcomes if outcome.key.namespace] == [
        "a",
        "b",
        "c",
    ]


def test_a_later_run_that_waits() -> None:
    operated = Operated(Operating(polls=6, errors={"a": "why"}), wait=False)
    operated.run()
    operated.cluster.calls.clear()
    report = operated.run(settings={"wait": True})
    assert report.phase == "PartiallyFailed"
    assert report.results.errors.velero == [TOLD.format("why")]
    assert not operated.cluster.writes


def test_without_operations_there_is_nothing_to_wait_for() -> None:
    operated = Operated(Operating(wanted=()), wait=False)
    assert operated.run().phase == "Completed"
    assert "restoreItemOperationsAttempted" not in operated.status()


@pytest.mark.parametrize(("strict", "end"), [(False, ""), (True, "PartiallyFailed")])
def test_a_later_task_without_the_action(strict: bool, end: str) -> None:
    operated = Operated(wait=False, compatibility="strict" if strict else "safe")
    operated.action.polls = 5
    operated.run()
    before = dict(operated.store.files)
    operated.action.name = "example.io/other"
    if strict:
        report = operated.run()
        assert report.phase == end
        assert "unable to locate RestoreItemActionV2 plugin named" in str(operated.stored())
        return
    with pytest.raises(RequestError, match=r"its item action example\.io/a is not there"):
        operated.run()
    assert operated.store.files == before
    operated.action.name = "example.io/a"
    assert operated.run(settings={"wait": True}).phase == "Completed"


def test_a_plan_of_what_is_left_asks_no_action() -> None:
    operated = Operated(Operating(polls=4), wait=False)
    operated.run()
    asked = dict(operated.action.asked_about)
    operated.store.writes.clear()
    report = operated.run(check_mode=True)
    assert (report.plan, report.changed) == ([], True)
    assert operated.action.asked_about == asked
    assert not operated.store.writes


# ------------------------------------------------------------------ runs that were cut off


def outcome(operated: Operated) -> dict[str, Any]:
    return {
        "status": operated.status(),
        "operations": operated.stored(),
        "results": operated.store.json(RESULTS),
        "list": operated.store.json("restores/r1/restore-r1-resource-list.json.gz"),
        "objects": dict.fromkeys(operated.cluster.objects),
    }


@pytest.mark.parametrize("moment", range(20))
def test_a_restore_that_is_killed_anywhere_comes_to_the_same_end(moment: int) -> None:
    def fresh() -> Operated:
        return Operated(Operating(wanted=("a", "b"), errors={"b": "why"}, polls=3))

    undisturbed = fresh()
    undisturbed.run()
    operated = fresh()
    operated.kill_at(moment)
    try:
        operated.run()
    except Killed:
        killed_in = operated.record()["status"]["phase"] if RECORD in operated.store.files else ""
    else:
        killed_in = "nothing: there are not so many writes"
    operated.revive()
    report = operated.run()
    assert outcome(operated) == outcome(undisturbed), killed_in
    assert report.results.to_dict() == operated.store.json(RESULTS)
    assert operated.run().changed is False
    # One whose start was not stored yet when the process died is started again, not lost.
    assert sorted(set(operated.action.begun)) == ["a", "b"]


def test_operations_of_an_earlier_restore_of_this_name_are_not_taken_over() -> None:
    operated = Operated(rerun="always")
    operated.run()
    operated.action.wanted = ()
    operated.kill_at(3)
    with pytest.raises(Killed):
        operated.run()
    operated.revive()
    operated.run()
    assert operated.stored() == {}
    assert "restoreItemOperationsAttempted" not in operated.status()


@pytest.mark.parametrize("lost", [OPERATIONS, RESULTS, "resource-list.json.gz"])
def test_without_its_artifacts_a_restore_goes_through_the_items_again(lost: str) -> None:
    operated = Operated(Operating(polls=4), wait=False)

    def fail(key: str) -> None:
        if key.endswith(lost):
            raise StorageError("writing", key, "disk full")

    operated.store.before_write = fail
    report = operated.run()
    assert report.phase == "WaitingForPluginOperations"
    assert lost in str(report.warnings)
    assert operated.record()["status"]["phase"] == "InProgress"
    operated.revive()
    operated.action.exists = lambda name: False
    assert operated.run(settings={"wait": True}).phase == "Completed"
    assert operated.stored() == {"a": ("Completed", "")}


def test_a_connection_that_is_lost_while_waiting_leaves_a_record_that_goes_on() -> None:
    operated = Operated(Operating(polls=3))
    lost = ConnectionFailedError("asking", "the server", "reset")

    def lose() -> None:
        operated.action.broken = lost

    operated.clock.on_sleep = lose
    with pytest.raises(ConnectionFailedError, match="the restore goes on where it stopped"):
        operated.run()
    assert operated.record()["status"]["phase"] == "WaitingForPluginOperations"
    operated.clock.on_sleep = lambda: None
    operated.action.broken = None
    report = operated.run()
    assert report.phase == "Completed"
    log = gzip.decompress(operated.store.read(LOG)).decode()
    assert log.index("starting restore") < log.index("level=error") < log.rindex("Waiting for")
