# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""velero.io/csi-pvc-restorer: claims from CSI snapshots or by a data mover (reference 3.18).

Source: pkg/restore/actions/csi/pvc_action.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
    ExecuteOutput,
    InvalidOperationError,
    OperationProgress,
    ResourceIdentifier,
)
from ansible_collections.velero.core.plugins.module_utils.actions.csi_names import (
    SNAPSHOT_GROUP,
    SNAPSHOT_NAME_ANNOTATION,
    restored_snapshot_name,
)
from ansible_collections.velero.core.plugins.module_utils.actions.data_downloads import (
    DATA_DOWNLOADS,
    find_data_download,
    has_data_download,
    new_data_download,
    operation_id,
    progress_of,
)
from ansible_collections.velero.core.plugins.module_utils.actions.data_upload_result import (
    DataUploadResult,
    ResultError,
    parse_result,
    result_labels,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import api_errors
from ansible_collections.velero.core.plugins.module_utils.actions.names import refused_name
from ansible_collections.velero.core.plugins.module_utils.actions.random_names import (
    create_with_random_name,
    random_end,
)
from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import (
    child,
    restore_name,
    restore_namespace,
    restore_uid,
    target_namespace,
    without_volumes,
)
from ansible_collections.velero.core.plugins.module_utils.actions.shapes import CLAIM
from ansible_collections.velero.core.plugins.module_utils.actions.typed import check
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError, RequestError
from ansible_collections.velero.core.plugins.module_utils.model.kinds import CLAIMS, CONFIG_MAPS
from ansible_collections.velero.core.plugins.module_utils.model.names import label_value
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest

DATA_UPLOAD_ANNOTATION = "velero.io/data-upload-name"
_BUILTIN_DATA_MOVERS = ("", "velero")
DYNAMIC_VOLUME_LABEL = "velero.io/dynamic-pv-restore"


class CsiPvcAction(BuiltinAction):
    """Lets a new claim be filled from its VolumeSnapshot or by a DataDownload."""

    NAME = "velero.io/csi-pvc-restorer"
    RESOURCES = ("persistentvolumeclaims",)
    SIDE_EFFECTS = True

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the claim as it is to be filled; one that exists is left alone.

        Raises ActionError for a claim that Velero refuses, and when the Backup or the data
        mover's result cannot be read or the DataDownload cannot be created.
        """
        claim, restore = given.item, given.restore
        check(claim, CLAIM)
        check(given.item_from_backup, CLAIM)
        if self._exists(claim, restore):
            return ExecuteOutput(updated_item=claim)
        if without_volumes(restore):
            _drop(claim, "volumeName", "dataSource", "dataSourceRef")
            return ExecuteOutput(updated_item=claim)
        with api_errors("fail to get backup for restore: "):
            backup = self.environment.backup_of(restore)
        if (backup.get("spec") or {}).get("snapshotMoveData") is True:
            return self._moved(given, backup)
        return _snapshotted(given)

    def progress(self, operation_id: str, restore: Manifest) -> OperationProgress:
        """Returns how far the DataDownload of an operation is. Raises ActionError."""
        download = self._download(operation_id, restore)
        return progress_of(download, strict=self.environment.strict)

    def cancel(self, operation_id: str, restore: Manifest) -> None:
        """Has the DataDownload of an operation cancelled, in whatever phase. Raises ActionError."""
        download = self._download(operation_id, restore)
        with api_errors():
            self.environment.cluster.merge_patch(
                DATA_DOWNLOADS,
                restore_namespace(restore),
                download["metadata"]["name"],
                {"spec": {"cancel": True}},
            )

    def are_additional_items_ready(
        self, items: Sequence[ResourceIdentifier], restore: Manifest
    ) -> bool:
        """Returns True."""
        return True

    def _download(self, operation: str, restore: Manifest) -> Manifest:
        if not operation:
            raise InvalidOperationError(operation)
        return find_data_download(self.environment.cluster, restore, operation)

    def _exists(self, claim: Manifest, restore: Manifest) -> bool:
        namespace, name = _identity(claim)
        if refused_name(name):
            return False
        try:
            self.environment.cluster.get(CLAIMS, target_namespace(restore, namespace), name)
        except ApiError:
            # As in Velero a refusal, too, means that the claim is not there.
            return False
        return True

    def _moved(self, given: ExecuteInput, backup: Manifest) -> ExecuteOutput:
        claim, restore = given.item, given.restore
        archived = given.item_from_backup.get("metadata") or {}
        if DATA_UPLOAD_ANNOTATION not in (archived.get("annotations") or {}):
            return ExecuteOutput(updated_item=claim)
        operation = operation_id(restore, archived.get("uid") or "")
        result = _stored_result(self.environment.cluster, claim, restore)
        self._check_data_mover(result)
        namespace, name = _identity(claim)
        namespace = target_namespace(restore, namespace)
        _drop(claim, "volumeName")
        # Keeps a provisioner from serving the claim before the data mover does.
        labels = child(child(child(claim, "spec"), "selector"), "matchLabels")
        labels[DYNAMIC_VOLUME_LABEL] = label_value(f"{namespace}.{name}.{random_end()}")
        download = self._new_download(given, backup, result, namespace, operation)
        cluster = self.environment.cluster
        # One that is there was made by a run that was cut off before the claim.
        if not has_data_download(cluster, restore, operation):
            with api_errors("fail to create DataDownload: "):
                create_with_random_name(cluster, DATA_DOWNLOADS, download)
        return ExecuteOutput(updated_item=claim, operation_id=operation)

    def _check_data_mover(self, result: DataUploadResult) -> None:
        # Others than Velero's own have their own ways.
        why_not = self.environment.why_not_moved
        if why_not is None or result.data_mover not in _BUILTIN_DATA_MOVERS:
            return
        why = why_not(result.source_namespace, result.backup_storage_location)
        if why:
            raise ActionError(f"the data of the claim cannot be restored: {why}")

    def _new_download(
        self,
        given: ExecuteInput,
        backup: Manifest,
        result: DataUploadResult,
        namespace: str,
        operation: str,
    ) -> Manifest:
        try:
            return new_data_download(
                given.restore,
                backup,
                result,
                claim=_identity(given.item)[1],
                namespace=namespace,
                operation=operation,
                owned=self.environment.restore_in_cluster,
            )
        except RequestError as error:
            raise ActionError(f"fail to get backup for restore: {error}") from error


def _snapshotted(given: ExecuteInput) -> ExecuteOutput:
    claim = given.item
    annotations = (given.item_from_backup.get("metadata") or {}).get("annotations") or {}
    if SNAPSHOT_NAME_ANNOTATION not in annotations:
        return ExecuteOutput(updated_item=claim)
    snapshot = annotations[SNAPSHOT_NAME_ANNOTATION] or ""
    _drop(claim, "volumeName", "dataSourceRef")
    child(claim, "spec")["dataSource"] = {
        "apiGroup": SNAPSHOT_GROUP,
        "kind": "VolumeSnapshot",
        "name": restored_snapshot_name(given.restore, snapshot),
    }
    needed = ResourceIdentifier(
        group=SNAPSHOT_GROUP,
        resource="volumesnapshots",
        namespace=_identity(claim)[0],
        name=snapshot,
    )
    return ExecuteOutput(updated_item=claim, additional_items=(needed,))


def _stored_result(cluster: Cluster, claim: Manifest, restore: Manifest) -> DataUploadResult:
    labels = result_labels(restore, *_identity(claim))
    selector = ",".join(f"{key}={value}" for key, value in labels.items())
    name, uid = restore_name(restore), restore_uid(restore)
    failed = f"fail get DataUploadResult for restore: {name}: "
    with api_errors(f"{failed}error to get DataUpload result cm with labels {selector}: "):
        found = list(cluster.list(CONFIG_MAPS, restore_namespace(restore), selector))
    if len(found) != 1:
        how_many = "multiple DataUpload result cms" if found else "no DataUpload result cm"
        raise ActionError(f"{failed}{how_many} found with labels {selector}")
    data: dict[str, Any] = found[0].get("data") or {}
    if uid not in data:
        raise ActionError(
            f"{failed}no DataUpload result found with restore key {uid}, restore {name}"
        )
    try:
        return parse_result(data[uid])
    except ResultError:
        raise ActionError(
            f"{failed}error to unmarshal DataUploadResult, restore UID {uid}, restore name {name}"
        ) from None


def _identity(claim: Manifest) -> tuple[str, str]:
    metadata = claim.get("metadata") or {}
    return metadata.get("namespace") or "", metadata.get("name") or ""


def _drop(claim: Manifest, *fields: str) -> None:
    spec = claim.get("spec") or {}
    for key in fields:
        spec.pop(key, None)
