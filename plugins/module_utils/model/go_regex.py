# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Regular expressions of Go (RE2) for Python's ``re``.

What RE2 does not know (look-around, back references, possessive repetition) is refused with Go's
text, what both write differently is translated. Source: regexp/syntax/parse.go of Go.
"""

from __future__ import annotations

import re
from functools import lru_cache

_MOST_REPEATS = 1000
_REPEAT = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_FLAGS = re.compile(r"\(\?([imsU]*)(?:-([imsU]+))?([:)])")
_NAMED = re.compile(r"\(\?P?<([A-Za-z0-9_]+)>")
_ESCAPES = {"A": r"\A", "z": r"\Z", "a": r"\a"}
_SAME = "bBdDsSwWfnrtv"
_CLASSES = "dDsSwW"
# Names of objects are ASCII, so these are enough of Unicode.
_CATEGORIES = {"L": "A-Za-z", "Lu": "A-Z", "Ll": "a-z", "N": "0-9", "Nd": "0-9"}
_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7F",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-\/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}


class GoRegexError(ValueError):
    """An expression that Go refuses; the text is Go's."""

    def __init__(self, code: str, where: str) -> None:
        super().__init__(f"error parsing regexp: {code}: `{where}`")


@lru_cache(maxsize=1024)
def compile_go_regex(pattern: str) -> re.Pattern[str]:
    """Returns ``pattern`` for ``search``; raises GoRegexError."""
    translated = _Translation(pattern).run()
    try:
        return re.compile(translated, re.ASCII)
    except (re.error, OverflowError, RecursionError):
        raise GoRegexError("invalid or unsupported Perl syntax", pattern) from None


class _Translation:
    """One pass over an expression.

    Flags in the middle hold to the end of their group, over all alternatives. Python wants them
    at the front of a group of their own, so ``groups`` keeps them for each open group.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._out: list[str] = []
        self._groups: list[list[str]] = [[]]
        self._repeatable = False
        self._end = "$" if re.search(r"\(\?[isU]*m", pattern) else r"\Z"

    def run(self) -> str:
        """Returns the translated expression."""
        while self._at < len(self._pattern):
            self._step(self._pattern[self._at])
        if len(self._groups) > 1:
            raise GoRegexError("missing closing )", self._pattern)
        self._close_flags()
        return "".join(self._out)

    def _step(self, char: str) -> None:
        if char == "(":
            self._open()
        elif char == ")":
            self._close()
        elif char == "|":
            self._close_flags()
            self._put("|" + "".join(self._groups[-1]), 1, repeatable=False)
        elif char in "*+?":
            self._repeat(char)
        elif char == "{" and (found := _REPEAT.match(self._pattern, self._at)):
            self._repeat_counted(found)
        elif char == "[":
            self._put(*self._character_class())
        elif char == "\\":
            self._escape()
        elif char in "^$":
            self._put(self._end if char == "$" else "^", 1)
        else:
            self._put("." if char == "." else re.escape(char), 1)

    def _put(self, text: str, width: int, *, repeatable: bool = True) -> None:
        self._out.append(text)
        self._at += width
        self._repeatable = repeatable

    def _open(self) -> None:
        rest = self._pattern[self._at :]
        named, flags = _NAMED.match(rest), _FLAGS.match(rest)
        if named:
            self._groups.append([])
            self._put(f"(?P<{named[1]}>", len(named[0]), repeatable=False)
        elif flags:
            self._open_flags(flags)
        elif rest.startswith("(?"):
            raise GoRegexError("invalid or unsupported Perl syntax", rest[:3])
        else:
            self._groups.append([])
            self._put("(", 1, repeatable=False)

    def _open_flags(self, flags: re.Match[str]) -> None:
        on, off, ends = flags[1], flags[2] or "", flags[3]
        if "U" in on + off:
            raise GoRegexError("invalid or unsupported Perl syntax", flags[0])
        head = f"(?{on}{off and '-'}{off}:"
        if ends == ":":
            self._groups.append([])
        else:
            self._groups[-1].append(head)
        self._put(head, len(flags[0]), repeatable=False)

    def _close(self) -> None:
        if len(self._groups) == 1:
            raise GoRegexError("unexpected )", self._pattern)
        self._close_flags()
        self._groups.pop()
        self._put(")", 1)

    def _close_flags(self) -> None:
        self._out.append(")" * len(self._groups[-1]))

    def _repeat(self, char: str) -> None:
        if not self._repeatable:
            raise GoRegexError("missing argument to repetition operator", char)
        self._finish_repeat(char, self._at + 1)

    def _repeat_counted(self, found: re.Match[str]) -> None:
        if not self._repeatable:
            raise GoRegexError("missing argument to repetition operator", found[0])
        counts = [int(number) for number in (found[1], found[3]) if number]
        if max(counts) > _MOST_REPEATS or sorted(counts) != counts:
            raise GoRegexError("invalid repeat count", found[0])
        self._finish_repeat(found[0], found.end())

    def _finish_repeat(self, text: str, end: int) -> None:
        lazy = "?" if self._pattern.startswith("?", end) else ""
        end += len(lazy)
        again = _REPEAT.match(self._pattern, end)
        if again or self._pattern[end : end + 1] in ("*", "+", "?"):
            last = again.end() if again else end + 1
            raise GoRegexError("invalid nested repetition operator", self._pattern[self._at : last])
        self._put(text + lazy, end - self._at)

    def _escape(self) -> None:
        rest = self._pattern[self._at :]
        if rest.startswith(r"\Q"):
            literal, _end, _after = rest[2:].partition(r"\E")
            self._put(re.escape(literal), min(len(literal) + 4, len(rest)))
        elif rest[1:2] in ("A", "z", "b", "B"):
            self._put(_ESCAPES.get(rest[1], rest[:2]), 2)
        else:
            text, width, is_class = _escaped(rest)
            self._put(f"[{text}]" if is_class else text, width)

    def _character_class(self) -> tuple[str, int]:
        """The class that begins here, and its width."""
        rest = self._pattern[self._at :]
        at, out = 1, ["["]
        if rest.startswith("^", at):
            out.append("^")
            at += 1
        first = True
        while first or not rest.startswith("]", at):
            first = False
            if at >= len(rest):
                raise GoRegexError("missing closing ]", rest)
            text, width = _class_member(rest, at)
            out.append(text)
            at += width
        return "".join([*out, "]"]), at + 1


def _class_member(rest: str, at: int) -> tuple[str, int]:
    posix = re.compile(r"\[:(\^?)(\w+):\]").match(rest, at)
    if posix:
        if posix[2] not in _POSIX or posix[1]:
            raise GoRegexError("invalid character class range", posix[0])
        return _POSIX[posix[2]], len(posix[0])
    low, width, is_class = _class_character(rest, at)
    if is_class or rest[at + width : at + width + 1] != "-":
        return low, width
    if rest[at + width + 1 : at + width + 2] in ("]", ""):
        return low, width
    high, more, is_class = _class_character(rest, at + width + 1)
    shown = rest[at : at + width + 1 + more]
    if is_class or _character(low) > _character(high):
        raise GoRegexError("invalid character class range", shown)
    return f"{low}-{high}", width + 1 + more


def _class_character(rest: str, at: int) -> tuple[str, int, bool]:
    if rest[at] == "\\":
        return _escaped(rest[at:])
    # Sets in sets are to come in Python; here a bracket is a bracket.
    return (f"\\{rest[at]}" if rest[at] in "[]^-&|~" else rest[at]), 1, False


def _character(text: str) -> str:
    found = re.compile(f"[{text}]")
    return next(char for char in map(chr, range(0x110000)) if found.match(char))


def _escaped(rest: str) -> tuple[str, int, bool]:
    """What the escape at the beginning of ``rest`` means, its width, and whether it is a class."""
    char = rest[1:2]
    if not char:
        raise GoRegexError("trailing backslash at end of expression", "")
    category = re.match(r"\\p(?:\{(\w+)\}|(\w))", rest)
    if category and (category[1] or category[2]) in _CATEGORIES:
        return _CATEGORIES[category[1] or category[2]], len(category[0]), True
    if char in _CLASSES:
        return rest[:2], 2, True
    if char in _SAME[2:] or char == "a":
        return rest[:2], 2, False
    number = re.match(
        r"\\(?:x\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{2})|(0[0-7]{0,2}|[1-7][0-7]{1,2}))", rest
    )
    if number:
        code = int(number[3], 8) if number[3] else int(number[1] or number[2], 16)
        if code <= 0x10FFFF:
            return re.escape(chr(code)), len(number[0]), False
    if char.isascii() and not char.isalnum():
        return re.escape(char), 2, False
    raise GoRegexError("invalid escape sequence", rest[:2])
