# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""velero.io/csi-volumesnapshot-restorer: static VolumeSnapshots (reference 3.19).

Source: pkg/restore/actions/csi/volumesnapshot_action.go.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
    ExecuteOutput,
    ResourceIdentifier,
)
from ansible_collections.velero.core.plugins.module_utils.actions.csi_names import (
    DELETION_POLICY_ANNOTATION,
    RETAIN,
    SNAPSHOT_GROUP,
    restored_snapshot_name,
)
from ansible_collections.velero.core.plugins.module_utils.actions.csi_shapes import SNAPSHOT
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)
from ansible_collections.velero.core.plugins.module_utils.actions.group_snapshots import (
    GroupSnapshotStubs,
)
from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import (
    child,
    without_volumes,
)
from ansible_collections.velero.core.plugins.module_utils.actions.synchronous import (
    SynchronousAction,
)
from ansible_collections.velero.core.plugins.module_utils.actions.typed import check
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


class CsiVolumeSnapshotAction(SynchronousAction, BuiltinAction):
    """Binds a VolumeSnapshot to a content of the same, new name."""

    NAME = "velero.io/csi-volumesnapshot-restorer"
    RESOURCES = (f"volumesnapshots.{SNAPSHOT_GROUP}",)
    # A snapshot that was taken in a group needs a stub in the cluster.
    SIDE_EFFECTS = True

    def __init__(self, environment: ActionEnvironment) -> None:
        super().__init__(environment)
        self._stubs = GroupSnapshotStubs(environment)

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the static snapshot, with its content as the item to restore first.

        Raises ActionError for an object that Velero refuses, one without any annotation (Velero's
        action panics), and one that was not bound in the backup.
        """
        if without_volumes(given.restore):
            return ExecuteOutput().without_restore()
        archived = given.item_from_backup
        for snapshot in (given.item, archived):
            check(snapshot, SNAPSHOT, "failed to convert input.Item from unstructured: ")
        self._stubs.ensure(archived, given.restore)
        name = str((archived.get("metadata") or {}).get("name") or "")
        _make_static(given.item, restored_snapshot_name(given.restore, name))
        content = (archived.get("status") or {}).get("boundVolumeSnapshotContentName")
        if content is None:
            raise ActionError(f"VS {name} doesn't have bound VSC")
        needed = ResourceIdentifier(
            group=SNAPSHOT_GROUP, resource="volumesnapshotcontents", name=content
        )
        return ExecuteOutput(updated_item=given.item, additional_items=(needed,))


def _make_static(snapshot: Manifest, name: str) -> None:
    metadata = child(snapshot, "metadata")
    annotations: dict[str, Any] | None = metadata.get("annotations")
    if annotations is None:
        raise ActionError(
            "the VolumeSnapshot has no annotations "
            "(plugin panicked: assignment to entry in nil map)"
        )
    annotations[DELETION_POLICY_ANNOTATION] = RETAIN
    metadata["name"] = name
    spec = child(snapshot, "spec")
    spec.pop("volumeSnapshotClassName", None)
    source = child(spec, "source")
    source.pop("persistentVolumeClaimName", None)
    source["volumeSnapshotContentName"] = name
