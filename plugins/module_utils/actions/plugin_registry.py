# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which actions plugin binaries add, and in which order.

Source: pkg/plugin/clientmgmt/process/registry.go, reference plugin-protocol.md sections 6 and 12.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ItemAction,
    V1AsV2,
)
from ansible_collections.velero.core.plugins.module_utils.actions.plugin_action import (
    Caller,
    PluginActionV1,
    PluginActionV2,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.client import ListedPlugin
from ansible_collections.velero.core.plugins.module_utils.rpc.errors import PluginError
from ansible_collections.velero.core.plugins.module_utils.rpc.messages import KIND_V1, KIND_V2

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LONGEST_SUBDOMAIN = 253
# What the built-in actions are registered under.
_OWN_COMMAND = "velero"


class PluginRegistry:
    """Collects the actions of plugin binaries, in Velero's order."""

    def __init__(self, builtin: Iterable[ItemAction] = ()) -> None:
        self._commands: dict[tuple[str, str], str] = {}
        self._entries: list[tuple[str, str, Caller]] = []
        for action in builtin:
            kind = KIND_V1 if isinstance(action, V1AsV2) else KIND_V2
            self._commands[kind, action.name] = _OWN_COMMAND

    def add(self, command: str, listed: Sequence[ListedPlugin], caller: Caller) -> None:
        """Registers the item actions of a binary; other kinds of plugins are not looked at.

        Within a binary v1 comes before v2 and names are sorted, which is how Velero's library
        lists them. Raises PluginError for a bad name, and for one that is taken in its version.
        """
        for kind in (KIND_V1, KIND_V2):
            for name in sorted(entry.name for entry in listed if entry.kind == kind):
                _check_name(name, command)
                self._take(kind, name, command)
                self._entries.append((kind, name, caller))

    def actions(self) -> tuple[ItemAction, ...]:
        """Returns the actions. A name registered for both versions is there twice, as v2: so it
        runs twice, as in Velero."""
        v2 = {name: caller for kind, name, caller in self._entries if kind == KIND_V2}
        return tuple(
            PluginActionV2(name, v2[name]) if name in v2 else V1AsV2(PluginActionV1(name, caller))
            for kind, name, caller in self._entries
        )

    def _take(self, kind: str, name: str, command: str) -> None:
        owner = self._commands.get((kind, name))
        if owner is None:
            self._commands[kind, name] = command
            return
        raise PluginError(
            "registering the actions of the plugin",
            command,
            f"unable to register plugin (kind={kind}, name={name}, command={command}) because "
            f"another plugin is already registered for this kind and name (command={owner})",
            "List each plugin once",
        )


def _check_name(name: str, command: str) -> None:
    domain, slash, rest = name.partition("/")
    if not slash or "/" in rest or not domain or not rest:
        why = "name must have exactly two parts separated by a forward slash"
    elif len(domain) > _LONGEST_SUBDOMAIN or not _SUBDOMAIN.fullmatch(domain):
        why = "the first part must be a DNS-1123 subdomain"
    else:
        return
    raise PluginError(
        "registering the actions of the plugin", command, f'invalid plugin name "{name}": {why}'
    )
