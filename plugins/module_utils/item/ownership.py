# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an object gets the field ownership of the backup in the fewest requests.

Source: reference restore-engine.md sections 4.11 and 13 (field ownership on create).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.item.field_sets import (
    covers,
    extract,
    owns_only,
)
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    BACKUP_NAME_LABEL,
    RESTORE_NAME_LABEL,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

CREATE = "create"
CREATE_THEN_PATCH = "create_then_patch"
APPLY = "apply"

_LABELS = (BACKUP_NAME_LABEL, RESTORE_NAME_LABEL)

# Who writes when the backup names no writer, or none is wanted.
DEFAULT_MANAGER = "velero.core"

_UNTRACKED = ("name", "namespace", "managedFields", "creationTimestamp", "uid", "resourceVersion")


@dataclass(frozen=True, slots=True)
class OwnershipPlan:
    """One way to create an object.

    ``how`` is CREATE (one POST as ``manager``), APPLY (one server-side apply of ``body`` as
    ``manager``) or CREATE_THEN_PATCH (the list is patched in afterwards).
    """

    how: str
    manager: str = DEFAULT_MANAGER
    body: Manifest | None = None


def plan_ownership(obj: Manifest, *, mode: str, strict: bool, with_status: bool) -> OwnershipPlan:
    """Returns how to create ``obj``, whose metadata still holds the backup's managedFields.

    ``mode`` is ``restore`` or ``drop``. With ``strict`` the list is always patched in, so that
    times are the backup's too, as Velero does. ``with_status`` tells that the status will be
    written too, by which the server would note one more writer.
    """
    entries = obj.get("metadata", {}).get("managedFields")
    if mode == "drop" or not entries:
        return OwnershipPlan(CREATE)
    if strict or with_status:
        return OwnershipPlan(CREATE_THEN_PATCH)
    writers = [entry for entry in entries if not _status_only(entry)]
    if len(writers) != 1 or not _simple(writers[0], obj):
        return OwnershipPlan(CREATE_THEN_PATCH)
    writer = writers[0]
    manager, fields = writer.get("manager", ""), writer.get("fieldsV1") or {}
    tracked = tracked_fields(obj)
    if writer.get("operation") == "Apply":
        body = _identified(extract(tracked, fields), obj)
        if _lacks_address(body, obj):
            return OwnershipPlan(CREATE_THEN_PATCH)
        return OwnershipPlan(APPLY, manager, body)
    if covers(tracked, fields):
        return OwnershipPlan(CREATE, manager)
    return OwnershipPlan(CREATE_THEN_PATCH)


def tracked_fields(obj: Manifest) -> Manifest:
    """Returns the part of ``obj`` that the server tracks owners of."""
    metadata = {k: v for k, v in obj["metadata"].items() if k not in _UNTRACKED}
    # The restore labels belong to whoever creates the object; no backup tells an owner of them.
    labels = {k: v for k, v in (metadata.pop("labels", None) or {}).items() if k not in _LABELS}
    if labels:
        metadata["labels"] = labels
    out = {k: v for k, v in obj.items() if k not in ("apiVersion", "kind", "metadata", "status")}
    if metadata:
        out["metadata"] = metadata
    return out


def _status_only(entry: dict[str, Any]) -> bool:
    return entry.get("subresource") == "status" and owns_only(entry.get("fieldsV1") or {}, "status")


def _simple(entry: dict[str, Any], obj: Manifest) -> bool:
    return (
        bool(entry.get("manager"))
        and not entry.get("subresource")
        and entry.get("apiVersion") == obj.get("apiVersion")
        and entry.get("operation") in ("Update", "Apply")
    )


def _lacks_address(body: Manifest, obj: Manifest) -> bool:
    """Returns whether a Service's address would be left out: it cannot be set afterwards.

    The server gives it, so that nobody owns it.
    """
    if obj.get("kind") != "Service" or obj.get("apiVersion") != "v1":
        return False
    given = (obj.get("spec") or {}).get("clusterIP")
    return bool(given) and (body.get("spec") or {}).get("clusterIP") != given


def _identified(part: Any, obj: Manifest) -> Manifest:
    body: Manifest = dict(part)
    metadata = dict(body.get("metadata") or {})
    metadata["name"] = obj["metadata"].get("name", "")
    if obj["metadata"].get("namespace"):
        metadata["namespace"] = obj["metadata"]["namespace"]
    body["metadata"] = metadata
    body["apiVersion"], body["kind"] = obj.get("apiVersion"), obj.get("kind")
    return body
