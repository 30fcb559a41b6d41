# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When an existing object counts as the same as the backed-up one.

Source: pkg/restore/restore.go:1574, reference section 4.9 and its port note.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.item.merge_patch import same_value
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


def same_object(from_cluster: Manifest, desired: Manifest, *, strict: bool) -> bool:
    """Returns whether both are equal.

    ``strict`` compares as Velero does: every key, ``managedFields`` included. Otherwise
    ``managedFields``, nulls and empty maps, lists and texts do not count.
    """
    if strict:
        return same_value(from_cluster, desired)
    return same_value(without_ownership(from_cluster), without_ownership(desired))


def without_ownership(obj: Manifest) -> Manifest:
    """Returns a copy without ``managedFields`` and without empty values."""
    copy = {key: value for key, value in obj.items() if key != "metadata"}
    metadata = obj.get("metadata") or {}
    copy["metadata"] = {k: v for k, v in metadata.items() if k != "managedFields"}
    pruned = _pruned(copy)
    return pruned if isinstance(pruned, dict) else {}


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        inner = ((key, _pruned(child)) for key, child in value.items())
        return {key: child for key, child in inner if not _empty(child)}
    if isinstance(value, list):
        return [_pruned(child) for child in value]
    return value


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, (dict, list, str)) and not value)
