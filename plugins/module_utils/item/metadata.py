# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resetting what belongs to the old object (pkg/restore/restore.go:2102, reference section 4.5)."""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.names import (
    BACKUP_NAME_LABEL,
    RESTORE_NAME_LABEL,
    label_value,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

_DROPPED = (
    "generateName",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "ownerReferences",
)


class MetadataError(ValueError):
    """The object has no metadata; the text is Velero's."""


def reset_metadata(obj: Manifest) -> Manifest:
    """Drops in place what the server sets; returns ``obj``. Raises MetadataError."""
    metadata = obj.get("metadata")
    if metadata is None:
        raise MetadataError("metadata not found")
    if not isinstance(metadata, dict):
        raise MetadataError(f"metadata was of type {type(metadata).__name__}, expected a map")
    for key in _DROPPED:
        metadata.pop(key, None)
    return obj


def reset_metadata_and_status(obj: Manifest) -> Manifest:
    """Drops server-set metadata and the status in place; returns ``obj``. Raises MetadataError."""
    reset_metadata(obj)
    obj.pop("status", None)
    return obj


def restore_labels(backup_name: str, restore_name: str) -> dict[str, str]:
    """Returns the two labels that every restored object carries."""
    return {
        BACKUP_NAME_LABEL: label_value(backup_name),
        RESTORE_NAME_LABEL: label_value(restore_name),
    }


def add_labels(obj: Manifest, labels: dict[str, str]) -> None:
    """Sets ``labels`` in place; a label map that is not one of strings is replaced.

    Velero reads the map as strings: one value of another type makes all of it unreadable.
    """
    metadata: dict[str, Any] = obj.setdefault("metadata", {})
    present = metadata.get("labels")
    if not isinstance(present, dict) or not all(isinstance(v, str) for v in present.values()):
        present = {}
    metadata["labels"] = {**present, **labels}
