# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RFC 7386 merge patches between two objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def create_merge_patch(current: Mapping[str, Any], desired: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the merge patch that turns ``current`` into ``desired``; empty when they are equal.

    Maps are compared key by key, lists are replaced whole, keys only in ``current`` become None.
    """
    patch: dict[str, Any] = {key: None for key in current if key not in desired}
    for key, value in desired.items():
        if key not in current:
            patch[key] = value
            continue
        old = current[key]
        if isinstance(old, dict) and isinstance(value, dict):
            inner = create_merge_patch(old, value)
            if inner:
                patch[key] = inner
        elif not same_value(old, value):
            patch[key] = value
    return patch


def same_value(one: Any, other: Any) -> bool:
    """Returns whether two JSON values are the same, types included (1, 1.0 and true differ)."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_value(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            same_value(a, b) for a, b in zip(one, other, strict=True)
        )
    return type(one) is type(other) and bool(one == other)
