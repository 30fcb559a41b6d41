# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

_GONE = 410

# fetch(query) returns one page.
Fetch = Callable[[dict[str, str]], Manifest]


def pages(fetch: Fetch, query: dict[str, str], limit: int) -> Iterator[Manifest]:
    """Yields the objects of all pages, each once.

    When the server has forgotten the list's moment, what is left comes from one list of
    everything as it is now. Raises what ``fetch`` raises.
    """
    seen: set[tuple[str, str]] = set()
    token = ""
    while True:
        try:
            page = fetch({**query, "limit": str(limit), "continue": token})
        except ApiError as exc:
            if exc.code != _GONE or not token:
                raise
            page = fetch(query)
            yield from (item for item in _items(page) if _key(item) not in seen)
            return
        token = (page.get("metadata") or {}).get("continue") or ""
        items = _items(page)
        if token:
            seen.update(_key(item) for item in items)
        yield from items
        if not token:
            return


def _items(page: Manifest) -> list[Manifest]:
    return page.get("items") or []


def _key(item: Manifest) -> tuple[str, str]:
    metadata = item.get("metadata") or {}
    return metadata.get("namespace") or "", metadata.get("name") or ""
