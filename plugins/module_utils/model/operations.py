# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asynchronous item operations as they are recorded (reference restore-engine.md section 7.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NEW = "New"


@dataclass(slots=True, kw_only=True)
class ItemOperation:
    """One operation that an item action has started for an item."""

    action: str
    group: str
    resource: str
    namespace: str
    name: str
    operation_id: str
    created: str
    phase: str = NEW

    def to_dict(self, restore_name: str, restore_uid: str) -> dict[str, Any]:
        """Returns the record in Velero's form; the identifier's keys are capitalised there."""
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
            "status": {"phase": self.phase, "created": self.created},
        }
