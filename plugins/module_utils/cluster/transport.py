# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests over one keep-alive connection per thread."""

from __future__ import annotations

import ssl
import threading
import time
import weakref

from ansible_collections.velero.core.plugins.module_utils.cluster.channel import (
    Channel,
    TransportFailure,
    open_channel,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.connection import Connection
from ansible_collections.velero.core.plugins.module_utils.cluster.credentials import Credential
from ansible_collections.velero.core.plugins.module_utils.cluster.http1 import (
    Answer,
    ProtocolError,
    read_answer,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.tls import (
    ClientCertificate,
    build_context,
)

# A connection that rested longer than this (seconds) is looked at before it is used again; looking
# costs a system call.
_FRESH = 0.02
USER_AGENT = "velero.core"


class Transport:
    """Sends requests to one API server; each thread has a connection of its own.

    ``connect_timeout`` and ``read_timeout`` are in seconds.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        user_agent: str = USER_AGENT,
        connect_timeout: float = 10.0,
        read_timeout: float = 90.0,
    ) -> None:
        self.connection = connection
        self._timeouts = (connect_timeout, read_timeout)
        self._fixed_head = _fixed_head(connection, user_agent)
        self._base = connection.server.base_path
        self._local = threading.local()
        self._channels: weakref.WeakSet[Channel] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._context: tuple[ClientCertificate | None, ssl.SSLContext] | None = None

    def exchange(
        self,
        credential: Credential,
        method: str,
        path: str,
        body: bytes,
        content_type: str,
        accept: str = "application/json",
    ) -> Answer:
        """Returns the answer to one request, whatever its status is.

        Raises TransportFailure when there is no whole answer, ClusterConfigError when the
        certificates do not fit.
        """
        channel = self._channel(credential)
        data = _request(channel.head, method, self._base + path, body, content_type, accept)
        try:
            try:
                channel.socket.sendall(data)
            except OSError:
                if not channel.used:
                    raise
                # The server had closed the idle connection; it cannot have the whole request.
                channel = self._reopen(channel, credential)
                channel.socket.sendall(data)
        except OSError as exc:
            self._drop(channel)
            raise TransportFailure(_words(exc), sent=False) from exc
        return self._receive(channel)

    def close(self) -> None:
        """Closes the connections of all threads."""
        with self._lock:
            channels = list(self._channels)
        for channel in channels:
            channel.close()

    def _receive(self, channel: Channel) -> Answer:
        try:
            answer = read_answer(channel.stream)
        except (OSError, ProtocolError) as exc:
            self._drop(channel)
            raise TransportFailure(_words(exc), sent=True) from exc
        if answer.reusable:
            channel.used = time.monotonic()
        else:
            self._drop(channel)
        return answer

    def _channel(self, credential: Credential) -> Channel:
        channel: Channel | None = getattr(self._local, "channel", None)
        if channel is None:
            return self._open(credential)
        if channel.credential is not credential:
            if channel.credential.certificate is not credential.certificate:
                return self._reopen(channel, credential)
            channel.credential = credential
            channel.head = self._head(credential)
        if time.monotonic() - channel.used > _FRESH and channel.is_stale():
            return self._reopen(channel, credential)
        return channel

    def _reopen(self, channel: Channel, credential: Credential) -> Channel:
        self._drop(channel)
        return self._open(credential)

    def _open(self, credential: Credential) -> Channel:
        channel = open_channel(
            self.connection, self._tls_context(credential.certificate), *self._timeouts
        )
        channel.credential = credential
        channel.head = self._head(credential)
        self._local.channel = channel
        with self._lock:
            self._channels.add(channel)
        return channel

    def _drop(self, channel: Channel) -> None:
        self._local.channel = None
        channel.close()

    def _head(self, credential: Credential) -> bytes:
        if not credential.authorization:
            return self._fixed_head
        return self._fixed_head + f"Authorization: {credential.authorization}\r\n".encode("ascii")

    def _tls_context(self, certificate: ClientCertificate | None) -> ssl.SSLContext | None:
        if self.connection.server.scheme != "https":
            return None
        with self._lock:
            if self._context is None or self._context[0] is not certificate:
                context = build_context(self.connection.tls, certificate)
                self._context = (certificate, context)
            return self._context[1]


def _request(
    fixed: bytes, method: str, path: str, body: bytes, content_type: str, accept: str
) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nAccept: {accept}\r\n".encode("ascii") + fixed
    if not body:
        return head + b"\r\n"
    kind = content_type.encode("ascii")
    return b"%sContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (head, kind, len(body), body)


def _fixed_head(connection: Connection, user_agent: str) -> bytes:
    lines = [("Host", connection.server.authority), ("User-Agent", user_agent)]
    lines += connection.headers
    return "".join(f"{name}: {value}\r\n" for name, value in lines).encode("ascii")


def _words(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "the server did not answer in time"
    if isinstance(error, ConnectionResetError):
        return "the connection was reset"
    return str(getattr(error, "strerror", None) or error) or type(error).__name__
