# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One connection to the API server: opened, perhaps through a proxy, and secured."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
from typing import BinaryIO, cast

from ansible_collections.velero.core.plugins.module_utils.cluster.connection import (
    Connection,
    ServerUrl,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.credentials import Credential
from ansible_collections.velero.core.plugins.module_utils.cluster.http1 import (
    ProtocolError,
    read_answer,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.proxy import Proxy
from ansible_collections.velero.core.plugins.module_utils.model.errors import ClusterConfigError


class TransportFailure(Exception):
    """No whole answer came.

    ``sent`` tells whether the server may have got the whole request; ``hopeless`` that trying
    again will not help.
    """

    def __init__(self, why: str, *, sent: bool, hopeless: bool = False) -> None:
        self.why = why
        self.sent = sent
        self.hopeless = hopeless
        super().__init__(why)


class Channel:
    """An open connection; ``used`` is when it last gave an answer (monotonic; 0: never)."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.stream: BinaryIO = cast("BinaryIO", sock.makefile("rb"))
        self.used = 0.0
        self.credential = Credential()
        self.head = b""
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN | select.POLLHUP)

    def is_stale(self) -> bool:
        """Returns whether the server closed it: between answers there is nothing to read."""
        return bool(self._poll.poll(0))

    def close(self) -> None:
        """Closes the connection."""
        with contextlib.suppress(OSError):
            self.stream.close()
        with contextlib.suppress(OSError):
            self.socket.close()


def open_channel(
    connection: Connection,
    context: ssl.SSLContext | None,
    connect_timeout: float,
    read_timeout: float,
) -> Channel:
    """Returns a new connection; timeouts are in seconds.

    Raises TransportFailure, and ClusterConfigError when the server's certificate is not accepted.
    """
    server, proxy = connection.server, connection.proxy
    address = (proxy.host, proxy.port) if proxy else (server.host, server.port)
    sock = _dial(address, connect_timeout)
    try:
        if proxy:
            _tunnel(sock, proxy, server)
        if context:
            sock = _secure(sock, context, connection)
        sock.settimeout(read_timeout)
    except BaseException:
        sock.close()
        raise
    return Channel(sock)


def _dial(address: tuple[str, int], timeout: float) -> socket.socket:
    where = f"{address[0]}:{address[1]}"
    try:
        sock = socket.create_connection(address, timeout)
    except socket.gaierror as exc:
        unknown = exc.errno != socket.EAI_AGAIN
        raise TransportFailure(
            f"the host name {address[0]} cannot be resolved", sent=False, hopeless=unknown
        ) from exc
    except TimeoutError as exc:
        raise TransportFailure(f"connecting to {where} timed out", sent=False) from exc
    except OSError as exc:
        why = (exc.strerror or str(exc)).lower()
        raise TransportFailure(f"connecting to {where}: {why}", sent=False) from exc
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return sock


def _tunnel(sock: socket.socket, proxy: Proxy, server: ServerUrl) -> None:
    lines = [f"CONNECT {server.authority} HTTP/1.1", f"Host: {server.authority}"]
    lines += [f"{name}: {value}" for name, value in proxy.headers]
    who = f"the proxy {proxy.host}:{proxy.port}"
    try:
        sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        # Unbuffered: what follows the proxy's answer belongs to the tunnel.
        with sock.makefile("rb", buffering=0) as stream:
            answer = read_answer(cast("BinaryIO", stream), bodiless=True)
    except (OSError, ProtocolError) as exc:
        raise TransportFailure(f"{who} did not open a tunnel", sent=False) from exc
    if answer.status != 200:
        raise TransportFailure(
            f"{who} refused a tunnel with HTTP status {answer.status}",
            sent=False,
            hopeless=answer.status < 500,
        )


def _secure(sock: socket.socket, context: ssl.SSLContext, connection: Connection) -> socket.socket:
    name = connection.tls.server_name or connection.server.host
    try:
        return context.wrap_socket(sock, server_hostname=name)
    except ssl.SSLCertVerificationError as exc:
        raise ClusterConfigError(
            "connecting to",
            str(connection.server),
            f"the server's certificate was not accepted: {exc.verify_message}",
            "Check ca_cert and tls_server_name, or certificate-authority in the kubeconfig",
        ) from exc
    except ssl.SSLEOFError as exc:
        raise TransportFailure("the connection ended during the TLS handshake", sent=False) from exc
    except ssl.SSLError as exc:
        reason = (exc.reason or "unknown cause").replace("_", " ").lower()
        raise TransportFailure(
            f"the TLS handshake failed: {reason}", sent=False, hopeless=True
        ) from exc
    except TimeoutError as exc:
        raise TransportFailure("the TLS handshake timed out", sent=False) from exc
    except OSError as exc:
        raise TransportFailure("the connection ended during the TLS handshake", sent=False) from exc
