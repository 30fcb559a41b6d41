"""`python -m tests.bench.relay HOST PORT SECONDS`: a long way to a server.

Passes bytes on in both directions, each half of SECONDS later, without looking at them. Prints
its port. The proxy of the tests reads every request and would be the bottleneck here.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque


class _End(asyncio.Protocol):
    """One end of a connection; what it gets goes to `other` later."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._loop = asyncio.get_running_loop()
        self.transport: asyncio.Transport | None = None
        self.other: _End | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        due = self._loop.time() + self._delay
        self._waiting.append((due, data))
        if len(self._waiting) == 1:
            self._loop.call_at(due, self._pass_on)

    def _pass_on(self) -> None:
        now = self._loop.time()
        while self._waiting and self._waiting[0][0] <= now:
            data = self._waiting.popleft()[1]
            if self.other and self.other.transport:
                self.other.transport.write(data)
        if self._waiting:
            self._loop.call_at(self._waiting[0][0], self._pass_on)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.other and self.other.transport:
            self.other.transport.close()


class _Client(_End):
    """The client's end: opens the way to the server."""

    def __init__(self, delay: float, server: tuple[str, int]) -> None:
        super().__init__(delay)
        self._server = server
        self._opening: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.pause_reading()
        self._opening = self._loop.create_task(self._open())

    async def _open(self) -> None:
        _transport, end = await self._loop.create_connection(
            lambda: _End(self._delay), *self._server
        )
        self.other, end.other = end, self
        self.transport.resume_reading()


async def _serve(host: str, port: int, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Client(seconds / 2, (host, port)), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
