# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""velero.io/csi-volumesnapshotcontent-restorer: static contents (reference 3.21).

Source: pkg/restore/actions/csi/volumesnapshotcontent_action.go.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
    ExecuteOutput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.csi_names import (
    RETAIN,
    SNAPSHOT_CLASSES,
    SNAPSHOT_GROUP,
    restored_snapshot_name,
    secret_of,
)
from ansible_collections.velero.core.plugins.module_utils.actions.csi_shapes import SNAPSHOT_CONTENT
from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import (
    child,
    target_namespace,
    without_volumes,
)
from ansible_collections.velero.core.plugins.module_utils.actions.synchronous import (
    SynchronousAction,
)
from ansible_collections.velero.core.plugins.module_utils.actions.typed import check
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError, cause_text
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

_SECRET_NAME = "csi.storage.k8s.io/snapshotter-secret-name"
_SECRET_NAMESPACE = "csi.storage.k8s.io/snapshotter-secret-namespace"


class CsiVolumeSnapshotContentAction(SynchronousAction, BuiltinAction):
    """Makes a content stand for the snapshot that the storage system has kept."""

    NAME = "velero.io/csi-volumesnapshotcontent-restorer"
    RESOURCES = (f"volumesnapshotcontents.{SNAPSHOT_GROUP}",)

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the static content, with its secret as the item to restore first.

        Raises ActionError for an object that Velero refuses and for a content without a snapshot
        handle in the backup.
        """
        if without_volumes(given.restore):
            return ExecuteOutput().without_restore()
        content, archived = given.item, given.item_from_backup
        check(content, SNAPSHOT_CONTENT, "failed to convert input.Item from unstructured: ")
        _check_archived(archived)
        name = restored_snapshot_name(given.restore, _snapshot_name(archived))
        handle = (archived.get("status") or {}).get("snapshotHandle")
        if handle is None:
            raise ActionError(f"fail to get snapshot handle from VSC {name} status")
        _rename(content, name, given.restore)
        spec = child(content, "spec")
        spec["deletionPolicy"] = RETAIN
        source = child(spec, "source")
        source.pop("volumeHandle", None)
        source["snapshotHandle"] = handle
        self._choose_class(spec)
        annotations = child(content, "metadata").get("annotations") or {}
        return ExecuteOutput(
            updated_item=content,
            additional_items=secret_of(annotations, _SECRET_NAME, _SECRET_NAMESPACE),
        )

    def _choose_class(self, spec: dict[str, Any]) -> None:
        # The driver finds its credentials through the class; that of the backup may not exist.
        spec.pop("volumeSnapshotClassName", None)
        driver = spec.get("driver") or ""
        try:
            for item in self.environment.cluster.list(SNAPSHOT_CLASSES):
                if (item.get("driver") or "") == driver:
                    spec["volumeSnapshotClassName"] = item["metadata"]["name"]
                    return
        except ApiError as error:
            self.environment.warn(f"Failed to list VolumeSnapshotClasses: {cause_text(error)}")


def _check_archived(archived: Manifest) -> None:
    try:
        check(archived, SNAPSHOT_CONTENT)
    except ActionError as error:
        # What Velero's format string comes to.
        wrapping = "failed to convert input.ItemFromBackup from unstructured"
        raise ActionError(f"{error}%!(EXTRA string={wrapping})") from None


def _snapshot_name(archived: Manifest) -> str:
    reference = (archived.get("spec") or {}).get("volumeSnapshotRef") or {}
    return str(reference.get("name") or "")


def _rename(content: Manifest, name: str, restore: Manifest) -> None:
    child(content, "metadata")["name"] = name
    reference = child(child(content, "spec"), "volumeSnapshotRef")
    namespace = reference.get("namespace") or ""
    mapped = target_namespace(restore, namespace)
    if mapped != namespace:
        reference["namespace"] = mapped
    reference["name"] = name
    reference.pop("uid", None)
    reference.pop("resourceVersion", None)
