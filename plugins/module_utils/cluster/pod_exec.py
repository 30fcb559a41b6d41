# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands in containers, over the websocket stream of the API server (``pods/exec``).

The stream is that of ``websocket-client``, which the Kubernetes client's own ``stream`` is made
of. That one opens its connection itself: without the headers of an impersonation, so that the
command would be another user's, without the system's CA certificates and without any timeout.
Here it goes over a connection like those of all other requests.
"""

from __future__ import annotations

import contextlib
import importlib
import time
import traceback
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

from ansible_collections.velero.core.plugins.module_utils.cluster.channel import (
    Channel,
    TransportFailure,
    open_channel,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.connection import Connection
from ansible_collections.velero.core.plugins.module_utils.cluster.credentials import Credential
from ansible_collections.velero.core.plugins.module_utils.cluster.errors import api_error
from ansible_collections.velero.core.plugins.module_utils.cluster.exec_channels import (
    PROTOCOLS,
    ExecChannels,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.http1 import Answer
from ansible_collections.velero.core.plugins.module_utils.cluster.paths import object_path
from ansible_collections.velero.core.plugins.module_utils.cluster.tls import build_context
from ansible_collections.velero.core.plugins.module_utils.model.commands import (
    CommandOutcome,
    ContainerCommand,
)
from ansible_collections.velero.core.plugins.module_utils.model.durations import format_duration
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ClusterError,
    ConnectionFailedError,
    MissingLibraryError,
    ThrottledError,
    UnauthorizedError,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import PODS

# Seconds.
_CONNECT_TIMEOUT = 10.0
_DRAIN = 1.0
_PAUSE = 1.0


class PodExec:
    """Runs commands as one user; every command has a connection of its own."""

    def __init__(self, connection: Connection, user_agent: str) -> None:
        self._connection = connection
        self._user_agent = user_agent

    def run(self, given: ContainerCommand) -> CommandOutcome:
        """Returns how the command ended, at the latest when its timeout is over.

        A server that cannot be reached or has no time is asked again as long as it certainly has
        not begun the command.

        As with Velero, a command that runs into its timeout may go on in its container. Raises
        ApiError when the API server refuses to run it, ConnectionFailedError when the server
        cannot be reached or the stream breaks off, and MissingLibraryError.
        """
        deadline = time.monotonic() + given.timeout
        while True:
            try:
                return self._authorized(given, deadline)
            except _TimeIsOver:
                return CommandOutcome(f"timed out after {format_duration(given.timeout)}")
            except _NotBegun as setback:
                if time.monotonic() + _PAUSE >= deadline:
                    raise setback.error from None
            time.sleep(_PAUSE)

    def _authorized(self, given: ContainerCommand, deadline: float) -> CommandOutcome:
        credentials = self._connection.credentials
        credential = credentials.current()
        try:
            return self._attempt(given, credential, deadline)
        except UnauthorizedError:
            if not credentials.refresh(credential):
                raise
            return self._attempt(given, credentials.current(), deadline)

    def _attempt(
        self, given: ContainerCommand, credential: Credential, deadline: float
    ) -> CommandOutcome:
        library = _library()
        with contextlib.closing(self._channel(given, credential, deadline)) as channel:
            stream = library.WebSocket(skip_utf8_validation=True)
            try:
                stream.connect(
                    self._url(given),
                    socket=channel.socket,
                    header=self._header(credential),
                    subprotocols=list(PROTOCOLS),
                    suppress_origin=True,
                    redirect_limit=0,
                )
                return _follow(library, stream, deadline)
            except library.WebSocketTimeoutException:
                raise _TimeIsOver from None
            except library.WebSocketBadStatusException as exc:
                refusal = api_error(_answer(exc), "GET", _DOING, _target(given))
                if isinstance(refusal, ThrottledError):
                    raise _NotBegun(refusal) from None
                raise refusal from None
            except (library.WebSocketException, OSError) as exc:
                raise _lost(given, str(exc)) from exc

    def _channel(self, given: ContainerCommand, credential: Credential, deadline: float) -> Channel:
        context = None
        if self._connection.server.scheme == "https":
            context = build_context(self._connection.tls, credential.certificate)
        left = _left(deadline)
        try:
            return open_channel(self._connection, context, min(_CONNECT_TIMEOUT, left), left)
        except TransportFailure as failure:
            lost = _lost(given, failure.why)
            if failure.hopeless:
                raise lost from failure
            raise _NotBegun(lost) from failure

    def _url(self, given: ContainerCommand) -> str:
        server = self._connection.server
        scheme = "wss" if server.scheme == "https" else "ws"
        path = object_path(PODS, given.namespace, given.pod, "exec")
        query = [("command", word) for word in given.command]
        query += [("container", given.container), ("stdout", "true"), ("stderr", "true")]
        return f"{scheme}://{server.authority}{server.base_path}{path}?{urlencode(query)}"

    def _header(self, credential: Credential) -> list[str]:
        lines = [("User-Agent", self._user_agent), *self._connection.headers]
        if credential.authorization:
            lines.append(("Authorization", credential.authorization))
        return [f"{name}: {value}" for name, value in lines]


_DOING = "running a command in"


class _TimeIsOver(Exception):
    """Nothing is left of the command's timeout."""


class _NotBegun(Exception):
    """The command was certainly not run, and may be run a little later."""

    def __init__(self, error: ClusterError) -> None:
        self.error = error
        super().__init__(error)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise _TimeIsOver
    return left


def _follow(library: ModuleType, stream: Any, deadline: float) -> CommandOutcome:
    """Reads the stream to its end; output may still come behind the command's status."""
    channels = ExecChannels()
    while not channels.closed:
        if channels.ended:
            deadline = min(deadline, time.monotonic() + _DRAIN)
        try:
            stream.sock.settimeout(_left(deadline))
            opcode, frame = stream.recv_data_frame(True)
        except (library.WebSocketException, _TimeIsOver, OSError):
            if channels.ended:
                break
            raise
        if opcode == library.ABNF.OPCODE_CLOSE:
            break
        if opcode in (library.ABNF.OPCODE_BINARY, library.ABNF.OPCODE_TEXT):
            channels.take(frame.data)
    if not channels.ended:
        raise library.WebSocketException("the stream ended before the command did")
    return channels.outcome()


def _lost(given: ContainerCommand, why: str) -> ConnectionFailedError:
    return ConnectionFailedError(_DOING, _target(given), why or "the connection ended")


def _target(given: ContainerCommand) -> str:
    return f"container {given.container} of pod {given.namespace}/{given.pod}"


def _answer(refusal: Any) -> Answer:
    headers = {
        str(name).lower().encode(): str(value).encode("latin-1", "replace")
        for name, value in (refusal.resp_headers or {}).items()
    }
    return Answer(refusal.status_code, headers, refusal.resp_body or b"")


def _library() -> ModuleType:
    try:
        return importlib.import_module("websocket")
    except ImportError:
        raise MissingLibraryError(
            "websocket-client", "restore hooks that run commands", traceback.format_exc()
        ) from None
