# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster that answers as if it had been written to; what check mode runs the engine on.

Reads go to the real cluster, writes go nowhere: the plan is the run without its writes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

from ansible_collections.velero.core.plugins.module_utils.item.crds import CRD_GR
from ansible_collections.velero.core.plugins.module_utils.model.errors import NotFoundError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiGroup,
    ApiResource,
    ApiResources,
)

_ALL_VERBS = frozenset({"create", "delete", "get", "list", "patch", "update", "watch"})
_Place = tuple[str, str, str]


class DryRunCluster:
    """Implements Cluster over another one, which it only reads.

    ``assumed`` are the resources that only a CRD of this restore would bring, by group-resource.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._lock = threading.Lock()
        self._created: dict[_Place, Manifest] = {}
        self._definitions: list[Manifest] = []
        self.assumed: dict[str, set[str]] = {}

    def discover(self) -> ApiResources:
        """Returns the real resources and those of the definitions that would be created."""
        api = self._cluster.discover()
        extra = [
            item
            for definition in self._definitions
            for item in served_by(definition)
            if api.by_kind(item.group, item.version, item.kind) is None
        ]
        if not extra:
            return api
        groups = dict(api.groups)
        for item in extra:
            kinds = self.assumed.setdefault(item.group_resource, set())
            kinds.add(f"{item.api_version}/{item.kind}")
            known = groups.get(item.group)
            versions = known.versions if known else ()
            if item.version not in versions:
                groups[item.group] = ApiGroup(item.group, (*versions, item.version))
        return ApiResources((*api.resources, *extra), groups, api.failed_groups, api.all_versions)

    def assumed_kinds(self) -> set[str]:
        """Returns ``apiVersion/kind`` of what the server cannot judge yet."""
        return {kind for kinds in self.assumed.values() for kind in kinds}

    def get(self, resource: ApiResource, namespace: str, name: str) -> Manifest:
        """Returns the object that would be there; raises ApiError."""
        planned = self._created.get((resource.group_resource, namespace, name))
        if planned is not None:
            return planned
        if self._is_planned(resource, namespace):
            raise _not_found(resource, name)
        return self._cluster.get(resource, namespace, name)

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
        """Returns ``body`` as the object that would be created."""
        if resource.group_resource == CRD_GR:
            body = {**body, "status": _established()}
            self._definitions.append(body)
        with self._lock:
            place = (resource.group_resource, namespace, body["metadata"].get("name", ""))
            # Only what later steps ask for is kept: a plan of many items stays small.
            if not namespace:
                self._created[place] = body
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
        """Returns only the object's name: nothing was changed."""
        return {"metadata": {"name": name, "namespace": namespace}}

    def replace_status(
        self, resource: ApiResource, namespace: str, name: str, body: Manifest
    ) -> Manifest:
        """Returns ``body``."""
        return body

    def delete(self, resource: ApiResource, namespace: str, name: str) -> None:
        """Does nothing."""

    @property
    def server_time(self) -> float:
        """Returns the real server's time."""
        return self._cluster.server_time

    def access_review(
        self, verb: str, group: str, plural: str, namespace: str = ""
    ) -> tuple[bool, str]:
        """Asks the real cluster; a review stores nothing."""
        return self._cluster.access_review(verb, group, plural, namespace)


def served_by(definition: Manifest) -> Iterator[ApiResource]:
    """Yields what the server will serve for a CustomResourceDefinition."""
    spec = definition.get("spec") or {}
    names = spec.get("names") or {}
    versions = spec.get("versions") or [{"name": spec.get("version", ""), "served": True}]
    base = ApiResource(
        group=str(spec.get("group", "")),
        version="",
        plural=str(names.get("plural", "")),
        kind=str(names.get("kind", "")),
        namespaced=spec.get("scope") == "Namespaced",
        singular=str(names.get("singular") or str(names.get("kind", "")).lower()),
        short_names=tuple(names.get("shortNames") or ()),
        verbs=_ALL_VERBS,
    )
    for version in versions:
        if version.get("served", True):
            yield replace(base, version=str(version.get("name", "")))


def _established() -> Manifest:
    return {
        "conditions": [
            {"type": "NamesAccepted", "status": "True"},
            {"type": "Established", "status": "True"},
        ]
    }


def _not_found(resource: ApiResource, name: str) -> NotFoundError:
    return NotFoundError(
        "reading",
        f"{resource.group_resource} {name}",
        code=404,
        reason="NotFound",
        message=f'{resource.group_resource} "{name}" not found',
    )
