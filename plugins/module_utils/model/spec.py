# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The spec of a Restore (reference restore-engine.md section 1.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.durations import (
    format_duration,
    parse_duration,
)

# (attribute, JSON key); the order is that of Velero's type.
FIELDS: tuple[tuple[str, str], ...] = (
    ("backup_name", "backupName"),
    ("schedule_name", "scheduleName"),
    ("included_namespaces", "includedNamespaces"),
    ("excluded_namespaces", "excludedNamespaces"),
    ("included_resources", "includedResources"),
    ("excluded_resources", "excludedResources"),
    ("namespace_mapping", "namespaceMapping"),
    ("label_selector", "labelSelector"),
    ("or_label_selectors", "orLabelSelectors"),
    ("restore_pvs", "restorePVs"),
    ("restore_status", "restoreStatus"),
    ("preserve_node_ports", "preserveNodePorts"),
    ("include_cluster_resources", "includeClusterResources"),
    ("hooks", "hooks"),
    ("existing_resource_policy", "existingResourcePolicy"),
    ("item_operation_timeout", "itemOperationTimeout"),
    ("resource_modifier", "resourceModifier"),
    ("uploader_config", "uploaderConfig"),
)

# Never restored; Velero appends them to the excludes of every restore (section 1.6).
NON_RESTORABLE_RESOURCES: tuple[str, ...] = (
    "nodes",
    "events",
    "events.events.k8s.io",
    "backups.velero.io",
    "restores.velero.io",
    "resticrepositories.velero.io",
    "csinodes.storage.k8s.io",
    "volumeattachments.storage.k8s.io",
    "backuprepositories.velero.io",
)


@dataclass(slots=True, kw_only=True)
class RestoreSpec:
    """What to restore. Absent values are None or empty, as in the custom resource.

    ``label_selector``, ``restore_status``, ``hooks``, ``resource_modifier`` and
    ``uploader_config`` keep their JSON form; ``item_operation_timeout`` is in seconds (0: unset).
    """

    backup_name: str = ""
    schedule_name: str = ""
    included_namespaces: list[str] | None = None
    excluded_namespaces: list[str] | None = None
    included_resources: list[str] | None = None
    excluded_resources: list[str] | None = None
    namespace_mapping: dict[str, str] | None = None
    label_selector: dict[str, Any] | None = None
    or_label_selectors: list[dict[str, Any]] | None = None
    restore_pvs: bool | None = None
    restore_status: dict[str, Any] | None = None
    preserve_node_ports: bool | None = None
    include_cluster_resources: bool | None = None
    hooks: dict[str, Any] = field(default_factory=dict)
    existing_resource_policy: str = ""
    item_operation_timeout: float = 0
    resource_modifier: dict[str, Any] | None = None
    uploader_config: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns the JSON form of the custom resource; unset fields are left out."""
        out: dict[str, Any] = {}
        for attribute, key in FIELDS:
            value = getattr(self, attribute)
            if attribute == "item_operation_timeout":
                value = format_duration(value) if value else None
            if value is None or value == "" or (attribute == "hooks" and not value):
                continue
            out[key] = value
        return out

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> RestoreSpec:
        """Returns the spec of a custom resource's JSON form; unknown keys are left out.

        Raises RequestError for a malformed ``itemOperationTimeout``.
        """
        values = {
            attribute: data[key]
            for attribute, key in FIELDS
            if data.get(key) is not None and attribute != "item_operation_timeout"
        }
        timeout = data.get("itemOperationTimeout")
        if timeout:
            values["item_operation_timeout"] = parse_duration(timeout, "itemOperationTimeout")
        return cls(**values)
