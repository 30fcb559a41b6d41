# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the engine that knows what a restore asks for beyond Velero's spec.

It makes the collector of a restore, and tells afterwards what was left dangling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ansible_collections.velero.core.plugins.module_utils.model.ports import Catalog
from ansible_collections.velero.core.plugins.module_utils.model.refinement import (
    OrderRules,
    Selection,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import Priorities
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiResources,
)
from ansible_collections.velero.core.plugins.module_utils.model.selectors import Matcher
from ansible_collections.velero.core.plugins.module_utils.plan.backup_index import BackupIndex
from ansible_collections.velero.core.plugins.module_utils.plan.collect import (
    Collection,
    Collector,
    Log,
)
from ansible_collections.velero.core.plugins.module_utils.plan.dangling import (
    Dangling,
    left_dangling,
)
from ansible_collections.velero.core.plugins.module_utils.plan.definitions import (
    with_definitions_of,
)
from ansible_collections.velero.core.plugins.module_utils.plan.dependencies import Dependencies
from ansible_collections.velero.core.plugins.module_utils.plan.references.contract import ItemId
from ansible_collections.velero.core.plugins.module_utils.plan.resource_names import ResourceNames
from ansible_collections.velero.core.plugins.module_utils.plan.resource_order import ResourceOrder
from ansible_collections.velero.core.plugins.module_utils.plan.scope import Scope
from ansible_collections.velero.core.plugins.module_utils.plan.select_rules import SelectRules


@dataclass(frozen=True, kw_only=True)
class Selecting:
    """One restore's way from the backup to its items."""

    catalog: Catalog
    scope: Scope
    versions: Mapping[str, str]
    selector: Matcher
    or_selectors: Sequence[Matcher]
    api: ApiResources
    selection: Selection
    order: OrderRules

    @cached_property
    def _known(self) -> ApiResources:
        return with_definitions_of(self.catalog, self.api)

    @cached_property
    def _names(self) -> ResourceNames:
        return ResourceNames(self._known, self.catalog.group_resources())

    @cached_property
    def _rules(self) -> SelectRules | None:
        rules = self.selection.rules
        return SelectRules(rules, self._names) if rules else None

    @cached_property
    def _dependencies(self) -> Dependencies:
        index = BackupIndex(self.catalog, self.versions, self._known)
        return Dependencies(index, self.scope, self._rules)

    def collector(self, log: Log, priorities: Priorities) -> Collector:
        """Returns the collector; raises RequestError for rules that are wrong.

        What rules select and its dependencies are found out here, before anything is restored:
        definitions come first, and only the whole tells which ones are needed.
        """
        order = ResourceOrder(self.order, self._names) if self.order.given else None
        members = self._members(priorities) if self.selection.given else None
        return self._collector(log, order=order, members=members)

    def _collector(
        self,
        log: Log,
        *,
        order: ResourceOrder | None = None,
        rules: SelectRules | None = None,
        members: set[ItemId] | None = None,
    ) -> Collector:
        return Collector(
            self.catalog,
            self.scope,
            self.versions,
            self.selector,
            self.or_selectors,
            log,
            order=order,
            rules=rules,
            members=members,
        )

    def _members(self, priorities: Priorities) -> set[ItemId]:
        roots = self._collector(_say_nothing, rules=self._rules)
        found = roots.collect(self._known, priorities, include_others=True)
        members = ids(found)
        if self.selection.with_dependencies:
            members = self._dependencies.closure(members)
        # Their error is told when it is their turn.
        return members | roots.unreadable

    def warnings(self) -> list[str]:
        """Returns what the rules of the selection do not do; the collector has to be made."""
        if self._rules is None:
            return []
        unknown = [
            f"select[{number}] names the kind {kind}, which is no resource of the cluster or the "
            "backup."
            for number, kind in self._rules.unknown
        ]
        idle = [f"select[{number}] matches no item." for number in self._rules.idle()]
        return unknown + idle

    def dangling(self, collection: Collection) -> list[Dangling]:
        """Returns what the items refer to and the restore leaves out."""
        return left_dangling(ids(collection), self._dependencies)


def ids(collection: Collection) -> set[ItemId]:
    """Returns where the items of a collection lie."""
    return {
        ItemId(item.gr, item.namespace, item.name)
        for entry in collection.resources
        for item in entry.items
    }


def _say_nothing(level: str, text: str) -> None:
    """The rules are tried without a log; what is collected in the end is logged."""
