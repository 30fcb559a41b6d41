# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Glob patterns as Velero's glob library (gobwas/glob) reads them.

``[abc]``, ``[a-z]``, ``[!a]``, ``{a,b}`` and backslash escapes work; matching is case sensitive and
anchored. ``*`` and ``?`` cross every character but the separator, if there is one; ``**`` crosses
that, too (reference restore-engine.md sections 2.4 and 4.12).
"""

from __future__ import annotations

import re
from functools import lru_cache


class _BadPatternError(ValueError):
    """The pattern does not compile."""


@lru_cache(maxsize=4096)
def compile_glob(pattern: str, separator: str = "") -> re.Pattern[str] | None:
    """Returns the pattern as a regular expression, or None when it does not compile."""
    one = f"[^{re.escape(separator)}]" if separator else "."
    try:
        text, end = _translate(pattern, 0, one, in_braces=False)
        if end != len(pattern):
            return None
        return re.compile(text, re.DOTALL)
    except (_BadPatternError, re.error):
        return None


def _translate(pattern: str, at: int, one: str, *, in_braces: bool) -> tuple[str, int]:
    out: list[str] = []
    while at < len(pattern):
        char = pattern[at]
        if in_braces and char in ",}":
            break
        if char == "\\":
            if at + 1 >= len(pattern):
                raise _BadPatternError(pattern)
            out.append(re.escape(pattern[at + 1]))
            at += 2
        elif pattern.startswith("**", at):
            out.append(".*")
            at += 2
        elif char in "*?":
            out.append(f"{one}*" if char == "*" else one)
            at += 1
        elif char == "[":
            text, at = _character_class(pattern, at)
            out.append(text)
        elif char == "{":
            text, at = _alternatives(pattern, at, one)
            out.append(text)
        else:
            out.append(re.escape(char))
            at += 1
    return "".join(out), at


def _character_class(pattern: str, at: int) -> tuple[str, int]:
    end = pattern.find("]", at + 1)
    body = pattern[at + 1 : end] if end > 0 else ""
    negated = body.startswith("!")
    body = body[1:] if negated else body
    if not body:
        raise _BadPatternError(pattern)
    if len(body) == 3 and body[1] == "-":
        if body[0] > body[2]:
            raise _BadPatternError(pattern)
        inner = f"{re.escape(body[0])}-{re.escape(body[2])}"
    elif "-" in body:
        raise _BadPatternError(pattern)
    else:
        inner = "".join(re.escape(char) for char in body)
    return f"[{'^' if negated else ''}{inner}]", end + 1


def _alternatives(pattern: str, at: int, one: str) -> tuple[str, int]:
    options: list[str] = []
    at += 1
    while True:
        text, at = _translate(pattern, at, one, in_braces=True)
        options.append(text)
        if at >= len(pattern):
            raise _BadPatternError(pattern)
        at += 1
        if pattern[at - 1] == "}":
            return f"(?:{'|'.join(options)})", at


def glob_matches(pattern: str, text: str, separator: str = "") -> bool | None:
    """Returns whether ``pattern`` matches all of ``text``; None when it does not compile."""
    compiled = compile_glob(pattern, separator)
    return None if compiled is None else compiled.fullmatch(text) is not None
