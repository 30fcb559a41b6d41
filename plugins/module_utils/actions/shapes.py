# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shapes of the kinds that built-in actions decode, in Go's order of fields."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.actions.typed import (
    ANY,
    BOOL,
    BYTES,
    INT32,
    INT64,
    QUANTITY,
    STRING,
    ListOf,
    MapOf,
    Shape,
    Struct,
    Text,
)

_TEXTS = ListOf(STRING)
_TEXT_MAP = MapOf(STRING)
_OPEN = Struct({})
_OPENS = ListOf(_OPEN)
_NAMED = Struct({"name": STRING})

METADATA = Struct(
    {
        "name": STRING,
        "generateName": STRING,
        "namespace": STRING,
        "uid": Text("types.UID"),
        "resourceVersion": STRING,
        "generation": INT64,
        "deletionGracePeriodSeconds": INT64,
        "labels": _TEXT_MAP,
        "annotations": _TEXT_MAP,
        "ownerReferences": _OPENS,
        "finalizers": _TEXTS,
        "managedFields": _OPENS,
    }
)
_HEAD: dict[str, Shape] = {"kind": STRING, "apiVersion": STRING, "metadata": METADATA}
_QUANTITIES = MapOf(QUANTITY)
_RESOURCES = Struct({"limits": _QUANTITIES, "requests": _QUANTITIES, "claims": _OPENS})
_SELECTOR = Struct(
    {
        "matchLabels": _TEXT_MAP,
        "matchExpressions": ListOf(Struct({"key": STRING, "operator": STRING, "values": _TEXTS})),
    }
)

_PORT = Struct(
    {
        "name": STRING,
        "hostPort": INT32,
        "containerPort": INT32,
        "protocol": Text("v1.Protocol"),
        "hostIP": STRING,
    }
)
_MOUNT = Struct(
    {
        "name": STRING,
        "readOnly": BOOL,
        "recursiveReadOnly": STRING,
        "mountPath": STRING,
        "subPath": STRING,
        "mountPropagation": STRING,
        "subPathExpr": STRING,
    }
)
CONTAINER = Struct(
    {
        "name": STRING,
        "image": STRING,
        "command": _TEXTS,
        "args": _TEXTS,
        "workingDir": STRING,
        "ports": ListOf(_PORT),
        "envFrom": _OPENS,
        "env": ListOf(Struct({"name": STRING, "value": STRING, "valueFrom": _OPEN})),
        "resources": _RESOURCES,
        "resizePolicy": _OPENS,
        "restartPolicy": STRING,
        "restartPolicyRules": _OPENS,
        "volumeMounts": ListOf(_MOUNT),
        "volumeDevices": _OPENS,
        "livenessProbe": _OPEN,
        "readinessProbe": _OPEN,
        "startupProbe": _OPEN,
        "lifecycle": _OPEN,
        "terminationMessagePath": STRING,
        "terminationMessagePolicy": STRING,
        "imagePullPolicy": Text("v1.PullPolicy"),
        "securityContext": _OPEN,
        "stdin": BOOL,
        "stdinOnce": BOOL,
        "tty": BOOL,
    }
)
_VOLUME = Struct(
    {
        "name": STRING,
        "hostPath": _OPEN,
        "emptyDir": _OPEN,
        "secret": _OPEN,
        "persistentVolumeClaim": Struct({"claimName": STRING, "readOnly": BOOL}),
        "configMap": _OPEN,
        "projected": Struct({"sources": _OPENS, "defaultMode": INT32}),
        "csi": _OPEN,
        "ephemeral": _OPEN,
    }
)
POD_SPEC = Struct(
    {
        "volumes": ListOf(_VOLUME),
        "initContainers": ListOf(CONTAINER),
        "containers": ListOf(CONTAINER),
        "ephemeralContainers": _OPENS,
        "restartPolicy": STRING,
        "terminationGracePeriodSeconds": INT64,
        "activeDeadlineSeconds": INT64,
        "dnsPolicy": STRING,
        "nodeSelector": _TEXT_MAP,
        "serviceAccountName": STRING,
        "serviceAccount": STRING,
        "automountServiceAccountToken": BOOL,
        "nodeName": STRING,
        "hostNetwork": BOOL,
        "hostPID": BOOL,
        "hostIPC": BOOL,
        "shareProcessNamespace": BOOL,
        "securityContext": _OPEN,
        "imagePullSecrets": ListOf(_NAMED),
        "hostname": STRING,
        "subdomain": STRING,
        "affinity": _OPEN,
        "schedulerName": STRING,
        "tolerations": _OPENS,
        "hostAliases": _OPENS,
        "priorityClassName": STRING,
        "priority": INT32,
        "dnsConfig": _OPEN,
        "readinessGates": _OPENS,
        "runtimeClassName": STRING,
        "enableServiceLinks": BOOL,
        "preemptionPolicy": STRING,
        "overhead": _QUANTITIES,
        "topologySpreadConstraints": _OPENS,
        "setHostnameAsFQDN": BOOL,
        "os": _OPEN,
        "hostUsers": BOOL,
        "schedulingGates": _OPENS,
        "resourceClaims": _OPENS,
        "resources": _RESOURCES,
        "hostnameOverride": STRING,
    }
)
_POD_TEMPLATE = Struct({"metadata": METADATA, "spec": POD_SPEC})

POD = Struct({**_HEAD, "spec": POD_SPEC})

JOB = Struct(
    {
        **_HEAD,
        "spec": Struct(
            {
                "parallelism": INT32,
                "completions": INT32,
                "activeDeadlineSeconds": INT64,
                "podFailurePolicy": _OPEN,
                "successPolicy": _OPEN,
                "backoffLimit": INT32,
                "backoffLimitPerIndex": INT32,
                "maxFailedIndexes": INT32,
                "selector": _SELECTOR,
                "manualSelector": BOOL,
                "template": _POD_TEMPLATE,
                "ttlSecondsAfterFinished": INT32,
                "completionMode": STRING,
                "suspend": BOOL,
                "podReplacementPolicy": STRING,
                "managedBy": STRING,
            }
        ),
    }
)

_REFERENCE = Struct({"apiGroup": STRING, "kind": STRING, "name": STRING})
_CLAIM_SPEC = Struct(
    {
        "accessModes": ListOf(Text("v1.PersistentVolumeAccessMode")),
        "selector": _SELECTOR,
        "resources": _RESOURCES,
        "volumeName": STRING,
        "storageClassName": STRING,
        "volumeMode": STRING,
        "dataSource": _REFERENCE,
        "dataSourceRef": _REFERENCE,
        "volumeAttributesClassName": STRING,
    }
)
CLAIM = Struct(
    {
        **_HEAD,
        "spec": _CLAIM_SPEC,
        "status": Struct(
            {
                "phase": Text("v1.PersistentVolumeClaimPhase"),
                "accessModes": ListOf(Text("v1.PersistentVolumeAccessMode")),
                "capacity": _QUANTITIES,
                "conditions": _OPENS,
            }
        ),
    }
)
STATEFUL_SET = Struct(
    {
        **_HEAD,
        "spec": Struct(
            {
                "replicas": INT32,
                "selector": _SELECTOR,
                "template": _POD_TEMPLATE,
                "volumeClaimTemplates": ListOf(CLAIM),
                "serviceName": STRING,
                "podManagementPolicy": STRING,
                "updateStrategy": _OPEN,
                "revisionHistoryLimit": INT32,
                "minReadySeconds": INT32,
                "persistentVolumeClaimRetentionPolicy": _OPEN,
                "ordinals": Struct({"start": INT32}),
            }
        ),
    }
)

ROLE_BINDING = Struct(
    {
        **_HEAD,
        "subjects": ListOf(
            Struct({"kind": STRING, "apiGroup": STRING, "name": STRING, "namespace": STRING})
        ),
        "roleRef": _REFERENCE,
    }
)

SECRET = Struct(
    {
        **_HEAD,
        "immutable": BOOL,
        "data": MapOf(BYTES),
        "stringData": _TEXT_MAP,
        "type": Text("v1.SecretType"),
    }
)

SERVICE_ACCOUNT = Struct(
    {
        **_HEAD,
        "secrets": ListOf(Struct({"kind": STRING, "namespace": STRING, "name": STRING})),
        "imagePullSecrets": ListOf(_NAMED),
        "automountServiceAccountToken": BOOL,
    }
)

SERVICE = Struct(
    {
        **_HEAD,
        "spec": Struct(
            {
                "ports": ListOf(
                    Struct(
                        {
                            "name": STRING,
                            "protocol": Text("v1.Protocol"),
                            "appProtocol": STRING,
                            "port": INT32,
                            "targetPort": ANY,
                            "nodePort": INT32,
                        }
                    )
                ),
                "selector": _TEXT_MAP,
                "clusterIP": STRING,
                "clusterIPs": _TEXTS,
                "type": Text("v1.ServiceType"),
                "externalIPs": _TEXTS,
                "sessionAffinity": STRING,
                "loadBalancerIP": STRING,
                "loadBalancerSourceRanges": _TEXTS,
                "externalName": STRING,
                "externalTrafficPolicy": STRING,
                "healthCheckNodePort": INT32,
                "publishNotReadyAddresses": BOOL,
                "sessionAffinityConfig": _OPEN,
                "ipFamilies": _TEXTS,
                "ipFamilyPolicy": STRING,
                "allocateLoadBalancerNodePorts": BOOL,
                "loadBalancerClass": STRING,
                "internalTrafficPolicy": STRING,
                "trafficDistribution": STRING,
            }
        ),
    }
)
