# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stub contents of volume group snapshots, which some CSI drivers need beside a restored snapshot.

Source: pkg/restore/actions/csi/volumesnapshot_action.go, reference section 3.19.
"""

from __future__ import annotations

import threading
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.csi_names import (
    DRIVER_ANNOTATION,
    GROUP_CLASSES,
    GROUP_CONTENTS,
    GROUP_HANDLE_ANNOTATION,
    RETAIN,
    SNAPSHOT_HANDLE_ANNOTATION,
    restored_snapshot_name,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)
from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import restore_name
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    AlreadyExistsError,
    ApiError,
    NotFoundError,
    cause_text,
)
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    RESTORE_NAME_LABEL,
    label_value,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

_SECRET_PARAMETERS = {
    "csi.storage.k8s.io/group-snapshotter-secret-name": (
        "groupsnapshot.storage.kubernetes.io/deletion-secret-name"
    ),
    "csi.storage.k8s.io/group-snapshotter-secret-namespace": (
        "groupsnapshot.storage.kubernetes.io/deletion-secret-namespace"
    ),
}


class GroupSnapshotStubs:
    """Creates stubs and adds snapshots to them. May be used by several threads at once."""

    def __init__(self, environment: ActionEnvironment) -> None:
        self._environment = environment
        # A merge patch replaces the whole list: two snapshots of a group must not be added at once.
        self._lock = threading.Lock()

    def ensure(self, snapshot: Manifest, restore: Manifest) -> None:
        """Lets a stub name the given VolumeSnapshot of the backup, if it was taken in a group.

        What the API refuses is a warning only: most drivers do without. Raises
        ConnectionFailedError.
        """
        metadata = snapshot.get("metadata") or {}
        annotations = metadata.get("annotations") or {}
        group = annotations.get(GROUP_HANDLE_ANNOTATION)
        handle = annotations.get(SNAPSHOT_HANDLE_ANNOTATION)
        driver = annotations.get(DRIVER_ANNOTATION)
        if not group:
            return
        where = f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"
        if not handle or not driver:
            lacking = "Driver" if handle else "SnapshotHandle"
            self._environment.warn(
                f"VS {where} has VolumeGroupSnapshotHandle but no {lacking} annotation"
            )
            return
        stub = _stub(restore, group, handle, driver, str(metadata.get("namespace") or ""))
        if not self._environment.strict:
            labels = stub["metadata"]["labels"]
            labels[RESTORE_NAME_LABEL] = label_value(labels[RESTORE_NAME_LABEL])
        try:
            with self._lock:
                self._ensure(stub, group, handle)
        except ApiError as error:
            self._environment.warn(
                f"Failed to create stub VGSC for VS {where}: {cause_text(error)}"
            )

    def _ensure(self, stub: Manifest, group: str, handle: str) -> None:
        name, cluster = stub["metadata"]["name"], self._environment.cluster
        try:
            self._add(cluster.get(GROUP_CONTENTS, "", name), handle)
            return
        except NotFoundError:
            secrets = self._deletion_secret(stub["spec"]["driver"])
        if secrets:
            stub["metadata"]["annotations"] = secrets
        try:
            cluster.create(GROUP_CONTENTS, "", stub)
        except AlreadyExistsError:
            self._add(cluster.get(GROUP_CONTENTS, "", name), handle)
            return
        self._set_status(name, group)

    def _add(self, stub: Manifest, handle: str) -> None:
        source = (stub.get("spec") or {}).get("source") or {}
        handles = (source.get("groupSnapshotHandles") or {}).get("volumeSnapshotHandles") or []
        if handle in handles:
            return
        patch = {"groupSnapshotHandles": {"volumeSnapshotHandles": [*handles, handle]}}
        self._environment.cluster.merge_patch(
            GROUP_CONTENTS, "", stub["metadata"]["name"], {"spec": {"source": patch}}
        )

    def _deletion_secret(self, driver: str) -> dict[str, str]:
        try:
            classes = list(self._environment.cluster.list(GROUP_CLASSES))
        except ApiError:
            return {}
        for item in classes:
            if item.get("driver") == driver:
                parameters = item.get("parameters") or {}
                return {
                    annotation: parameters[key]
                    for key, annotation in _SECRET_PARAMETERS.items()
                    if key in parameters
                }
        return {}

    def _set_status(self, name: str, group: str) -> None:
        patch = {"status": {"volumeGroupSnapshotHandle": group}}
        try:
            self._environment.cluster.merge_patch(
                GROUP_CONTENTS, "", name, patch, subresource="status"
            )
        except ApiError as error:
            self._environment.warn(f"Failed to patch stub VGSC {name} status: {cause_text(error)}")


def _stub(restore: Manifest, group: str, handle: str, driver: str, namespace: str) -> Manifest:
    name = restored_snapshot_name(restore, group)
    handles = {"volumeGroupSnapshotHandle": group, "volumeSnapshotHandles": [handle]}
    metadata: dict[str, Any] = {
        "name": name,
        "labels": {RESTORE_NAME_LABEL: restore_name(restore)},
    }
    return {
        "apiVersion": GROUP_CONTENTS.api_version,
        "kind": GROUP_CONTENTS.kind,
        "metadata": metadata,
        "spec": {
            "deletionPolicy": RETAIN,
            "driver": driver,
            "source": {"groupSnapshotHandles": handles},
            "volumeGroupSnapshotRef": {"name": f"stub-vgs-{name[:8]}", "namespace": namespace},
        },
    }
