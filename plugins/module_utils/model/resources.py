# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""API resources as discovery tells them, and how names resolve to them.

Source: reference restore-engine.md section 2.5, pkg/discovery/helper.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ansible_collections.velero.core.plugins.module_utils.model.names import group_resource


@dataclass(frozen=True, slots=True)
class ApiResource:
    """One resource in one version of its group."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    singular: str = ""
    short_names: tuple[str, ...] = ()
    verbs: frozenset[str] = frozenset()
    subresources: frozenset[str] = frozenset()

    @property
    def group_resource(self) -> str:
        """Returns ``plural.group`` (bare plural in the core group)."""
        return group_resource(self.plural, self.group)

    @property
    def api_version(self) -> str:
        """Returns ``group/version`` (bare version in the core group)."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def restorable(self) -> bool:
        """Returns whether Velero's discovery keeps it: list, create, get and delete are there."""
        return {"list", "create", "get", "delete"} <= self.verbs


@dataclass(frozen=True, slots=True)
class ApiGroup:
    """Versions that the server offers for one group; the preferred one first."""

    name: str
    versions: tuple[str, ...]

    @property
    def preferred(self) -> str:
        """Returns the server's preferred version."""
        return self.versions[0]


@dataclass(slots=True)
class ApiResources:
    """All resources of a cluster at one moment.

    ``resources`` holds every served version; ``groups`` the group versions with the preferred one
    first; ``failed_groups`` maps ``group/version`` to the reason it could not be discovered.
    """

    resources: tuple[ApiResource, ...]
    groups: dict[str, ApiGroup]
    failed_groups: dict[str, str] = field(default_factory=dict)
    all_versions: bool = False
    _by_kind: dict[tuple[str, str, str], ApiResource] = field(init=False, repr=False)
    _by_plural: dict[tuple[str, str, str], ApiResource] = field(init=False, repr=False)
    _by_name: dict[str, list[ApiResource]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._by_kind = {}
        self._by_plural = {}
        self._by_name = {}
        for item in self.resources:
            self._by_kind.setdefault((item.group, item.version, item.kind), item)
            self._by_plural.setdefault((item.group, item.version, item.plural), item)
        for item in self.preferred():
            for name in {item.plural, item.singular, *item.short_names} - {""}:
                self._by_name.setdefault(name, []).append(item)

    def preferred(self) -> Iterator[ApiResource]:
        """Yields the restorable resources in their group's preferred version.

        A resource that only another version of the group serves counts in that version.
        """
        seen: set[tuple[str, str]] = set()
        for item in sorted(self.resources, key=self._version_rank):
            if item.restorable and (item.group, item.plural) not in seen:
                seen.add((item.group, item.plural))
                yield item

    def _version_rank(self, item: ApiResource) -> int:
        versions = self.groups[item.group].versions if item.group in self.groups else ()
        return versions.index(item.version) if item.version in versions else len(versions)

    def by_kind(self, group: str, version: str, kind: str) -> ApiResource | None:
        """Returns the resource of exactly this group, version and kind, or None."""
        return self._by_kind.get((group, version, kind))

    def by_plural(self, group: str, version: str, plural: str) -> ApiResource | None:
        """Returns the resource of exactly this group, version and plural, or None."""
        return self._by_plural.get((group, version, plural))

    def resolve(self, name: str) -> ApiResource | None:
        """Returns the resource that a plural, singular or short name means, or None.

        The name may carry its group or an unambiguous prefix of it (``deploy.apps``).
        The core group wins over others, then the order of discovery.
        """
        bare, _dot, group = name.lower().partition(".")
        found = self._by_name.get(bare, [])
        if group:
            exact = [item for item in found if item.group == group]
            found = exact or [item for item in found if item.group.startswith(group)]
            if not exact and len({item.group for item in found}) > 1:
                return None
        return _core_first(found)

    def resolve_group_resource(self, name: str) -> str:
        """Returns the canonical ``resource.group`` of ``name``, or ``name`` as it is."""
        found = self.resolve(name)
        return found.group_resource if found else name


def _core_first(found: Iterable[ApiResource]) -> ApiResource | None:
    ranked = sorted(found, key=lambda item: item.group != "")
    return ranked[0] if ranked else None
