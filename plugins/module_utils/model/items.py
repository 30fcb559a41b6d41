# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items of a backup, what is planned for them and what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.names import namespaced_name

# Actions of a restored item in Velero's words (reference section 4.14).
CREATED = "created"
UPDATED = "updated"
SKIPPED = "skipped"
FAILED = "failed"
# Ours: the object is there and equal; Velero's artifacts call it skipped.
UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class ItemKey:
    """Identity of a restored item: kind of the backup object, target namespace, backup name."""

    api_kind: str
    namespace: str
    name: str


@dataclass(slots=True)
class ItemOutcome:
    """What became of one item.

    ``action`` is one of the constants above, ``reason`` a stable word that says why
    (docs/reasons.md), ``exists`` whether the object is known to be in the cluster afterwards and
    ``created_name`` the name that the server gave it. ``listed`` is false for items that Velero
    leaves out of its resource list and counters. ``assumed`` tells of a planned item that a run
    may treat otherwise; ``modified_by`` are the numbers of the resource modifier rules that were
    applied to it, ``hooks`` those of a planned pod.
    """

    key: ItemKey
    action: str = ""
    reason: str = ""
    exists: bool = False
    created_name: str = ""
    listed: bool = True
    assumed: bool = False
    modified_by: tuple[int, ...] = ()
    hooks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def velero_action(self) -> str:
        """Returns the action in Velero's words: new labels on an equal object do not count."""
        return SKIPPED if self.counts_as_equal else self.action

    @property
    def counts_as_equal(self) -> bool:
        """Returns whether the object was there and equal, but for the restore labels."""
        relabelled = self.action == UPDATED and self.reason == Reason.LABELS_UPDATED
        return relabelled or self.action == UNCHANGED

    def to_dict(self) -> dict[str, Any]:
        """Returns the item as modules report it."""
        out: dict[str, Any] = {
            "id": f"{self.key.api_kind}/{namespaced_name(self.key.namespace, self.key.name)}",
            "action": self.action,
            "reason": self.reason,
        }
        if self.modified_by:
            out["modified_by"] = list(self.modified_by)
        return out


# Reason codes; every one is explained in docs/reasons.md.
class Reason:
    """Why an item has its action."""

    CREATED = "created"
    CREATED_BEFORE = "created_before_resume"
    NAMESPACE_CREATED = "namespace_created"
    UPDATED = "updated"
    LABELS_UPDATED = "labels_updated"
    MERGED = "service_account_merged"
    EQUAL = "equal"
    DIFFERENT = "exists_different"
    COLLISION = "mapped_namespace_collision"
    EXCLUDED_RESOURCE = "resource_excluded"
    EXCLUDED_NAMESPACE = "namespace_excluded"
    CLUSTER_SCOPED = "cluster_scoped"
    COMPLETED = "already_completed"
    MIRROR_POD = "mirror_pod"
    DUPLICATE = "already_restored"
    REPROVISIONED = "volume_reprovisioned"
    VOLUME_FAILED = "volume_not_restored"
    VOLUME_LOST = "volume_data_lost"
    NODE_AGENT_MISSING = "node_agent_missing"
    REPOSITORY_NOT_READY = "repository_not_ready"
    NO_RESTORE_OBJECT = "no_restore_object"
    NAMESPACE_EXISTS = "namespace_exists"
    NAMESPACE_FAILED = "namespace_not_ready"
    UNREADABLE = "item_unreadable"
    CREATE_FAILED = "create_failed"
    UPDATE_FAILED = "update_failed"
    OWNERSHIP_FAILED = "managed_fields_failed"
    NOT_FETCHED = "existing_not_readable"
    CRD_NOT_READY = "crd_not_ready"
    KIND_UNKNOWN = "kind_unknown"
    DISCARDED = "discarded_by_action"
    ACTION_FAILED = "action_failed"
    MODIFIER_FAILED = "resource_modifier_failed"


def resource_list(outcomes: Iterable[ItemOutcome]) -> dict[str, list[str]]:
    """Returns the restored resource list in Velero's format (reference section 4.15)."""
    lists: dict[str, list[str]] = {}
    for outcome in outcomes:
        if not outcome.listed:
            continue
        name = outcome.created_name or outcome.key.name
        text = f"{namespaced_name(outcome.key.namespace, name)}({outcome.velero_action})"
        lists.setdefault(outcome.key.api_kind, []).append(text)
    return {kind: sorted(lists[kind]) for kind in sorted(lists)}
