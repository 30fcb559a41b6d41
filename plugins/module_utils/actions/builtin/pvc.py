# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Frees a claim of the binding in its old cluster (reference section 3.14).

Source: pkg/restore/actions/pvc_action.go.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
    ResourceIdentifier,
)
from ansible_collections.velero.core.plugins.module_utils.actions.edits import remove_keys
from ansible_collections.velero.core.plugins.module_utils.actions.shapes import CLAIM
from ansible_collections.velero.core.plugins.module_utils.actions.typed import check
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

_ANNOTATIONS = (
    "pv.kubernetes.io/bind-completed",
    "pv.kubernetes.io/bound-by-controller",
    "volume.kubernetes.io/storage-provisioner",
    "volume.beta.kubernetes.io/storage-provisioner",
    "volume.kubernetes.io/selected-node",
    "velero.io/volume-snapshot-name",
    "velero.io/data-upload-name",
)


class PvcAction(BuiltinAction):
    """Removes annotations; the volume name is left to the engine."""

    NAME = "velero.io/pvc"
    RESOURCES = ("persistentvolumeclaims",)

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the claim without those annotations, and the volume it was bound to.

        Raises ActionError for a claim that cannot be decoded.
        """
        check(given.item, CLAIM)
        check(given.item_from_backup, CLAIM)
        remove_keys(given.item.get("metadata"), "annotations", _ANNOTATIONS)
        volume = _bound_volume(given.item_from_backup)
        extra = (ResourceIdentifier(resource="persistentvolumes", name=volume),)
        return ExecuteOutput(updated_item=given.item, additional_items=extra if volume else ())


def _bound_volume(claim: Manifest) -> str:
    if (claim.get("status") or {}).get("phase") != "Bound":
        return ""
    return str((claim.get("spec") or {}).get("volumeName") or "")
