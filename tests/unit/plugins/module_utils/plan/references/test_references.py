# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every kind of reference, on manifests as a backup holds them."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.plan.backup_index import BackupIndex
from ansible_collections.velero.core.plugins.module_utils.plan.references.contract import (
    ItemId,
    Subject,
)
from ansible_collections.velero.core.plugins.module_utils.plan.references.registry import (
    FAMILIES,
    definition_of,
    names_others,
    references_of,
)
from tests.support.builders import (
    SERVED,
    MemoryCatalog,
    api_of,
    crd,
    examples,
    obj,
    resource,
)

NETWORKING = "networking.k8s.io"
RBAC = "rbac.authorization.k8s.io"
SNAPSHOTS = resource("volumesnapshots.snapshot.storage.k8s.io", "VolumeSnapshot")
STATEFUL = resource("statefulsets.apps", "StatefulSet")
BUCKETS = resource("buckets.x.io", "Bucket")
PARAMETERS = resource("parameters.x.io", "Parameters", namespaced=False)

CATALOG = MemoryCatalog(
    [
        crd("buckets", "x.io", "Bucket"),
        *(
            obj("PersistentVolumeClaim", name, "shop")
            for name in ("data-db-0", "data-db-1", "data-db-10", "data-db-x", "data-other-0")
        ),
        obj("PersistentVolumeClaim", "data-db-2", "bank"),
    ]
)
INDEX = BackupIndex(CATALOG, {}, api_of(*SERVED, SNAPSHOTS, STATEFUL, BUCKETS, PARAMETERS))

POD = """
serviceAccountName: web
priorityClassName: high
runtimeClassName: gvisor
imagePullSecrets: [{name: regcred}]
resourceClaims:
  - {name: gpu, resourceClaimName: shared}
  - {name: own, resourceClaimTemplateName: tmpl}
initContainers:
  - name: init
    envFrom: [{configMapRef: {name: from-cm}}, {secretRef: {name: from-secret}}]
containers:
  - name: app
    env:
      - {name: A, value: plain}
      - {name: B, valueFrom: {configMapKeyRef: {name: key-cm, key: k}}}
      - {name: C, valueFrom: {secretKeyRef: {name: key-secret, key: k, optional: true}}}
      - {name: D, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
volumes:
  - {name: cfg, configMap: {name: vol-cm}}
  - {name: maybe, configMap: {name: maybe-cm, optional: true}}
  - {name: sec, secret: {secretName: vol-secret}}
  - {name: data, persistentVolumeClaim: {claimName: data}}
  - {name: scratch, ephemeral: {volumeClaimTemplate: {spec: {storageClassName: fast}}}}
  - {name: empty, emptyDir: {}}
  - name: all
    projected:
      sources:
        - configMap: {name: proj-cm}
        - secret: {name: proj-secret}
        - configMap: {name: kube-root-ca.crt}
        - serviceAccountToken: {path: token}
  - {name: csi, csi: {driver: d, nodePublishSecretRef: {name: csi-secret}}}
  - {name: nfs, azureFile: {secretName: azure-secret, shareName: s}}
  - {name: rbd, rbd: {secretRef: {name: rbd-secret}}}
  - {name: flex, flexVolume: {secretRef: {name: flex-secret}}}
"""

POD_NEEDS = {
    "configmaps/shop/from-cm initContainers[init].envFrom",
    "secrets/shop/from-secret initContainers[init].envFrom",
    "configmaps/shop/key-cm containers[app].env[B]",
    "secrets/shop/key-secret containers[app].env[C] ?",
    "configmaps/shop/vol-cm volumes[cfg].configMap",
    "configmaps/shop/maybe-cm volumes[maybe].configMap ?",
    "secrets/shop/vol-secret volumes[sec].secret",
    "persistentvolumeclaims/shop/data volumes[data]",
    "storageclasses.storage.k8s.io//fast volumes[scratch].ephemeral",
    "configmaps/shop/proj-cm volumes[all].projected",
    "secrets/shop/proj-secret volumes[all].projected",
    "secrets/shop/csi-secret volumes[csi].csi",
    "secrets/shop/azure-secret volumes[nfs].azureFile",
    "secrets/shop/rbd-secret volumes[rbd].rbd",
    "secrets/shop/flex-secret volumes[flex].flexVolume",
    "secrets/shop/regcred imagePullSecrets",
    "serviceaccounts/shop/web serviceAccountName",
    "priorityclasses.scheduling.k8s.io//high priorityClassName",
    "runtimeclasses.node.k8s.io//gvisor runtimeClassName",
    "resourceclaims.resource.k8s.io/shop/shared resourceClaims[gpu]",
    "resourceclaimtemplates.resource.k8s.io/shop/tmpl resourceClaims[own]",
}


def found(gr: str, namespace: str, name: str, manifest: str | dict[str, Any]) -> set[str]:
    """``<gr>/<namespace>/<name> <field>``, with a question mark where it is optional."""
    content = yaml.safe_load(manifest) if isinstance(manifest, str) else manifest
    subject = Subject(ItemId(gr, namespace, name), content)
    return {
        f"{'/'.join(one.target)} {one.field}{' ?' if one.optional else ''}"
        for one in references_of(subject, INDEX)
    }


def nested(path: str, content: dict[str, Any]) -> dict[str, Any]:
    for key in reversed(path.split(".")):
        content = {key: content}
    return content


@pytest.mark.parametrize(
    ("gr", "path"),
    [
        ("pods", "spec"),
        ("podtemplates", "template.spec"),
        ("replicationcontrollers", "spec.template.spec"),
        ("deployments.apps", "spec.template.spec"),
        ("statefulsets.apps", "spec.template.spec"),
        ("daemonsets.apps", "spec.template.spec"),
        ("replicasets.apps", "spec.template.spec"),
        ("jobs.batch", "spec.template.spec"),
        ("cronjobs.batch", "spec.jobTemplate.spec.template.spec"),
    ],
)
def test_pod_specs(gr: str, path: str) -> None:
    wanted = {
        " ".join((one.split()[0], f"{path}.{one.split()[1]}", *one.split()[2:]))
        for one in POD_NEEDS
    }
    assert found(gr, "shop", "web", nested(path, yaml.safe_load(POD))) == wanted


@pytest.mark.parametrize(
    ("spec", "needs"),
    [
        ({"containers": []}, {"serviceaccounts/shop/default spec.serviceAccountName ?"}),
        (
            {"serviceAccountName": "default"},
            {"serviceaccounts/shop/default spec.serviceAccountName ?"},
        ),
        ({"serviceAccount": "old"}, {"serviceaccounts/shop/old spec.serviceAccountName"}),
        (
            {"serviceAccountName": "a", "priorityClassName": "system-node-critical"},
            {"serviceaccounts/shop/a spec.serviceAccountName"},
        ),
    ],
    ids=["no-account", "default-account", "old-field", "class-of-the-cluster"],
)
def test_what_the_cluster_makes_by_itself(spec: dict[str, Any], needs: set[str]) -> None:
    assert found("pods", "shop", "p", {"spec": spec}) == needs


CASES: dict[str, tuple[str, str, str, set[str]]] = {
    "claim": (
        "persistentvolumeclaims",
        "shop",
        """
        metadata: {name: data}
        spec:
          storageClassName: fast
          volumeAttributesClassName: gold
          volumeName: pv-1
          dataSourceRef: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: snap}
        """,
        {
            "storageclasses.storage.k8s.io//fast spec.storageClassName",
            "volumeattributesclasses.storage.k8s.io//gold spec.volumeAttributesClassName",
            "persistentvolumes//pv-1 spec.volumeName ?",
            "volumesnapshots.snapshot.storage.k8s.io/shop/snap spec.dataSource ?",
        },
    ),
    "claim-copied": (
        "persistentvolumeclaims",
        "shop",
        "{spec: {storageClassName: '', dataSource: {kind: PersistentVolumeClaim, name: old}}}",
        {"persistentvolumeclaims/shop/old spec.dataSource ?"},
    ),
    "claim-with-old-class": (
        "persistentvolumeclaims",
        "shop",
        "{metadata: {annotations: {volume.beta.kubernetes.io/storage-class: slow}}, spec: {}}",
        {"storageclasses.storage.k8s.io//slow spec.storageClassName"},
    ),
    "volume": (
        "persistentvolumes",
        "",
        """
        spec:
          storageClassName: fast
          claimRef: {namespace: shop, name: data}
          csi:
            driver: d
            nodeStageSecretRef: {name: stage, namespace: csi}
            controllerExpandSecretRef: {name: expand, namespace: csi}
        """,
        {
            "storageclasses.storage.k8s.io//fast spec.storageClassName",
            "secrets/csi/stage spec.csi.nodeStageSecretRef",
            "secrets/csi/expand spec.csi.controllerExpandSecretRef",
        },
    ),
    "stateful-set": (
        "statefulsets.apps",
        "shop",
        """
        spec:
          serviceName: db-headless
          template: {spec: {serviceAccountName: db}}
          volumeClaimTemplates:
            - {metadata: {name: data}, spec: {storageClassName: fast}}
            - {metadata: {name: logs}, spec: {}}
        """,
        {
            "services/shop/db-headless spec.serviceName",
            "serviceaccounts/shop/db spec.template.spec.serviceAccountName",
            "storageclasses.storage.k8s.io//fast spec.volumeClaimTemplates[data].storageClassName",
            "persistentvolumeclaims/shop/data-db-0 spec.volumeClaimTemplates[data] ?",
            "persistentvolumeclaims/shop/data-db-1 spec.volumeClaimTemplates[data] ?",
            "persistentvolumeclaims/shop/data-db-10 spec.volumeClaimTemplates[data] ?",
        },
    ),
    "ingress": (
        f"ingresses.{NETWORKING}",
        "shop",
        """
        spec:
          ingressClassName: nginx
          defaultBackend: {service: {name: fallback, port: {number: 80}}}
          tls: [{hosts: [a], secretName: shop-tls}, {hosts: [b]}]
          rules:
            - host: a
              http:
                paths:
                  - {path: /, backend: {service: {name: web, port: {number: 80}}}}
                  - {path: /f, backend: {resource: {apiGroup: x.io, kind: Bucket, name: files}}}
            - host: b
        """,
        {
            f"ingressclasses.{NETWORKING}//nginx spec.ingressClassName",
            "services/shop/fallback spec.defaultBackend",
            "secrets/shop/shop-tls spec.tls",
            "services/shop/web spec.rules",
            "buckets.x.io/shop/files spec.rules",
        },
    ),
    "old-ingress": (
        "ingresses.extensions",
        "shop",
        """
        spec:
          backend: {serviceName: a}
          rules: [{http: {paths: [{backend: {serviceName: b}}]}}]
        """,
        {"services/shop/a spec.backend", "services/shop/b spec.rules"},
    ),
    "ingress-class": (
        f"ingressclasses.{NETWORKING}",
        "",
        "{spec: {parameters: {apiGroup: x.io, kind: Parameters, name: p, scope: Cluster}}}",
        {"parameters.x.io//p spec.parameters"},
    ),
    "ingress-class-with-namespace": (
        f"ingressclasses.{NETWORKING}",
        "",
        """
        spec:
          parameters: {apiGroup: x.io, kind: Bucket, name: p, scope: Namespace, namespace: n}
        """,
        {"buckets.x.io/n/p spec.parameters"},
    ),
    "role-binding": (
        f"rolebindings.{RBAC}",
        "shop",
        """
        roleRef: {kind: Role, name: reader}
        subjects:
          - {kind: ServiceAccount, name: web}
          - {kind: ServiceAccount, name: other, namespace: bank}
          - {kind: User, name: jane}
        """,
        {
            f"roles.{RBAC}/shop/reader roleRef",
            "serviceaccounts/shop/web subjects",
            "serviceaccounts/bank/other subjects",
        },
    ),
    "cluster-role-binding": (
        f"clusterrolebindings.{RBAC}",
        "",
        """
        roleRef: {kind: ClusterRole, name: viewer}
        subjects:
          - {kind: ServiceAccount, name: web, namespace: shop}
          - {kind: ServiceAccount, name: default, namespace: shop}
          - {kind: Group, name: all}
        """,
        {
            f"clusterroles.{RBAC}//viewer roleRef",
            "serviceaccounts/shop/web subjects",
            "serviceaccounts/shop/default subjects ?",
        },
    ),
    "service-account": (
        "serviceaccounts",
        "shop",
        "{secrets: [{name: token}], imagePullSecrets: [{name: regcred}]}",
        {"secrets/shop/token secrets", "secrets/shop/regcred imagePullSecrets"},
    ),
    "api-service": (
        "apiservices.apiregistration.k8s.io",
        "",
        "{spec: {service: {name: metrics, namespace: kube-system}}}",
        {"services/kube-system/metrics spec.service"},
    ),
    "local-api-service": (
        "apiservices.apiregistration.k8s.io",
        "",
        "{spec: {service: null}}",
        set(),
    ),
    **{
        kind: (
            f"{kind}webhookconfigurations.admissionregistration.k8s.io",
            "",
            """
            webhooks:
              - {name: a.x.io, clientConfig: {service: {name: hook, namespace: ops}}}
              - {name: b.x.io, clientConfig: {url: "https://example.com"}}
            """,
            {"services/ops/hook webhooks[a.x.io].clientConfig"},
        )
        for kind in ("validating", "mutating")
    },
    "definition": (
        "customresourcedefinitions.apiextensions.k8s.io",
        "",
        "{spec: {conversion: {webhook: {clientConfig: {service: {name: c, namespace: ops}}}}}}",
        {"services/ops/c spec.conversion"},
    ),
    "old-definition": (
        "customresourcedefinitions.apiextensions.k8s.io",
        "",
        "{spec: {conversion: {webhookClientConfig: {service: {name: c, namespace: ops}}}}}",
        {"services/ops/c spec.conversion"},
    ),
    "autoscaler": (
        "horizontalpodautoscalers.autoscaling",
        "shop",
        "{spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}}",
        {"deployments.apps/shop/web spec.scaleTargetRef"},
    ),
    "autoscaler-of-another-version": (
        "horizontalpodautoscalers.autoscaling",
        "shop",
        "{spec: {scaleTargetRef: {apiVersion: apps/v1beta2, kind: Deployment, name: web}}}",
        {"deployments.apps/shop/web spec.scaleTargetRef"},
    ),
    "autoscaler-of-nothing-known": (
        "horizontalpodautoscalers.autoscaling",
        "shop",
        "{spec: {scaleTargetRef: {apiVersion: y.io/v1, kind: Robot, name: web}}}",
        set(),
    ),
    "vertical-autoscaler": (
        "verticalpodautoscalers.autoscaling.k8s.io",
        "shop",
        "{spec: {targetRef: {apiVersion: apps/v1, kind: StatefulSet, name: db}}}",
        {"statefulsets.apps/shop/db spec.targetRef"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_references(case: str) -> None:
    gr, namespace, manifest, needs = CASES[case]
    assert found(gr, namespace, "db", manifest) == needs


def test_every_finder_has_a_case() -> None:
    pods = {gr for gr in FAMILIES[0] if gr != "statefulsets.apps"}
    assert {gr for family in FAMILIES for gr in family} - pods <= {
        case[0] for case in CASES.values()
    }


def test_custom_resources_need_their_definition() -> None:
    wanted = ItemId("customresourcedefinitions.apiextensions.k8s.io", "", "buckets.x.io")
    assert definition_of("buckets.x.io", INDEX) == wanted
    assert definition_of("parameters.x.io", INDEX) is None
    assert definition_of("configmaps", INDEX) is None
    assert not names_others("buckets.x.io")


def test_nothing_refers_to_itself() -> None:
    spec = {"dataSource": {"kind": "PersistentVolumeClaim", "name": "data"}}
    assert found("persistentvolumeclaims", "shop", "data", {"spec": spec}) == set()


KEYS = sorted(
    set(
        re.findall(
            r"\w+",
            "spec template metadata name namespace volumes containers env envFrom valueFrom secret "
            "rules configMapKeyRef projected sources tls http paths backend service roleRef kind "
            "subjects webhooks clientConfig conversion scaleTargetRef apiVersion dataSource csi "
            "volumeClaimTemplates imagePullSecrets secrets annotations parameters jobTemplate",
        )
    )
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "x", "Role"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=20,
)


@examples()
@given(
    st.sampled_from(sorted({gr for family in FAMILIES for gr in family})),
    st.dictionaries(st.sampled_from(KEYS), JSON),
)
def test_malformed_objects_name_nothing_and_do_no_harm(gr: str, manifest: dict[str, Any]) -> None:
    for reference in references_of(Subject(ItemId(gr, "shop", "x"), manifest), INDEX):
        assert reference.target.name and reference.target.gr
