# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API server serves: aggregated discovery, or one document per group version.

Source of the texts: k8s.io/client-go/discovery (aggregated_discovery.go, discovery_client.go).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    ClusterError,
    cause_text,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiGroup,
    ApiResource,
    ApiResources,
)

ACCEPT = ",".join(
    (
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
        "application/json",
    )
)

# fetch(path, accept) returns the document.
Fetch = Callable[[str, str], Manifest]


@dataclass(slots=True)
class _Found:
    resources: list[ApiResource] = field(default_factory=list)
    groups: dict[str, ApiGroup] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def discover(fetch: Fetch) -> ApiResources:
    """Returns all that is served; group versions that are down are in ``failed_groups``.

    Raises what ``fetch`` raises for the two roots.
    """
    found = _Found()
    for root in ("/api", "/apis"):
        document = fetch(root, ACCEPT)
        if document.get("kind") == "APIGroupDiscoveryList":
            _read_aggregated(document, found)
        else:
            _read_classic(root, document, fetch, found)
    return ApiResources(tuple(found.resources), found.groups, found.failed)


def _read_aggregated(document: Manifest, found: _Found) -> None:
    for item in document.get("items") or []:
        group = (item.get("metadata") or {}).get("name") or ""
        versions = item.get("versions") or []
        if not versions:
            continue
        found.groups[group] = ApiGroup(group, tuple(str(one["version"]) for one in versions))
        for version in versions:
            name = _group_version(group, version["version"])
            if version.get("freshness") == "Stale":
                found.failed[name] = f"stale GroupVersion discovery: {name}"
                continue
            found.resources += [
                _aggregated_resource(group, version["version"], entry)
                for entry in version.get("resources") or []
                # Without it there are sub-resources only.
                if (entry.get("responseKind") or {}).get("kind")
            ]


def _aggregated_resource(group: str, version: str, entry: dict[str, Any]) -> ApiResource:
    return ApiResource(
        group=group,
        version=version,
        plural=entry["resource"],
        kind=entry["responseKind"]["kind"],
        namespaced=entry.get("scope") == "Namespaced",
        singular=entry.get("singularResource") or "",
        short_names=tuple(entry.get("shortNames") or ()),
        verbs=frozenset(entry.get("verbs") or ()),
        subresources=frozenset(one["subresource"] for one in entry.get("subresources") or ()),
    )


def _read_classic(root: str, document: Manifest, fetch: Fetch, found: _Found) -> None:
    if document.get("kind") not in ("APIVersions", "APIGroupList"):
        raise ClusterError(
            "discovering",
            "the API",
            f"the answer to {root} is no discovery document",
            "Check that host is the address of a Kubernetes API server",
        )
    for group, versions in _classic_groups(document):
        found.groups[group] = ApiGroup(group, versions)
        for version in versions:
            name = _group_version(group, version)
            try:
                served = fetch(f"{root}/{name}", "application/json")
            except ClusterError as exc:
                if isinstance(exc, ApiError) and exc.code == 401:
                    raise
                found.failed[name] = cause_text(exc)
            else:
                found.resources += _classic_resources(group, version, served)


def _classic_groups(document: Manifest) -> Iterator[tuple[str, tuple[str, ...]]]:
    if document.get("kind") == "APIVersions":
        if document.get("versions"):
            yield "", tuple(document["versions"])
        return
    for item in document.get("groups") or []:
        versions = [str(one["version"]) for one in item.get("versions") or []]
        preferred = (item.get("preferredVersion") or {}).get("version")
        if versions:
            # sorted() keeps the server's order among the others.
            yield item["name"], tuple(sorted(versions, key=lambda one: one != preferred))


def _classic_resources(group: str, version: str, document: Manifest) -> Iterator[ApiResource]:
    entries = document.get("resources") or []
    parts: dict[str, set[str]] = {}
    for entry in entries:
        plural, slash, subresource = entry["name"].partition("/")
        if slash:
            parts.setdefault(plural, set()).add(subresource)
    for entry in entries:
        if "/" not in entry["name"]:
            yield ApiResource(
                group=group,
                version=version,
                plural=entry["name"],
                kind=entry["kind"],
                namespaced=bool(entry.get("namespaced")),
                singular=entry.get("singularName") or "",
                short_names=tuple(entry.get("shortNames") or ()),
                verbs=frozenset(entry.get("verbs") or ()),
                subresources=frozenset(parts.get(entry["name"], ())),
            )


def _group_version(group: str, version: str) -> str:
    return f"{group}/{version}" if group else version
