# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Collection: which items are restored, in which order, before anything is written.

Source: pkg/restore/restore.go getOrderedResourceCollection and getSelectedRestoreableItems,
reference restore-engine.md sections 2.9 to 2.12.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.ports import Catalog
from ansible_collections.velero.core.plugins.module_utils.model.request import Priorities
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.model.selectors import Matcher
from ansible_collections.velero.core.plugins.module_utils.plan.decode import (
    DecodeError,
    decode_item,
)
from ansible_collections.velero.core.plugins.module_utils.plan.order import ordered_resources
from ansible_collections.velero.core.plugins.module_utils.plan.references.contract import ItemId
from ansible_collections.velero.core.plugins.module_utils.plan.resource_order import ResourceOrder
from ansible_collections.velero.core.plugins.module_utils.plan.scope import MUST_HAVE, Scope
from ansible_collections.velero.core.plugins.module_utils.plan.select_rules import SelectRules

CRDS = "customresourcedefinitions"
CRD_PRIORITIES = Priorities(high=(CRDS,), low=())

Log = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class SelectedItem:
    """One item to restore: where it lies in the backup and who it says it is.

    ``name`` is the file's name, ``object_name`` the name inside; ``api_kind`` is
    ``apiVersion/kind`` of the content.
    """

    gr: str
    namespace: str
    target_namespace: str
    name: str
    version: str
    api_kind: str
    object_name: str


@dataclass(frozen=True, slots=True)
class CollectedResource:
    """The selected items of one resource in one source namespace."""

    gr: str
    namespace: str
    target_namespace: str
    items: tuple[SelectedItem, ...]


@dataclass(slots=True)
class Collection:
    """Everything that was selected, in order; ``processed`` are the resources looked at."""

    resources: list[CollectedResource] = field(default_factory=list)
    processed: set[str] = field(default_factory=set)

    @property
    def total_items(self) -> int:
        """Returns how many items were selected."""
        return sum(len(entry.items) for entry in self.resources)


class Collector:
    """Selects the items of one restore; one object serves both passes.

    ``rules`` narrow what Velero's filters select. With ``members`` just these items are taken:
    whoever chose them has asked the filters. ``unreadable`` are items that might have been
    selected but cannot be decoded.
    """

    def __init__(
        self,
        catalog: Catalog,
        scope: Scope,
        versions: Mapping[str, str],
        selector: Matcher,
        or_selectors: Iterable[Matcher],
        log: Log,
        *,
        order: ResourceOrder | None = None,
        rules: SelectRules | None = None,
        members: Set[ItemId] | None = None,
    ) -> None:
        self._catalog = catalog
        self._scope = scope
        self._versions = versions
        self._selector = selector
        self._or_selectors = tuple(or_selectors)
        self._log = log
        self._order = order
        self._rules = rules
        self._members = members
        self._member_places = {(item.gr, item.namespace) for item in members or ()}
        self.unreadable: set[ItemId] = set()
        self._in_backup = set(catalog.group_resources())
        self.results = Results()

    def collect(
        self,
        api: ApiResources,
        priorities: Priorities,
        *,
        include_others: bool,
        start: Collection | None = None,
    ) -> Collection:
        """Returns the collection, appended to ``start`` (which stays as it is).

        ``include_others`` adds the resources of the backup that no priority names.
        Messages about items that cannot be decoded are added to ``results``.
        """
        out = Collection(
            list(start.resources) if start else [], set(start.processed) if start else set()
        )
        names = ordered_resources(priorities, self._in_backup if include_others else ())
        if self._order is not None and include_others:
            names = self._order.arrange(api.resolve_group_resource(name) for name in names)
        for name in names:
            self._collect_resource(out, name, api)
        return out

    def _collect_resource(self, out: Collection, name: str, api: ApiResources) -> None:
        resolved = api.resolve(name)
        gr = resolved.group_resource if resolved else name
        if gr in out.processed:
            return
        if not self._scope.includes_resource(gr):
            self._log("info", "Skipping restore of resource because the restore spec excludes it")
            return
        if gr not in self._in_backup:
            return
        if resolved is None:
            self._log("info", "resource cannot be resolved via discovery")
        for namespace in self._catalog.namespaces(gr, self._versions.get(gr, "")):
            if self._admits(gr, namespace):
                entry = self._select(gr, namespace)
                if entry.items:
                    out.resources.append(entry)
        out.processed.add(gr)

    def _admits(self, gr: str, namespace: str) -> bool:
        if self._members is not None:
            return (gr, namespace) in self._member_places
        scope = self._scope
        if namespace:
            if scope.includes_namespace(gr, namespace):
                return True
            self._log("info", f"Skipping namespace {namespace}")
            return False
        if scope.include_cluster_resources is False:
            self._log("info", f"Skipping resource {gr} because it's cluster-scoped")
            return False
        if scope.include_cluster_resources is None and not scope.namespaces.include_everything:
            self._log(
                "info",
                f"Skipping resource {gr} because it's cluster-scoped and only specific "
                "namespaces are included in the restore",
            )
            return False
        return True

    def _select(self, gr: str, namespace: str) -> CollectedResource:
        target = self._scope.target(namespace) if namespace else ""
        if namespace:
            where = f"will be restored into namespace '{target}'"
        else:
            where = "will be restored at cluster scope"
        self._log("info", f"Resource '{gr}' {where}")
        version = self._versions.get(gr, "")
        items: list[SelectedItem] = []
        for name in self._catalog.items(gr, namespace, version):
            if not self._may_select(gr, namespace, name):
                continue
            try:
                obj = decode_item(self._catalog, gr, namespace, name, version)
            except DecodeError as error:
                self.results.errors.add(target, str(error))
                self.unreadable.add(ItemId(gr, namespace, name))
                continue
            if self._selected(gr, namespace, name, obj):
                items.append(_selected_item(gr, namespace, target, name, version, obj))
        return CollectedResource(gr, namespace, target, tuple(items))

    def _may_select(self, gr: str, namespace: str, name: str) -> bool:
        """Returns whether the item has to be read at all."""
        if self._members is not None:
            return (gr, namespace, name) in self._members
        if self._rules is None or _bypasses_rules(gr, namespace):
            return True
        return self._rules.may_select(ItemId(gr, namespace, name))

    def _selected(self, gr: str, namespace: str, name: str, obj: Mapping[str, Any]) -> bool:
        if self._members is not None:
            return True
        if gr not in MUST_HAVE and not self._has_wanted_labels(_labels(obj)):
            return False
        if self._rules is None or _bypasses_rules(gr, namespace):
            return True
        return self._rules.selects(ItemId(gr, namespace, name), obj)

    def _has_wanted_labels(self, labels: Mapping[str, Any]) -> bool:
        if not self._selector(labels):
            return False
        return not self._or_selectors or any(match(labels) for match in self._or_selectors)


def _bypasses_rules(gr: str, namespace: str) -> bool:
    """Returns whether rules say nothing about items of ``gr``, as Velero's filters do not.

    They do at cluster scope: the contents of snapshots that are needed come as additional items,
    and one object is not to bring those of the whole backup.
    """
    return gr in MUST_HAVE and bool(namespace)


def _labels(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(_mapping(obj, "metadata"), "labels")


def _mapping(parent: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _selected_item(
    gr: str, namespace: str, target: str, name: str, version: str, obj: Mapping[str, Any]
) -> SelectedItem:
    api_kind = f"{obj.get('apiVersion', '')}/{obj.get('kind', '')}"
    object_name = _mapping(obj, "metadata").get("name") or name
    return SelectedItem(gr, namespace, target, name, version, api_kind, str(object_name))
