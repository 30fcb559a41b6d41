# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the backup holds, item by item, as selecting and following references need it."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.velero.core.plugins.module_utils.model.ports import Catalog, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.plan.decode import decode_item
from ansible_collections.velero.core.plugins.module_utils.plan.references.contract import ItemId


class BackupIndex:
    """Implements Surroundings. ``versions`` are the version folders to read by group-resource;
    ``api`` should know what the backup's own definitions bring, too.
    """

    def __init__(self, catalog: Catalog, versions: Mapping[str, str], api: ApiResources) -> None:
        self._catalog = catalog
        self._versions = versions
        self._names: dict[tuple[str, str], frozenset[str]] = {}
        self._resources: dict[tuple[str, str], str] = {}
        for resource in api.resources:
            key = (resource.group, resource.kind)
            self._resources.setdefault(key, resource.group_resource)

    def names(self, gr: str, namespace: str) -> frozenset[str]:
        """Returns the names of the items in this place."""
        found = self._names.get((gr, namespace))
        if found is None:
            listed = self._catalog.items(gr, namespace, self._versions.get(gr, ""))
            found = self._names[gr, namespace] = frozenset(listed)
        return found

    def resource_of(self, api_version: str, kind: str) -> str:
        """Returns the group-resource of a kind, whatever its version, or nothing."""
        return self._resources.get((api_version.rpartition("/")[0], kind), "")

    def has(self, item: ItemId) -> bool:
        """Returns whether the backup holds ``item``."""
        return item.name in self.names(item.gr, item.namespace)

    def read(self, item: ItemId) -> Manifest:
        """Returns the object; raises DecodeError."""
        version = self._versions.get(item.gr, "")
        return decode_item(self._catalog, item.gr, item.namespace, item.name, version)
