# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The live objects that declared actions look at."""

from __future__ import annotations

import threading

from ansible_collections.velero.core.plugins.module_utils.actions.environment import api_errors
from ansible_collections.velero.core.plugins.module_utils.actions.names import refused_name
from ansible_collections.velero.core.plugins.module_utils.model.errors import NotFoundError
from ansible_collections.velero.core.plugins.module_utils.model.names import group_resource
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiResource,
    ApiResources,
)

# A restore brings kinds: one that is unknown is asked for again, but not for every item.
_DISCOVERY_PAUSE = 5.0
# Many items wait for the same objects and ask every second.
_FRESH = 0.5
_MOST_KEPT = 256


class _Read:
    """The newest read of one object; who comes while it is under way waits for it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.at = float("-inf")
        self.found: Manifest | None = None


class LiveObjects:
    """Reads objects by the names that users give their resources; for several threads."""

    def __init__(self, cluster: Cluster, clock: Clock) -> None:
        self._cluster = cluster
        self._clock = clock
        self._lock = threading.Lock()
        self._api: ApiResources | None = None
        self._discovered = 0.0
        self._reads: dict[tuple[str, ...], _Read] = {}

    def resolve(self, resource: str, group: str = "", version: str = "") -> ApiResource | None:
        """Returns the resource that a plural, singular or short name means now, or None.

        Raises ActionError when the server refuses discovery.
        """
        name = group_resource(resource, group)
        with self._lock:
            found = self._known(name, version)
            if found is None and self._may_discover():
                with api_errors(f"error discovering {name}: "):
                    self._api = self._cluster.discover()
                self._discovered = self._clock.monotonic()
                found = self._known(name, version)
        return found

    def _may_discover(self) -> bool:
        waited = self._clock.monotonic() - self._discovered
        return self._api is None or waited >= _DISCOVERY_PAUSE

    def _known(self, name: str, version: str) -> ApiResource | None:
        found = self._api.resolve(name) if self._api else None
        if found is None or self._api is None or version in ("", found.version):
            return found
        return self._api.by_plural(found.group, version, found.plural)

    def get(
        self, resource: str, group: str, namespace: str, name: str, version: str = ""
    ) -> Manifest | None:
        """Returns an object, or None as long as it, its kind or its namespace is not there.

        It may be half a second old, and must not be changed. Raises ActionError when the server
        refuses.
        """
        read = self._newest(resource, group, namespace, name, version)
        with read.lock:
            if self._clock.monotonic() - read.at >= _FRESH:
                read.found = self._read(resource, group, namespace, name, version)
                read.at = self._clock.monotonic()
            return read.found

    def _newest(self, *key: str) -> _Read:
        with self._lock:
            if len(self._reads) >= _MOST_KEPT:
                self._reads.clear()
            return self._reads.setdefault(key, _Read())

    def _read(
        self, resource: str, group: str, namespace: str, name: str, version: str
    ) -> Manifest | None:
        found = self.resolve(resource, group, version)
        if found is None or refused_name(name):
            return None
        scope = namespace if found.namespaced else ""
        with api_errors(f"error reading {found.group_resource} {name}: "):
            try:
                return self._cluster.get(found, scope, name)
            except NotFoundError:
                return None
