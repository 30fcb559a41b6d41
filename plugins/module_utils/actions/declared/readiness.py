# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the additional items of a declared action are ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ResourceIdentifier,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.live import LiveObjects
from ansible_collections.velero.core.plugins.module_utils.actions.declared.object_tests import (
    object_test,
)


class ReadyTest:
    """One entry of ``ready_when``.

    It is about all additional items, those of one resource, or one named object of the cluster.
    """

    def __init__(self, told: Mapping[str, Any], path: str) -> None:
        """Reads ``told``, which stands at ``path``; raises RequestError."""
        self._test = object_test(told, path)
        self._resource = str(told.get("resource", ""))
        self._object: Mapping[str, str] | None = told.get("object")

    def holds(
        self, items: Sequence[ResourceIdentifier], live: LiveObjects, targets: Mapping[str, str]
    ) -> bool:
        """Returns whether it holds; ``targets`` are the mapped namespaces. Raises ActionError."""
        return all(self._test_holds(item, live) for item in self._objects(items, live, targets))

    def _objects(
        self, items: Sequence[ResourceIdentifier], live: LiveObjects, targets: Mapping[str, str]
    ) -> list[ResourceIdentifier]:
        if self._object is not None:
            return [ResourceIdentifier(**self._object)]
        wanted = self._canonical(live)
        return [
            ResourceIdentifier(
                group=item.group,
                resource=item.resource,
                namespace=targets.get(item.namespace, item.namespace),
                name=item.name,
            )
            for item in items
            if wanted in ("", item.group_resource)
        ]

    def _canonical(self, live: LiveObjects) -> str:
        found = live.resolve(self._resource) if self._resource else None
        return found.group_resource if found else self._resource

    def _test_holds(self, item: ResourceIdentifier, live: LiveObjects) -> bool:
        found = live.get(item.resource, item.group, item.namespace, item.name)
        return found is not None and self._test(found)


def mapped_namespaces(restore: Mapping[str, Any]) -> dict[str, str]:
    """Returns the namespaces that a restore maps, by namespace of the backup."""
    mapping = (restore.get("spec") or {}).get("namespaceMapping")
    return dict(mapping) if isinstance(mapping, dict) else {}
