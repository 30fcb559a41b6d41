"""Which fields the API knows, by type: needed to tell a field that is unknown from one that an
action took away.

The types are those of the Kubernetes client; what it lacks or leaves open is added here.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from kubernetes.client import models

# A type is the client's text: V1Pod, List[V1Volume], Dict[str, str], str, int, datetime, object.
KINDS = {
    "ClusterRoleBinding": "V1ClusterRoleBinding",
    "ConfigMap": "V1ConfigMap",
    "CustomResourceDefinition": "V1CustomResourceDefinition",
    "DataDownload": "DataDownload",
    "Job": "V1Job",
    "PersistentVolumeClaim": "V1PersistentVolumeClaim",
    "Pod": "V1Pod",
    "RoleBinding": "V1RoleBinding",
    "Secret": "V1Secret",
    "Service": "V1Service",
    "ServiceAccount": "V1ServiceAccount",
    "StatefulSet": "V1StatefulSet",
    "VolumeGroupSnapshotContent": "VolumeGroupSnapshotContent",
    "VolumeSnapshot": "VolumeSnapshot",
    "VolumeSnapshotContent": "VolumeSnapshotContent",
}
_OBJECT = {"apiVersion": "str", "kind": "str", "metadata": "V1ObjectMeta"}
_OWN_TYPES: dict[str, dict[str, str]] = {
    "VolumeSnapshot": {**_OBJECT, "spec": "VolumeSnapshotSpec", "status": "object"},
    "VolumeSnapshotSpec": {"source": "VolumeSnapshotSource", "volumeSnapshotClassName": "str"},
    "VolumeSnapshotSource": {
        "persistentVolumeClaimName": "str",
        "volumeSnapshotContentName": "str",
    },
    "VolumeSnapshotContent": {**_OBJECT, "spec": "VolumeSnapshotContentSpec", "status": "object"},
    "VolumeSnapshotContentSpec": {
        "deletionPolicy": "str",
        "driver": "str",
        "source": "VolumeSnapshotContentSource",
        "sourceVolumeMode": "str",
        "volumeSnapshotClassName": "str",
        "volumeSnapshotRef": "V1ObjectReference",
    },
    "VolumeSnapshotContentSource": {"snapshotHandle": "str", "volumeHandle": "str"},
    "VolumeGroupSnapshotContent": {**_OBJECT, "spec": "object", "status": "object"},
    "DataDownload": {**_OBJECT, "spec": "object", "status": "object"},
}
# Untyped in the client, typed in Go.
_OVERRIDES = {
    ("V1JSONSchemaProps", "items"): "V1JSONSchemaProps",
    ("V1JSONSchemaProps", "additionalItems"): "V1JSONSchemaProps",
    ("V1JSONSchemaProps", "additionalProperties"): "V1JSONSchemaProps",
}


@cache
def fields_of(type_name: str) -> dict[str, str] | None:
    """The fields of a struct with their types; None when the type is no struct."""
    if type_name in _OWN_TYPES:
        return _OWN_TYPES[type_name]
    model: Any = getattr(models, type_name, None)
    if model is None:
        return None
    return {
        model.attribute_map[attribute]: _OVERRIDES.get(
            (type_name, model.attribute_map[attribute]), kind
        )
        for attribute, kind in model.openapi_types.items()
    }


def inner_type(type_name: str) -> str:
    """The type of the elements of a list or of the values of a map; object when open."""
    if type_name.startswith("List["):
        return type_name[len("List[") : -1]
    if type_name.startswith("Dict["):
        return type_name.partition(", ")[2][:-1]
    return "object"


def type_of_object(body: Any) -> str:
    return KINDS.get(body.get("kind", ""), "object") if isinstance(body, dict) else "object"
