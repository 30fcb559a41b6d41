# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restarts and the order of first calls, with connections that are made up."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.rpc.client import (
    ListedPlugin,
    PluginClient,
    Timeouts,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.errors import CallError, PluginError
from ansible_collections.velero.core.plugins.module_utils.rpc.messages import (
    ITEMS_READY,
    LIST_PLUGINS,
    Method,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.process import PluginCommand

LISTED = [
    {"command": "/p", "kind": "ObjectStore", "name": "a/store"},
    {"command": "/p", "kind": "RestoreItemAction", "name": "a/one"},
    {"command": "/p", "kind": "RestoreItemActionV2", "name": "a/two"},
]


class FakePlugin:
    """Starts connections; ``script`` says what their calls do, ``starts`` what a start raises."""

    def __init__(self, *script: str, starts: Mapping[int, str] | None = None) -> None:
        self.script = list(script)
        self.starts = starts or {}
        self.lives: list[FakeConnection] = []
        self.lock = threading.Lock()
        self.log: list[tuple[str, str]] = []

    def connect(self, command: PluginCommand, log: Any, start_timeout: float) -> FakeConnection:
        if len(self.lives) in self.starts:
            raise PluginError("starting", command.path, self.starts[len(self.lives)])
        self.lives.append(FakeConnection(self))
        return self.lives[-1]

    def client(self) -> PluginClient:
        made = PluginClient(
            PluginCommand("/p"), lambda *entry: self.log.append(entry), Timeouts(), self.connect
        )
        assert made.start() == [ListedPlugin(**entry) for entry in LISTED]
        return made


class FakeConnection:
    def __init__(self, plugin: FakePlugin) -> None:
        self.plugin = plugin
        self.running = True
        self.closed = 0
        self.asked: list[tuple[str, Any]] = []

    def exit_text(self) -> str:
        return "exit status 3"

    def ended_soon(self) -> bool:
        return not self.running

    def close(self) -> None:
        self.running = False
        self.closed += 1

    def call(self, method: Method, values: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        self.asked.append((method.path.rpartition("/")[2], values.get("plugin")))
        if method is LIST_PLUGINS:
            return {"plugins": LISTED}
        if method is not ITEMS_READY:
            raise CallError("Unknown", "AppliesTo fails")
        with self.plugin.lock:
            step = self.plugin.script.pop(0) if self.plugin.script else "answer"
        if step == "die":
            self.running = False
        if step == "late":
            self.running = False
            raise CallError("Unavailable", "failed to connect", was_sent=False)
        if step in ("die", "lost"):
            raise CallError("Unavailable", "gone")
        if step == "fail":
            raise CallError("Unknown", "no")
        return {"ready": True}


def ask(client: PluginClient) -> str:
    try:
        client.call(ITEMS_READY, {"plugin": "a/two"}, 1)
    except CallError as error:
        return str(error)
    return "ok"


def test_every_action_is_asked_once_before_any_other_call() -> None:
    plugin = FakePlugin()
    plugin.client()
    assert plugin.lives[0].asked == [
        ("ListPlugins", None),
        ("AppliesTo", "a/one"),
        ("AppliesTo", "a/two"),
    ]


def test_the_call_that_meets_a_crash_fails_and_the_next_one_starts_the_process_anew() -> None:
    plugin = FakePlugin("answer", "die", "answer")
    client = plugin.client()
    assert ask(client) == "ok"
    assert ask(client) == (
        "rpc error: code = Unavailable desc = gone (the plugin process ended: exit status 3)"
    )
    assert len(plugin.lives) == 1
    assert ask(client) == "ok"
    assert [life.closed for life in plugin.lives] == [1, 0]
    assert plugin.lives[1].asked[:2] == [("AppliesTo", "a/one"), ("AppliesTo", "a/two")]
    assert ("info", "Plugin process exited - restarting. cmd=/p") in plugin.log


def test_a_plugin_that_answered_since_is_started_again() -> None:
    plugin = FakePlugin("die", "fail", "die", "answer", "die", "answer")
    client = plugin.client()
    assert [ask(client) == "ok" for number in range(6)] == [False, False, False, True, False, True]
    assert len(plugin.lives) == 4


def test_a_plugin_that_crashes_again_at_once_is_given_up() -> None:
    plugin = FakePlugin("die", "die")
    client = plugin.client()
    texts = [ask(client) for number in range(4)]
    assert "ended: exit status 3" in texts[1]
    assert (
        texts[2]
        == texts[3]
        == (
            "rpc error: code = Unavailable desc = unable to restart plugin process: "
            "the plugin process ended again (exit status 3)"
        )
    )
    assert len(plugin.lives) == 2


def test_a_restart_that_fails() -> None:
    plugin = FakePlugin("die", starts={1: "no memory"})
    client = plugin.client()
    ask(client)
    assert "unable to restart plugin process: Failed starting /p: no memory" in ask(client)
    assert ask(client) == ask(client)


def test_a_lost_connection_to_a_running_process_is_no_crash() -> None:
    plugin = FakePlugin("lost", "answer")
    client = plugin.client()
    assert ask(client) == "rpc error: code = Unavailable desc = gone"
    assert ask(client) == "ok"
    assert len(plugin.lives) == 1


def test_a_call_that_did_not_reach_the_process_is_made_again() -> None:
    plugin = FakePlugin("late", "answer", "late", "late", "answer")
    client = plugin.client()
    assert ask(client) == "ok"
    assert len(plugin.lives) == 2
    assert "failed to connect (the plugin process ended" in ask(client)


def test_nothing_is_started_after_close() -> None:
    plugin = FakePlugin()
    client = plugin.client()
    client.close()
    client.close()
    assert ask(client) == "rpc error: code = Unavailable desc = the plugin was stopped"
    assert len(plugin.lives) == 1


def test_many_threads_start_one_process() -> None:
    plugin = FakePlugin("die")
    client = plugin.client()
    ask(client)
    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(lambda number: ask(client), range(64))) == {"ok"}
    assert len(plugin.lives) == 2


def test_a_start_that_fails() -> None:
    plugin = FakePlugin(starts={0: "no memory"})
    with pytest.raises(PluginError, match="no memory"):
        plugin.client()
