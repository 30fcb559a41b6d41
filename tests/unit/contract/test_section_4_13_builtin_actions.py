# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference section 4.13: each built-in action once in a whole restore.

What each of them does in detail is in tests/unit/.../actions and tests/conformance/item_actions.
"""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)
from ansible_collections.velero.core.plugins.module_utils.actions.registry import builtin_actions
from tests.support.builders import SERVED, Manifest, api_of, config_map, crd, obj, resource
from tests.support.contract import Seen, both_modes, restore
from tests.support.fake_cluster import FakeCluster, obj_namespace

WEBHOOKS = resource(
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "MutatingWebhookConfiguration",
)
API_SERVICES = resource("apiservices.apiregistration.k8s.io", "APIService")
CLASSES = resource("storageclasses.storage.k8s.io", "StorageClass")
ROLE_BINDINGS = resource("rolebindings.rbac.authorization.k8s.io", "RoleBinding")
CLUSTER_BINDINGS = resource("clusterrolebindings.rbac.authorization.k8s.io", "ClusterRoleBinding")
POD_BACKUPS = resource("podvolumebackups.velero.io", "PodVolumeBackup")
RBAC = "rbac.authorization.k8s.io/v1"
MAPPED = {"shop": "near"}
CONTAINER = {"name": "a", "image": "old/app:1"}


def acted(*items: Manifest, mode: str, existing: Any = (), **options: Any) -> Seen:
    """A restore with Velero's own actions."""
    namespaced = [ROLE_BINDINGS, POD_BACKUPS]
    cluster_wide = [
        type(one)(**{**{n: getattr(one, n) for n in one.__dataclass_fields__}, "namespaced": False})
        for one in (WEBHOOKS, API_SERVICES, CLASSES, CLUSTER_BINDINGS)
    ]
    cluster = FakeCluster(obj_namespace("shop"), api=api_of(*SERVED, *namespaced, *cluster_wide))
    return restore(items, mode=mode, cluster=cluster, existing=existing, **options)


def made(seen: Seen, kind: str) -> Manifest:
    (body,) = [body for body in seen.bodies("create") if body["kind"] == kind]
    assert isinstance(body, dict)
    return body


def plugin_config(name: str, **data: str) -> Manifest:
    labels = {"velero.io/plugin-config": "", f"velero.io/{name}": "RestoreItemAction"}
    return obj("ConfigMap", name, "velero", labels=labels, data=data)


def test_4_13_the_order_of_the_actions() -> None:
    actions = builtin_actions(ActionEnvironment(cluster=FakeCluster()))
    names = [action.name.removeprefix("velero.io/") for action in actions]
    assert names == [
        *("add-pvc-from-pod", "admission-webhook-configuration", "apiservice"),
        *("change-image-name", "change-storage-class", "cluster-role-bindings"),
        *("crd-preserve-fields", "dataupload", "init-restore-hook", "job", "pod"),
        *("pod-volume-restore", "pvc", "role-bindings", "secret", "service", "service-account"),
        *("csi-pvc-restorer", "csi-volumesnapshot-restorer"),
        *("csi-volumesnapshotclass-restorer", "csi-volumesnapshotcontent-restorer"),
    ]


@both_modes
def test_4_13_row_01_claims_of_a_pod_come_with_it(mode: str) -> None:
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]
    pod = obj("Pod", "p", "shop", spec={"containers": [CONTAINER], "volumes": volumes})
    claim = obj("PersistentVolumeClaim", "data", "shop", spec={})
    seen = acted(
        {**pod, "metadata": {**pod["metadata"], "labels": {"a": "b"}}},
        claim,
        mode=mode,
        label_selector={"matchLabels": {"a": "b"}},
    )
    assert seen.writes[0] == "create persistentvolumeclaims/shop/data"
    assert "create pods/shop/p" in seen.writes


@both_modes
def test_4_13_row_02_side_effects_of_webhooks(mode: str) -> None:
    item = obj(
        "MutatingWebhookConfiguration",
        "m",
        api="admissionregistration.k8s.io/v1",
        webhooks=[{"sideEffects": "Some"}],
    )
    assert made(acted(item, mode=mode), item["kind"])["webhooks"] == [{"sideEffects": "None"}]


@both_modes
def test_4_13_row_03_automanaged_api_services(mode: str) -> None:
    labels = {"kube-aggregator.kubernetes.io/automanaged": "true"}
    item = obj("APIService", "v1.", api="apiregistration.k8s.io/v1", labels=labels)
    seen = acted(item, mode=mode)
    assert list(seen.fates.values()) == [("skipped", "discarded_by_action")]
    assert not seen.writes


@both_modes
def test_4_13_row_04_image_names(mode: str) -> None:
    template = {"spec": {"containers": [CONTAINER]}}
    item = obj("Deployment", "d", "shop", api="apps/v1", spec={"template": template})
    config = plugin_config("change-image-name", rule="old,new")
    seen = acted(item, mode=mode, existing=[config])
    (container,) = made(seen, "Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "new/app:1"


@both_modes
@pytest.mark.parametrize("there", [True, False])
def test_4_13_row_05_storage_classes(mode: str, there: bool) -> None:
    item = obj("PersistentVolumeClaim", "c", "shop", spec={"storageClassName": "slow"})
    config = plugin_config("change-storage-class", slow="fast")
    classes = [obj("StorageClass", "fast", api="storage.k8s.io/v1")] if there else []
    seen = acted(item, mode=mode, existing=[config, *classes])
    assert bool(seen.errors) is not there
    if there:
        assert made(seen, item["kind"])["spec"]["storageClassName"] == "fast"


@both_modes
def test_4_13_row_06_subjects_of_cluster_role_bindings(mode: str) -> None:
    subjects = [{"kind": "ServiceAccount", "name": "s", "namespace": "shop"}]
    item = obj("ClusterRoleBinding", "b", api=RBAC, subjects=subjects)
    seen = acted(item, mode=mode, namespace_mapping=MAPPED)
    assert made(seen, item["kind"])["subjects"][0]["namespace"] == "near"


@both_modes
def test_4_13_row_07_preserved_unknown_fields(mode: str) -> None:
    item = crd()
    item["spec"]["preserveUnknownFields"] = True
    item["spec"]["versions"][0]["schema"] = {"openAPIV3Schema": {"type": "object"}}
    spec = made(acted(item, mode=mode), item["kind"])["spec"]
    assert not spec.get("preserveUnknownFields")
    schema = spec["versions"][0]["schema"]["openAPIV3Schema"]
    assert schema["x-kubernetes-preserve-unknown-fields"] is True


@both_modes
def test_4_13_row_08_data_uploads_become_config_maps(mode: str) -> None:
    item = obj(
        "DataUpload",
        "u",
        "velero",
        api="velero.io/v2alpha1",
        spec={"sourceNamespace": "shop", "sourcePVC": "data"},
        status={"snapshotID": "s"},
    )
    seen = acted(item, mode=mode)
    assert seen.fates["velero.io/v2alpha1/DataUpload/velero/u"] == (
        "skipped",
        "discarded_by_action",
    )
    (call,) = [
        call
        for call in seen.cluster.calls
        if call.verb == "create" and call.gr == "configmaps" and call.namespace == "velero"
    ]
    assert call.body["metadata"]["labels"]["velero.io/resource-usage"] == "DataUpload"
    assert call.body["metadata"]["labels"]["velero.io/pvc-namespace-name"] == "shop.data"


@both_modes
def test_4_13_row_09_init_hooks(mode: str) -> None:
    annotations = {
        "init.hook.restore.velero.io/container-image": "tools",
        "init.hook.restore.velero.io/container-name": "hook",
        "init.hook.restore.velero.io/command": '["/bin/true"]',
    }
    item = obj("Pod", "p", "shop", annotations=annotations, spec={"containers": [CONTAINER]})
    (container,) = made(acted(item, mode=mode), "Pod")["spec"]["initContainers"]
    assert (container["name"], container["image"]) == ("hook", "tools")


@both_modes
def test_4_13_row_10_labels_of_jobs(mode: str) -> None:
    labels = {"controller-uid": "u", "batch.kubernetes.io/controller-uid": "u", "a": "b"}
    item = obj(
        "Job",
        "j",
        "shop",
        api="batch/v1",
        spec={
            "selector": {"matchLabels": dict(labels)},
            "template": {"metadata": {"labels": dict(labels)}, "spec": {"containers": []}},
        },
    )
    spec = made(acted(item, mode=mode), "Job")["spec"]
    assert spec["selector"]["matchLabels"] == {"a": "b"}
    assert spec["template"]["metadata"]["labels"] == {"a": "b"}


@both_modes
def test_4_13_row_11_what_pods_leave_behind(mode: str) -> None:
    spec = {
        "nodeName": "n",
        "priority": 7,
        "serviceAccountName": "sa",
        "volumes": [{"name": "sa-token-x"}, {"name": "v"}],
        "containers": [{**CONTAINER, "volumeMounts": [{"name": "sa-token-x"}, {"name": "v"}]}],
    }
    body = made(acted(obj("Pod", "p", "shop", spec=spec), mode=mode), "Pod")["spec"]
    assert not body.get("nodeName")
    assert "priority" not in body
    assert [one["name"] for one in body["volumes"]] == ["v"]
    assert [one["name"] for one in body["containers"][0]["volumeMounts"]] == ["v"]


@both_modes
def test_4_13_row_12_old_wait_containers_go(mode: str) -> None:
    old = [{"name": "restic-wait", "image": "i"}, {"name": "restore-wait", "image": "i"}]
    spec = {"containers": [CONTAINER], "initContainers": [*old, {"name": "own", "image": "i"}]}
    body = made(acted(obj("Pod", "p", "shop", spec=spec), mode=mode), "Pod")["spec"]
    assert [one["name"] for one in body["initContainers"]] == ["own"]


@both_modes
def test_4_13_row_13_annotations_of_claims(mode: str) -> None:
    annotations = {
        "pv.kubernetes.io/bind-completed": "yes",
        "volume.kubernetes.io/storage-provisioner": "p",
        "volume.beta.kubernetes.io/storage-provisioner": "p",
        "volume.kubernetes.io/selected-node": "n",
        "own": "stays",
    }
    item = obj("PersistentVolumeClaim", "c", "shop", annotations=annotations, spec={})
    body = made(acted(item, mode=mode), item["kind"])
    assert body["metadata"]["annotations"] == {"own": "stays"}


@both_modes
def test_4_13_row_14_subjects_of_role_bindings(mode: str) -> None:
    subjects = [{"kind": "ServiceAccount", "name": "s", "namespace": "shop"}]
    item = obj("RoleBinding", "b", "shop", api=RBAC, subjects=subjects)
    seen = acted(item, mode=mode, namespace_mapping=MAPPED)
    assert made(seen, "RoleBinding")["subjects"][0]["namespace"] == "near"


@both_modes
def test_4_13_row_15_tokens(mode: str) -> None:
    item = obj(
        "Secret",
        "robot-token-x",
        "shop",
        type="kubernetes.io/service-account-token",
        annotations={
            "kubernetes.io/service-account.name": "other",
            "kubernetes.io/service-account.uid": "u",
        },
        data={"token": "dA==", "ca.crt": "Yw==", "own": "eA=="},
    )
    body = made(acted(item, mode=mode), "Secret")
    assert body["data"] == {"own": "eA=="}
    assert body["metadata"]["annotations"] == {"kubernetes.io/service-account.name": "other"}


@both_modes
@pytest.mark.parametrize(("preserve", "port"), [(None, None), (True, 30001)])
def test_4_13_row_16_addresses_and_ports_of_services(mode: str, preserve: Any, port: Any) -> None:
    spec = {"clusterIP": "10.0.0.7", "ports": [{"port": 80, "nodePort": 30001}]}
    item = obj("Service", "s", "shop", spec=spec)
    body = made(acted(item, mode=mode, preserve_node_ports=preserve), "Service")["spec"]
    assert not body.get("clusterIP")
    assert body["ports"][0].get("nodePort") == port


@both_modes
def test_4_13_row_17_tokens_of_service_accounts(mode: str) -> None:
    secrets = [{"name": "own"}, {"name": "sa-token-x"}]
    item = obj("ServiceAccount", "sa", "shop", secrets=secrets)
    assert made(acted(item, mode=mode), "ServiceAccount")["secrets"] == [{"name": "own"}]


def test_4_13_the_last_four_need_the_feature() -> None:
    """Rows 18 to 21: what they do is in the tests of the actions themselves."""
    snapshot = obj("VolumeSnapshot", "s", "shop", api="snapshot.storage.k8s.io/v1")
    seen = acted(snapshot, config_map(), mode="safe")
    assert any(
        text.startswith("Skip action velero.io/csi-volumesnapshot-restorer for resource")
        for text in seen.log
    )
