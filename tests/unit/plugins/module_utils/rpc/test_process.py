# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real processes behind the supervisor; small scripts play the plugin."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.velero.core.plugins.module_utils.rpc import process as process_module
from ansible_collections.velero.core.plugins.module_utils.rpc.errors import PluginError
from ansible_collections.velero.core.plugins.module_utils.rpc.process import (
    PluginCommand,
    PluginProcess,
)

GOOD = "echo '1|2|unix|'$PLUGIN_UNIX_SOCKET_DIR'/s|grpc|'"


class Started:
    """Starts scripts as plugins and collects their lines."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.lines: list[str] = []
        self._running: list[PluginProcess] = []

    def __call__(self, script: str, *arguments: str, **environment: str) -> PluginProcess:
        path = self._folder / f"plugin-{len(self._running)}"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        command = PluginCommand(str(path), arguments).checked()
        self._running.append(
            PluginProcess(command, self.lines.append, {**os.environ, **environment})
        )
        return self._running[-1]

    def wait_for(self, lines: int) -> None:
        deadline = time.monotonic() + 10
        while len(self.lines) < lines and time.monotonic() < deadline:
            time.sleep(0.01)

    def stop(self) -> None:
        for process in self._running:
            process.stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Started]:
    started = Started(tmp_path)
    yield started
    started.stop()


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in ("Z", "X")


def gone(pid: int, seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


def test_handshake_and_output(start: Started) -> None:
    script = f"echo first >&2\n{GOOD}\necho more $1\nprintf 'last\\nno end' >&2\nexec sleep 60"
    running = start(script, "an argument")
    address = running.handshake(10)
    assert address.network == "unix"
    assert Path(address.address).parent.stat().st_mode & 0o777 == 0o700
    start.wait_for(3)
    running.stop()
    assert sorted(start.lines) == ["first", "last", "more an argument", "no end"]
    assert not Path(address.address).parent.exists()
    assert running.exit_text() == "signal 15"


def test_a_plugin_that_does_not_answer(start: Started) -> None:
    running = start("sleep 60")
    with pytest.raises(PluginError, match=r"did not say within 0\.2 s where it listens"):
        running.handshake(0.2)


def test_a_plugin_that_ends_at_once(start: Started) -> None:
    running = start("echo no cookie >&2; echo second >&2; exit 7")
    with pytest.raises(
        PluginError, match=r"it ended at once \(exit status 7\): no cookie / second"
    ):
        running.handshake(10)


def test_a_file_that_cannot_be_run(tmp_path: Path, start: Started) -> None:
    with pytest.raises(PluginError, match="no such file"):
        PluginCommand(str(tmp_path / "none")).checked()
    (tmp_path / "text").write_text("")
    with pytest.raises(PluginError, match="not executable"):
        PluginCommand(str(tmp_path / "text")).checked()
    running = start("")
    Path(running.command.path).write_bytes(b"\x7fELFnonsense")
    broken = PluginProcess(running.command, start.lines.append)
    with pytest.raises(PluginError, match=r"exit status 127.*Exec format error"):
        broken.handshake(10)
    broken.stop()


def test_output_that_nobody_waits_for_does_not_block(start: Started, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    noise = "i=0; while [ $i -lt 3000 ]; do echo {0:0100d}; echo {0:0100d} >&2; i=$((i+1)); done"
    running = start(f"{GOOD}\n{noise.format(0)}\ntouch {mark}\nsleep 60")
    running.handshake(10)
    deadline = time.monotonic() + 20
    while not mark.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert mark.exists()


def test_a_plugin_that_ignores_sigterm_is_killed_with_its_children(start: Started) -> None:
    running = start(f"trap '' TERM\nsleep 61 &\necho $! >&2\necho $$ >&2\n{GOOD}\nwait\nwait")
    running.handshake(10)
    start.wait_for(2)
    child, plugin = map(int, start.lines)
    assert alive(child) and alive(plugin)
    started = time.monotonic()
    running.stop()
    assert time.monotonic() - started < 4
    assert gone(child, 1) and gone(plugin, 1)
    assert running.exit_text() == "signal 9"


def test_children_that_a_plugin_leaves_behind_end(start: Started) -> None:
    running = start(f"sleep 62 &\necho $! >&2\n{GOOD}\nexit 0")
    running.handshake(10)
    assert running.wait(5)
    running.stop()
    assert running.exit_text() == "exit status 0"
    assert gone(int(start.lines[0]), 1)


def test_the_plugin_ends_with_its_supervisor(start: Started) -> None:
    running = start(f"echo $$ >&2\n{GOOD}\nexec sleep 63")
    running.handshake(10)
    start.wait_for(1)
    os.kill(running._process.pid, signal.SIGKILL)
    assert gone(int(start.lines[0]))
    assert running.wait(1)
    assert running.exit_text() == "supervisor: signal 9"


def test_a_long_folder_for_temporary_files(
    start: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 80)
    long.mkdir()
    monkeypatch.setattr(process_module.tempfile, "tempdir", str(long))
    address = start(f"{GOOD}\nsleep 60").handshake(10)
    assert len(address.address) < 100
    assert not list(long.iterdir())


def test_it_works_from_an_archive_as_modules_do(tmp_path: Path) -> None:
    """Modules run from a zip file, in which no program can be started."""
    archive = tmp_path / "payload.zip"
    root = Path(process_module.__file__).parents[1]
    prefix = Path("ansible_collections/velero/core/plugins/module_utils")
    with zipfile.ZipFile(archive, "w") as packed:
        for folder in [prefix, *prefix.parents]:
            if folder.name:
                packed.writestr(f"{folder}/__init__.py", "")
        for path in [*root.glob("rpc/*.py"), *root.glob("model/*.py")]:
            packed.write(path, prefix / path.relative_to(root))
    plugin = tmp_path / "plugin"
    plugin.write_text(f"#!/bin/sh\n{GOOD}\nsleep 60\n")
    plugin.chmod(0o755)
    code = (
        "from ansible_collections.velero.core.plugins.module_utils.rpc.process import *\n"
        f"running = PluginProcess(PluginCommand({str(plugin)!r}), print)\n"
        "running.handshake(10)\nrunning.stop()\n"
    )
    subprocess.run(
        [sys.executable, "-S", "-c", code], env={"PYTHONPATH": str(archive)}, check=True, timeout=30
    )
