# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Merging a backed-up ServiceAccount into the one in the cluster.

Source: pkg/restore/merge_service_account.go, reference section 4.9.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


def merge_service_account(from_cluster: Manifest, from_backup: Manifest) -> Manifest:
    """Returns the cluster's object with what only the backup has added; nothing is removed."""
    merged = copy.deepcopy(from_cluster)
    for field in ("secrets", "imagePullSecrets"):
        references = merge_references(merged.get(field), from_backup.get(field))
        if references:
            merged[field] = references
    metadata = merged.setdefault("metadata", {})
    source = from_backup.get("metadata") or {}
    for field in ("labels", "annotations"):
        combined = merge_maps(metadata.get(field), source.get(field))
        if combined:
            metadata[field] = combined
    return merged


def merge_references(
    first: list[dict[str, Any]] | None, second: list[dict[str, Any]] | None
) -> list[dict[str, Any]] | None:
    """Returns ``first`` and the references of ``second`` whose name it lacks."""
    if not second:
        return first
    names = {reference.get("name") for reference in first or []}
    return [*(first or []), *(ref for ref in second if ref.get("name") not in names)]


def merge_maps(
    first: Mapping[str, Any] | None, second: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """Returns both maps; ``first`` wins."""
    if first is None and second is None:
        return None
    return {**(second or {}), **(first or {})}
