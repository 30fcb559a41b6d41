"""Start servers for a test run and see to it that none of them outlives it.

Run as a script by `processes.Supervisor`. Requests come on standard input, one JSON object a
line. When that pipe closes - the run ended, crashed or was killed with SIGKILL - every server is
killed and the run's directories are removed. The kernel kills the servers should this process be
killed itself.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1
_PARENT_POLL_SECONDS = 0.5

_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _start(request: dict[str, Any]) -> dict[str, Any]:
    with open(request["log"], "ab") as log:
        try:
            process = subprocess.Popen(
                request["command"],
                env=request["environment"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # One thread only in this process, so running Python after the fork is safe.
                preexec_fn=_die_with_parent,
            )
        except OSError as error:
            return {"error": str(error)}
    _servers.append(process)
    return {"pid": process.pid}


_servers: list[subprocess.Popen[bytes]] = []


def _serve(parent: int) -> list[str]:
    """Answer requests until the pipe closes or the parent is gone; returns the directories to
    remove.
    """
    directories: list[str] = []
    buffered = b""
    while True:
        readable = select.select([0], [], [], _PARENT_POLL_SECONDS)[0]
        for server in _servers:
            server.poll()  # reap, so that a dead server's pid is seen to be gone
        if not readable:
            # A process forked by the parent may hold the pipe open: look at the parent too.
            if os.getppid() != parent:
                return directories
            continue
        data = os.read(0, 65536)
        if not data:
            return directories
        buffered += data
        while b"\n" in buffered:
            line, buffered = buffered.split(b"\n", 1)
            request = json.loads(line)
            if "directory" in request:
                directories.append(request["directory"])
                answer: dict[str, Any] = {}
            else:
                answer = _start(request)
            os.write(1, json.dumps(answer).encode() + b"\n")


def main() -> None:
    # A Ctrl-C or a terminal that closes reaches the run; the pipe then tells us.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    directories: list[str] = []
    try:
        directories = _serve(int(sys.argv[1]))
    finally:
        for server in _servers:
            server.kill()
        for server in _servers:
            server.wait()
        for directory in directories:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
