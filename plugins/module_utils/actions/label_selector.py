# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Label selectors in Kubernetes' text form (``a=b,c in (d,e),!f``).

Source: reference section 1.4; the grammar and its errors are those of k8s.io/apimachinery
pkg/labels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Matcher = Callable[[Mapping[str, Any]], bool]

_TOKEN = re.compile(r"==|!=|[=!(),<>]|[^\s=!(),<>]+")
_SYMBOLS = frozenset(["=", "==", "!=", "!", "(", ")", ",", "<", ">"])
_OPERATORS = {"=": "in", "==": "in", "!=": "notin", "in": "in", "notin": "notin"}
_COMPARISONS = (">", "<")
_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


class LabelSelectorError(ValueError):
    """The text is no label selector; the message is Kubernetes'."""


def parse_label_selector(text: str) -> Matcher:
    """Returns a function that tells whether labels match; an empty selector matches all.

    Raises LabelSelectorError.
    """
    tests = _Parser(_TOKEN.findall(text)).parse()
    return lambda labels: all(test(labels) for test in tests)


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def parse(self) -> list[Matcher]:
        tests: list[Matcher] = []
        while self._peek():
            if not self._starts_requirement():
                raise LabelSelectorError(
                    f"found '{self._peek()}', expected: !, identifier, or 'end of string'"
                )
            try:
                tests.append(self._requirement())
            except LabelSelectorError as error:
                raise LabelSelectorError(f"unable to parse requirement: {error}") from None
            self._separator()
        return tests

    def _separator(self) -> None:
        token = self._next()
        if token not in ("", ","):
            raise LabelSelectorError(f"found '{token}', expected: ',' or 'end of string'")
        if token == "," and not self._starts_requirement():
            raise LabelSelectorError(f"found '{self._peek()}', expected: identifier after ','")

    def _starts_requirement(self) -> bool:
        return self._peek() == "!" or self._is_identifier()

    def _requirement(self) -> Matcher:
        absent = self._peek() == "!"
        if absent:
            self._next()
        key = self._identifier()
        _check_key(key)
        if absent:
            return lambda labels: key not in labels
        if self._peek() in ("", ","):
            return lambda labels: key in labels
        return self._comparison(key)

    def _comparison(self, key: str) -> Matcher:
        operator = self._next()
        if operator in _COMPARISONS:
            return _numeric(key, operator, self._exact_value())
        if operator not in _OPERATORS:
            raise LabelSelectorError(f"found '{operator}', expected: in, notin, =, ==, !=, gt, lt")
        values = self._values() if operator.endswith("in") else {self._exact_value()}
        for value in values:
            _check_value(value)
        if _OPERATORS[operator] == "in":
            return lambda labels: key in labels and labels[key] in values
        return lambda labels: key not in labels or labels[key] not in values

    def _exact_value(self) -> str:
        return "" if self._peek() in ("", ",") else self._identifier()

    def _values(self) -> set[str]:
        opening = self._next()
        if opening != "(":
            raise LabelSelectorError(f"found '{opening}' expected: '('")
        values: set[str] = set()
        expects_value = True
        while (token := self._next()) != ")":
            if token == ",":
                if expects_value:
                    values.add("")
                expects_value = True
            elif token and token not in _SYMBOLS and expects_value:
                values.add(token)
                expects_value = False
            else:
                raise LabelSelectorError(f"found '{token}', expected: ',' or ')'")
        if expects_value and self._tokens[self._at - 2] == ",":
            values.add("")
        if not values:
            raise LabelSelectorError(
                "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty"
            )
        return values

    def _identifier(self) -> str:
        if not self._is_identifier():
            raise LabelSelectorError(f"found '{self._peek()}', expected: identifier")
        return self._next()

    def _is_identifier(self) -> bool:
        return bool(self._peek()) and self._peek() not in _SYMBOLS

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token


def _numeric(key: str, operator: str, text: str) -> Matcher:
    try:
        bound = int(text)
    except ValueError:
        raise LabelSelectorError(
            f"values[0]: Invalid value: \"{text}\": for 'Gt', 'Lt' operators, "
            "the value must be an integer"
        ) from None

    def matches(labels: Mapping[str, Any]) -> bool:
        try:
            value = int(labels[key])
        except (KeyError, TypeError, ValueError):
            return False
        return value > bound if operator == ">" else value < bound

    return matches


def _check_key(key: str) -> None:
    prefix, slash, name = key.rpartition("/")
    good_prefix = not slash or (_PREFIX.fullmatch(prefix) and len(prefix) <= 253)
    if not good_prefix or not _NAME.fullmatch(name):
        raise LabelSelectorError(f'key: Invalid value: "{key}": no qualified name')


def _check_value(value: str) -> None:
    if value and not _NAME.fullmatch(value):
        raise LabelSelectorError(f'values: Invalid value: "{value}": no valid label value')
