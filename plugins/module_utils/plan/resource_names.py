# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users mean when they name a resource: a kind, a plural, a short name, a pattern."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.velero.core.plugins.module_utils.model.glob import glob_matches
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiResource,
    ApiResources,
)


def is_pattern(name: str) -> bool:
    """Returns whether ``name`` is a glob."""
    return any(char in name for char in "*?[{")


class ResourceNames:
    """Names of resources; ``api`` should know what the backup's definitions bring, too."""

    def __init__(self, api: ApiResources, in_backup: Iterable[str]) -> None:
        self._api = api
        self._in_backup = sorted(in_backup)
        self._known = set(self._in_backup)
        self._by_kind: dict[str, ApiResource] = {}
        self._kinds: dict[str, str] = {}
        # The core group comes first, as in ApiResources.resolve.
        for item in sorted(api.preferred(), key=lambda item: item.group != ""):
            self._by_kind.setdefault(item.kind.lower(), item)
            self._kinds.setdefault(item.group_resource, item.kind)

    def resolve(self, name: str) -> str | None:
        """Returns the group-resource that ``name`` means, or None when nothing has this name.

        A resource that only the backup knows has its full name and its bare plural.
        """
        found = self._api.resolve(name) or self._by_kind.get(name.lower())
        if found is not None:
            return found.group_resource
        if name.lower() in self._known:
            return name.lower()
        plurals = [gr for gr in self._in_backup if gr.partition(".")[0] == name.lower()]
        return plurals[0] if len(plurals) == 1 else None

    def matching(self, name: str) -> frozenset[str]:
        """Returns the group-resources that ``name`` stands for.

        A pattern stands for the resources of the backup whose group-resource or kind it matches,
        whatever the case; any other name for the one it means, in the backup or not.
        """
        if not is_pattern(name):
            found = self.resolve(name)
            return frozenset({found} if found else ())
        pattern = name.lower()
        return frozenset(
            gr
            for gr in self._in_backup
            if glob_matches(pattern, gr)
            or glob_matches(pattern, self._kinds.get(gr, "").lower() or gr)
        )
