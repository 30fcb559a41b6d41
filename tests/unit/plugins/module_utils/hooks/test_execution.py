# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command of a hook: what is asked of the cluster, noted, logged and reported."""

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.hooks.execution import (
    ClusterHookExecutor,
)
from ansible_collections.velero.core.plugins.module_utils.hooks.ledger import HookLedger
from ansible_collections.velero.core.plugins.module_utils.model.commands import (
    CommandOutcome,
    ContainerCommand,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ConnectionFailedError,
    RunAbortedError,
    VeleroCoreError,
)
from tests.support.fake_cluster import FakeCluster, api_error
from tests.support.hooks import hook

HOOK = hook("h", exec_timeout=5.0)


class Bench:
    def __init__(self, outcome: CommandOutcome | VeleroCoreError) -> None:
        self.cluster = FakeCluster()
        self.kept: list[list[str]] = []
        self.log: list[tuple[str, str]] = []
        self._outcome = outcome
        self.cluster.on_command = self._answer
        self.ledger = HookLedger(keep=lambda rows: self.kept.append([row["state"] for row in rows]))
        self.ledger.add(HOOK.key, "u")
        self.executor = ClusterHookExecutor(
            self.cluster, self.ledger, lambda level, text: self.log.append((level, text))
        )

    def _answer(self, command: ContainerCommand) -> CommandOutcome:
        # Kept before the command begins.
        assert self.kept == [["started"]]
        if isinstance(self._outcome, VeleroCoreError):
            raise self._outcome
        return self._outcome


def test_the_command_goes_to_its_container() -> None:
    bench = Bench(CommandOutcome())
    assert bench.executor.execute(HOOK) == ""
    assert bench.cluster.commands == [ContainerCommand("shop", "p", "main", ("h",), 5.0)]


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (
            CommandOutcome("command terminated with exit code 1"),
            "command terminated with exit code 1",
        ),
        (CommandOutcome("timed out after 5s"), "timed out after 5s"),
        (api_error("NotFound", 'pods "p" not found'), 'pods "p" not found'),
        (api_error("Forbidden", "pods/exec is forbidden"), "pods/exec is forbidden"),
        (
            ConnectionFailedError("running a command in", "container main", "connection reset"),
            "Failed running a command in container main: connection reset",
        ),
    ],
)
def test_why_a_hook_failed(outcome: CommandOutcome | VeleroCoreError, error: str) -> None:
    assert Bench(outcome).executor.execute(HOOK) == error


def test_bad_credentials_end_the_run_and_leave_the_hook() -> None:
    bench = Bench(api_error("Unauthorized"))
    with pytest.raises(RunAbortedError):
        bench.executor.execute(HOOK)
    assert bench.kept == [["started"], ["pending"]]


def test_a_hook_without_a_command_is_not_sent() -> None:
    bench = Bench(CommandOutcome())
    empty = type(HOOK)(HOOK.key, type(HOOK.hook)(command=()))
    assert bench.executor.execute(empty) == "command is required"
    assert bench.cluster.commands == []


def test_the_output_is_in_the_log_only() -> None:
    bench = Bench(CommandOutcome("command terminated with exit code 1", "one\ntwo\n", "\x1b[31mno"))
    assert "two" not in bench.executor.execute(HOOK)
    assert bench.log == [
        ("info", "stdout of hook h: one\ntwo"),
        ("info", "stderr of hook h: ?[31mno"),
    ]
