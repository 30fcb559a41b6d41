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
from ansible_collections.velero.core.plugins.module_utils.model.names import group_resource
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

GET_INSTEAD_OF_LIST: Final = 2

_Place = tuple[str, str, str, str]


class ExistingObjects:
    """What was found at the start of a wave. Read by many threads, filled before they start.

    A run leaves it to the server to refuse what was not looked at, such as an item that only an
    action asks for. A plan (``plans``) has no such answer and looks for it.
    """

    def __init__(
        self, cluster: Cluster, is_new_namespace: Callable[[str], bool], *, plans: bool = False
    ) -> None:
        self._cluster = cluster
        self._is_new = is_new_namespace
        self._plans = plans
        self._found: dict[_Place, dict[str, Manifest]] = {}
        self._looked: dict[_Place, frozenset[str]] = {}

    def look(self, resource: ApiResource, namespace: str, names: Collection[str]) -> None:
        """Finds out which of ``names`` exist.

        When the server does not let us look, the objects count as unknown: their creation tells.
        """
        place = _place(resource, namespace)
        self._looked[place] = frozenset(names)
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
        place = _place(resource, namespace)
        if self._plans and name not in self._looked.get(place, ()):
            return self._seek(resource, namespace, name)
        found = self._found.get(place)
        return found.pop(name, None) if found else None

    def _seek(self, resource: ApiResource, namespace: str, name: str) -> Manifest | None:
        if namespace and self._is_new(namespace):
            return None
        try:
            return self._cluster.get(resource, namespace, name)
        except ApiError:
            return None

    def forget(self, gr: str, namespace: str, name: str) -> None:
        """Forgets an object that has gone meanwhile; its creation tells what is there."""
        for (group, _version, plural, where), found in self._found.items():
            if where == namespace and group_resource(plural, group) == gr:
                found.pop(name, None)

    def clear(self) -> None:
        """Forgets everything; a new wave looks anew."""
        self._found.clear()
        self._looked.clear()


def _place(resource: ApiResource, namespace: str) -> _Place:
    return (resource.group, resource.version, resource.plural, namespace)
