# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs one plugin and sees to it that it ends: a program of its own, from its source text.

``python -c <this file> <parent's pid> <folder to remove> <plugin> <arguments…>``. The plugin gets
standard output and error of this process; standard input is a pipe from the parent. When that
closes, the parent ended, however it did: the plugin's process group is ended and the folder
removed. The kernel kills the plugin should this process be killed. Exits as the plugin did, with
128 and the signal's number for a signal. It must not import the collection.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import time

_PR_SET_PDEATHSIG = 1
_PARENT_POLL_SECONDS = 0.5
_GRACE_SECONDS = 1.0
_CANNOT_START = 127


def _die_with_parent() -> None:
    try:
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    except (ImportError, OSError, AttributeError):
        # No Linux: then only our own end by SIGKILL leaves the plugin behind.
        return


def _wakeups() -> int:
    """Returns what becomes readable when the plugin ends or this process is told to."""
    readable, writable = os.pipe()
    for end in (readable, writable):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(writable)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda number, frame: None)
    # A terminal's signals are for the parent, whose end shows in the pipe.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    return readable


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    plugin = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        # There is one thread only, so Python may run after the fork.
        preexec_fn=_die_with_parent,
    )
    # The plugin's ends of the pipes must be the last ones, or nobody sees them close.
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    return plugin


def _ended(pid: int) -> bool:
    """Whether the plugin ended; it stays a zombie, so that its pid names its group still."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _watch(pid: int, parent: int, wakeups: int) -> None:
    """Returns when the plugin or the parent has ended, or this process is told to end."""
    while not _ended(pid):
        readable = select.select([0, wakeups], [], [], _PARENT_POLL_SECONDS)[0]
        if wakeups in readable and signal.SIGTERM in os.read(wakeups, 4096):
            return
        if 0 in readable and not os.read(0, 4096):
            return
        # A process forked by the parent may hold the pipe open.
        if os.getppid() != parent:
            return


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except OSError:
        # Only what ended already cannot be told to.
        return


def _end(pid: int) -> int:
    """Ends the plugin's group and returns the exit status to pass on."""
    if not _ended(pid):
        _signal_group(pid, signal.SIGTERM)
        deadline = time.monotonic() + _GRACE_SECONDS
        while not _ended(pid) and time.monotonic() < deadline:
            time.sleep(0.02)
    _signal_group(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return status if status >= 0 else 128 - status


def main(arguments: list[str]) -> int:
    """Runs the plugin named by the arguments to its end; returns the exit status."""
    parent, folder, *command = arguments
    wakeups = _wakeups()
    try:
        try:
            # Held until the end: a Popen that is dropped takes the exit status with it.
            plugin = _start(command)
        except OSError as error:
            sys.stderr.write(f"{error}\n")
            return _CANNOT_START
        _watch(plugin.pid, int(parent), wakeups)
        return _end(plugin.pid)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
