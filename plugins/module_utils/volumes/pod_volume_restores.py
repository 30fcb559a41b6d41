# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PodVolumeRestore objects, as node agents expect them.

Source: pkg/podvolume/restorer.go, reference restore-engine.md section 4.16.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.data_upload_result import (
    RESTORE_UID_LABEL,
)
from ansible_collections.velero.core.plugins.module_utils.actions.pod_volumes import VolumeSnapshot
from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import (
    restore_name,
    restore_namespace,
    restore_owner,
    restore_spec,
    restore_uid,
    uploader_settings,
)
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    RESTORE_NAME_LABEL,
    label_value,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

POD_VOLUME_RESTORES = ApiResource(
    "velero.io", "v1", "podvolumerestores", "PodVolumeRestore", namespaced=True
)
POD_UID_LABEL = "velero.io/pod-uid"
_CLAIM_UID_LABEL = "velero.io/pvc-uid"

COMPLETED, FAILED, CANCELED = "Completed", "Failed", "Canceled"
ENDED = frozenset({COMPLETED, FAILED, CANCELED})


def new_pod_volume_restore(
    restore: Manifest,
    pod: Manifest,
    volume: str,
    snapshot: VolumeSnapshot,
    *,
    source_namespace: str,
    location: str,
    claim_uid: str = "",
) -> Manifest:
    """Returns the object that has one volume of a restored pod filled, without a name.

    It is owned by the Restore: node agents read its UID there.
    """
    pod_metadata = pod["metadata"]
    labels = {
        RESTORE_NAME_LABEL: label_value(restore_name(restore)),
        RESTORE_UID_LABEL: restore_uid(restore),
        POD_UID_LABEL: str(pod_metadata.get("uid") or ""),
    }
    if claim_uid:
        labels[_CLAIM_UID_LABEL] = claim_uid
    metadata: dict[str, Any] = {
        "namespace": restore_namespace(restore),
        "generateName": f"{restore_name(restore)}-",
        "labels": labels,
        "ownerReferences": [restore_owner(restore)],
    }
    spec: dict[str, Any] = {
        "pod": {
            "kind": "Pod",
            "namespace": pod_metadata.get("namespace") or "",
            "name": pod_metadata["name"],
            "uid": pod_metadata.get("uid") or "",
        },
        "volume": volume,
        "snapshotID": snapshot.snapshot_id,
        "backupStorageLocation": location,
        "repoIdentifier": "",
        "uploaderType": snapshot.uploader,
        "sourceNamespace": source_namespace,
    }
    if snapshot.size:
        spec["snapshotSize"] = snapshot.size
    uploader = restore_spec(restore).get("uploaderConfig")
    if uploader is not None:
        spec["uploaderSettings"] = uploader_settings(uploader)
    return {
        "apiVersion": POD_VOLUME_RESTORES.api_version,
        "kind": POD_VOLUME_RESTORES.kind,
        "metadata": metadata,
        "spec": spec,
        # As Velero's typed client writes it.
        "status": {"progress": {}},
    }
