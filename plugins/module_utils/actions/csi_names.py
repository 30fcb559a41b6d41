# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of the CSI snapshot world: resources, annotations, and what restored objects are called.

Sources: reference sections 3.18-3.21 and 8, pkg/apis/velero/v1/labels_annotations.go,
pkg/util/util.go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ResourceIdentifier,
)
from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import restore_uid
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

SNAPSHOT_GROUP = "snapshot.storage.k8s.io"
GROUP_SNAPSHOT_GROUP = "groupsnapshot.storage.k8s.io"

SNAPSHOT_CLASSES = ApiResource(
    SNAPSHOT_GROUP, "v1", "volumesnapshotclasses", "VolumeSnapshotClass", namespaced=False
)
GROUP_CONTENTS = ApiResource(
    GROUP_SNAPSHOT_GROUP,
    "v1beta2",
    "volumegroupsnapshotcontents",
    "VolumeGroupSnapshotContent",
    namespaced=False,
)
GROUP_CLASSES = ApiResource(
    GROUP_SNAPSHOT_GROUP,
    "v1beta2",
    "volumegroupsnapshotclasses",
    "VolumeGroupSnapshotClass",
    namespaced=False,
)

SNAPSHOT_NAME_ANNOTATION = "velero.io/volume-snapshot-name"
SNAPSHOT_HANDLE_ANNOTATION = "velero.io/csi-volumesnapshot-handle"
GROUP_HANDLE_ANNOTATION = "velero.io/csi-volumegroupsnapshot-handle"
DRIVER_ANNOTATION = "velero.io/csi-driver-name"
DELETION_POLICY_ANNOTATION = "velero.io/csi-vsc-deletion-policy"
RETAIN = "Retain"


def restored_snapshot_name(restore: Manifest, name: str) -> str:
    """Returns the name that a VolumeSnapshot and its content get in this restore."""
    return hashlib.sha256(f"{restore_uid(restore)}/{name}".encode()).hexdigest()


def secret_of(
    annotations: Mapping[str, str], name_key: str, namespace_key: str
) -> tuple[ResourceIdentifier, ...]:
    """Returns the secret that a pair of annotations names; none unless both are there."""
    if name_key not in annotations or namespace_key not in annotations:
        return ()
    secret = ResourceIdentifier(
        resource="secrets",
        namespace=annotations[namespace_key] or "",
        name=annotations[name_key] or "",
    )
    return (secret,)
