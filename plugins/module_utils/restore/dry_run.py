# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster that answers as if it had been written to; what check mode runs the engine on.

Reads go to the real cluster, writes go nowhere: the plan is the run without its writes.
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Iterator

from ansible_collections.velero.core.plugins.module_utils.model.commands import (
    CommandOutcome,
    ContainerCommand,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import NotFoundError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiResource,
    ApiResources,
)
from ansible_collections.velero.core.plugins.module_utils.plan.definitions import (
    CRD_GR,
    extended,
    not_served_yet,
)

_Place = tuple[str, str, str]


class DryRunCluster:
    """Implements Cluster over another one, which it only reads.

    ``assumed`` are the resources that only a CRD of this restore would bring, by group-resource.
    """

    def __init__(self, cluster: Cluster, api: ApiResources | None = None) -> None:
        self._cluster = cluster
        self._lock = threading.Lock()
        self._created: dict[_Place, bytes] = {}
        self._patches: dict[_Place, list[Manifest]] = {}
        self._definitions: list[Manifest] = []
        self._api = api
        self.assumed: dict[str, set[str]] = {}

    def discover(self) -> ApiResources:
        """Returns the real resources and those of the definitions that would be created."""
        self._api = self._with_definitions(self._cluster.discover())
        return self._api

    def _with_definitions(self, api: ApiResources) -> ApiResources:
        extra = not_served_yet(api, self._definitions)
        for item in extra:
            kinds = self.assumed.setdefault(item.group_resource, set())
            kinds.add(f"{item.api_version}/{item.kind}")
        return extended(api, extra) if extra else api

    def assumed_kinds(self) -> set[str]:
        """Returns ``apiVersion/kind`` of what the server cannot judge yet."""
        return {kind for kinds in self.assumed.values() for kind in kinds}

    def get(self, resource: ApiResource, namespace: str, name: str) -> Manifest:
        """Returns the object that would be there; raises ApiError."""
        place = (resource.group_resource, namespace, name)
        planned = self._created.get(place)
        if planned is not None:
            return self._with_patches(place, _unpacked(planned))
        if self._is_planned(resource, namespace):
            raise _not_found(resource, name)
        return self._with_patches(place, self._cluster.get(resource, namespace, name))

    def _with_patches(self, place: _Place, body: Manifest) -> Manifest:
        for patch in self._patches.get(place, ()):
            body = _patched(body, patch)
        return body

    def list(
        self, resource: ApiResource, namespace: str = "", label_selector: str = ""
    ) -> Iterator[Manifest]:
        """Yields the objects that are there now."""
        if self._is_planned(resource, namespace):
            return iter(())
        return self._cluster.list(resource, namespace, label_selector)

    def _is_planned(self, resource: ApiResource, namespace: str) -> bool:
        if resource.group_resource in self.assumed:
            return True
        return bool(namespace) and ("namespaces", "", namespace) in self._created

    def create(
        self, resource: ApiResource, namespace: str, body: Manifest, *, field_manager: str = ""
    ) -> Manifest:
        """Returns ``body`` as the object that would be created.

        Raises NotFoundError for a kind that neither the server nor a definition brings.
        """
        if self._api and not self._api.by_plural(resource.group, resource.version, resource.plural):
            raise _not_served(resource)
        if resource.group_resource == CRD_GR:
            body = {**body, "status": _established()}
            self._definitions.append(body)
        place = (resource.group_resource, namespace, str(body["metadata"].get("name", "")))
        packed = _packed(body)
        with self._lock:
            self._created[place] = packed
        return body

    def apply(
        self,
        resource: ApiResource,
        namespace: str,
        name: str,
        body: Manifest,
        *,
        field_manager: str,
        force: bool = False,
        create_only: bool = False,
    ) -> tuple[Manifest, bool]:
        """Returns ``body`` as the object that would be created."""
        return self.create(resource, namespace, body, field_manager=field_manager), True

    def merge_patch(
        self,
        resource: ApiResource,
        namespace: str,
        name: str,
        patch: Manifest,
        *,
        subresource: str = "",
    ) -> Manifest:
        """Returns only the object's name: nothing was changed. A later read shows the patch."""
        place = (resource.group_resource, namespace, name)
        with self._lock:
            self._patches.setdefault(place, []).append(patch)
        return {"metadata": {"name": name, "namespace": namespace}}

    def preview(self, resource: ApiResource, namespace: str, name: str, body: Manifest) -> Manifest:
        """Asks the real cluster, which stores nothing. What is only planned cannot be asked for."""
        place = (resource.group_resource, namespace, name)
        if place in self._created or self._is_planned(resource, namespace):
            raise _not_found(resource, name)
        return self._cluster.preview(resource, namespace, name, body)

    def replace_status(
        self, resource: ApiResource, namespace: str, name: str, body: Manifest
    ) -> Manifest:
        """Returns ``body``."""
        return body

    def delete(self, resource: ApiResource, namespace: str, name: str) -> None:
        """Does nothing."""

    def execute(self, command: ContainerCommand) -> CommandOutcome:
        """Does nothing, with success."""
        return CommandOutcome()

    @property
    def server_time(self) -> float:
        """Returns the real server's time."""
        return self._cluster.server_time

    def access_review(
        self, verb: str, group: str, plural: str, namespace: str = ""
    ) -> tuple[bool, str]:
        """Asks the real cluster; a review stores nothing."""
        return self._cluster.access_review(verb, group, plural, namespace)


def _packed(body: Manifest) -> bytes:
    """A plan of many items stays small."""
    return zlib.compress(json.dumps(body).encode(), 1)


def _unpacked(packed: bytes) -> Manifest:
    body: Manifest = json.loads(zlib.decompress(packed))
    return body


def _patched(body: Manifest, patch: Manifest) -> Manifest:
    out = dict(body)
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        elif isinstance(value, dict):
            inner = out.get(key)
            out[key] = _patched(inner if isinstance(inner, dict) else {}, value)
        else:
            out[key] = value
    return out


def _established() -> Manifest:
    return {
        "conditions": [
            {"type": "NamesAccepted", "status": "True"},
            {"type": "Established", "status": "True"},
        ]
    }


def _not_served(resource: ApiResource) -> NotFoundError:
    return NotFoundError(
        "creating",
        resource.group_resource,
        code=404,
        reason="NotFound",
        message="the server could not find the requested resource",
    )


def _not_found(resource: ApiResource, name: str) -> NotFoundError:
    return NotFoundError(
        "reading",
        f"{resource.group_resource} {name}",
        code=404,
        reason="NotFound",
        message=f'{resource.group_resource} "{name}" not found',
    )
