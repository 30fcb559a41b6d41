# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan: what a run would do, item by item."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.items import (
    CREATED,
    FAILED,
    SKIPPED,
    UNCHANGED,
    UPDATED,
    ItemOutcome,
    Reason,
)

CREATE, UPDATE, SKIP, BLOCKED = "create", "update", "skip", "blocked"

_ACTIONS = {CREATED: CREATE, UPDATED: UPDATE, UNCHANGED: UNCHANGED, SKIPPED: SKIP}
# Velero calls these failed, but nothing goes wrong: the object in the cluster is left alone.
_LEFT_ALONE = (Reason.DIFFERENT, Reason.COLLISION)
# Pods that would be created without the data of their volumes.
_WITHOUT_DATA = (
    Reason.NODE_AGENT_MISSING,
    Reason.REPOSITORY_NOT_READY,
    Reason.NO_RESTORE_OBJECT,
    Reason.VOLUME_LOST,
)


def plan_entries(
    outcomes: Iterable[ItemOutcome], assumed_kinds: Collection[str]
) -> list[dict[str, Any]]:
    """Returns ``{id, action, reason}`` per item, in the order of the restore.

    ``assumed`` is added where the item's kind comes with a CRD of this restore (``assumed_kinds``
    are ``apiVersion/kind``): the server can judge such an item only when its CRD is there. It is
    also added where an item action was not asked because asking it changes something. ``hooks``
    are those of a pod that would be created.
    """
    entries = []
    for outcome in outcomes:
        entry = outcome.to_dict()
        entry["action"] = plan_action(outcome)
        if outcome.assumed or outcome.key.api_kind in assumed_kinds:
            entry["assumed"] = True
        if outcome.hooks:
            entry["hooks"] = outcome.hooks
        entries.append(entry)
    return entries


def plan_action(outcome: ItemOutcome) -> str:
    """Returns what a run would do about an item."""
    if outcome.action == CREATED and outcome.reason in _WITHOUT_DATA:
        return BLOCKED
    if outcome.action == FAILED:
        return SKIP if outcome.reason in _LEFT_ALONE else BLOCKED
    return _ACTIONS[outcome.action]


def would_change(outcomes: Iterable[ItemOutcome]) -> bool:
    """Returns whether any object in the cluster is, or would be, changed."""
    return any(outcome.action in (CREATED, UPDATED) for outcome in outcomes)
