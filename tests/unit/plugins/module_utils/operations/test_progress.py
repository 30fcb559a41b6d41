# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    OperationProgress,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ConnectionFailedError,
)
from ansible_collections.velero.core.plugins.module_utils.model.operations import ItemOperation
from ansible_collections.velero.core.plugins.module_utils.model.times import timestamp
from ansible_collections.velero.core.plugins.module_utils.operations.progress import (
    PassOutcome,
    ProgressPass,
)
from tests.support.builders import Manifest, obj
from tests.support.builders_actions import Action
from tests.support.fake_clock import START, FakeClock
from tests.support.fake_cluster import api_error

RESTORE = obj("Restore", "r1", "velero")
TIMEOUT, PATIENCE = 3600.0, 600.0
RUNNING = OperationProgress(description="working", n_completed=1, n_total=4, operation_units="B")
STARTED = OperationProgress(started="2026-01-02T03:04:06Z")
DONE = OperationProgress(completed=True)

Answer = Callable[[], OperationProgress]


@dataclass
class Operating(Action):
    """Answers the given progress, or raises the given error."""

    answers: list[OperationProgress | Exception] = field(default_factory=lambda: [RUNNING])
    cancels: list[str] = field(default_factory=list)
    cancel_error: Exception | None = None

    def progress(self, operation_id: str, restore: Manifest) -> OperationProgress:
        assert restore is RESTORE
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def cancel(self, operation_id: str, restore: Manifest) -> None:
        self.cancels.append(operation_id)
        if self.cancel_error:
            raise self.cancel_error


def operation(phase: str = "New", **fields: Any) -> ItemOperation:
    given: dict[str, Any] = {
        "action": "example.io/a",
        "group": "",
        "resource": "configmaps",
        "namespace": "shop",
        "name": "x",
        "operation_id": "op-1",
        "created": timestamp(START),
        "phase": phase,
        **fields,
    }
    return ItemOperation(**given)


def looking(
    *answers: OperationProgress | Exception,
    patience: float = PATIENCE,
    clock: FakeClock | None = None,
    **fields: Any,
) -> tuple[ProgressPass, Operating]:
    action = Operating(answers=list(answers or [RUNNING]), **fields)
    clock = clock or FakeClock()
    return ProgressPass([action], clock, timeout=TIMEOUT, patience=patience), action


def look(
    *answers: OperationProgress | Exception, one: ItemOperation | None = None, **given: Any
) -> tuple[ItemOperation, PassOutcome]:
    one = one or operation()
    return one, looking(*answers, **given)[0].look([one], RESTORE)


# ------------------------------------------------------------------ the table of section 7.3


@pytest.mark.parametrize(
    ("before", "answer", "after", "error", "running"),
    [
        ("New", OperationProgress(), "New", "", True),
        ("New", RUNNING, "New", "", True),
        ("New", STARTED, "InProgress", "", True),
        ("InProgress", RUNNING, "InProgress", "", True),
        ("New", DONE, "Completed", "", False),
        ("InProgress", DONE, "Completed", "", False),
        ("New", OperationProgress(completed=True, err="why"), "Failed", "why", False),
        ("InProgress", OperationProgress(err="not yet"), "InProgress", "", True),
        ("New", ActionError("why"), "Failed", "why", False),
        ("InProgress", ActionError("why"), "Failed", "why", False),
        ("New", ValueError("why"), "Failed", "plugin panicked: ValueError: why", False),
    ],
)
def test_one_operation(
    before: str,
    answer: OperationProgress | Exception,
    after: str,
    error: str,
    running: bool,
) -> None:
    one, outcome = look(answer, one=operation(before))
    assert (one.phase, one.error) == (after, error)
    assert outcome.running is running
    assert [failed.error for failed in outcome.failed] == ([error] if error else [])
    assert outcome.changed is (before != after or answer is RUNNING)


@pytest.mark.parametrize("phase", ["Completed", "Failed"])
def test_what_has_ended_is_not_asked_about(phase: str) -> None:
    one, outcome = look(AssertionError("nobody asks"), one=operation(phase, error="old"))
    assert outcome == PassOutcome()
    assert (one.phase, one.error) == (phase, "old")


def test_all_that_an_action_tells_is_taken_over() -> None:
    told = OperationProgress(
        n_completed=1,
        n_total=2,
        operation_units="Bytes",
        description="half",
        started="2026-01-02T03:04:06Z",
        updated="2026-01-02T03:04:07Z",
    )
    one, outcome = look(told)
    assert one == operation(
        "InProgress",
        n_completed=1,
        n_total=2,
        operation_units="Bytes",
        description="half",
        started="2026-01-02T03:04:06Z",
        updated="2026-01-02T03:04:07Z",
    )
    assert outcome.changed
    assert not look(told, one=one)[1].changed
    one, _outcome = look(OperationProgress(), one=one)
    assert (one.started, one.n_total) == ("2026-01-02T03:04:06Z", 0), "a time is never taken back"


def test_an_action_that_is_not_there() -> None:
    one, outcome = look(one=operation(action="example.io/gone"))
    assert one.error == "unable to locate RestoreItemActionV2 plugin named example.io/gone"
    assert not outcome.running


def test_the_errors_of_velero_s_own_actions_have_their_prefix() -> None:
    action = Operating(answers=[ActionError("didn't find DataDownload")], name="velero.io/mine")
    passing = ProgressPass([action], FakeClock(), timeout=TIMEOUT, patience=PATIENCE)
    one = operation(action="velero.io/mine")
    passing.look([one], RESTORE)
    assert one.error == "rpc error: code = Unknown desc = didn't find DataDownload"


# ------------------------------------------------------------------ time


@pytest.mark.parametrize(("passed", "late"), [(0, False), (TIMEOUT, False), (TIMEOUT + 1, True)])
@pytest.mark.parametrize("cancel_error", [None, ActionError("no"), RuntimeError("no")])
def test_the_timeout(passed: float, late: bool, cancel_error: Exception | None) -> None:
    clock = FakeClock(START + passed)
    passing, action = looking(clock=clock, cancel_error=cancel_error)
    one = operation()
    outcome = passing.look([one], RESTORE)
    assert one.error == ("Asynchronous action timed out" if late else "")
    assert action.cancels == (["op-1"] if late else [])
    assert outcome.running is not late


def test_one_that_is_done_at_last_is_not_late() -> None:
    one, _outcome = look(DONE, clock=FakeClock(START + 2 * TIMEOUT))
    assert one.phase == "Completed"


def test_without_a_time_of_creation_it_begins_now() -> None:
    one, outcome = look(one=operation(created=""))
    assert one.created == timestamp(START)
    assert outcome.running


# ------------------------------------------------------------------ servers that do not answer


def caused(cause: Exception) -> ActionError:
    error = ActionError("why")
    error.__cause__ = cause
    return error


PASSING = [
    pytest.param(caused(api_error("InternalError", "oops")), id="server error"),
    pytest.param(ConnectionFailedError("asking", "the server", "reset"), id="connection"),
]


@pytest.mark.parametrize("error", PASSING)
def test_39_an_error_that_may_pass(error: Exception) -> None:
    clock = FakeClock()
    passing, _action = looking(error, error, DONE, clock=clock)
    one = operation()
    for running in (True, True, False):
        assert passing.look([one], RESTORE).running is running
        clock.advance(10)
    assert one.phase == "Completed"


@pytest.mark.parametrize("error", PASSING)
def test_39_strict_gives_up_at_once(error: Exception) -> None:
    one, outcome = look(error, patience=0)
    assert (one.phase, one.error) == ("Failed", str(error))
    assert not outcome.running


def test_39_an_error_that_stays() -> None:
    clock = FakeClock()
    passing, _action = looking(caused(api_error("InternalError", "oops")), clock=clock)
    one = operation()
    passing.look([one], RESTORE)
    clock.advance(PATIENCE - 1)
    passing.look([one], RESTORE)
    assert one.phase == "New"
    clock.advance(1)
    passing.look([one], RESTORE)
    assert (one.phase, one.error) == ("Failed", "why")


def test_39_a_connection_that_stays_lost_ends_the_run_not_the_operation() -> None:
    clock = FakeClock()
    lost = ConnectionFailedError("asking", "the server", "reset")
    passing, _action = looking(lost, clock=clock)
    one = operation()
    passing.look([one], RESTORE)
    clock.advance(PATIENCE)
    with pytest.raises(ConnectionFailedError):
        passing.look([one], RESTORE)
    assert one.phase == "New"


def test_39_an_answer_renews_the_patience() -> None:
    clock = FakeClock()
    error = caused(api_error("InternalError", "oops"))
    passing, _action = looking(error, RUNNING, error, clock=clock)
    one = operation()
    for _look in range(3):
        passing.look([one], RESTORE)
        clock.advance(PATIENCE - 1)
    assert one.phase == "New"


def test_39_a_late_operation_ends_though_nobody_answers() -> None:
    one, _outcome = look(
        caused(api_error("InternalError", "oops")), clock=FakeClock(START + 2 * TIMEOUT)
    )
    assert one.error == "Asynchronous action timed out"


# ------------------------------------------------------------------ going on


@pytest.mark.parametrize(
    ("one", "unknown"),
    [
        (operation(action="example.io/gone"), True),
        (operation(), False),
        (operation("Completed", action="example.io/gone"), False),
        (operation(action="example.io/gone", created="2026-01-01T00:00:00Z"), False),
    ],
    ids=["gone", "there", "ended", "late"],
)
def test_operations_whose_action_is_missing(one: ItemOperation, unknown: bool) -> None:
    assert bool(looking()[0].unknown([one])) is unknown
