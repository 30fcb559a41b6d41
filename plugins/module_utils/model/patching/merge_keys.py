# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which lists of which kinds a strategic merge patch merges, and by which key.

The kinds are those of core/v1, apps/v1 and batch/v1. What is not named here has no strategy of its
own: maps are merged key by key, lists are replaced.
Source: x-kubernetes-patch-strategy and x-kubernetes-patch-merge-key of Kubernetes' API.
"""

from __future__ import annotations

from dataclasses import dataclass

# Of a field: [TYPE]+KEY is a list that is merged by KEY, []+ a list of plain values that is merged,
# [TYPE] a list that is replaced, TYPE a map.
_TYPES = {
    "ObjectMeta": "finalizers=[]+ ownerReferences=[]+uid",
    "Conditions": "conditions=[]+type",
    "Plain": "metadata=ObjectMeta",
    "WithConditions": "metadata=ObjectMeta status=Conditions",
    "ComponentStatus": "metadata=ObjectMeta conditions=[]+type",
    "ServiceAccount": "metadata=ObjectMeta secrets=[]+name",
    "Service": "metadata=ObjectMeta spec=ServiceSpec status=Conditions",
    "ServiceSpec": "ports=[]+port",
    "Node": "metadata=ObjectMeta spec=NodeSpec status=NodeStatus",
    "NodeSpec": "podCIDRs=[]+",
    "NodeStatus": "addresses=[]+type conditions=[]+type",
    "Pod": "metadata=ObjectMeta spec=PodSpec status=PodStatus",
    "PodSpec": "containers=[Container]+name ephemeralContainers=[Container]+name hostAliases=[]+ip "
    "imagePullSecrets=[]+name initContainers=[Container]+name resourceClaims=[]+name "
    "schedulingGates=[]+name topologySpreadConstraints=[]+topologyKey volumes=[Volume]+name",
    "Container": "env=[]+name ports=[]+containerPort volumeDevices=[]+devicePath "
    "volumeMounts=[]+mountPath",
    "Volume": "ephemeral=Ephemeral",
    "Ephemeral": "volumeClaimTemplate=Plain",
    "PodStatus": "conditions=[]+type hostIPs=[]+ip podIPs=[]+ip resourceClaimStatuses=[]+name",
    "PodTemplate": "metadata=ObjectMeta template=Template",
    "Template": "metadata=ObjectMeta spec=PodSpec",
    "Workload": "metadata=ObjectMeta spec=WorkloadSpec status=Conditions",
    "WorkloadSpec": "template=Template",
    "CronJob": "metadata=ObjectMeta spec=CronJobSpec",
    "CronJobSpec": "jobTemplate=Workload",
}
_KINDS = {
    "v1": {
        "Binding": "Plain",
        "ComponentStatus": "ComponentStatus",
        "ConfigMap": "Plain",
        "Endpoints": "Plain",
        "Event": "Plain",
        "LimitRange": "Plain",
        "Namespace": "WithConditions",
        "Node": "Node",
        "PersistentVolume": "Plain",
        "PersistentVolumeClaim": "WithConditions",
        "Pod": "Pod",
        "PodTemplate": "PodTemplate",
        "ReplicationController": "Workload",
        "ResourceQuota": "Plain",
        "Secret": "Plain",
        "Service": "Service",
        "ServiceAccount": "ServiceAccount",
    },
    "apps/v1": {
        "ControllerRevision": "Plain",
        "DaemonSet": "Workload",
        "Deployment": "Workload",
        "ReplicaSet": "Workload",
        "StatefulSet": "Workload",
    },
    "batch/v1": {"CronJob": "CronJob", "Job": "Workload"},
    # No API server merges these strategically, but Velero's server does.
    "snapshot.storage.k8s.io/v1": dict.fromkeys(
        ("VolumeSnapshot", "VolumeSnapshotClass", "VolumeSnapshotContent"), "Plain"
    ),
    "groupsnapshot.storage.k8s.io/v1beta2": dict.fromkeys(
        ("VolumeGroupSnapshot", "VolumeGroupSnapshotClass", "VolumeGroupSnapshotContent"), "Plain"
    ),
    "velero.io/v1": dict.fromkeys(
        (
            "Backup",
            "BackupRepository",
            "BackupStorageLocation",
            "DeleteBackupRequest",
            "DownloadRequest",
            "PodVolumeBackup",
            "PodVolumeRestore",
            "Restore",
            "Schedule",
            "ServerStatusRequest",
            "VolumeSnapshotLocation",
        ),
        "Plain",
    ),
    "velero.io/v2alpha1": dict.fromkeys(("DataDownload", "DataUpload"), "Plain"),
}


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one field is merged. ``merges`` and ``key`` are about lists; ``type_name`` is the type
    of the map or of the list's elements, empty where nothing special is known of it."""

    type_name: str = ""
    merges: bool = False
    key: str = ""


_UNKNOWN = FieldRule()


def type_of_kind(api_version: str, kind: str) -> str:
    """Returns the type of a kind for ``field_rule``; empty when the kind is not known here."""
    return _KINDS.get(api_version, {}).get(kind, "")


def field_rule(type_name: str, field: str) -> FieldRule:
    """Returns how ``field`` of a type is merged."""
    return _RULES.get(type_name, {}).get(field, _UNKNOWN)


def _parsed(text: str) -> dict[str, FieldRule]:
    rules = {}
    for entry in text.split():
        field, _equals, told = entry.partition("=")
        element, plus, key = told.partition("+")
        rules[field] = FieldRule(element.strip("[]"), bool(plus), key)
    return rules


_RULES = {name: _parsed(text) for name, text in _TYPES.items()}
