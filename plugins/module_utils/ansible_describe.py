# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Descriptions of restores as return values: complete, but for what no task may return."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ansible_collections.velero.core.plugins.module_utils.describe.data import describe_data
from ansible_collections.velero.core.plugins.module_utils.describe.facts import (
    Absent,
    RestoreFacts,
)
from ansible_collections.velero.core.plugins.module_utils.describe.text import describe_text
from ansible_collections.velero.core.plugins.module_utils.model.results import Messages, Results

RECORD = "record"
DESCRIBE = "describe"
JSON = "json"
FORMATS = (RECORD, DESCRIBE, JSON)

# What indents, titles and quotes add to an entry, in bytes: rather too much.
_AROUND_MESSAGE = 60
_AROUND_ITEM = 16
_AROUND_OPERATION = 200

Entry = TypeVar("Entry")


@dataclass(slots=True)
class Room:
    """The bytes that are left for lists, and how many entries of each had none."""

    size: int
    left_out: dict[str, int] = field(default_factory=dict)

    def kept(self, name: str, sized: Iterable[tuple[Entry, int]]) -> list[Entry]:
        """Returns the entries, each given with its size, that come before the room is full."""
        kept: list[Entry] = []
        for entry, size in sized:
            if size > self.size or self.left_out.get(name):
                self.left_out[name] = self.left_out.get(name, 0) + 1
                continue
            self.size -= size
            kept.append(entry)
        return kept


def description(facts: RestoreFacts, form: str, size: int) -> tuple[Any, dict[str, int]]:
    """Returns a description in about ``size`` bytes, and the entries left out of its lists.

    ``form`` is describe (text) or json (a mapping). Errors are kept first, then warnings,
    operations and items.
    """
    room = Room(size)
    results, operations, listed = facts.results, facts.item_operations, facts.resource_list
    if not isinstance(results, Absent):
        errors = _messages(room, "errors", results.errors)
        results = Results(errors=errors, warnings=_messages(room, "warnings", results.warnings))
    if not isinstance(operations, Absent):
        sized = ((each, len(json.dumps(each)) + _AROUND_OPERATION) for each in operations)
        operations = room.kept("item_operations", sized)
    if not isinstance(listed, Absent):
        listed = _items(room, listed)
    fitting = replace(facts, results=results, item_operations=operations, resource_list=listed)
    value = describe_text(fitting) if form == DESCRIBE else describe_data(fitting)
    return value, room.left_out


def _messages(room: Room, name: str, messages: Messages) -> Messages:
    def kept(texts: list[str]) -> list[str]:
        return room.kept(name, ((text, len(text.encode()) + _AROUND_MESSAGE) for text in texts))

    return Messages(
        velero=kept(messages.velero),
        cluster=kept(messages.cluster),
        namespaces={key: kept(messages.namespaces[key]) for key in sorted(messages.namespaces)},
    )


def _items(room: Room, listed: dict[str, list[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for api_kind in sorted(listed):
        sized = ((item, len(item.encode()) + _AROUND_ITEM) for item in listed[api_kind])
        kept = room.kept("resource_list", sized)
        if kept or not listed[api_kind]:
            found[api_kind] = kept
    return found
