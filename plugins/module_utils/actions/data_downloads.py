# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DataDownload objects, by which Velero's node agents write the data of a volume.

Source: reference section 3.18, pkg/restore/actions/csi/pvc_action.go.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    OperationProgress,
)
from ansible_collections.velero.core.plugins.module_utils.actions.data_upload_result import (
    RESTORE_UID_LABEL,
    DataUploadResult,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import api_errors
from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import (
    restore_name,
    restore_namespace,
    restore_owner,
    restore_spec,
    restore_uid,
    uploader_settings,
)
from ansible_collections.velero.core.plugins.module_utils.model.durations import (
    format_duration,
    parse_duration,
)
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    RESTORE_NAME_LABEL,
    label_value,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource
from ansible_collections.velero.core.plugins.module_utils.model.times import seconds_of

DATA_DOWNLOADS = ApiResource(
    "velero.io", "v2alpha1", "datadownloads", "DataDownload", namespaced=True
)
OPERATION_LABEL = "velero.io/async-operation-id"

_NEW = ("", "New")
_COMPLETED, _CANCELED, _FAILED = "Completed", "Canceled", "Failed"


def operation_id(restore: Manifest, claim_uid: str) -> str:
    """Returns the ID of the operation that fills one claim of the backup."""
    return label_value(f"dd-{restore_uid(restore)}.{claim_uid}")


def new_data_download(
    restore: Manifest,
    backup: Manifest,
    result: DataUploadResult,
    *,
    claim: str,
    namespace: str,
    operation: str,
    owned: bool,
) -> Manifest:
    """Returns the object that has ``claim`` in the target ``namespace`` filled, without a name.

    ``owned`` makes it a dependent of the Restore. Raises RequestError when the backup's timeout
    is no duration.
    """
    metadata: dict[str, Any] = {
        "namespace": restore_namespace(restore),
        "generateName": f"{restore_name(restore)}-",
        "labels": {
            RESTORE_NAME_LABEL: label_value(restore_name(restore)),
            RESTORE_UID_LABEL: restore_uid(restore),
            OPERATION_LABEL: operation,
        },
    }
    if owned:
        metadata["ownerReferences"] = [restore_owner(restore)]
    return {
        "apiVersion": DATA_DOWNLOADS.api_version,
        "kind": DATA_DOWNLOADS.kind,
        "metadata": metadata,
        "spec": _spec(restore, backup, result, claim, namespace),
        # As Velero's typed client writes it.
        "status": {"progress": {}},
    }


def _spec(
    restore: Manifest, backup: Manifest, result: DataUploadResult, claim: str, namespace: str
) -> dict[str, Any]:
    timeout = (backup.get("spec") or {}).get("csiSnapshotTimeout") or 0
    spec: dict[str, Any] = {
        "targetVolume": {"pvc": claim, "pv": "", "namespace": namespace},
        "backupStorageLocation": result.backup_storage_location,
        "snapshotID": result.snapshot_id,
        "sourceNamespace": result.source_namespace,
        "operationTimeout": format_duration(parse_duration(timeout, "csiSnapshotTimeout")),
    }
    optional = {
        "datamover": result.data_mover,
        "nodeOS": result.node_os,
        "snapshotSize": result.snapshot_size,
    }
    spec |= {key: value for key, value in optional.items() if value}
    uploader = restore_spec(restore).get("uploaderConfig")
    if uploader is not None:
        spec["dataMoverConfig"] = uploader_settings(uploader)
    return spec


def data_downloads_of(cluster: Cluster, restore: Manifest, operation: str) -> list[Manifest]:
    """Returns the objects of an operation, without those of an earlier run of the restore.

    A restore that is run again has the same UID, and so its operations have the same IDs. Raises
    ActionError in Velero's words.
    """
    selector = f"{OPERATION_LABEL}={operation}"
    with api_errors("fail to list DataDownload: "):
        found = list(cluster.list(DATA_DOWNLOADS, restore_namespace(restore), selector))
    begun = seconds_of(str((restore.get("status") or {}).get("startTimestamp") or ""))
    return [item for item in found if begun is None or _made(item, begun) >= begun]


def _made(item: Manifest, otherwise: float) -> float:
    made = seconds_of(str(item["metadata"].get("creationTimestamp") or ""))
    return otherwise if made is None else made


def has_data_download(cluster: Cluster, restore: Manifest, operation: str) -> bool:
    """Returns whether an operation is known to have its object already."""
    try:
        return bool(data_downloads_of(cluster, restore, operation))
    except ActionError:
        # Creating it will tell what is wrong, in Velero's words.
        return False


def find_data_download(cluster: Cluster, restore: Manifest, operation: str) -> Manifest:
    """Returns the object of an operation. Raises ActionError in Velero's words."""
    found = data_downloads_of(cluster, restore, operation)
    if not found:
        raise ActionError("didn't find DataDownload")
    if len(found) > 1:
        raise ActionError("find multiple DataDownloads")
    return found[0]


def progress_of(download: Manifest, *, strict: bool = True) -> OperationProgress:
    """Returns how far a DataDownload is; the time of the update is that of its end.

    In Velero one that has failed without a message has succeeded; only ``strict`` tells so.
    """
    status = download.get("status") or {}
    phase = str(status.get("phase") or "")
    if phase in _NEW:
        return OperationProgress()
    numbers = status.get("progress") or {}
    silent = f"DataDownload {download['metadata'].get('name', '')} has failed without a message"
    failure = str(status.get("message") or ("" if strict else silent))
    errors = {_CANCELED: "DataDownload is canceled", _FAILED: failure}
    return OperationProgress(
        completed=phase in (_COMPLETED, _CANCELED, _FAILED),
        err=errors.get(phase, ""),
        n_completed=int(numbers.get("bytesDone") or 0),
        n_total=int(numbers.get("totalBytes") or 0),
        operation_units="Bytes",
        description=phase,
        started=str(status.get("startTimestamp") or ""),
        updated=str(status.get("completionTimestamp") or ""),
    )
