# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a cluster has in which node agents can restore the data of pods' volumes."""

from __future__ import annotations

from typing import Any

from tests.support.builders import (
    RESTORES,
    SERVED,
    Manifest,
    api_of,
    obj,
    resource,
)
from tests.support.fake_cluster import FakeCluster

VELERO = "velero"
WAIT_IMAGE = "velero/velero:v1.18.0"


def api() -> Any:
    """What such a cluster serves."""
    return api_of(
        *SERVED,
        RESTORES,
        resource("daemonsets.apps", "DaemonSet"),
        resource("podvolumebackups.velero.io", "PodVolumeBackup", status=False),
        resource("podvolumerestores.velero.io", "PodVolumeRestore", status=False),
        resource("backuprepositories.velero.io", "BackupRepository", status=False),
        resource("datauploads.velero.io", "DataUpload", version="v2alpha1", status=False),
        resource("datadownloads.velero.io", "DataDownload", version="v2alpha1", status=False),
    )


def repository(
    namespace: str, phase: str = "Ready", *, name: str = "", message: str = ""
) -> Manifest:
    """The BackupRepository of a namespace in the location `default`."""
    return obj(
        "BackupRepository",
        name or f"{namespace}-default-kopia",
        VELERO,
        api="velero.io/v1",
        labels={
            "velero.io/volume-namespace": namespace,
            "velero.io/storage-location": "default",
            "velero.io/repository-type": "kopia",
        },
        spec={"volumeNamespace": namespace, "backupStorageLocation": "default"},
        status={"phase": phase, "message": message},
    )


def daemon_set() -> Manifest:
    """The node agents' DaemonSet."""
    template = {"spec": {"containers": [{"name": "node-agent", "image": WAIT_IMAGE}]}}
    return obj("DaemonSet", "node-agent", VELERO, api="apps/v1", spec={"template": template})


def agent_pod(node: str = "node-1", phase: str = "Running") -> Manifest:
    """A node agent on a node."""
    return obj(
        "Pod",
        f"node-agent-{node}",
        VELERO,
        labels={"role": "node-agent"},
        spec={"nodeName": node},
        status={"phase": phase},
    )


def pod_volume_backup(
    volume: str, pod: str = "web", namespace: str = "shop", snapshot: str = "k1", size: int = 100
) -> Manifest:
    """The record of a volume that was backed up file by file."""
    return obj(
        "PodVolumeBackup",
        f"b1-{namespace}-{pod}-{volume}",
        VELERO,
        api="velero.io/v1",
        labels={"velero.io/backup-name": "b1"},
        spec={
            "pod": {"kind": "Pod", "namespace": namespace, "name": pod},
            "volume": volume,
            "uploaderType": "kopia",
            "backupStorageLocation": "default",
        },
        status={"snapshotID": snapshot, "progress": {"totalBytes": size}},
    )


def pod_with(*volumes: str, name: str = "web", namespace: str = "shop", **fields: Any) -> Manifest:
    """A pod with volumes; those called `claim-…` are claims of that name."""
    return obj(
        "Pod",
        name,
        namespace,
        spec={
            "containers": [{"name": "main", "image": "main:1"}],
            "volumes": [
                {"name": volume, "persistentVolumeClaim": {"claimName": volume}}
                if volume.startswith("claim-")
                else {"name": volume, "emptyDir": {}}
                for volume in volumes
            ],
        },
        **fields,
    )


def cluster_with(*objects: Manifest, agents: bool = True) -> FakeCluster:
    """A cluster with node agents and a repository of namespace `shop` that is ready."""
    own = [daemon_set(), agent_pod(), repository("shop")] if agents else []
    return FakeCluster(*own, *objects, api=api())
