# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resources that CustomResourceDefinitions bring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ansible_collections.velero.core.plugins.module_utils.model.ports import Catalog, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiGroup,
    ApiResource,
    ApiResources,
)
from ansible_collections.velero.core.plugins.module_utils.plan.decode import (
    DecodeError,
    decode_item,
)

CRD_GR = "customresourcedefinitions.apiextensions.k8s.io"

_ALL_VERBS = frozenset({"create", "delete", "get", "list", "patch", "update", "watch"})


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


def not_served_yet(api: ApiResources, definitions: Iterable[Manifest]) -> list[ApiResource]:
    """Returns the resources of ``definitions`` that ``api`` does not have."""
    return [
        item
        for definition in definitions
        for item in served_by(definition)
        if api.by_kind(item.group, item.version, item.kind) is None
    ]


def extended(api: ApiResources, extra: Iterable[ApiResource]) -> ApiResources:
    """Returns ``api`` with further resources; their versions rank behind those that are there."""
    added = tuple(extra)
    groups = dict(api.groups)
    for item in added:
        known = groups.get(item.group)
        versions = known.versions if known else ()
        if item.version not in versions:
            groups[item.group] = ApiGroup(item.group, (*versions, item.version))
    return ApiResources((*api.resources, *added), groups, api.failed_groups, api.all_versions)


def with_definitions_of(catalog: Catalog, api: ApiResources) -> ApiResources:
    """Returns ``api`` with what the definitions in the backup would bring.

    Definitions that cannot be read bring nothing: restoring them tells what is wrong.
    """
    extra: list[ApiResource] = []
    for name in catalog.items(CRD_GR, ""):
        try:
            extra += not_served_yet(api, [decode_item(catalog, CRD_GR, "", name)])
        except (DecodeError, AttributeError, TypeError, ValueError):
            continue
    return extended(api, extra) if extra else api
