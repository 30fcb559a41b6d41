"""`python -m tests.bench.limit JOB`: the same writes without an engine.

Keep-alive connections that do nothing but send requests which were put together before the clock
started and read the answers: by `http.client`, or by the socket alone (`plain`), which is as
little as a client in Python can do. Prints one JSON line.
"""

from __future__ import annotations

import http.client
import json
import resource
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.bench.data import namespaces, objects

_LABELS = {"velero.io/backup-name": "bench", "velero.io/restore-name": "limit"}
_QUERY = "fieldManager=kubectl-create&fieldValidation=Ignore"


class Work:
    """Requests that threads take one by one."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.host = urlsplit(job["url"]).netloc
        self.token = job["token"]
        self.context = ssl.create_default_context(cafile=job["ca"])
        self._requests = iter(
            [
                (f"/api/v1/namespaces/{obj['metadata']['namespace']}/{gr}?{_QUERY}", _body(obj))
                for gr, obj in objects(job["items"], job["namespaces"])
            ]
        )
        self._lock = threading.Lock()
        self.failed: list[str] = []

    def next(self) -> tuple[str, bytes] | None:
        with self._lock:
            return next(self._requests, None)

    def check(self, status: int, body: bytes) -> None:
        if status != 201:
            self.failed.append(f"{status} {body[:200]!r}")


def _body(obj: dict[str, Any]) -> bytes:
    dropped = ("managedFields", "uid", "resourceVersion", "creationTimestamp")
    metadata = {k: v for k, v in obj["metadata"].items() if k not in dropped}
    metadata["labels"] = {**metadata["labels"], **_LABELS}
    return json.dumps({**obj, "metadata": metadata}, separators=(",", ":")).encode()


def by_http_client(work: Work) -> None:
    connection = http.client.HTTPSConnection(work.host, context=work.context, timeout=60)
    headers = {"Authorization": f"Bearer {work.token}", "Content-Type": "application/json"}
    while (entry := work.next()) is not None:
        connection.request("POST", entry[0], entry[1], headers)
        answer = connection.getresponse()
        work.check(answer.status, answer.read())
    connection.close()


def by_socket(work: Work) -> None:
    host, _colon, port = work.host.partition(":")
    raw = socket.create_connection((host, int(port)))
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = work.context.wrap_socket(raw, server_hostname=host)
    head = (
        f"Host: {work.host}\r\nAuthorization: Bearer {work.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: "
    )
    while (entry := work.next()) is not None:
        start = f"POST {entry[0]} HTTP/1.1\r\n{head}{len(entry[1])}\r\n\r\n"
        connection.sendall(start.encode() + entry[1])
        data = connection.recv(65536)
        while not _complete(data):
            data += connection.recv(65536)
        work.check(int(data[9:12]), data)
    connection.close()


def _complete(data: bytes) -> bool:
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = data[:end].lower()
    at = head.find(b"content-length:")
    if at < 0:
        return data.endswith(b"0\r\n\r\n")
    return len(data) >= end + 4 + int(head[at + 15 :].split(b"\r\n", 1)[0])


_CLIENTS: dict[str, Callable[[Work], None]] = {"http.client": by_http_client, "plain": by_socket}


def main() -> None:
    job = json.loads(sys.argv[1])
    work = Work(job)
    started, used = time.monotonic(), _cpu()
    _make_namespaces(work, job["namespaces"])
    threads = [
        threading.Thread(target=_CLIENTS[job["client"]], args=(work,))
        for _number in range(job["connections"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    out = {"seconds": time.monotonic() - started, "cpu_seconds": _cpu() - used}
    if work.failed:
        out["error"] = f"{len(work.failed)} requests failed: {work.failed[0]}"
    print(json.dumps(out))


def _make_namespaces(work: Work, count: int) -> None:
    connection = http.client.HTTPSConnection(work.host, context=work.context, timeout=60)
    headers = {"Authorization": f"Bearer {work.token}", "Content-Type": "application/json"}
    for name in namespaces(count):
        body = json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        connection.request("POST", "/api/v1/namespaces", body, headers)
        answer = connection.getresponse()
        work.check(answer.status, answer.read())
    connection.close()


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
