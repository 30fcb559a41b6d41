from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.proxy import (
    Proxy,
    Tls,
    answer,
    call,
    call_after,
    delay,
    reset_after,
    reset_before,
    too_many_requests,
    truncate,
    unavailable,
)
from tests.testbed.pki import CertificateAuthority


class Backend(BaseHTTPRequestHandler):
    """Echoes: the answer's body is the request's body, or the path if there is none."""

    protocol_version = "HTTP/1.1"
    seen: list[str]

    def handle_one(self) -> None:
        self.seen.append(f"{self.command} {self.path}")
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size + 2)[:-2]
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = body or self.path.encode()
        self.send_response(200)
        if self.path.startswith("/chunked"):
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for start in range(0, len(body), 7):
                part = body[start : start + 7]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
        elif self.path.startswith("/until-closed"):
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
        else:
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_one

    def log_message(self, *arguments: object) -> None:
        pass


class BackendServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Connections that break are what is tested here."""


@pytest.fixture
def seen() -> list[str]:
    return []


@pytest.fixture
def backend(seen: list[str]) -> Iterator[str]:
    handler = type("Handler", (Backend,), {"seen": seen})
    server = BackendServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def proxy(backend: str) -> Iterator[Proxy]:
    with Proxy(backend) as running:
        yield running


@contextmanager
def connection(proxy: Proxy) -> Iterator[http.client.HTTPConnection]:
    client = http.client.HTTPConnection("127.0.0.1", urlsplit(proxy.url).port, timeout=10)
    yield client
    client.close()


Exchange = tuple[int, bytes]


def exchange(
    client: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None
) -> Exchange:
    client.request(method, path, body)
    response = client.getresponse()
    return response.status, response.read()


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize("path", ["/plain", "/chunked", "/until-closed"])
@pytest.mark.parametrize("size", [1, 1000, 300_000])
def test_bodies_arrive_whole(proxy: Proxy, path: str, size: int) -> None:
    body = bytes(index % 251 for index in range(size))
    with connection(proxy) as client:
        assert exchange(client, "POST", path, body) == (200, body)
    (record,) = proxy.requests("POST", path)
    assert (record.status, record.request_bytes) == (200, size)


def test_chunked_request(proxy: Proxy) -> None:
    with connection(proxy) as client:
        client.request("PUT", "/x", iter([b"one", b"two"]), {}, encode_chunked=True)
        assert client.getresponse().read() == b"onetwo"


def test_one_connection_serves_many_requests(proxy: Proxy) -> None:
    with connection(proxy) as client:
        for number in range(20):
            assert exchange(client, "GET", f"/chunked/{number}")[1] == f"/chunked/{number}".encode()
            assert exchange(client, "HEAD", f"/{number}") == (200, b"")
            assert exchange(client, "DELETE", f"/{number}")[0] == 200
    assert proxy.connections == 1
    assert len(proxy.records) == 60


def test_expected_continue_is_answered_by_the_proxy(proxy: Proxy) -> None:
    with socket.create_connection(
        ("127.0.0.1", urlsplit(proxy.url).port or 0), timeout=5
    ) as client:
        client.sendall(b"PUT /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert client.recv(1000).startswith(b"HTTP/1.1 200")


def test_rule_skips_then_applies_so_often(proxy: Proxy, seen: list[str]) -> None:
    rule = proxy.add(too_many_requests(retry_after=3), method="POST", path="^/a", skip=1, times=2)
    with connection(proxy) as client:
        assert exchange(client, "GET", "/a")[0] == 200
        assert exchange(client, "POST", "/b", b"x")[0] == 200
        assert [exchange(client, "POST", "/a", b"x")[0] for _dummy in range(5)] == [
            200,
            429,
            429,
            200,
            200,
        ]
    assert (rule.matched, rule.applied) == (5, 2)
    assert len(seen) == 5
    assert proxy.connections == 1, "an injected answer keeps the connection"


def test_retry_after_and_kubernetes_status(proxy: Proxy) -> None:
    proxy.add(too_many_requests(retry_after=7))
    with connection(proxy) as client:
        client.request("GET", "/")
        response = client.getresponse()
        assert response.headers["Retry-After"] == "7"
        assert b'"reason": "TooManyRequests"' in response.read()


def test_removed_rule_no_longer_applies(proxy: Proxy) -> None:
    rule = proxy.add(unavailable())
    with connection(proxy) as client:
        assert exchange(client, "GET", "/")[0] == 503
        proxy.remove(rule)
        assert exchange(client, "GET", "/")[0] == 200


def test_reset_before_keeps_the_request_from_the_server(proxy: Proxy, seen: list[str]) -> None:
    proxy.add(reset_before(), times=1)
    with connection(proxy) as client:
        with pytest.raises(ConnectionResetError):
            exchange(client, "POST", "/x", b"body")
        assert seen == []
        client.close()
        assert exchange(client, "POST", "/x", b"body") == (200, b"body")


def test_reset_after_lets_the_server_act(proxy: Proxy, seen: list[str]) -> None:
    proxy.add(reset_after())
    with connection(proxy) as client, pytest.raises(ConnectionResetError):
        exchange(client, "POST", "/x", b"body")
    assert seen == ["POST /x"]
    assert proxy.records[0].status == 0


@pytest.mark.parametrize("path", ["/plain", "/until-closed"])
def test_truncated_body(proxy: Proxy, path: str) -> None:
    proxy.add(truncate(1000))
    with connection(proxy) as client:
        client.request("POST", path, b"x" * 5000)
        response = client.getresponse()
        if path == "/plain":
            with pytest.raises(http.client.IncompleteRead) as caught:
                response.read()
            assert len(caught.value.partial) == 1000
        else:
            assert len(response.read()) == 1000


def test_delay_and_answer_combine(proxy: Proxy) -> None:
    proxy.add(delay(0.05))
    proxy.add(answer(418, b"tea"))
    with connection(proxy) as client:
        started = time.monotonic()
        assert exchange(client, "GET", "/") == (418, b"tea")
        assert time.monotonic() - started >= 0.05
    assert proxy.records[0].faults == ["delay", "answer 418"]


def test_callbacks_run_before_and_after_the_server(proxy: Proxy, seen: list[str]) -> None:
    events: list[tuple[str, int]] = []
    proxy.add(call(lambda record: events.append(("before " + record.path, len(seen)))))
    proxy.add(call_after(lambda record: events.append(("after " + record.path, len(seen)))))
    with connection(proxy) as client:
        exchange(client, "GET", "/x")
    assert events == [("before /x", 0), ("after /x", 1)]


def test_predicate_and_clear(proxy: Proxy) -> None:
    proxy.add(unavailable(), predicate=lambda record: record.path.endswith("3"))
    with connection(proxy) as client:
        assert [exchange(client, "GET", f"/{n}")[0] for n in (2, 3)] == [200, 503]
        proxy.clear()
        assert proxy.records == []
        assert exchange(client, "GET", "/3")[0] == 200


def test_requests_in_flight_are_counted(proxy: Proxy) -> None:
    proxy.add(delay(0.2))

    def work() -> None:
        with connection(proxy) as client:
            exchange(client, "GET", "/")

    threads = [threading.Thread(target=work) for _dummy in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert proxy.max_in_flight == 5
    assert sorted(record.in_flight for record in proxy.records) == [1, 2, 3, 4, 5]


def test_reset_connections_reaches_idle_and_busy_ones(proxy: Proxy) -> None:
    with connection(proxy) as idle, connection(proxy) as busy:
        exchange(idle, "GET", "/")
        release = threading.Event()
        proxy.add(call_after(lambda record: release.wait(5)), path="busy")
        busy.request("GET", "/busy")
        wait_until(lambda: bool(proxy.requests(path="busy")))
        proxy.reset_connections()
        release.set()
        with pytest.raises(OSError):
            busy.getresponse()
        # http.client would open another one.
        idle.auto_open = 0
        with pytest.raises(OSError):
            for _dummy in range(100):
                exchange(idle, "GET", "/")
                time.sleep(0.01)


def test_server_that_is_not_there(proxy: Proxy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with Proxy(url) as dead, connection(dead) as client:
        assert exchange(client, "GET", "/")[0] == 502


def test_server_that_closed_its_idle_connection(proxy: Proxy) -> None:
    with connection(proxy) as client:
        exchange(client, "GET", "/until-closed")
        assert exchange(client, "GET", "/")[0] == 200


def test_passthrough_forwards_bytes(backend: str) -> None:
    with Proxy(backend, passthrough=True) as proxy, connection(proxy) as client:
        assert exchange(client, "POST", "/", b"x") == (200, b"x")
        assert (proxy.connections, proxy.records) == (1, [])
        proxy.reset_connections()
        client.auto_open = 0
        with pytest.raises(OSError):
            exchange(client, "GET", "/")


def test_tls_is_terminated(backend: str, tmp_path: Path) -> None:
    import ssl

    ca = CertificateAuthority(tmp_path)
    certificate = ca.server_certificate("proxy")
    with Proxy(backend, tls=Tls(certificate.cert_file, certificate.key_file)) as proxy:
        client = http.client.HTTPSConnection(
            "127.0.0.1",
            urlsplit(proxy.url).port,
            context=ssl.create_default_context(cafile=str(ca.ca_file)),
            timeout=5,
        )
        assert proxy.url.startswith("https://")
        for _dummy in range(3):
            assert exchange(client, "POST", "/chunked", b"x" * 100_000)[1] == b"x" * 100_000
        proxy.add(reset_before())
        with pytest.raises(ConnectionResetError):
            exchange(client, "GET", "/")
        client.close()
