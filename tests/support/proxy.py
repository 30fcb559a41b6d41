"""A fault-injecting HTTP/1.1 proxy on loopback for tests; standard library only.

It stands before one server, records every request and applies rules to those that match:

    with Proxy(cluster.url, tls=Tls(cert, key, backend_ca=ca)) as proxy:
        proxy.add(delay(0.02))                                             # a round trip of 20 ms
        proxy.add(too_many_requests(retry_after=1), method="POST", times=3)
        proxy.add(reset_after(), method="POST", path=r"/configmaps$", skip=5, times=1)

All matching rules apply in the order in which they were added, until one of them ends the request.
With `passthrough=True` bytes are forwarded as they come (TLS is left alone) and nothing is parsed:
such a proxy knows connections only (`connections`, `reset_connections`).
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

_CHUNK = 65536
_MAX_HEAD = 256 * 1024
_LINGER_RESET = struct.pack("ii", 1, 0)

# One pass over a head finds the few headers that decide how a message is framed.
_FRAMING = re.compile(
    rb"\r\n(content-length|transfer-encoding|connection|expect)[ \t]*:[ \t]*([^\r]*)", re.IGNORECASE
)
_EXPECT_LINE = re.compile(rb"\r\nexpect[ \t]*:[^\r]*", re.IGNORECASE)


@dataclass(frozen=True)
class Tls:
    """The proxy's own certificate, and how it checks (and proves itself to) the server behind."""

    cert_file: Path
    key_file: Path
    backend_ca: Path | None = None
    backend_certificate: tuple[Path, Path] | None = None


@dataclass
class Record:
    """One request as the proxy saw it. `status` is 0 until, and unless, an answer's head was
    sent.
    """

    method: str
    path: str
    started: float
    in_flight: int
    status: int = 0
    ended: float = 0.0
    request_bytes: int = 0
    response_bytes: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.ended - self.started


@dataclass(frozen=True)
class Fault:
    """What a rule does. Made by the functions below; the first field that applies is done."""

    name: str
    seconds: float = 0.0
    call: Callable[[Record], object] | None = None
    answer: bytes | None = None
    status: int = 0
    reset: str | None = None  # "before" or "after" the server got the request
    call_after: Callable[[Record], object] | None = None
    truncate_after: int | None = None

    @property
    def ends(self) -> bool:
        """Whether no later rule applies."""
        return self.answer is not None or self.reset is not None or self.truncate_after is not None


def delay(seconds: float) -> Fault:
    """Hold the request back, as a long way to the server does."""
    return Fault("delay", seconds=seconds)


def answer(
    status: int, body: bytes = b"", headers: Mapping[str, str] | None = None, reason: str = "Fault"
) -> Fault:
    """Answer in the place of the server, which does not see the request."""
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return Fault(f"answer {status}", answer=head + body, status=status)


def status_answer(
    status: int, reason: str, message: str, headers: Mapping[str, str] | None = None
) -> Fault:
    """Answer with a Kubernetes Status object."""
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": status,
    }
    return answer(
        status,
        json.dumps(body).encode(),
        {"Content-Type": "application/json", **(headers or {})},
        reason,
    )


def too_many_requests(retry_after: int = 1) -> Fault:
    message = "Too many requests, please try again later."
    return status_answer(429, "TooManyRequests", message, {"Retry-After": str(retry_after)})


def internal_error(message: str = "injected by the test") -> Fault:
    return status_answer(500, "InternalError", message)


def unavailable(message: str = "injected by the test") -> Fault:
    return status_answer(503, "ServiceUnavailable", message)


def reset_before() -> Fault:
    """Reset the connection; the server does not get the request."""
    return Fault("reset before", reset="before")


def reset_after() -> Fault:
    """Reset the connection when the server has answered; the client gets nothing of that answer."""
    return Fault("reset after", reset="after")


def truncate(body_bytes: int) -> Fault:
    """Close the connection after that many bytes of the answer's body."""
    return Fault("truncate", truncate_after=body_bytes)


def call(function: Callable[[Record], object]) -> Fault:
    """Call the function before the request is forwarded, for example to kill somebody."""
    return Fault("call", call=function)


def call_after(function: Callable[[Record], object]) -> Fault:
    """Call the function when the server has answered, before the client gets the answer."""
    return Fault("call after", call_after=function)


@dataclass
class Rule:
    fault: Fault
    method: str | None = None
    path: re.Pattern[str] | None = None
    predicate: Callable[[Record], bool] | None = None
    skip: int = 0  # let so many matching requests pass first
    times: int | None = None  # then apply so many times; None: for good
    matched: int = 0
    applied: int = 0

    def matches(self, record: Record) -> bool:
        return (
            (self.method is None or self.method == record.method)
            and (self.path is None or self.path.search(record.path) is not None)
            and (self.predicate is None or self.predicate(record))
        )


class _Gone(Exception):
    """A peer closed its connection in the middle of a message."""


class _Close(Exception):
    """The connection to the client is to be closed, or reset."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__()
        self.reset = reset


class _Sink:
    """Collects what goes to one connection, so that what is here already leaves in one system
    call.
    """

    def __init__(self, connection: socket.socket | None, limit: int | None = None) -> None:
        self._connection = connection  # None: nobody is to get it
        self._limit = limit
        self._pending: list[bytes] = []
        self.body_bytes = 0

    def head(self, data: bytes) -> None:
        self._pending.append(data)

    def body(self, data: bytes) -> None:
        if self._limit is not None and self.body_bytes + len(data) > self._limit:
            self._pending.append(data[: self._limit - self.body_bytes])
            self.body_bytes = self._limit
            self.flush()
            raise _Close
        self.body_bytes += len(data)
        self._pending.append(data)

    def flush(self) -> None:
        if self._pending and self._connection:
            self._connection.sendall(b"".join(self._pending))
        self._pending.clear()


class _Reader:
    """Reads heads and bodies from one connection; flushes the sink before it waits for more."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._buffered = b""

    def head(self) -> bytes | None:
        """Up to and with the empty line; None if the peer closed before the first byte."""
        buffered = self._buffered
        end = buffered.find(b"\r\n\r\n")
        while end < 0:
            data = self.connection.recv(_CHUNK)
            if not data:
                if buffered:
                    raise _Gone
                return None
            buffered += data
            if len(buffered) > _MAX_HEAD:
                raise _Gone
            end = buffered.find(b"\r\n\r\n")
        self._buffered = buffered[end + 4 :]
        return buffered[: end + 4]

    def fixed(self, length: int, sink: _Sink) -> None:
        while length:
            data = self._some(length, sink)
            if not data:
                raise _Gone
            length -= len(data)
            sink.body(data)

    def chunked(self, sink: _Sink) -> None:
        """Pass a chunked body on, framing and trailers included."""
        while True:
            line = self._line(sink)
            sink.body(line)
            size = int(line.split(b";", 1)[0], 16)
            if size == 0:
                break
            self.fixed(size + 2, sink)
        while line != b"\r\n":
            line = self._line(sink)
            sink.body(line)

    def until_closed(self, sink: _Sink) -> None:
        while data := self._some(_CHUNK, sink):
            sink.body(data)

    def _some(self, limit: int, sink: _Sink) -> bytes:
        """At least one byte and at most `limit`; empty at the end of the stream."""
        data = self._buffered
        if data:
            self._buffered = data[limit:]
            return data[:limit]
        sink.flush()
        return self.connection.recv(min(limit, _CHUNK))

    def _line(self, sink: _Sink) -> bytes:
        while b"\n" not in self._buffered:
            sink.flush()
            data = self.connection.recv(_CHUNK)
            if not data:
                raise _Gone
            self._buffered += data
        line, newline, self._buffered = self._buffered.partition(b"\n")
        return line + newline


@dataclass
class _Framing:
    length: int | None = None
    chunked: bool = False
    close: bool = False
    expect: bool = False

    @classmethod
    def of(cls, head: bytes) -> _Framing:
        framing = cls()
        for name, value in _FRAMING.findall(head):
            lower = name.lower()
            if lower == b"content-length":
                framing.length = int(value)
            elif lower == b"transfer-encoding":
                framing.chunked = b"chunked" in value.lower()
            elif lower == b"connection":
                framing.close = b"close" in value.lower()
            else:
                framing.expect = True
        return framing


class Proxy:
    """See the module's description. `url` is where clients connect; close it with `stop` or
    `with`.
    """

    def __init__(self, backend: str, *, tls: Tls | None = None, passthrough: bool = False) -> None:
        parts = urlsplit(backend)
        self._backend = (
            parts.hostname or "127.0.0.1",
            parts.port or (443 if parts.scheme == "https" else 80),
        )
        self._passthrough = passthrough
        self._server_context: ssl.SSLContext | None = None
        self._client_context: ssl.SSLContext | None = None
        if tls and not passthrough:
            self._server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._server_context.load_cert_chain(tls.cert_file, tls.key_file)
            self._server_context.set_alpn_protocols(["http/1.1"])
        if parts.scheme == "https" and not passthrough:
            ca = tls.backend_ca if tls else None
            self._client_context = ssl.create_default_context(cafile=str(ca) if ca else None)
            if tls and tls.backend_certificate:
                self._client_context.load_cert_chain(*tls.backend_certificate)
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._in_flight = 0
        self._open: dict[socket.socket, socket.socket | None] = {}  # client: its server
        self._stopped = False
        self.records: list[Record] = []
        self.max_in_flight = 0
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        scheme = parts.scheme if passthrough else ("https" if self._server_context else "http")
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, name="proxy-accept", daemon=True).start()

    # What tests use.

    def add(
        self,
        fault: Fault,
        *,
        method: str | None = None,
        path: str | None = None,
        predicate: Callable[[Record], bool] | None = None,
        skip: int = 0,
        times: int | None = None,
    ) -> Rule:
        """Apply the fault to matching requests; `path` is a regular expression searched in the
        target.
        """
        rule = Rule(fault, method, re.compile(path) if path else None, predicate, skip, times)
        with self._lock:
            self._rules = [*self._rules, rule]
        return rule

    def remove(self, rule: Rule) -> None:
        with self._lock:
            self._rules = [one for one in self._rules if one is not rule]

    def clear(self) -> None:
        """Forget all rules and records."""
        with self._lock:
            self._rules = []
            self.records = []
            self.max_in_flight = self._in_flight

    def requests(self, method: str | None = None, path: str | None = None) -> list[Record]:
        wanted = re.compile(path) if path else None
        return [
            record
            for record in list(self.records)
            if (method is None or record.method == method)
            and (wanted is None or wanted.search(record.path))
        ]

    def reset_connections(self) -> None:
        """Reset every connection of a client that is open now."""
        with self._lock:
            connections = list(self._open.items())
            self._open.clear()
        for client, server in connections:
            # Their own threads close them: a descriptor must not be closed under a thread that
            # reads it.
            _arm_reset(client)
            _wake(client)
            if server:
                _wake(server)

    def stop(self) -> None:
        self._stopped = True
        # Wakes the accepting thread, which `close` alone does not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.reset_connections()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    # The work.

    def _accept(self) -> None:
        target = self._pass if self._passthrough else self._serve
        while not self._stopped:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
            threading.Thread(
                target=target, args=(client,), name="proxy-connection", daemon=True
            ).start()

    def _serve(self, client: socket.socket) -> None:
        """Serve one connection of a client until it ends."""
        server: _Reader | None = None
        try:
            if self._server_context:
                client = self._server_context.wrap_socket(client, server_side=True)
            self._track(client, None)
            reader = _Reader(client)
            while (head := reader.head()) is not None:
                server = self._exchange(reader, server, head)
        except _Close as close:
            if close.reset:
                _arm_reset(client)
        except (OSError, _Gone, ValueError):
            pass  # one of the two went away, or does not speak HTTP
        finally:
            self._forget(client)
            client.close()
            if server:
                server.connection.close()

    def _exchange(self, reader: _Reader, server: _Reader | None, head: bytes) -> _Reader | None:
        """One request and its answer; returns the connection to the server for the next one."""
        method, path = head[: head.index(b"\r\n")].decode("latin-1").split(" ", 2)[:2]
        record = self._begin(method, path)
        try:
            framing = _Framing.of(head)
            faults = self._faults(record)
            for fault in faults:
                if fault.seconds:
                    time.sleep(fault.seconds)
                if fault.call:
                    fault.call(record)
            ending = faults[-1] if faults and faults[-1].ends else None
            if ending and (ending.answer is not None or ending.reset == "before"):
                self._refuse(reader, framing, record, ending)
                return server
            try:
                server = self._usable(server)
            except OSError as error:
                text = str(error).encode()
                self._refuse(reader, framing, record, answer(502, text, reason="Bad Gateway"))
                return None
            self._track(reader.connection, server.connection)
            self._send_request(reader, server, head, framing, record)
            self._send_answer(server, reader.connection, record, faults, ending)
            if framing.close:
                raise _Close
            return server
        except BaseException:
            if server:
                server.connection.close()
            raise
        finally:
            self._end(record)

    def _refuse(self, reader: _Reader, framing: _Framing, record: Record, fault: Fault) -> None:
        """Answer or reset without the server, when the request was read."""
        if not framing.expect:
            self._pass_body(reader, framing, record, _Sink(None))
        if fault.answer is None:
            raise _Close(reset=True)
        record.status = fault.status
        record.response_bytes = len(fault.answer)
        reader.connection.sendall(fault.answer)
        # A client that waits with its body for a "100 Continue" may send it or not after this
        # answer.
        if framing.close or framing.expect:
            raise _Close

    def _send_request(
        self, reader: _Reader, server: _Reader, head: bytes, framing: _Framing, record: Record
    ) -> None:
        if framing.expect:
            # We take the body in any case, so the client need not wait for the server's word.
            head = _EXPECT_LINE.sub(b"", head)
            reader.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        sink = _Sink(server.connection)
        sink.head(head)
        self._pass_body(reader, framing, record, sink)
        sink.flush()

    def _pass_body(self, reader: _Reader, framing: _Framing, record: Record, sink: _Sink) -> None:
        try:
            if framing.chunked:
                reader.chunked(sink)
            elif framing.length:
                reader.fixed(framing.length, sink)
        finally:
            record.request_bytes = sink.body_bytes

    def _send_answer(
        self,
        server: _Reader,
        client: socket.socket,
        record: Record,
        faults: list[Fault],
        ending: Fault | None,
    ) -> None:
        sink = _Sink(client, ending.truncate_after if ending else None)
        while True:
            head = server.head()
            if head is None:
                raise _Gone
            status = int(head[9:12])
            sink.head(head)
            if status >= 200 or status == 101:
                break
        for fault in faults:
            if fault.call_after:
                fault.call_after(record)
        if ending and ending.reset == "after":
            raise _Close(reset=True)
        if client not in self._open:  # `reset_connections` came meanwhile
            raise _Close(reset=True)
        record.status = status
        framing = _Framing.of(head)
        try:
            if status == 101:
                self._tunnel(client, server, sink)
                raise _Close
            if record.method == "HEAD" or status in (204, 304):
                pass  # has no body, whatever the headers say
            elif framing.chunked:
                server.chunked(sink)
            elif framing.length is not None:
                server.fixed(framing.length, sink)
            else:
                server.until_closed(sink)
                raise _Close
            sink.flush()
        finally:
            record.response_bytes = sink.body_bytes
        if framing.close:
            raise _Close

    def _tunnel(self, client: socket.socket, server: _Reader, sink: _Sink) -> None:
        """Both ways as they come, for an upgraded connection."""
        upwards = threading.Thread(
            target=_pump, args=(client, server.connection), name="proxy-tunnel", daemon=True
        )
        upwards.start()
        server.until_closed(sink)

    def _pass(self, client: socket.socket) -> None:
        """Forward bytes both ways, unread."""
        try:
            server = socket.create_connection(self._backend)
        except OSError:
            _arm_reset(client)
            client.close()
            return
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._track(client, server)
        other = threading.Thread(
            target=_pump, args=(client, server), name="proxy-pass", daemon=True
        )
        other.start()
        _pump(server, client)
        other.join()
        self._forget(client)
        client.close()
        server.close()

    def _track(self, client: socket.socket, server: socket.socket | None) -> None:
        with self._lock:
            self._open[client] = server

    def _forget(self, client: socket.socket) -> None:
        with self._lock:
            self._open.pop(client, None)

    def _usable(self, server: _Reader | None) -> _Reader:
        if server:
            if not _ended(server.connection):
                return server
            server.connection.close()
        connection: socket.socket = socket.create_connection(self._backend)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._client_context:
            connection = self._client_context.wrap_socket(
                connection, server_hostname=self._backend[0]
            )
        return _Reader(connection)

    def _begin(self, method: str, path: str) -> Record:
        with self._lock:
            self._in_flight += 1
            in_flight = self._in_flight
            if in_flight > self.max_in_flight:
                self.max_in_flight = in_flight
            record = Record(method, path, time.monotonic(), in_flight)
            self.records.append(record)
        return record

    def _end(self, record: Record) -> None:
        record.ended = time.monotonic()
        with self._lock:
            self._in_flight -= 1

    def _faults(self, record: Record) -> list[Fault]:
        """The faults for this request; counted under the lock, so that `times` holds among
        threads.
        """
        if not self._rules:
            return []
        faults: list[Fault] = []
        with self._lock:
            for rule in self._rules:
                if not rule.matches(record):
                    continue
                rule.matched += 1
                if rule.matched <= rule.skip or (
                    rule.times is not None and rule.applied >= rule.times
                ):
                    continue
                rule.applied += 1
                faults.append(rule.fault)
                record.faults.append(rule.fault.name)
                if rule.fault.ends:
                    break
        return faults


def _ended(connection: socket.socket) -> bool:
    """Whether an idle connection was closed by its peer."""
    connection.setblocking(False)
    try:
        # Nothing is to be read between two exchanges: data here means the stream is out of step.
        connection.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True
    finally:
        connection.setblocking(True)
    return True


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(_CHUNK):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        # What is reset on one side is reset on the other.
        _arm_reset(sink)
        _wake(sink)


def _arm_reset(connection: socket.socket) -> None:
    """Let the connection's close be a reset."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)


def _wake(connection: socket.socket) -> None:
    """End a recv() that another thread sits in, without sending anything to the peer."""
    with suppress(OSError):
        # Not SSLSocket's own, which takes the TLS state away under that thread.
        socket.socket.shutdown(connection, socket.SHUT_RD)
