# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plugin binaries as real processes (tests/testbed/plugins)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    AsyncNotSupportedError,
    ExecuteInput,
    ExecuteOutput,
    ItemAction,
    ResourceIdentifier,
    ResourceSelector,
)
from ansible_collections.velero.core.plugins.module_utils.actions.plugin_binaries import (
    PluginBinaries,
    plugin_command,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.client import Timeouts
from ansible_collections.velero.core.plugins.module_utils.rpc.errors import PluginError
from tests.support.engine import CHECKOUT
from tests.support.plugged import DOMAIN, config_map
from tests.testbed.build import plugin_binaries
from tests.testbed.processes import alive

pytest.importorskip("grpc")

RESTORE = {"apiVersion": "velero.io/v1", "kind": "Restore", "metadata": {"name": "r"}}
LIMIT = 4 * 1024 * 1024


@pytest.fixture(scope="session")
def binary() -> str:
    return str(plugin_binaries() / "testplugin")


class Plugins:
    """Started binaries, their log and calls by short names of actions."""

    def __init__(self, running: PluginBinaries, log: list[tuple[str, str]]) -> None:
        self.running = running
        self.log = log
        self.actions = running.actions()
        self._by_name = {action.name: action for action in self.actions}

    def __getitem__(self, name: str) -> ItemAction:
        return self._by_name[DOMAIN + name]

    def execute(self, name: str, item: str = "item", **options: str) -> ExecuteOutput:
        given = config_map(item, **options)
        return self[name].execute(ExecuteInput(item=given, item_from_backup=given, restore=RESTORE))

    def fails(self, name: str, **options: str) -> str:
        with pytest.raises(ActionError) as caught:
            self.execute(name, **options)
        return str(caught.value)

    def logged(self, text: str, count: int = 1) -> list[str]:
        """The levels of the lines that hold `text`, once there are as many."""
        deadline = time.monotonic() + 10
        found: list[str] = []
        while len(found) < count and time.monotonic() < deadline:
            time.sleep(0.02)
            found = [level for level, line in self.log if text in line]
        return found


@pytest.fixture
def start(binary: str) -> Iterator[Callable[..., Plugins]]:
    with ExitStack() as stack:

        def started(*arguments: str, **options: Any) -> Plugins:
            log: list[tuple[str, str]] = []
            command = plugin_command([binary, *arguments])
            running = PluginBinaries([command], lambda *line: log.append(line), **options)
            return Plugins(stack.enter_context(running), log)

        yield started


def children(command: str) -> list[int]:
    """The processes that run `command`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/exe"):
        try:
            if os.readlink(path) == command and alive(int(path.parent.name)):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


# ------------------------------------------------------------------ actions


def test_list_and_selectors(start: Callable[..., Plugins]) -> None:
    plugins = start()
    names = [action.name.removeprefix(DOMAIN) for action in plugins.actions]
    assert names[:4] == ["v1-echo", "v1-labels", "big", "crash"]
    assert names[2:] == sorted(names[2:])
    for action in plugins.actions:
        assert action.applies_to() == ResourceSelector(
            included_resources=("configmaps",), label_selector=action.name
        )


@pytest.mark.parametrize("version", ["v1-", ""])
def test_edits(start: Callable[..., Plugins], version: str) -> None:
    output = start().execute(f"{version}labels")
    assert output.updated_item == {
        **config_map("item"),
        "metadata": {
            **config_map("item")["metadata"],
            "labels": {"edited-by": f"example.test_{version}labels"},
        },
    }


def test_outputs(start: Callable[..., Plugins]) -> None:
    plugins = start()
    assert plugins.execute("plain") == ExecuteOutput()
    assert plugins.execute("skips") == ExecuteOutput().without_restore()
    needed = tuple(
        ResourceIdentifier(resource="configmaps", namespace="plugged", name=name) for name in "xy"
    )
    assert plugins.execute("waits", needs="x,y", ready_timeout="1m0.5s") == ExecuteOutput(
        additional_items=needed
    ).with_items_wait(60.5)
    ready = [plugins["waits"].are_additional_items_ready(needed, RESTORE) for poll in range(4)]
    assert ready == [False, False, True, True]


def test_operations(start: Callable[..., Plugins]) -> None:
    plugins = start()
    action = plugins["operates"]
    operation = plugins.execute("operates").operation_id
    found = [action.progress(operation, RESTORE) for poll in range(4)]
    assert [one.n_completed for one in found] == [25, 50, 75, 100]
    assert [one.completed for one in found] == [False, False, False, True]
    assert (found[0].n_total, found[0].operation_units) == (100, "Percent")
    assert found[0].started.startswith("20") and found[0].updated == ""
    with pytest.raises(ActionError, match=r"desc = operation ID none is invalid$"):
        action.progress("none", RESTORE)
    second = plugins.execute("operates", "second").operation_id
    action.cancel(second, RESTORE)
    canceled = action.progress(second, RESTORE)
    assert canceled.completed and canceled.err == "cancelled"


def test_v1_has_no_operations(start: Callable[..., Plugins]) -> None:
    action = start()["v1-echo"]
    with pytest.raises(AsyncNotSupportedError):
        action.progress("o", RESTORE)
    action.cancel("o", RESTORE)
    assert action.are_additional_items_ready([], RESTORE)


def test_errors_and_panics(start: Callable[..., Plugins]) -> None:
    plugins = start()
    assert plugins.fails("fails") == (
        "rpc error: code = Unknown desc = this item cannot be restored"
    )
    assert plugins.fails("panics") == (
        "rpc error: code = Aborted desc = plugin panicked: no such luck"
    )
    assert plugins.execute("plain") == ExecuteOutput()


def test_large_messages(start: Callable[..., Plugins]) -> None:
    plugins = start()
    updated = plugins.execute("big").updated_item
    assert updated is not None and len(updated["data"]["big"]) > LIMIT
    assert plugins.execute("plain", filler="x" * (LIMIT // 2 - 2000)) == ExecuteOutput()
    text = plugins.fails("plain", filler="x" * (LIMIT // 2))
    assert text.startswith(
        "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (4194"
    )
    assert "vs. 4194304) (plugins take messages up to a limit" in text
    assert plugins.execute("plain") == ExecuteOutput()


def test_what_a_plugin_writes_is_logged_and_never_blocks_it(start: Callable[..., Plugins]) -> None:
    plugins = start()
    for number in range(3):
        plugins.execute("noisy", pause=f"call-{number}")
    assert plugins.logged("a line on stdout pluginName=testplugin", 3) == ["debug"] * 3
    assert plugins.logged("a line on stderr", 3) == ["debug"] * 3
    assert plugins.logged("a warning item=call-2 logSource=x.go:1") == ["warning"]


def test_a_call_that_takes_too_long(start: Callable[..., Plugins]) -> None:
    plugins = start(timeouts=Timeouts(execute=0.5))
    started = time.monotonic()
    text = plugins.fails("slow", pause="20s")
    assert time.monotonic() - started < 3
    assert text == (
        "rpc error: code = DeadlineExceeded desc = "
        "context deadline exceeded (no answer within 0.5 s)"
    )
    assert plugins.execute("plain") == ExecuteOutput()


# ------------------------------------------------------------------ registration


def test_one_plugin_listed_twice(binary: str) -> None:
    commands = [plugin_command(binary), plugin_command(binary)]
    with PluginBinaries(commands, lambda level, text: None) as running:
        with pytest.raises(
            PluginError,
            match=rf"unable to register plugin \(kind=RestoreItemAction, name={DOMAIN}v1-echo, "
            rf"command={binary}\) because another plugin is already registered",
        ):
            running.actions()
        assert len(children(binary)) >= 2


def test_a_name_of_both_versions(start: Callable[..., Plugins]) -> None:
    plugins = start("-only=none", "-also=RestoreItemAction:x.y/z,RestoreItemActionV2:x.y/z")
    assert [action.name for action in plugins.actions] == ["x.y/z", "x.y/z"]
    for action in plugins.actions:
        with pytest.raises(ActionError, match=r"operation ID o is invalid"):
            action.progress("o", RESTORE)


def test_programs_that_are_no_plugins() -> None:
    for command, why in (
        ("/bin/true", "it ended at once"),
        ("/bin/echo hello", "Unrecognized remote plugin message: hello"),
    ):
        binaries = PluginBinaries([plugin_command(command)], lambda level, text: None)
        with pytest.raises(PluginError, match=why), binaries:
            pass


# ------------------------------------------------------------------ processes


def test_orderly_end(start: Callable[..., Plugins], binary: str) -> None:
    before = set(children(binary))
    plugins = start()
    (pid,) = set(children(binary)) - before
    started = time.monotonic()
    plugins.running.close()
    assert time.monotonic() - started < 1.5
    assert not alive(pid)
    assert "desc = the plugin was stopped" in plugins.fails("plain")


def test_crash_and_restart(start: Callable[..., Plugins], tmp_path: Path) -> None:
    plugins = start()
    mark = str(tmp_path / "mark")
    text = plugins.fails("crash", mark=mark)
    assert text.startswith("rpc error: code = Unavailable desc = ")
    assert text.endswith("(the plugin process ended: exit status 3)")
    assert plugins.logged("fatal error: this plugin ends itself") == ["error"]
    assert plugins.execute("crash", mark=mark) == ExecuteOutput()
    assert plugins.logged("Plugin process exited - restarting.") == ["info"]
    # Crashes with answers between them are started over; one after the other are not.
    plugins.fails("crash")
    assert plugins.execute("plain") == ExecuteOutput()
    plugins.fails("crash")
    plugins.fails("crash")
    assert plugins.fails("plain") == (
        "rpc error: code = Unavailable desc = unable to restart plugin process: "
        "the plugin process ended again (exit status 3)"
    )


def test_many_threads_through_one_process(start: Callable[..., Plugins], binary: str) -> None:
    plugins = start()

    def one(number: int) -> str:
        output = plugins.execute("labels", f"item-{number}")
        return "" if output.updated_item is None else output.updated_item["metadata"]["name"]

    with ThreadPoolExecutor(16) as pool:
        sleeping = pool.submit(plugins.execute, "slow", pause="1s")
        assert list(pool.map(one, range(800))) == [f"item-{number}" for number in range(800)]
        assert sleeping.result() == ExecuteOutput()


def test_a_process_that_is_killed_under_many_threads(
    start: Callable[..., Plugins], binary: str
) -> None:
    before = set(children(binary))
    plugins = start()

    def one(number: int) -> bool:
        if number == 200:
            (pid,) = set(children(binary)) - before
            os.kill(pid, signal.SIGKILL)
        try:
            return plugins.execute("plain") == ExecuteOutput()
        except ActionError as error:
            assert str(error).startswith("rpc error: code = Unavailable")
            return False

    with ThreadPoolExecutor(16) as pool:
        good = list(pool.map(one, range(600)))
    # Only what was under way is lost.
    assert good.count(False) <= 17
    assert all(good[:180]) and all(good[-180:])


PARENT = """
import json, os, sys, threading
from ansible_collections.velero.core.plugins.module_utils.actions.contract import ExecuteInput
from ansible_collections.velero.core.plugins.module_utils.actions.plugin_binaries import *
binaries = PluginBinaries([plugin_command(sys.argv[1])], lambda level, text: None)
binaries.__enter__()
slow = next(action for action in binaries.actions() if action.name.endswith("/slow"))
item = json.loads(sys.argv[2])
given = ExecuteInput(item=item, item_from_backup=item, restore={})
threading.Thread(target=slow.execute, args=(given,), daemon=True).start()
if sys.argv[3] == "fork" and not os.fork():
    threading.Event().wait(8)  # holds our end of the pipe open
    os._exit(0)
print("ready", flush=True)
sys.stdin.read() if sys.argv[3] != "exit" else sys.stdin.readline()
"""


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path leaves room for that of a socket."""
    with tempfile.TemporaryDirectory(prefix="v") as folder:
        yield Path(folder)


@pytest.mark.parametrize("way", ["SIGTERM", "SIGKILL", "exit", "fork"])
def test_no_plugin_outlives_its_parent(
    binary: str, tmp_path: Path, short_path: Path, way: str
) -> None:
    # A copy of its own: other tests run the same plugin at the same time.
    binary = str(shutil.copy2(binary, tmp_path / "plugin"))
    item = json.dumps(config_map("item", pause="60s"))
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, binary, item, way],
        env={"PYTHONPATH": str(CHECKOUT / ".dev"), "TMPDIR": str(short_path), "PATH": "/bin"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout and parent.stdin
    assert parent.stdout.readline() == "ready\n"
    (pid,) = children(binary)
    assert list(short_path.iterdir())
    time.sleep(0.2)
    started = time.monotonic()
    if way == "exit":
        parent.stdin.write("\n")
        parent.stdin.flush()
    else:
        number = signal.SIGTERM if way == "SIGTERM" else signal.SIGKILL
        os.kill(parent.pid, number)
    while (alive(pid) or list(short_path.iterdir())) and time.monotonic() - started < 5:
        time.sleep(0.02)
    assert not alive(pid)
    assert not list(short_path.iterdir())
    parent.wait(10)
    parent.stdin.close()
    parent.stdout.close()
