# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The types of the fields that the actions for data movers and CSI snapshots decode."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.actions.shapes import METADATA
from ansible_collections.velero.core.plugins.module_utils.actions.typed import (
    BOOL,
    INT64,
    STRING,
    MapOf,
    Shape,
    Struct,
    Text,
)

_HEAD: dict[str, Shape] = {"kind": STRING, "apiVersion": STRING, "metadata": METADATA}

DATA_UPLOAD = Struct(
    {
        **_HEAD,
        "spec": Struct(
            {
                "snapshotType": Text("v2alpha1.SnapshotType"),
                "csiSnapshot": Struct(
                    {"volumeSnapshot": STRING, "storageClass": STRING, "snapshotClass": STRING}
                ),
                "sourcePVC": STRING,
                "datamover": STRING,
                "backupStorageLocation": STRING,
                "sourceNamespace": STRING,
                "dataMoverConfig": MapOf(STRING),
                "cancel": BOOL,
            }
        ),
        "status": Struct(
            {
                "phase": Text("v2alpha1.DataUploadPhase"),
                "path": STRING,
                "snapshotID": STRING,
                "dataMoverResult": MapOf(STRING),
                "message": STRING,
                "progress": Struct({"totalBytes": INT64, "bytesDone": INT64}),
                "node": STRING,
                "nodeOS": Text("v2alpha1.NodeOS"),
            }
        ),
    }
)

SNAPSHOT = Struct(
    {
        **_HEAD,
        "spec": Struct(
            {
                "source": Struct(
                    {"persistentVolumeClaimName": STRING, "volumeSnapshotContentName": STRING}
                ),
                "volumeSnapshotClassName": STRING,
            }
        ),
        "status": Struct(
            {
                "boundVolumeSnapshotContentName": STRING,
                "readyToUse": BOOL,
                "volumeGroupSnapshotName": STRING,
            }
        ),
    }
)

SNAPSHOT_CLASS = Struct(
    {
        **_HEAD,
        "driver": STRING,
        "parameters": MapOf(STRING),
        "deletionPolicy": Text("v1.DeletionPolicy"),
    }
)

SNAPSHOT_CONTENT = Struct(
    {
        **_HEAD,
        "spec": Struct(
            {
                "volumeSnapshotRef": Struct(
                    {
                        "kind": STRING,
                        "namespace": STRING,
                        "name": STRING,
                        "uid": Text("types.UID"),
                        "apiVersion": STRING,
                        "resourceVersion": STRING,
                        "fieldPath": STRING,
                    }
                ),
                "deletionPolicy": Text("v1.DeletionPolicy"),
                "driver": STRING,
                "volumeSnapshotClassName": STRING,
                "source": Struct({"volumeHandle": STRING, "snapshotHandle": STRING}),
                "sourceVolumeMode": Text("v1.PersistentVolumeMode"),
            }
        ),
        "status": Struct(
            {
                "snapshotHandle": STRING,
                "creationTime": INT64,
                "restoreSize": INT64,
                "readyToUse": BOOL,
                "volumeGroupSnapshotHandle": STRING,
            }
        ),
    }
)
