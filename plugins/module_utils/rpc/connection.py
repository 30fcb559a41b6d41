# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plugin process with its gRPC channel.

Source: reference plugin-protocol.md sections 4, 5 and 11.
"""

from __future__ import annotations

import contextlib
import threading
import time
import traceback
from collections.abc import Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import MissingLibraryError
from ansible_collections.velero.core.plugins.module_utils.rpc.errors import (
    UNAVAILABLE,
    CallError,
    PluginError,
    go_code_name,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.logs import (
    LineSplitter,
    LogLine,
    parse_line,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.messages import (
    EMPTY,
    SHUTDOWN,
    STDIO_DATA,
    STREAM_STDIO,
    Method,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.process import (
    PluginCommand,
    PluginProcess,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.wire import Values, WireError

_OPTIONS = (
    # What the client may send and receive; a plugin takes 4 MiB itself.
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # A panic sends its stack twice in the trailers.
    ("grpc.max_metadata_size", 1 << 20),
    ("grpc.absolute_max_metadata_size", 1 << 21),
    ("grpc.default_authority", "localhost"),
    ("grpc.enable_http_proxy", 0),
)
_LAST_LINES_SECONDS = 0.2
_STOP_SECONDS = 2.0
_JOIN_SECONDS = 1.0
_LATE_SECONDS = 0.05
# What grpc says when it could not even connect.
_NOT_CONNECTED = "failed to connect to all addresses"


class PluginConnection:
    """One life of a plugin process. Calls may come from several threads at once."""

    def __init__(
        self,
        command: PluginCommand,
        log: LogLine,
        start_timeout: float,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._grpc = _library()
        self._log = log
        self._name = command.name
        self._calls: dict[str, Any] = {}
        self._process = PluginProcess(command, self._on_line, environment)
        try:
            address = self._process.handshake(start_timeout)
        except PluginError:
            self._process.stop()
            raise
        self._channel = self._grpc.insecure_channel(address.target, options=_OPTIONS)
        self._stdio = threading.Thread(target=self._read_stdio, name="plugin-stdio", daemon=True)
        self._stdio.start()

    @property
    def running(self) -> bool:
        """Returns whether the process runs."""
        return self._process.running

    def exit_text(self) -> str:
        """Returns how the process ended, for people."""
        return self._process.exit_text()

    def call(self, method: Method, values: Mapping[str, Any], timeout: float) -> Values:
        """Returns the response to one call. ``timeout`` is in seconds. Raises CallError."""
        deadline = time.monotonic() + timeout
        try:
            data = self._call(method.path)(method.request.encode(values), timeout=timeout)
            return method.response.decode(data)
        except self._grpc.RpcError as error:
            is_late = time.monotonic() > deadline - _LATE_SECONDS
            raise _call_error(error, f"{timeout:g} s", is_late=is_late) from error
        except WireError as error:
            raise CallError("Internal", f"grpc: error unmarshalling: {error}") from error
        except ValueError as error:
            # What grpc raises on a channel that was closed meanwhile.
            raise CallError(UNAVAILABLE, str(error)) from error

    def ended_soon(self, seconds: float = _JOIN_SECONDS) -> bool:
        """Returns whether the process has ended, at most ``seconds`` from now."""
        return self._process.wait(seconds)

    def close(self) -> None:
        """Asks the plugin to end, gives it 2 s and ends it; may be repeated."""
        if self._process.running:
            # The server's end cuts off the stream of its output: what was printed gets a moment.
            time.sleep(_LAST_LINES_SECONDS)
            # The answer is usually lost with the server.
            with contextlib.suppress(CallError):
                self.call(SHUTDOWN, {}, _STOP_SECONDS)
            self._process.wait(_STOP_SECONDS)
        self._channel.close()
        self._process.stop()
        self._stdio.join(_JOIN_SECONDS)

    def _call(self, path: str) -> Any:
        # Without serializers grpc passes bytes through.
        found = self._calls.get(path)
        if found is None:
            found = self._calls[path] = self._channel.unary_unary(path)
        return found

    def _read_stdio(self) -> None:
        """Logs what the plugin prints after its start; unread it would block the plugin."""
        splitters: dict[int, LineSplitter] = {}
        stream = self._channel.unary_stream(STREAM_STDIO.path)
        # It ends with the channel or the plugin; some plugins do not have it.
        with contextlib.suppress(self._grpc.RpcError, WireError, ValueError):
            for data in stream(EMPTY.encode({})):
                values = STDIO_DATA.decode(data)
                splitter = splitters.setdefault(values["channel"], LineSplitter(self._on_line))
                splitter.feed(values["data"])
        for splitter in splitters.values():
            splitter.end()

    def _on_line(self, line: str) -> None:
        level, text = parse_line(line)
        # Whatever becomes of the log, the streams must be read on.
        with contextlib.suppress(Exception):
            self._log(level, f"{text} pluginName={self._name}")


def _call_error(error: Any, timeout: str, *, is_late: bool) -> CallError:
    code = go_code_name(error.code().name)
    details = str(error.details() or "")
    # The plugin's end sees the deadline too, and may be first to end the call.
    if code == "DeadlineExceeded" or (code == "Canceled" and is_late):
        return CallError(
            "DeadlineExceeded", f"context deadline exceeded (no answer within {timeout})"
        )
    unsent = code == UNAVAILABLE and details.startswith(_NOT_CONNECTED)
    return CallError(code, details, was_sent=not unsent)


def _library() -> Any:
    try:
        import grpc
    except ImportError as error:
        raise MissingLibraryError("grpcio", "plugin binaries", traceback.format_exc()) from error
    return grpc
