# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""velero.io/dataupload: hands the result of a data mover on to the claim (reference 3.9).

Source: pkg/restore/actions/dataupload_retrieve_action.go.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.csi_shapes import DATA_UPLOAD
from ansible_collections.velero.core.plugins.module_utils.actions.data_upload_result import (
    DataUploadResult,
    result_labels,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import api_errors
from ansible_collections.velero.core.plugins.module_utils.actions.random_names import (
    create_with_random_name,
)
from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import (
    restore_name,
    restore_namespace,
    restore_uid,
)
from ansible_collections.velero.core.plugins.module_utils.actions.typed import check
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.kinds import CONFIG_MAPS
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest


class DataUploadAction(BuiltinAction):
    """Puts the result of a DataUpload into a ConfigMap; the DataUpload itself is not restored.

    Version 1 of the contract.
    """

    NAME = "velero.io/dataupload"
    RESOURCES = ("datauploads.velero.io",)
    SIDE_EFFECTS = True

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Creates the ConfigMap and returns that the item is not to be restored.

        Only the item of the backup is looked at. Raises ActionError for one that is no DataUpload,
        and when the Backup cannot be read or the ConfigMap cannot be created.
        """
        upload, restore = given.item_from_backup, given.restore
        check(upload, DATA_UPLOAD, "unable to convert unstructured item to DataUpload.: ")
        with api_errors(f"error to get backup for restore {restore_name(restore)}: "):
            backup = self.environment.backup_of(restore)
        wanted, cluster = _config_map(upload, backup, restore), self.environment.cluster
        # A second one would make the result ambiguous when the restore goes on after a crash.
        if not _is_there(cluster, wanted):
            with api_errors("fail to create DataUploadResult ConfigMap: "):
                create_with_random_name(cluster, CONFIG_MAPS, wanted)
        return ExecuteOutput().without_restore()


def _is_there(cluster: Cluster, wanted: Manifest) -> bool:
    metadata = wanted["metadata"]
    selector = ",".join(f"{key}={value}" for key, value in metadata["labels"].items())
    try:
        found = list(cluster.list(CONFIG_MAPS, metadata["namespace"], selector))
    except ApiError:
        # Creating it will tell what is wrong, in Velero's words.
        return False
    return any((item.get("data") or {}) == wanted["data"] for item in found)


def _config_map(upload: Manifest, backup: Manifest, restore: Manifest) -> Manifest:
    spec = upload.get("spec") or {}
    name = (upload.get("metadata") or {}).get("name") or ""
    return {
        "apiVersion": CONFIG_MAPS.api_version,
        "kind": CONFIG_MAPS.kind,
        "metadata": {
            "namespace": restore_namespace(restore),
            "generateName": f"{name}-",
            "labels": result_labels(
                restore, spec.get("sourceNamespace") or "", spec.get("sourcePVC") or ""
            ),
        },
        "data": {restore_uid(restore): _result(upload, backup).to_json()},
    }


def _result(upload: Manifest, backup: Manifest) -> DataUploadResult:
    spec: dict[str, Any] = upload.get("spec") or {}
    status: dict[str, Any] = upload.get("status") or {}
    extra = status.get("dataMoverResult")
    return DataUploadResult(
        # Where the backup lies now, which need not be where the upload was told to write.
        backup_storage_location=(backup.get("spec") or {}).get("storageLocation") or "",
        data_mover=spec.get("datamover") or "",
        snapshot_id=status.get("snapshotID") or "",
        source_namespace=spec.get("sourceNamespace") or "",
        data_mover_result=None if extra is None else {k: v or "" for k, v in extra.items()},
        node_os=status.get("nodeOS") or "",
        snapshot_size=int((status.get("progress") or {}).get("totalBytes") or 0),
    )
