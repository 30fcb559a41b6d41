# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Phases of a restore and the transitions that are allowed (reference section 1.3)."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model.errors import RecordError

NEW = "New"
FAILED_VALIDATION = "FailedValidation"
IN_PROGRESS = "InProgress"
WAITING = "WaitingForPluginOperations"
WAITING_PARTIALLY_FAILED = "WaitingForPluginOperationsPartiallyFailed"
FINALIZING = "Finalizing"
FINALIZING_PARTIALLY_FAILED = "FinalizingPartiallyFailed"
COMPLETED = "Completed"
PARTIALLY_FAILED = "PartiallyFailed"
FAILED = "Failed"

TERMINAL = frozenset({FAILED_VALIDATION, COMPLETED, PARTIALLY_FAILED, FAILED})
FAILURES = frozenset({FAILED_VALIDATION, PARTIALLY_FAILED, FAILED})

WRAP_UP = frozenset({FINALIZING, FINALIZING_PARTIALLY_FAILED})
# The items are done: what comes next needs the artifacts only.
AFTER_ITEMS = frozenset({WAITING, WAITING_PARTIALLY_FAILED}) | WRAP_UP

TRANSITIONS: dict[str, frozenset[str]] = {
    NEW: frozenset({FAILED_VALIDATION, IN_PROGRESS}),
    IN_PROGRESS: frozenset(
        {FAILED, WAITING, WAITING_PARTIALLY_FAILED, FINALIZING, FINALIZING_PARTIALLY_FAILED}
    ),
    WAITING: frozenset({WAITING_PARTIALLY_FAILED, FINALIZING}),
    WAITING_PARTIALLY_FAILED: frozenset({FINALIZING_PARTIALLY_FAILED}),
    FINALIZING: frozenset({COMPLETED, PARTIALLY_FAILED}),
    FINALIZING_PARTIALLY_FAILED: frozenset({PARTIALLY_FAILED}),
    FAILED_VALIDATION: frozenset(),
    COMPLETED: frozenset(),
    PARTIALLY_FAILED: frozenset(),
    FAILED: frozenset(),
}


def advance(current: str, target: str) -> str:
    """Returns ``target``; raises RecordError when the table has no such transition."""
    if target not in TRANSITIONS.get(current or NEW, frozenset()):
        raise RecordError(
            "changing the phase of a restore", "", f"{current or NEW} cannot become {target}"
        )
    return target


def after_items(errors: int, operations_running: bool) -> str:
    """Returns the phase that follows InProgress once all items were handled (section 1.3)."""
    if operations_running:
        return WAITING_PARTIALLY_FAILED if errors else WAITING
    return FINALIZING_PARTIALLY_FAILED if errors else FINALIZING
