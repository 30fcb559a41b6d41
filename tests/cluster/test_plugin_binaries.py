# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plugin binaries as real processes (tests/testbed/plugins), and a whole restore with one."""

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
from typing import TYPE_CHECKING, Any

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
    plugin_actions,
    plugin_command,
)
from ansible_collections.velero.core.plugins.module_utils.restore import item_actions
from ansible_collections.velero.core.plugins.module_utils.rpc.client import Timeouts
from ansible_collections.velero.core.plugins.module_utils.rpc.errors import PluginError
from tests.support.backups import BackupBuilder
from tests.support.engine import CHECKOUT, Job, actions
from tests.testbed.build import plugin_binaries
from tests.testbed.processes import alive

if TYPE_CHECKING:
    from tests.testbed.cluster import Cluster

pytest.importorskip("grpc")

DOMAIN = "example.test/"
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


def config_map(name: str, *labels: str, **options: str) -> dict[str, Any]:
    marks = {DOMAIN + key.replace("_", "-"): value for key, value in options.items()}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": name,
            "namespace": "plugged",
            "labels": {DOMAIN + label: "" for label in labels},
            "annotations": marks,
        },
        "data": {"k": "v"},
    }


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


# ------------------------------------------------------------------ a restore


@pytest.fixture
def plugged(binary: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """Restores of this test use the test plugin besides the built-in actions; gives its log."""
    log: list[tuple[str, str]] = []
    with PluginBinaries([plugin_command(binary)], lambda *line: log.append(line)) as running:
        builtin = item_actions.builtin_actions
        monkeypatch.setattr(
            item_actions,
            "builtin_actions",
            lambda environment: plugin_actions(running, builtin(environment)),
        )
        yield log


def test_restore(cluster: Cluster, tmp_path: Path, plugged: list[tuple[str, str]]) -> None:
    builder = BackupBuilder("plugged")
    for obj in (
        config_map("edited", "labels", "v1-labels"),
        config_map("echoed", "plain", "v1-echo"),
        config_map("refused", "fails"),
        config_map("skipped", "skips"),
        config_map("panicked", "panics"),
        config_map("needs", "waits", needs="needed,missing"),
        config_map("needs-never", "waits", needs="never", ready_timeout="1500ms"),
        config_map("needs-broken", "waits", needs="broken"),
        config_map("needed"),
        config_map("never"),
        config_map("broken"),
        config_map("operated", "operates"),
        *(config_map(f"many-{number}", "labels") for number in range(50)),
    ):
        builder.add("configmaps", obj)
    builder.write(tmp_path / "storage")
    job = Job(
        kubeconfig=cluster.kubeconfig(),
        artifacts=tmp_path / "artifacts",
        backups=tmp_path / "storage",
        backup="plugged",
        settings={"record": "storage"},
    )
    report = job.run()

    def live(name: str) -> dict[str, Any] | None:
        answer = cluster.request("GET", f"/api/v1/namespaces/plugged/configmaps/{name}")
        return answer.body if answer.ok else None

    assert (live("edited") or {})["metadata"]["labels"]["edited-by"] == "example.test_labels"
    for name in ("echoed", "needs", "needs-never", "needs-broken", "needed", "operated"):
        assert live(name), name
    for number in range(50):
        labels = (live(f"many-{number}") or {})["metadata"]["labels"]
        assert labels["edited-by"] == "example.test_labels"
    for name in ("refused", "skipped", "panicked"):
        assert live(name) is None, name

    results = job.artifact("results")
    errors = sorted(results["errors"]["namespaces"]["plugged"])
    prefix = "error preparing configmaps/plugged/"
    ready = "error verifying additional items are ready to use: "
    assert errors == [
        f"{prefix}panicked: rpc error: code = Aborted desc = plugin panicked: no such luck",
        f"{prefix}refused: rpc error: code = Unknown desc = this item cannot be restored",
        f"{ready}context deadline exceeded",
        f"{ready}rpc error: code = Unknown desc = what this item needs is broken",
    ]
    assert actions(report)["v1/ConfigMap/plugged/skipped"] == "skipped"
    operations = job.artifact("itemoperations")
    assert [one["spec"]["operationID"] for one in operations] == ["operation-operated"]
    assert (report.restore or {})["status"]["phase"] == "PartiallyFailed"

    # What is to be waited for is there before the item is created.
    log = job.artifact("logs")
    steps = [
        "Waiting for additional items of configmaps/plugged/needs to be ready",
        "Additional items of configmaps/plugged/needs are ready",
    ]
    assert log.index(steps[0]) < log.index(steps[1])


def test_a_crash_costs_the_item_that_met_it(
    cluster: Cluster, tmp_path: Path, plugged: list[tuple[str, str]]
) -> None:
    builder = BackupBuilder("plugged")
    builder.add("configmaps", config_map("a-crash", "crash", mark=str(tmp_path / "mark")))
    for number in range(30):
        builder.add("configmaps", config_map(f"many-{number}", "labels"))
    builder.write(tmp_path / "storage")
    job = Job(
        kubeconfig=cluster.kubeconfig(),
        artifacts=tmp_path / "artifacts",
        backups=tmp_path / "storage",
        backup="plugged",
        settings={"record": "storage", "concurrency": 1},
    )
    job.run()
    (error,) = job.artifact("results")["errors"]["namespaces"]["plugged"]
    assert error.startswith(
        "error preparing configmaps/plugged/a-crash: rpc error: code = Unavailable desc = "
    )
    assert error.endswith("(the plugin process ended: exit status 3)")
    found = cluster.request("GET", "/api/v1/namespaces/plugged/configmaps").body["items"]
    assert len([one for one in found if one["metadata"]["name"].startswith("many-")]) == 30
    assert [text for level, text in plugged if "restarting" in text]
    job.name = "again"
    job.run()
    assert not job.artifact("results")["errors"]


def test_check_mode_leaves_plugins_alone(
    cluster: Cluster, tmp_path: Path, plugged: list[tuple[str, str]]
) -> None:
    builder = BackupBuilder("plugged")
    builder.add("configmaps", config_map("crashed", "crash"))
    builder.write(tmp_path / "storage")
    report = Job(
        kubeconfig=cluster.kubeconfig(),
        artifacts=tmp_path / "artifacts",
        backups=tmp_path / "storage",
        backup="plugged",
        check_mode=True,
    ).run()
    assert report.changed
    assert not [text for level, text in plugged if level != "debug"]


def test_operations_of_a_whole_restore(
    cluster: Cluster, tmp_path: Path, plugged: list[tuple[str, str]]
) -> None:
    """One that takes a while, one that fails and one that never ends."""
    never, fails = tmp_path / "never", tmp_path / "fails"
    fails.write_text("no luck")
    builder = BackupBuilder("plugged")
    builder.add("configmaps", config_map("a-slow", "operates"))
    builder.add("configmaps", config_map("b-fails", "operates", follow=str(fails)))
    builder.add("configmaps", config_map("c-never", "operates", follow=str(never)))
    builder.write(tmp_path / "storage")
    job = Job(
        kubeconfig=cluster.kubeconfig(),
        artifacts=tmp_path / "artifacts",
        backups=tmp_path / "storage",
        backup="plugged",
        spec={"itemOperationTimeout": "15s"},
        settings={"record": "storage", "concurrency": 1},
    )
    report = job.run()
    assert report.phase == "PartiallyFailed"
    ended = {
        row["spec"]["resourceIdentifier"]["Name"]: (
            row["status"]["phase"],
            row["status"].get("error", ""),
        )
        for row in job.artifact("itemoperations")
    }
    assert ended == {
        "a-slow": ("Completed", ""),
        "b-fails": ("Failed", "no luck"),
        "c-never": ("Failed", "Asynchronous action timed out"),
    }
    assert sorted(job.artifact("results")["errors"]["velero"]) == [
        "error from restore item operation: Asynchronous action timed out",
        "error from restore item operation: no luck",
    ]
    assert (tmp_path / "never.canceled").exists()
    assert not (tmp_path / "fails.canceled").exists()
    status = report.restore["status"]
    assert status["restoreItemOperationsAttempted"] == 3
    assert status["restoreItemOperationsCompleted"] == 1
    assert status["restoreItemOperationsFailed"] == 2
    (slow, _fails, _never) = job.artifact("itemoperations")
    assert slow["status"]["nCompleted"] == slow["status"]["nTotal"] == 100
    log = job.artifact("logs")
    assert log.index("restore completed") < log.index("Waiting for operation operation-a-slow")


def test_operations_that_a_later_task_follows(
    cluster: Cluster, tmp_path: Path, plugged: list[tuple[str, str]]
) -> None:
    mark = tmp_path / "mark"
    builder = BackupBuilder("plugged")
    builder.add("configmaps", config_map("followed", "operates", follow=str(mark)))
    builder.write(tmp_path / "storage")
    job = Job(
        kubeconfig=cluster.kubeconfig(),
        artifacts=tmp_path / "artifacts",
        backups=tmp_path / "storage",
        backup="plugged",
        name="later",
        settings={"record": "storage", "wait": False},
    )
    first = job.run()
    assert (first.phase, first.changed) == ("WaitingForPluginOperations", True)
    second = job.run()
    assert (second.phase, second.changed) == ("WaitingForPluginOperations", False)
    mark.touch()
    job.settings["wait"] = True
    third = job.run()
    assert (third.phase, third.changed) == ("Completed", True)
    assert third.restore["status"]["restoreItemOperationsCompleted"] == 1
