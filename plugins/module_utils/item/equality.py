# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When an existing object counts as the same as the backed-up one.

Source: pkg/restore/restore.go:1574, reference section 4.9 and its port note.
"""

from __future__ import annotations

from typing import Any, Final

from ansible_collections.velero.core.plugins.module_utils.item.merge_patch import same_value
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

# Maps and lists of Kubernetes' own types that are written even when there is nothing in them.
# Elsewhere an empty value can say something: an empty selector selects everything.
_EMPTY_IS_ABSENT: Final = frozenset(
    {"resources", "securityContext", "status", "strategy", "updateStrategy"}
)
_OF_METADATA: Final = frozenset({"annotations", "finalizers", "labels", "ownerReferences"})


def same_object(from_cluster: Manifest, desired: Manifest, *, strict: bool) -> bool:
    """Returns whether both are equal.

    ``strict`` compares as Velero does: every key, ``managedFields`` included. Otherwise
    ``managedFields``, nulls and what is always empty when it is not used do not count.
    """
    if strict:
        return same_value(from_cluster, desired)
    mine, theirs = _without_managed_fields(from_cluster), _without_managed_fields(desired)
    # Most objects are equal as they are: only the others are worth a closer look.
    return same_value(mine, theirs) or same_value(
        without_ownership(mine), without_ownership(theirs)
    )


def without_ownership(obj: Manifest) -> Manifest:
    """Returns a copy without ``managedFields``, nulls and empty defaults."""
    copy = {key: _pruned(value) for key, value in obj.items() if key != "metadata"}
    metadata = {
        k: _pruned(v) for k, v in (obj.get("metadata") or {}).items() if k != "managedFields"
    }
    copy["metadata"] = {k: v for k, v in metadata.items() if v or k not in _OF_METADATA}
    return {key: value for key, value in copy.items() if _counts(key, value)}


def _without_managed_fields(obj: Manifest) -> Manifest:
    metadata = obj.get("metadata") or {}
    return {**obj, "metadata": {k: v for k, v in metadata.items() if k != "managedFields"}}


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        inner = ((key, _pruned(child)) for key, child in value.items())
        return {key: child for key, child in inner if _counts(key, child)}
    if isinstance(value, list):
        return [_pruned(child) for child in value]
    return value


def _counts(key: str, value: Any) -> bool:
    return value is not None and not (key in _EMPTY_IS_ABSENT and value in ({}, []))
