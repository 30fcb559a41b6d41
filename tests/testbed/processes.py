"""The run's side of the supervisor, and small helpers for servers on loopback."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_SUPERVISOR = Path(__file__).with_name("supervisor.py")


class ServerError(RuntimeError):
    """A server did not start."""


@dataclass(frozen=True)
class Server:
    name: str
    pid: int
    log: Path

    def running(self) -> bool:
        return alive(self.pid)

    def log_tail(self, characters: int = 3000) -> str:
        return self.log.read_text(errors="replace")[-characters:] if self.log.exists() else ""


class Supervisor:
    """Owns a temporary directory and the servers started in it, until `stop` or the end of this
    process.
    """

    def __init__(self, prefix: str = "velero-core-testbed-") -> None:
        parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.directory = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        self.servers: dict[str, Server] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_SUPERVISOR), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            cwd="/",
        )
        self._ask({"directory": str(self.directory)})

    def start(
        self, name: str, command: list[str], environment: Mapping[str, str] | None = None
    ) -> Server:
        log = self.directory / f"{name}.log"
        base = {"PATH": os.environ.get("PATH", ""), "HOME": str(self.directory)}
        answer = self._ask(
            {"command": command, "environment": base | dict(environment or {}), "log": str(log)}
        )
        if "error" in answer:
            raise ServerError(f"{name} did not start: {answer['error']}")
        server = Server(name, int(answer["pid"]), log)
        self.servers[name] = server
        return server

    def wait_for(
        self, server: Server, ready: Callable[[], bool], what: str, seconds: float = 60
    ) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if not server.running():
                raise ServerError(f"{server.name} ended before {what}:\n{server.log_tail()}")
            if time.monotonic() > deadline:
                raise ServerError(
                    f"{server.name}: no {what} within {seconds:.0f} s:\n{server.log_tail()}"
                )
            time.sleep(0.02)

    def pids(self) -> list[int]:
        return [self._process.pid, *(server.pid for server in self.servers.values())]

    def stop(self) -> None:
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        self._process.wait(timeout=30)
        if self._process.stdout:
            self._process.stdout.close()

    def _ask(self, request: dict[str, object]) -> dict[str, str]:
        if self._process.stdin is None or self._process.stdout is None:
            raise ServerError("the supervisor has no pipes")
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise ServerError("the supervisor ended")
        answer: dict[str, str] = json.loads(line)
        return answer


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in ("Z", "X")


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now. Another process may take one meanwhile: callers try again
    then.
    """
    sockets = [socket.socket() for dummy in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
