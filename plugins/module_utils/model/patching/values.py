# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all kinds of patches share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class PatchError(ValueError):
    """A patch cannot be applied; the text names fields, never values."""


class TestFailedError(PatchError):
    """A ``test`` of a JSON patch found another value."""

    __test__ = False


class MissingPathError(PatchError):
    """There is no list or mapping that could hold what a path names."""


def same_json(one: Any, other: Any) -> bool:
    """Returns whether two JSON values are equal: numbers by value, true is no 1."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_json(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            same_json(a, b) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return type_name(one) == type_name(other) and bool(one == other)


def type_name(value: Any) -> str:
    """Returns the JSON type of ``value`` in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "text"
    return "list" if isinstance(value, (list, tuple)) else "mapping"
