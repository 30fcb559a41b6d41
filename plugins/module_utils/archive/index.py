# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an archive holds, by resource, version folder, namespace and file name."""

from __future__ import annotations

import sys

from ansible_collections.velero.core.plugins.module_utils.archive import faults
from ansible_collections.velero.core.plugins.module_utils.archive.layout import (
    FOLDER,
    ITEM,
    JSON_SUFFIX,
    OUTSIDE,
    Place,
    stray_warning,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import ArchiveError

# Offset and length in the spool.
Span = tuple[int, int]
# Files whose content cannot be asked for: those without .json, and versions that were not kept.
UNREADABLE: Span = (-1, 0)
NOT_KEPT: Span = (-2, 0)

Files = dict[str, Span]


class Index:
    """Grows by one entry after the other; afterwards it is only read.

    ``items`` counts the files of unversioned folders, ``version_items`` those of version folders.
    """

    def __init__(self, *, allow_duplicates: bool = False) -> None:
        self.has_resources = False
        self.items = 0
        self.version_items = 0
        self._allow_duplicates = allow_duplicates
        self._groups: dict[str, dict[str, dict[str, Files]]] = {}
        self._others: set[tuple[str, ...]] = set()
        self._strays: set[tuple[str, str, str]] = set()

    def add(self, place: Place, span: Span = UNREADABLE) -> None:
        """Notes an entry. An item without ``.json`` is noted but has no content.

        Raises UnsafeArchiveError when the item is there already, unless that is allowed; then
        the last one counts, as in Velero.
        """
        if place.kind == OUTSIDE:
            return
        self.has_resources = True
        if place.group_resource:
            versions = self._groups.setdefault(sys.intern(place.group_resource), {})
            if place.version:
                versions.setdefault(sys.intern(place.version), {})
        if place.kind == ITEM:
            self._add_item(place, span)
        elif place.kind != FOLDER and not place.version:
            self._strays.add((place.directory, place.name, place.kind))

    def add_other_file(self, segments: tuple[str, ...]) -> None:
        """Notes the path of a file that is no item; raises as ``add`` does."""
        if segments in self._others and not self._allow_duplicates:
            raise _duplicate("/".join(segments))
        self._others.add(segments)

    def _add_item(self, place: Place, span: Span) -> None:
        folders = self._groups[place.group_resource].setdefault(sys.intern(place.version), {})
        files = folders.setdefault(sys.intern(place.namespace), {})
        if place.name in files:
            if not self._allow_duplicates:
                scope = place.namespace or "cluster scope"
                raise _duplicate(f"{place.group_resource} {scope} {place.name}")
        elif place.version:
            self.version_items += 1
        else:
            self.items += 1
        readable = place.name.endswith(JSON_SUFFIX)
        # Interning: the same file name comes again in the version folder.
        files[sys.intern(place.name)] = span if readable else UNREADABLE

    def group_resources(self) -> list[str]:
        """Returns the group-resource folders, sorted; also those without items."""
        return sorted(self._groups)

    def versions(self, gr: str) -> list[str]:
        """Returns the version folders of ``gr``, sorted."""
        return sorted(version for version in self._groups.get(gr, {}) if version)

    def namespaces(self, gr: str, version: str) -> list[str]:
        """Returns the namespaces that hold items, sorted; the empty one is the cluster scope."""
        return sorted(self._groups.get(gr, {}).get(version, {}))

    def files(self, gr: str, namespace: str, version: str) -> Files:
        """Returns the files of one folder, empty when there is none."""
        return self._groups.get(gr, {}).get(version, {}).get(namespace, {})

    def warnings(self) -> list[str]:
        """Returns Velero's log texts for what lies where nothing should lie."""
        return [stray_warning(kind, name, where) for where, name, kind in sorted(self._strays)]


def _duplicate(what: str) -> ArchiveError:
    return faults.unsafe(f"there are two entries for {faults.quoted(what)}")
