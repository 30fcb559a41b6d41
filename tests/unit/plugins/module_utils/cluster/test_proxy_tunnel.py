# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import threading

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import ConnectionFailedError


class Tunnel:
    """A CONNECT proxy; with ``refuse`` it answers with that status."""

    def __init__(self, refuse: int = 0) -> None:
        self.heads: list[str] = []
        self._refuse = refuse
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://user:pw@127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            sock, _peer = self._socket.accept()
            head = b""
            while b"\r\n\r\n" not in head:
                head += sock.recv(4096)
            self.heads.append(head.decode())
            if self._refuse:
                sock.sendall(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % self._refuse)
                sock.close()
                continue
            host, _colon, port = self.heads[-1].split(" ")[1].rpartition(":")
            target = socket.create_connection((host, int(port)))
            sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            for one, other in ((sock, target), (target, sock)):
                threading.Thread(target=pump, args=(one, other), daemon=True).start()


def pump(source: socket.socket, sink: socket.socket) -> None:
    while data := source.recv(4096):
        sink.sendall(data)


def test_requests_go_through_the_tunnel(script, client, reply, configmaps):
    server, proxy = script(reply(200, {"kind": "ConfigMap"})), Tunnel()
    used = client(server, connect={"proxy": proxy.url})
    assert used.get(configmaps, "ns", "a") == {"kind": "ConfigMap"}
    assert proxy.heads[0].startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic dXNlcjpwdw==\r\n" in proxy.heads[0]
    assert "t0ken" not in proxy.heads[0]
    assert "proxy-authorization" not in server.requests[0][2]


def test_refused_tunnel(script, client, configmaps):
    server, proxy = script(), Tunnel(refuse=407)
    with pytest.raises(ConnectionFailedError, match="refused a tunnel with HTTP status 407"):
        client(server, connect={"proxy": proxy.url}).get(configmaps, "ns", "a")
    assert len(proxy.heads) == 1
