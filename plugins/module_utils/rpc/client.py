# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plugin binary that is started again after a crash.

Source: reference plugin-protocol.md sections 6, 11 and 14.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.velero.core.plugins.module_utils.rpc.errors import (
    UNAVAILABLE,
    CallError,
    PluginError,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.logs import LogLine
from ansible_collections.velero.core.plugins.module_utils.rpc.messages import (
    APPLIES_TO,
    LIST_PLUGINS,
    Method,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.process import PluginCommand
from ansible_collections.velero.core.plugins.module_utils.rpc.wire import Values

_NO_ANSWER = (UNAVAILABLE, "Canceled", "DeadlineExceeded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds that a plugin gets; Velero itself waits for ever, but for the start."""

    start: float = 60
    execute: float = 600
    other: float = 60


@dataclass(frozen=True, slots=True)
class ListedPlugin:
    """An entry of a plugin binary's list, for example kind ``RestoreItemActionV2``."""

    command: str
    kind: str
    name: str


class Connection(Protocol):
    """One life of a plugin process (see connection.PluginConnection)."""

    @property
    def running(self) -> bool:
        """Returns whether the process runs."""

    def exit_text(self) -> str:
        """Returns how it ended."""

    def call(self, method: Method, values: Mapping[str, Any], timeout: float) -> Values:
        """Returns the response. Raises CallError."""

    def ended_soon(self) -> bool:
        """Returns whether the process has ended, now or in a moment."""

    def close(self) -> None:
        """Ends the process."""


class Connect(Protocol):
    """Starts a plugin."""

    def __call__(self, command: PluginCommand, log: LogLine, start_timeout: float) -> Connection:
        """Returns the connection. Raises PluginError."""


class PluginClient:
    """Calls to one binary, from several threads at once.

    A call during which the process dies fails and is not repeated: it may have had effects. The
    next one starts the process anew. When that ends too before it answered anything, every further
    call fails: a plugin that cannot run must not be started for every item.
    """

    def __init__(
        self, command: PluginCommand, log: LogLine, timeouts: Timeouts, connect: Connect
    ) -> None:
        self.command = command
        self.timeouts = timeouts
        self._log = log
        self._connect = connect
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._listed: list[ListedPlugin] = []
        self._is_restarted = False
        self._has_answered = False
        self._given_up = ""

    def start(self) -> list[ListedPlugin]:
        """Starts the process and returns its list, in the plugin's order.

        Raises PluginError, and MissingLibraryError without grpcio.
        """
        with self._lock:
            connection = self._connect(self.command, self._log, self.timeouts.start)
            self._connection = connection
            try:
                found = connection.call(LIST_PLUGINS, {}, self.timeouts.other)
            except CallError as error:
                raise PluginError(
                    "listing the actions of the plugin", self.command.path, str(error)
                ) from error
            self._listed = [ListedPlugin(**entry) for entry in found["plugins"]]
            self._warm_up(connection)
        return list(self._listed)

    def call(self, method: Method, values: Mapping[str, Any], timeout: float) -> Values:
        """Returns the response to a call; starts the process anew when it has ended.

        ``timeout`` is in seconds. Raises CallError.
        """
        try:
            return self._ask(method, values, timeout)
        except CallError as error:
            if error.was_sent:
                raise
        # It met the end that another call had caused, and did nothing yet.
        return self._ask(method, values, timeout)

    def _ask(self, method: Method, values: Mapping[str, Any], timeout: float) -> Values:
        connection = self._connection
        if connection is None or not connection.running:
            connection = self._restarted()
        try:
            response = connection.call(method, values, timeout)
        except CallError as error:
            if error.code not in _NO_ANSWER:
                self._has_answered = True
            if error.code != UNAVAILABLE or not connection.ended_soon():
                raise
            text = f"{error.details} (the plugin process ended: {connection.exit_text()})"
            raise CallError(UNAVAILABLE, text, was_sent=error.was_sent) from error
        self._has_answered = True
        return response

    def close(self) -> None:
        """Ends the process; no call starts it again. May be repeated."""
        with self._lock:
            self._given_up = self._given_up or "the plugin was stopped"
            if self._connection is not None:
                self._connection.close()

    def _restarted(self) -> Connection:
        with self._lock:
            connection = self._connection
            if connection is not None and connection.running and not self._given_up:
                return connection  # another thread started it meanwhile
            if connection is not None and self._is_restarted and not self._has_answered:
                self._give_up(f"the plugin process ended again ({connection.exit_text()})")
            if self._given_up:
                raise CallError(UNAVAILABLE, self._given_up)
            self._log("info", f"Plugin process exited - restarting. cmd={self.command.path}")
            return self._start_again(connection)

    def _start_again(self, ended: Connection | None) -> Connection:
        if ended is not None:
            ended.close()
        self._is_restarted, self._has_answered = True, False
        try:
            self._connection = self._connect(self.command, self._log, self.timeouts.start)
        except PluginError as error:
            self._give_up(str(error))
            raise CallError(UNAVAILABLE, self._given_up) from error
        self._warm_up(self._connection)
        return self._connection

    def _give_up(self, why: str) -> None:
        if not self._given_up:
            self._given_up = f"unable to restart plugin process: {why}"
            self._log("error", f"{self._given_up} cmd={self.command.path}")

    def _warm_up(self, connection: Connection) -> None:
        """Asks every action once, one after the other.

        The first call makes the action in a table that plugins do not lock: several first calls at
        once, or one beside others, can end the process.
        """
        for entry in self._listed:
            method = APPLIES_TO.get(entry.kind)
            if method is not None:
                try:
                    connection.call(method, {"plugin": entry.name}, self.timeouts.other)
                except CallError as error:
                    self._log("debug", f"{entry.name}: {error} cmd={self.command.path}")
