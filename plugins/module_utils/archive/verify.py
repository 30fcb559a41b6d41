# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Comparing an archive with the list of items that Velero wrote at backup time.

Source: reference backup-storage-and-crs.md section 1.5 (backup resource list).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.velero.core.plugins.module_utils.model.names import namespaced_name
from ansible_collections.velero.core.plugins.module_utils.model.ports import Catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Differences between an archive and its resource list; all tuples are sorted.

    ``missing`` and ``unlisted`` hold ``apiVersion/Kind namespace/name``; ``unreadable`` holds
    archive paths of items that are no JSON object with a kind. ``checked`` counts the items.
    """

    checked: int
    missing: tuple[str, ...]
    unlisted: tuple[str, ...]
    unreadable: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Returns whether every item can be read and none is missing.

        Unlisted items are no fault: what backup actions add late is not always listed.
        """
        return not self.missing and not self.unreadable


def verify_items(catalog: Catalog, resource_list: Mapping[str, Sequence[str]]) -> Verification:
    """Decodes every item and returns how the archive differs from ``resource_list``.

    The list maps ``apiVersion/Kind`` to ``namespace/name`` or ``name``. An unreadable item has no
    kind that could be compared, so it also shows up as missing.
    """
    listed = {f"{kind} {name}" for kind, names in resource_list.items() for name in names or ()}
    found: set[str] = set()
    unreadable: list[str] = []
    checked = 0
    for gr, namespace, name in _all_items(catalog):
        checked += 1
        api_kind = _api_kind(catalog, gr, namespace, name)
        if api_kind:
            found.add(f"{api_kind} {namespaced_name(namespace, name)}")
        else:
            unreadable.append(catalog.path(gr, namespace, name))
    return Verification(
        checked=checked,
        missing=tuple(sorted(listed - found)),
        unlisted=tuple(sorted(found - listed)),
        unreadable=tuple(sorted(unreadable)),
    )


def _all_items(catalog: Catalog) -> Iterator[tuple[str, str, str]]:
    for gr in catalog.group_resources():
        for namespace in catalog.namespaces(gr):
            for name in catalog.items(gr, namespace):
                yield gr, namespace, name


def _api_kind(catalog: Catalog, gr: str, namespace: str, name: str) -> str:
    """Returns ``apiVersion/Kind`` of an item, empty when it cannot be told."""
    try:
        body = json.loads(catalog.read(gr, namespace, name))
    except (KeyError, ValueError, RecursionError):
        return ""
    if not isinstance(body, dict) or not body.get("kind") or not body.get("apiVersion"):
        return ""
    return f"{body['apiVersion']}/{body['kind']}"
