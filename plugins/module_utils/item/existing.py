# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which objects are in the cluster already, by few requests.

One LIST answers for all items of a resource in a namespace; where only a few are wanted, a GET
each is cheaper; a namespace that this restore has made holds nothing worth asking for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    NotFoundError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

GET_INSTEAD_OF_LIST: Final = 2

_Place = tuple[str, str, str, str]


class ExistingObjects:
    """What was found at the start of a wave. Read by many threads, filled before they start."""

    def __init__(self, cluster: Cluster, is_new_namespace: Callable[[str], bool]) -> None:
        self._cluster = cluster
        self._is_new = is_new_namespace
        self._found: dict[_Place, dict[str, Manifest]] = {}

    def look(self, resource: ApiResource, namespace: str, names: Collection[str]) -> None:
        """Finds out which of ``names`` exist.

        When the server does not let us look, the objects count as unknown: their creation tells.
        """
        place = _place(resource, namespace)
        if namespace and self._is_new(namespace):
            self._found[place] = {}
            return
        try:
            if len(names) <= GET_INSTEAD_OF_LIST:
                self._found[place] = self._get_each(resource, namespace, names)
            else:
                self._found[place] = self._list(resource, namespace, names)
        except NotFoundError:
            self._found[place] = {}
        except ApiError:
            self._found.pop(place, None)

    def _get_each(
        self, resource: ApiResource, namespace: str, names: Collection[str]
    ) -> dict[str, Manifest]:
        found: dict[str, Manifest] = {}
        for name in names:
            try:
                found[name] = self._cluster.get(resource, namespace, name)
            except NotFoundError:
                continue
        return found

    def _list(
        self, resource: ApiResource, namespace: str, names: Collection[str]
    ) -> dict[str, Manifest]:
        wanted = set(names)
        found: dict[str, Manifest] = {}
        for obj in self._cluster.list(resource, namespace):
            name = obj["metadata"]["name"]
            if name in wanted:
                found[name] = obj
        return found

    def take(self, resource: ApiResource, namespace: str, name: str) -> Manifest | None:
        """Returns the object as it was found, once, or None."""
        found = self._found.get(_place(resource, namespace))
        return found.pop(name, None) if found else None

    def clear(self) -> None:
        """Forgets everything; a new wave looks anew."""
        self._found.clear()


def _place(resource: ApiResource, namespace: str) -> _Place:
    return (resource.group, resource.version, resource.plural, namespace)
