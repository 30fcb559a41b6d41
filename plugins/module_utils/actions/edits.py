# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small changes of manifests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def remove_keys(holder: Any, field: str, keys: Iterable[str]) -> None:
    """Takes ``keys`` out of the map ``field`` of ``holder``, and the map when nothing is left.

    Nothing happens where either is absent or null.
    """
    found = (holder or {}).get(field)
    if not found:
        return
    for key in keys:
        found.pop(key, None)
    if not found:
        del holder[field]


def keep_entries(holder: Any, field: str, wanted: Callable[[Any], bool]) -> None:
    """Keeps those entries of the list ``field`` that are wanted; removes an emptied list."""
    found = (holder or {}).get(field)
    if not found:
        return
    kept = [entry for entry in found if wanted(entry)]
    if kept:
        holder[field] = kept
    else:
        del holder[field]
