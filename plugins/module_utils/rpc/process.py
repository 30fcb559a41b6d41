# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plugin process: started so that it cannot outlive us, and its first line read.

Source: reference plugin-protocol.md sections 2, 3, 10 and 11.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO

from ansible_collections.velero.core.plugins.module_utils.rpc import supervisor
from ansible_collections.velero.core.plugins.module_utils.rpc.errors import PluginError
from ansible_collections.velero.core.plugins.module_utils.rpc.handshake import (
    Address,
    parse_handshake,
    plugin_environment,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.logs import LineSplitter

_STARTING = "starting the plugin"
# A socket's path has at most 108 bytes with its end; the file's name takes up to 18 of them.
_LONGEST_FOLDER = 85
_KEPT_LINES = 10
_READ_SIZE = 65536
_SIGNAL_BASE = 128
_JOIN_SECONDS = 1.0
# The supervisor gives a plugin 1 s before it kills it.
_SUPERVISOR_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class PluginCommand:
    """A plugin binary and its arguments, without a shell."""

    path: str
    arguments: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Returns the file's name, by which the log calls the plugin."""
        return os.path.basename(self.path)

    def checked(self) -> PluginCommand:
        """Returns it with an absolute path. Raises PluginError for no executable file."""
        path = os.path.abspath(os.path.expanduser(self.path))
        if not os.path.isfile(path):
            raise PluginError(_STARTING, path, "there is no such file")
        if not os.access(path, os.X_OK):
            raise PluginError(_STARTING, path, "it is not executable", f"Try chmod +x {path}")
        return PluginCommand(path, self.arguments)


class PluginProcess:
    """A running plugin behind its supervisor.

    The supervisor ends the plugin when the pipe from us closes: nothing we do, and nothing done to
    us, leaves it behind.
    """

    def __init__(
        self,
        command: PluginCommand,
        handle_line: Callable[[str], None],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.command = command
        self._handle_line = handle_line
        self._last_lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._first_line: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._has_first_line = False
        self._folder = _socket_folder()
        self._address: Address | None = None
        inherited = os.environ if environment is None else environment
        try:
            self._process = _spawn(
                command, self._folder, plugin_environment(inherited, self._folder)
            )
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise PluginError(_STARTING, command.path, str(error)) from error
        self._threads = (
            _drained(self._process.stdout, self._on_stdout, self._on_end_of_stdout),
            _drained(self._process.stderr, self._on_stderr),
        )

    def handshake(self, timeout: float) -> Address:
        """Returns where the plugin listens. Raises PluginError after ``timeout`` seconds too."""
        try:
            line = self._first_line.get(timeout=timeout)
        except queue.Empty:
            raise self._fault(f"it did not say within {timeout:g} s where it listens") from None
        if not line:
            self.wait(_SUPERVISOR_SECONDS)
            self._join()
            raise self._fault(f"it ended at once ({self.exit_text()}){self._said()}")
        self._address = parse_handshake(line, self.command.path)
        return self._address

    @property
    def running(self) -> bool:
        """Returns whether the plugin runs."""
        return self._process.poll() is None

    def wait(self, seconds: float) -> bool:
        """Returns whether the plugin has ended, at most ``seconds`` from now."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return not self.running

    def exit_text(self) -> str:
        """Returns how the plugin ended, for people."""
        status = self._process.poll()
        if status is None:
            return "still running"
        if status > _SIGNAL_BASE:
            return f"signal {status - _SIGNAL_BASE}"
        return f"exit status {status}" if status >= 0 else f"supervisor: signal {-status}"

    def stop(self) -> None:
        """Ends the plugin (SIGTERM, after a second SIGKILL) and its threads; may be repeated."""
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        if not self.wait(_SUPERVISOR_SECONDS):
            self._process.kill()
            self._process.wait()
        self._join()
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._address and self._address.network == "unix":
            # Older plugins make their socket elsewhere and leave it behind when they are killed.
            with contextlib.suppress(OSError):
                os.unlink(self._address.address)

    def _join(self) -> None:
        for thread in self._threads:
            thread.join(_JOIN_SECONDS)

    def _on_stdout(self, line: str) -> None:
        if self._has_first_line:
            self._handle_line(line)
        else:
            self._has_first_line = True
            self._first_line.put(line)

    def _on_end_of_stdout(self) -> None:
        if not self._has_first_line:
            self._first_line.put("")

    def _on_stderr(self, line: str) -> None:
        self._last_lines.append(line)
        self._handle_line(line)

    def _said(self) -> str:
        return ": " + " / ".join(self._last_lines) if self._last_lines else ""

    def _fault(self, why: str) -> PluginError:
        return PluginError(_STARTING, self.command.path, why, "Check that it is a plugin of Velero")


def _spawn(
    command: PluginCommand, folder: str, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    # As text: the modules of a task come in an archive, where no program can be started from.
    source = inspect.getsource(supervisor)
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", source, str(os.getpid()), folder]
        + [command.path, *command.arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environment),
        start_new_session=True,
    )


def _socket_folder() -> str:
    """Returns a new private folder with a path short enough for sockets."""
    folder = tempfile.mkdtemp(prefix="velero-plugin-")
    if len(os.fsencode(folder)) <= _LONGEST_FOLDER:
        return folder
    os.rmdir(folder)
    return tempfile.mkdtemp(prefix="velero-plugin-", dir="/tmp")


def _drained(
    stream: IO[bytes] | None,
    handle: Callable[[str], None],
    at_end: Callable[[], None] = lambda: None,
) -> threading.Thread:
    """Returns the running thread that reads a stream to its end, so that no writer ever blocks."""

    def drain() -> None:
        splitter = LineSplitter(handle)
        if stream is not None:
            with stream:
                while data := os.read(stream.fileno(), _READ_SIZE):
                    splitter.feed(data)
        splitter.end()
        at_end()

    thread = threading.Thread(target=drain, name="plugin-output", daemon=True)
    thread.start()
    return thread
