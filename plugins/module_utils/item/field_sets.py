# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Field sets of managed fields (FieldsV1) on plain objects.

A set maps ``f:<key>`` to the set of a map's value, ``k:<json>`` and ``v:<json>`` to those of list
elements by key or by value, and ``.`` to the container itself; an empty set owns a whole value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

FieldSet = dict[str, Any]

_SELF = "."
_MISSING = object()


def covers(value: Any, fields: FieldSet) -> bool:
    """Returns whether every leaf of ``value`` is owned by ``fields``.

    Nobody need own an empty struct: the server prints it, but tracks no owner of it.
    """
    if not fields:
        return True
    if isinstance(value, dict):
        for key, child in value.items():
            owned = fields.get("f:" + key)
            if owned is None:
                if not _blank(child):
                    return False
            elif not covers(child, owned):
                return False
        return True
    if isinstance(value, list):
        return all(_covers_element(element, fields) for element in value)
    return False


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and all(map(_blank, value.values())))


def _covers_element(element: Any, fields: FieldSet) -> bool:
    for matches, owned in _elements(fields):
        if matches(element):
            return covers(element, owned)
    return False


def extract(value: Any, fields: FieldSet) -> Any:
    """Returns the part of ``value`` that ``fields`` owns."""
    if not fields:
        return value
    if isinstance(value, dict):
        out: dict[str, Any] = {}
        for key, child in value.items():
            owned = fields.get("f:" + key)
            if owned is not None:
                out[key] = extract(child, owned)
        return out
    if isinstance(value, list):
        found = []
        for element in value:
            for matches, owned in _elements(fields):
                if matches(element):
                    found.append(_with_keys(extract(element, owned), matches))
                    break
        return found
    return value


def _with_keys(element: Any, matches: _Match) -> Any:
    """Returns a list element that can be told from the others.

    A key that is not owned beside one that is was a default, and will be again.
    """
    if not isinstance(element, dict) or not matches.by_key:
        return element
    return element if element.keys() & matches.wanted.keys() else {**matches.wanted, **element}


class _Match:
    """Tells whether a list element is the one that a ``k:`` or ``v:`` member names."""

    def __init__(self, wanted: Any, *, by_key: bool) -> None:
        self.wanted = wanted
        self.by_key = by_key

    def __call__(self, element: Any) -> bool:
        if not self.by_key:
            return bool(element == self.wanted)
        return isinstance(element, dict) and all(
            element.get(key, _MISSING) == value for key, value in self.wanted.items()
        )


def _elements(fields: FieldSet) -> Iterator[tuple[_Match, FieldSet]]:
    for member, owned in fields.items():
        if member.startswith("k:"):
            yield _Match(json.loads(member[2:]), by_key=True), owned
        elif member.startswith("v:"):
            yield _Match(json.loads(member[2:]), by_key=False), owned


def owns_only(fields: FieldSet, key: str) -> bool:
    """Returns whether ``fields`` owns nothing outside the top-level ``key``."""
    return set(fields) - {_SELF} <= {"f:" + key}
