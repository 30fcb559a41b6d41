# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a description that tell of the spec.

Source: pkg/cmd/util/output/restore_describer.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.describe.values import (
    NONE,
    shown_any_selector,
    shown_choice,
    shown_duration,
    shown_list,
    shown_namespaces,
    shown_selector,
)

Lines = Iterator[str]


def scope_part(spec: Mapping[str, Any]) -> Lines:
    """Yields what was to be restored, and where to."""
    yield ""
    yield f"Backup:\t{spec.get('backupName') or ''}"
    yield ""
    yield "Namespaces:"
    yield f"\tIncluded:\t{shown_namespaces(spec.get('includedNamespaces'))}"
    yield f"\tExcluded:\t{shown_list(spec.get('excludedNamespaces'))}"
    yield ""
    yield "Resources:"
    yield f"\tIncluded:\t{shown_list(spec.get('includedResources'), '*')}"
    yield f"\tExcluded:\t{shown_list(spec.get('excludedResources'))}"
    cluster_scoped = shown_choice(spec.get("includeClusterResources"), "excluded", "included")
    yield f"\tCluster-scoped:\t{cluster_scoped}"
    yield ""
    yield from map_lines("Namespace mappings", spec.get("namespaceMapping"))


def selectors_part(spec: Mapping[str, Any]) -> Lines:
    """Yields the label selectors, and whether volumes were wanted."""
    yield ""
    yield f"Label selector:\t{shown_selector(spec.get('labelSelector'))}"
    yield ""
    yield f"Or label selector:\t{shown_any_selector(spec.get('orLabelSelectors'))}"
    yield ""
    yield f"Restore PVs:\t{shown_choice(spec.get('restorePVs'))}"


def policies_part(spec: Mapping[str, Any]) -> Lines:
    """Yields how items were to be treated."""
    yield ""
    yield f"Existing Resource Policy: \t{spec.get('existingResourcePolicy') or NONE}"
    yield f"ItemOperationTimeout:\t{shown_duration(spec.get('itemOperationTimeout'))}"
    yield ""
    yield f"Preserve Service NodePorts:\t{shown_choice(spec.get('preserveNodePorts'))}"
    modifier = spec.get("resourceModifier")
    if modifier is not None:
        yield ""
        yield "Resource modifier:"
        yield f"\tType:\t{modifier.get('kind') or ''}"
        yield f"\tName:\t{modifier.get('name') or ''}"
    uploader = spec.get("uploaderConfig")
    if uploader is not None:
        yield ""
        yield "Uploader config:"
        if uploader.get("writeSparseFiles"):
            yield "\tWrite Sparse Files:\ttrue"
        if int(uploader.get("parallelFilesDownload") or 0) > 0:
            yield f"\tParallel Restore:\t{uploader['parallelFilesDownload']}"


def map_lines(title: str, values: Mapping[str, str] | None) -> Lines:
    """Yields a map, sorted by its keys."""
    lead = f"{title}:"
    for key in sorted(values or {}):
        yield f"{lead}\t{key}={(values or {})[key]}"
        lead = ""
    if not values:
        yield f"{lead}\t{NONE}"
