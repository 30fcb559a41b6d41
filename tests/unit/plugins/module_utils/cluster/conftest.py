# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A scripted HTTP server, a clock that only sleep() moves, and certificates."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.client import ApiCluster
from ansible_collections.velero.core.plugins.module_utils.cluster.config import connect
from ansible_collections.velero.core.plugins.module_utils.cluster.options import ConnectionOptions
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource


class FakeClock:
    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.time = now
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


def answer(status: int, body: Any = None, headers: str = "", raw: bytes | None = None) -> bytes:
    data = json.dumps(body).encode() if raw is None else raw
    kind = "application/json" if raw is None else "text/plain; charset=utf-8"
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n{headers}"
    return f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data


class ScriptedServer:
    """Answers the n-th request with the n-th step: bytes, "close", "reset" or a function.

    After "then close" style bytes tuples ``(bytes, "close")`` the connection is closed.
    """

    def __init__(self, steps: list[Any]) -> None:
        self.steps = list(steps)
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.connections = 0
        self._lock = threading.Lock()
        self.port = 0
        self.open()
        self.url = f"http://127.0.0.1:{self.port}"

    def open(self, *steps: Any) -> None:
        self.steps += steps
        self._socket = socket.create_server(("127.0.0.1", self.port))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._socket,), daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _peer = listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        stream = sock.makefile("rb")
        try:
            while self._one(sock, stream):
                pass
        except OSError:
            pass
        finally:
            stream.close()
            sock.close()

    def _one(self, sock: socket.socket, stream: Any) -> bool:
        line = stream.readline()
        if not line:
            return False
        method, path = line.decode().split(" ")[:2]
        headers = {}
        while (line := stream.readline().decode().strip()) != "":
            name, _colon, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", 0)))
        with self._lock:
            self.requests.append((method, path, headers, body))
            step = self.steps.pop(0) if self.steps else answer(500, {})
        if callable(step):
            step = step(method, path, headers, body)
        if step == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if step == "close":
            return False
        if isinstance(step, tuple):
            sock.sendall(step[0])
            return False
        sock.sendall(step)
        return True


@pytest.fixture
def script() -> Iterator[Callable[..., ScriptedServer]]:
    running: list[ScriptedServer] = []

    def start(*steps: Any) -> ScriptedServer:
        running.append(ScriptedServer(list(steps)))
        return running[-1]

    yield start
    for server in running:
        server.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(clock: FakeClock) -> Callable[..., ApiCluster]:
    """client(server, ...) talks to a scripted server; waits take no time."""

    def make(server: ScriptedServer, **options: Any) -> ApiCluster:
        given = {"api_key": "t0ken", **options.pop("connect", {})}
        connection = connect(ConnectionOptions(host=server.url, **given), environ={})
        return ApiCluster(connection, clock=options.pop("clock", clock), **options)

    return make


@pytest.fixture
def reply() -> Callable[..., bytes]:
    return answer


@pytest.fixture
def configmaps() -> ApiResource:
    return ApiResource("", "v1", "configmaps", "ConfigMap", True)
