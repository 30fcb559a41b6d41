# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""velero.io/csi-volumesnapshotclass-restorer: secrets of VolumeSnapshotClasses (reference 3.20).

Source: pkg/restore/actions/csi/volumesnapshotclass_action.go.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.csi_names import (
    SNAPSHOT_GROUP,
    secret_of,
)
from ansible_collections.velero.core.plugins.module_utils.actions.csi_shapes import SNAPSHOT_CLASS
from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import (
    without_volumes,
)
from ansible_collections.velero.core.plugins.module_utils.actions.synchronous import (
    SynchronousAction,
)
from ansible_collections.velero.core.plugins.module_utils.actions.typed import check

_SECRET_NAME = "csi.storage.k8s.io/snapshotter-list-secret-name"
_SECRET_NAMESPACE = "csi.storage.k8s.io/snapshotter-list-secret-namespace"


class CsiVolumeSnapshotClassAction(SynchronousAction, BuiltinAction):
    """Has the secret of a class restored before the class."""

    NAME = "velero.io/csi-volumesnapshotclass-restorer"
    RESOURCES = (f"volumesnapshotclasses.{SNAPSHOT_GROUP}",)

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the class as it is, with its lister secret as the item to restore first.

        Raises ActionError for a class that Velero refuses.
        """
        if without_volumes(given.restore):
            return ExecuteOutput().without_restore()
        check(given.item, SNAPSHOT_CLASS, "failed to convert input.Item from unstructured: ")
        annotations = (given.item.get("metadata") or {}).get("annotations") or {}
        return ExecuteOutput(
            updated_item=given.item,
            additional_items=secret_of(annotations, _SECRET_NAME, _SECRET_NAMESPACE),
        )
