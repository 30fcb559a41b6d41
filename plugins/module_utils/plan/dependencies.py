# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The items of one restore beyond Velero's filters: those that rules select, and what they need."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from ansible_collections.velero.core.plugins.module_utils.plan.backup_index import BackupIndex
from ansible_collections.velero.core.plugins.module_utils.plan.decode import DecodeError
from ansible_collections.velero.core.plugins.module_utils.plan.references.contract import (
    ItemId,
    Reference,
    Subject,
)
from ansible_collections.velero.core.plugins.module_utils.plan.references.registry import (
    definition_of,
    names_others,
    references_of,
)
from ansible_collections.velero.core.plugins.module_utils.plan.scope import Scope
from ansible_collections.velero.core.plugins.module_utils.plan.select_rules import SelectRules


class LeftOut:
    """Why something that is referred to is not part of a restore (docs/reasons.md)."""

    NOT_SELECTED = "not_selected"
    RULE = "excluded_by_rule"
    RESOURCE = "resource_excluded"
    NAMESPACE = "namespace_excluded"
    CLUSTER_SCOPED = "cluster_scoped"
    NOT_IN_BACKUP = "not_in_backup"


class Dependencies:
    """Follows references through the backup.

    What an object needs is treated as Velero treats additional items: label selectors and rules
    that include say nothing about it; lists of resources and namespaces, and rules that exclude,
    do.
    """

    def __init__(self, index: BackupIndex, scope: Scope, rules: SelectRules | None) -> None:
        self._index = index
        self._scope = scope
        self._rules = rules

    def closure(self, roots: Iterable[ItemId]) -> set[ItemId]:
        """Returns ``roots`` with everything in the backup that they need, and so on."""
        found = set(roots)
        waiting = deque(sorted(found))
        while waiting:
            for reference in self.references(waiting.popleft()):
                target = reference.target
                if target not in found and not self.left_out(target):
                    found.add(target)
                    waiting.append(target)
        return found

    def references(self, item: ItemId) -> Iterator[Reference]:
        """Yields what ``item`` refers to; nothing if it cannot be read."""
        definition = definition_of(item.gr, self._index)
        if definition is not None:
            yield Reference(definition, "apiVersion")
        if names_others(item.gr):
            try:
                obj = self._index.read(item)
            except DecodeError:
                return
            yield from references_of(Subject(item, obj), self._index)

    def left_out(self, item: ItemId) -> str:
        """Returns why ``item`` may not be taken along, or nothing if it may."""
        scope = self._scope
        if not self._index.has(item):
            return LeftOut.NOT_IN_BACKUP
        if not scope.includes_resource(item.gr):
            return LeftOut.RESOURCE
        if item.namespace and not scope.includes_namespace(item.gr, item.namespace):
            return LeftOut.NAMESPACE
        if not item.namespace and scope.include_cluster_resources is False:
            return LeftOut.CLUSTER_SCOPED
        return LeftOut.RULE if self._excluded(item) else ""

    def _excluded(self, item: ItemId) -> bool:
        if self._rules is None:
            return False
        try:
            return self._rules.excludes(item, self._index.read(item))
        except DecodeError:
            return False
