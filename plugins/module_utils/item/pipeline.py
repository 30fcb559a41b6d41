# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of one item, as a list of steps (pkg/restore/restore.go:1103, reference section 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ansible_collections.velero.core.plugins.module_utils.item.work import (
    ItemReport,
    ItemWork,
    Note,
    Step,
)
from ansible_collections.velero.core.plugins.module_utils.item.writing import exit_rule
from ansible_collections.velero.core.plugins.module_utils.model.items import (
    FAILED,
    ItemKey,
    ItemOutcome,
    Reason,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Catalog
from ansible_collections.velero.core.plugins.module_utils.plan.collect import SelectedItem
from ansible_collections.velero.core.plugins.module_utils.plan.decode import (
    DecodeError,
    decode_item,
)


class ItemPipeline:
    """Restores one item at a time; may be called from several threads at once.

    ``namespace_error`` tells why a target namespace cannot be used (empty: it can).
    """

    def __init__(
        self, catalog: Catalog, steps: Sequence[Step], namespace_error: Callable[[str], str]
    ) -> None:
        self._catalog = catalog
        self._steps = tuple(steps)
        self._namespace_error = namespace_error

    def restore(self, item: SelectedItem) -> ItemReport:
        """Returns everything that came of ``item``; faults of the item are in the report."""
        report = ItemReport()
        outcome = ItemOutcome(ItemKey(item.api_kind, item.target_namespace, item.object_name))
        report.outcomes.append(outcome)
        why = self._namespace_error(item.target_namespace) if item.target_namespace else ""
        if why:
            outcome.action, outcome.reason, outcome.listed = FAILED, Reason.NAMESPACE_FAILED, False
            return report
        try:
            obj = decode_item(self._catalog, item.gr, item.namespace, item.name, item.version)
        except DecodeError as error:
            report.notes.append(Note("error", item.target_namespace, str(error)))
            outcome.action, outcome.reason, outcome.listed = FAILED, Reason.UNREADABLE, False
            return report
        work = ItemWork(
            gr=item.gr,
            source_namespace=item.namespace,
            namespace=item.target_namespace,
            obj=obj,
            outcome=outcome,
            report=report,
            kind=str(obj.get("kind", "")),
        )
        report.processed = True
        self._walk(work)
        return report

    def _walk(self, work: ItemWork) -> None:
        for step in self._steps:
            if not step(work):
                break
        exit_rule(work)
