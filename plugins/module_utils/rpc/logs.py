# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What plugins write, as entries of our log (reference plugin-protocol.md section 10)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

# Takes a level (debug, info, warning, error) and a text.
LogLine = Callable[[str, str], None]

_LEVELS = {
    "trace": "debug",
    "debug": "debug",
    "info": "info",
    "warn": "warning",
    "warning": "warning",
    "error": "error",
    "fatal": "error",
    "panic": "error",
}
_PREFIXES = {
    "[TRACE]": "debug",
    "[DEBUG]": "debug",
    "[INFO]": "info",
    "[WARN]": "warning",
    "[ERROR]": "error",
}
_CRASHES = ("panic: ", "fatal error: ")
_NO_FIELDS = {"time", "timestamp", "level"}


def parse_line(line: str) -> tuple[str, str]:
    """Returns the level and the text of a line from a plugin's standard error.

    The fields of a structured line follow its message, sorted by name.
    """
    if line.startswith("{"):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            entry = None
        if isinstance(entry, dict):
            return _structured(entry)
    for prefix, level in _PREFIXES.items():
        if line.startswith(prefix):
            return level, line[len(prefix) :].strip()
    return ("error" if line.startswith(_CRASHES) else "debug"), line


def _structured(entry: dict[str, Any]) -> tuple[str, str]:
    level = _LEVELS.get(str(entry.get("@level")), "debug")
    fields = [
        f"{name}={value if isinstance(value, str) else json.dumps(value)}"
        for name, value in sorted(entry.items())
        if not name.startswith("@") and name not in _NO_FIELDS
    ]
    return level, " ".join([str(entry.get("@message", "")), *fields])


class LineSplitter:
    """Makes lines of a stream of bytes; one that grows too long is cut."""

    def __init__(self, handle: Callable[[str], None], longest: int = 65536) -> None:
        self._handle = handle
        self._longest = longest
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Hands out the lines that ``data`` completes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > self._longest:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            self._hand_out(line)

    def end(self) -> None:
        """Hands out what is left."""
        rest, self._rest = self._rest, b""
        self._hand_out(rest)

    def _hand_out(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        if text:
            self._handle(text)
