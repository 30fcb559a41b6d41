# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes label selectors on plain dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Matcher = Callable[[Mapping[str, Any]], bool]

_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


class SelectorError(ValueError):
    """A selector that Kubernetes refuses; the text is that of its libraries."""


def compile_selector(selector: Mapping[str, Any] | None) -> Matcher:
    """Returns a function that tells whether a label map matches.

    An absent selector and an empty one match everything. Raises SelectorError.
    """
    if not selector:
        return lambda labels: True
    tests = [_equals(key, value) for key, value in (selector.get("matchLabels") or {}).items()]
    tests += [_expression(item) for item in selector.get("matchExpressions") or []]
    return lambda labels: all(test(labels) for test in tests)


def _equals(key: str, value: Any) -> Matcher:
    return lambda labels: labels.get(key) == value


def _expression(expression: Mapping[str, Any]) -> Matcher:
    key = str(expression.get("key", ""))
    operator = expression.get("operator", "")
    values = list(expression.get("values") or [])
    if operator not in _OPERATORS:
        raise SelectorError(f'"{operator}" is not a valid label selector operator')
    if operator in ("In", "NotIn") and not values:
        raise SelectorError(
            "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty"
        )
    if operator in ("Exists", "DoesNotExist") and values:
        shown = "[" + ", ".join(f'"{value}"' for value in values) + "]"
        raise SelectorError(
            f"values: Invalid value: {shown}: "
            "values set must be empty for exists and does not exist"
        )
    if operator == "In":
        return lambda labels: labels.get(key) in values
    if operator == "NotIn":
        return lambda labels: labels.get(key) not in values
    if operator == "Exists":
        return lambda labels: key in labels
    return lambda labels: key not in labels
