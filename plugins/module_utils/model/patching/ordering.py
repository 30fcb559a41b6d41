# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of a merged list: as the patch says, with the server's own elements in between."""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.patching.values import same_json


def position(item: Any, items: list[Any], key: str) -> int:
    """Returns where ``item`` (an object: one with the same value of ``key``) is, or -1."""
    if not key:
        return next((at for at, other in enumerate(items) if same_json(item, other)), -1)
    if not isinstance(item, dict):
        return -1
    return next(
        (
            at
            for at, other in enumerate(items)
            if isinstance(other, dict) and key in other and same_json(other[key], item.get(key))
        ),
        -1,
    )


def in_order(merged: list[Any], wanted: list[Any], before: list[Any], key: str) -> list[Any]:
    """Returns ``merged`` with the elements of ``wanted`` in that order.

    The others keep the order that they have in ``before``, and each comes before the first
    element of ``wanted`` that was behind it there.
    """
    told = [one for one in merged if position(one, wanted, key) >= 0]
    told.sort(key=lambda one: position(one, wanted, key))
    others = [one for one in merged if position(one, wanted, key) < 0]
    others.sort(key=lambda one: position(one, before, key))
    out: list[Any] = []
    while told and others:
        first, second = position(others[0], before, key), position(told[0], before, key)
        out.append(others.pop(0) if 0 <= first < second else told.pop(0))
    return [*out, *told, *others]
