# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real plugin binaries of Velero as item actions (needs the Python library grpcio).

with PluginBinaries([plugin_command("/opt/plugins/mine --log-level debug")], log.line) as mine:
    actions = plugin_actions(mine, builtin)
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ItemAction
from ansible_collections.velero.core.plugins.module_utils.actions.plugin_registry import (
    PluginRegistry,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.rpc.client import (
    Connect,
    ListedPlugin,
    PluginClient,
    Timeouts,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.connection import PluginConnection
from ansible_collections.velero.core.plugins.module_utils.rpc.logs import LogLine
from ansible_collections.velero.core.plugins.module_utils.rpc.process import PluginCommand


def plugin_command(entry: str | Sequence[str] | Mapping[str, Any]) -> PluginCommand:
    """Returns an entry of the option ``plugin_binaries``.

    It is a path with arguments quoted as for a shell (``/opt/p --features=EnableCSI``), a list of
    both, or a mapping with ``path`` and ``args``. Raises RequestError.
    """
    if isinstance(entry, Mapping):
        words = [entry.get("path"), *(entry.get("args") or ())]
    elif isinstance(entry, str):
        words = _split(entry)
    else:
        words = list(entry)
    if not words or not words[0]:
        raise RequestError("reading", "plugin_binaries", "an entry names no path")
    path, *arguments = (str(word) for word in words)
    return PluginCommand(path, tuple(arguments))


def _split(entry: str) -> list[Any]:
    try:
        return list(shlex.split(entry))
    except ValueError as error:
        raise RequestError("reading", f"plugin_binaries {entry!r}", str(error)) from error


class PluginBinaries:
    """Running plugin binaries, one process each, from entering to leaving a ``with`` block.

    ``log`` takes a level (debug, info, warning, error) and a text, from several threads; it is not
    called any more when the block has been left. No process outlives this one, however it ends.
    """

    def __init__(
        self,
        commands: Iterable[PluginCommand],
        log: LogLine,
        timeouts: Timeouts | None = None,
        connect: Connect = PluginConnection,
    ) -> None:
        self._commands = tuple(commands)
        self._log: LogLine | None = log
        self._timeouts = timeouts or Timeouts()
        self._connect = connect
        self._clients: list[PluginClient] = []
        self._listed: list[list[ListedPlugin]] = []

    def __enter__(self) -> PluginBinaries:
        """Starts the processes, in order.

        Raises PluginError, and MissingLibraryError without grpcio.
        """
        try:
            for command in [command.checked() for command in self._commands]:
                client = PluginClient(command, self._line, self._timeouts, self._connect)
                self._clients.append(client)
                self._listed.append(client.start())
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the processes: asked to, after 2 s told to, after 3 s killed. May be repeated."""
        for client in self._clients:
            client.close()
        self._log = None

    def actions(self, builtin: Iterable[ItemAction] = ()) -> tuple[ItemAction, ...]:
        """Returns the actions of all binaries in Velero's order: binaries as given, in each v1 by
        name, then v2 by name.

        Raises PluginError for a name that is bad or taken, by ``builtin`` too.
        """
        registry = PluginRegistry(builtin)
        for client, listed in zip(self._clients, self._listed, strict=True):
            registry.add(client.command.path, listed, client)
        return registry.actions()

    def _line(self, level: str, text: str) -> None:
        log = self._log
        if log is not None:
            log(level, text)


def plugin_actions(
    binaries: PluginBinaries, builtin: Sequence[ItemAction]
) -> tuple[ItemAction, ...]:
    """Returns the built-in actions and behind them those of the plugins, as Velero runs them.

    Raises PluginError (see PluginBinaries.actions).
    """
    return (*builtin, *binaries.actions(builtin))
