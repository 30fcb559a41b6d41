# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Return values that stay small however large a restore is.

The whole of everything lies in the artifacts; a task returns what people and playbooks look at.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.results import Messages, Results

Entry = dict[str, Any]

# What is kept when a list of items has to be cut, the most important first.
_IMPORTANCE = ("failed", "blocked", "updated", "update", "created", "create")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Most entries of a list of items, most messages, and most bytes of each list as JSON."""

    items: int
    messages: int
    size: int
    message_length: int = 2000


CAPS = {
    "summary": Caps(items=0, messages=20, size=40_000),
    "items": Caps(items=1_000, messages=200, size=80_000),
    "full": Caps(items=5_000, messages=2_000, size=110_000),
}


@dataclass(slots=True)
class Capped:
    """Cuts lists to the caps of one detail level and remembers what it left out."""

    caps: Caps
    left_out: dict[str, int] = field(default_factory=dict)

    def items(self, name: str, entries: Sequence[Entry]) -> list[Entry]:
        """Returns ``entries`` in their order, or the most important of them."""
        ranked = sorted(range(len(entries)), key=lambda at: (_rank(entries[at]), at))
        room = self.caps.size
        kept: list[int] = []
        for at in ranked[: self.caps.items]:
            room -= _size(entries[at])
            if room < 0:
                break
            kept.append(at)
        self._note(name, len(entries) - len(kept))
        return [entries[at] for at in sorted(kept)]

    def documents(
        self, name: str, entries: Iterable[Entry], most: int | None = None
    ) -> list[Entry]:
        """Returns the entries that fit, in order; a large one does not keep out those after it.

        ``most`` is a smaller number of bytes than that of the detail level.
        """
        room = min(self.caps.size, most or self.caps.size)
        kept: list[Entry] = []
        dropped = 0
        for entry in entries:
            size = _size(entry)
            if size > room:
                dropped += 1
                continue
            room -= size
            kept.append(entry)
        self._note(name, dropped)
        return kept

    def results(self, results: Results) -> dict[str, Any]:
        """Returns warnings and errors in Velero's form, errors served first."""
        errors = self._messages("errors", results.errors)
        return {"errors": errors, "warnings": self._messages("warnings", results.warnings)}

    def _messages(self, name: str, messages: Messages) -> dict[str, Any]:
        room = self.caps.size
        kept = Messages()
        for bucket, namespace, text in _texts(messages):
            short = _shortened(text, self.caps.message_length)
            room -= len(short.encode()) + 4
            if room < 0 or kept.count >= self.caps.messages:
                break
            if bucket == "velero":
                kept.velero.append(short)
            else:
                kept.add(namespace, short)
        self._note(name, messages.count - kept.count)
        return kept.to_dict()

    def _note(self, name: str, count: int) -> None:
        if count:
            self.left_out[name] = count


def counts(entries: Iterable[Entry]) -> dict[str, int]:
    """Returns how many entries there are for each action."""
    return dict(sorted(Counter(str(entry["action"]) for entry in entries).items()))


def message_lines(messages: Messages, most: int) -> list[str]:
    """Returns up to ``most`` messages with their place, for people."""
    lines = []
    for bucket, namespace, text in _texts(messages):
        place = f"namespace {namespace}" if namespace else bucket
        lines.append(f"[{place}] {_shortened(text, 300)}")
        if len(lines) == most:
            break
    return lines


def _texts(messages: Messages) -> Iterable[tuple[str, str, str]]:
    for text in messages.velero:
        yield "velero", "", text
    for text in messages.cluster:
        yield "cluster", "", text
    for namespace, texts in sorted(messages.namespaces.items()):
        for text in texts:
            yield "", namespace, text


def _rank(entry: Entry) -> int:
    action = entry.get("action")
    return _IMPORTANCE.index(action) if action in _IMPORTANCE else len(_IMPORTANCE)


def _size(entry: Entry) -> int:
    return len(json.dumps(entry))


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
