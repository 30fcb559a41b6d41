# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asynchronous item operations as they are recorded (reference restore-engine.md section 7.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NEW = "New"
IN_PROGRESS = "InProgress"
COMPLETED = "Completed"
FAILED = "Failed"

CSI_PVC_ACTION = "velero.io/csi-pvc-restorer"

# Members of the status: attribute, key in Velero's JSON.
_STATUS = (
    ("phase", "phase"),
    ("error", "error"),
    ("n_completed", "nCompleted"),
    ("n_total", "nTotal"),
    ("operation_units", "operationUnits"),
    ("description", "description"),
    ("created", "created"),
    ("started", "started"),
    ("updated", "updated"),
)


@dataclass(slots=True, kw_only=True)
class ItemOperation:
    """One operation that an item action has started for an item.

    ``namespace`` is the target namespace, ``name`` the item's name in the backup. Times are
    Kubernetes timestamps, empty when unknown; ``n_completed`` and ``n_total`` count
    ``operation_units``.
    """

    action: str
    group: str
    resource: str
    namespace: str
    name: str
    operation_id: str
    created: str
    phase: str = NEW
    error: str = ""
    n_completed: int = 0
    n_total: int = 0
    operation_units: str = ""
    description: str = ""
    started: str = ""
    updated: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Returns what tells operations apart: the action and its ID."""
        return self.action, self.operation_id

    @property
    def is_running(self) -> bool:
        """Returns whether its end is still to come."""
        return self.phase in (NEW, IN_PROGRESS)

    def fail(self, error: str) -> None:
        """Ends it with an error."""
        self.phase, self.error = FAILED, error

    def to_dict(self, restore_name: str, restore_uid: str) -> dict[str, Any]:
        """Returns the record in Velero's form; the identifier's keys are capitalised there."""
        status = {key: getattr(self, attribute) for attribute, key in _STATUS}
        return {
            "spec": {
                "restoreName": restore_name,
                "restoreUID": restore_uid,
                "restoreItemAction": self.action,
                "resourceIdentifier": {
                    "Group": self.group,
                    "Resource": self.resource,
                    "Namespace": self.namespace,
                    "Name": self.name,
                },
                "operationID": self.operation_id,
            },
            "status": {key: value for key, value in status.items() if value},
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> ItemOperation:
        """Returns the operation of a record; absent and null members are empty."""
        spec, status = row.get("spec") or {}, row.get("status") or {}
        item = spec.get("resourceIdentifier") or {}
        told = {attribute: status[key] for attribute, key in _STATUS if status.get(key)}
        return cls(
            action=str(spec.get("restoreItemAction") or ""),
            group=str(item.get("Group") or ""),
            resource=str(item.get("Resource") or ""),
            namespace=str(item.get("Namespace") or ""),
            name=str(item.get("Name") or ""),
            operation_id=str(spec.get("operationID") or ""),
            **{"created": "", **told},
        )
