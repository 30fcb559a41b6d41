# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run has done so far: outcomes, messages, counters, in the order of the collection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.item.work import ItemReport
from ansible_collections.velero.core.plugins.module_utils.model.items import (
    CREATED,
    FAILED,
    SKIPPED,
    UPDATED,
    ItemKey,
    ItemOutcome,
    Reason,
)
from ansible_collections.velero.core.plugins.module_utils.model.operations import ItemOperation
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.restore.log import RestoreLog


class Tally:
    """Collects reports and tells progress (reference section 5).

    ``restored`` counts the items that Velero counts; the total is an estimate until the end.
    """

    def __init__(self, log: RestoreLog, on_progress: Callable[[int, int], None]) -> None:
        self._log = log
        self._on_progress = on_progress
        self.results = Results()
        self.outcomes: list[ItemOutcome] = []
        self.diffs: list[dict[str, Any]] = []
        self.operations: list[ItemOperation] = []
        self.restored = 0
        self._selected = 0
        self._processed = 0
        self._quiet = True

    def first_pass(self, selected: int) -> None:
        """Sets how many definitions were selected; of this pass only the log tells the progress."""
        self._selected = selected

    def full_pass(self, selected: int, again: Sequence[str]) -> None:
        """Sets how many items were selected; progress is told from now.

        ``again`` are the ids of those that the first pass restored: Velero visits them once more.
        """
        self._selected, self._processed, self._quiet = selected, 0, False
        for item in again:
            self._processed += 1
            skipping = f"Skipping {item} because it's already been restored."
            self._log.lines([("info", skipping), self._progress()])

    @property
    def total(self) -> int:
        """Returns the estimated number of items."""
        return self.restored + self._selected - self._processed

    def add(self, report: ItemReport) -> None:
        """Takes in what came of one selected item, its additional items first."""
        log: list[tuple[str, str]] = []
        self._take(report, log)
        if report.processed:
            self._processed += 1
            log.append(self._progress())
        if log:
            self._log.lines(log)
        if not self._quiet:
            self._on_progress(self.total, self.restored)

    def _progress(self) -> tuple[str, str]:
        text = (
            f"Restored {self.restored} items out of an estimated total of {self.total} "
            "(estimate will change throughout the restore)"
        )
        return "info", text

    def _take(self, report: ItemReport, log: list[tuple[str, str]]) -> int:
        """Returns how many messages came with ``report``; what was told before counts no more."""
        shared = report.elsewhere
        if shared is not None and not shared.told:
            return self._take(shared, log)
        if report.told:
            return 0
        report.told = True
        inherited = sum(self._take(child, log) for child in report.children)
        settle(report, inherited)
        report.add_to(self.results)
        self.diffs.extend(report.diffs)
        self.operations.extend(report.operations)
        for outcome in report.outcomes:
            # The object has its entry already, with the item that brought it.
            if outcome.reason != Reason.DUPLICATE:
                self._record(outcome)
        log.extend(report.log)
        # Reports stay for those who ask for the same item; their lines are told once.
        report.log.clear()
        return inherited + len(report.notes) + len(report.velero_errors)

    def add_namespace(self, target: str, *, created: bool) -> None:
        """Records a namespace that was created, or was there before."""
        outcome = ItemOutcome(ItemKey("v1/Namespace", "", target), exists=True)
        if created:
            outcome.action, outcome.reason = CREATED, Reason.NAMESPACE_CREATED
            outcome.created_name = target
        else:
            outcome.action, outcome.reason = SKIPPED, Reason.NAMESPACE_EXISTS
            outcome.listed = False
        self._record(outcome)

    def _record(self, outcome: ItemOutcome) -> None:
        self.outcomes.append(outcome)
        if outcome.listed:
            self.restored += 1

    @property
    def has_changed_items(self) -> bool:
        """Returns whether an item was created or updated."""
        return any(outcome.action in (CREATED, UPDATED) for outcome in self.outcomes)

    def finish(self) -> None:
        """Tells the final progress: all that was looked at."""
        self._on_progress(self.restored, self.restored)


def settle(report: ItemReport, inherited: int) -> None:
    """Gives an item that no step settled its action (reference section 4.14).

    ``inherited`` is how many messages its additional items brought: they count as its own.
    """
    outcome = report.outcomes[-1]
    troubled = bool(inherited or report.notes or report.velero_errors)
    if not outcome.action:
        outcome.action = FAILED if troubled else SKIPPED
    elif outcome.counts_as_equal and troubled:
        outcome.action = FAILED
