# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading fields of objects that may be malformed: what has another type counts as absent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def mapping(parent: Any, *path: str) -> Mapping[str, Any]:
    """Returns the mapping at ``path``, or an empty one."""
    for key in path:
        parent = parent.get(key) if isinstance(parent, dict) else None
    return parent if isinstance(parent, dict) else {}


def entries(parent: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    """Yields the mappings in the list ``key``."""
    found = parent.get(key)
    if isinstance(found, list):
        for item in found:
            if isinstance(item, dict):
                yield item


def text(parent: Mapping[str, Any], key: str) -> str:
    """Returns the text ``key``, or nothing."""
    found = parent.get(key)
    return found if isinstance(found, str) else ""
