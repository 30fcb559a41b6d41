# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of a real API server."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.client import ApiCluster
from ansible_collections.velero.core.plugins.module_utils.cluster.config import connect
from ansible_collections.velero.core.plugins.module_utils.cluster.options import ConnectionOptions
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    AlreadyExistsError,
    ApiError,
    ConflictError,
    InvalidError,
    NotFoundError,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

NAMESPACES = ApiResource("", "v1", "namespaces", "Namespace", False)
MAPS = ApiResource("", "v1", "configmaps", "ConfigMap", True)
PODS = ApiResource("", "v1", "pods", "Pod", True)
DEPLOYMENTS = ApiResource("apps", "v1", "deployments", "Deployment", True)
ROLES = ApiResource("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", False)
CRDS = ApiResource(
    "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", False
)
WIDGETS = ApiResource("cluster.test", "v1", "widgets", "Widget", True)


@pytest.fixture(scope="module")
def used(shared_cluster):
    client = ApiCluster(
        connect(ConnectionOptions(kubeconfig=str(shared_cluster.kubeconfig())), {}), page_limit=7
    )
    yield client
    client.close()


@pytest.fixture
def space(used):
    name = f"cluster-{uuid.uuid4().hex[:8]}"
    used.create(NAMESPACES, "", {"metadata": {"name": name}})
    yield name
    used.delete(NAMESPACES, "", name)


@pytest.fixture(scope="module")
def widgets(used):
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "shortNames": ["wg"]}
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    versions = [
        {"name": name, "served": True, "storage": name == "v1",
         "schema": {"openAPIV3Schema": schema}, "subresources": {"status": {}}}
        for name in ("v1", "v2beta1")
    ]  # fmt: skip
    spec = {"group": "cluster.test", "scope": "Namespaced", "names": names, "versions": versions}
    body = {"metadata": {"name": "widgets.cluster.test"}, "spec": spec}
    used.create(CRDS, "", body)
    deadline = time.monotonic() + 20
    while not used.discover().by_plural("cluster.test", "v1", "widgets"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(0.5)
    yield WIDGETS
    used.delete(CRDS, "", "widgets.cluster.test")


def config_map(name, value="v", **metadata):
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, **metadata},
        "data": {"k": value},
    }


def deployment(name, value="v"):
    pod = {"containers": [{"name": "c", "image": value}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"a": "b"}},
            "template": {"metadata": {"labels": {"a": "b"}}, "spec": pod},
        },
    }


def widget(name, value="v"):
    return {
        "apiVersion": "cluster.test/v1",
        "kind": "Widget",
        "metadata": {"name": name},
        "spec": {"k": value},
    }


def test_discovery(used, widgets):
    found = used.discover()
    assert not found.failed_groups
    pods = found.resolve("po")
    assert (pods.plural, pods.kind, pods.namespaced, pods.restorable) == (
        "pods",
        "Pod",
        True,
        True,
    )
    assert {"status", "log", "exec"} <= pods.subresources
    assert next(iter(found.groups)) == ""
    assert found.groups["cluster.test"].versions == ("v1", "v2beta1")
    assert found.by_plural("cluster.test", "v2beta1", "widgets")
    assert found.resolve("wg").version == "v1"
    assert not found.resolve("tokenreviews")


def test_aggregated_and_classic_discovery_agree(used, widgets, monkeypatch):
    from ansible_collections.velero.core.plugins.module_utils.cluster import discovery

    aggregated = used.discover()
    monkeypatch.setattr(discovery, "ACCEPT", "application/json")
    classic = used.discover()
    assert aggregated.groups == classic.groups
    assert set(aggregated.resources) == set(classic.resources)
    assert [item.group_resource for item in aggregated.preferred()] == [
        item.group_resource for item in classic.preferred()
    ]


def test_life_of_an_object(used, space):
    made = used.create(MAPS, space, config_map("a", labels={"x": "y"}), field_manager="velero")
    assert made["metadata"]["managedFields"][0]["manager"] == "velero"
    with pytest.raises(AlreadyExistsError) as caught:
        used.create(MAPS, space, config_map("a"))
    assert caught.value.message == 'configmaps "a" already exists'
    assert used.get(MAPS, space, "a") == made
    patched = used.merge_patch(MAPS, space, "a", {"data": {"k": None, "n": "ü"}})
    assert patched["data"] == {"n": "ü"}
    stale = {"metadata": {"resourceVersion": made["metadata"]["resourceVersion"]}}
    with pytest.raises(ConflictError):
        used.merge_patch(MAPS, space, "a", stale)
    used.delete(MAPS, space, "a")
    used.delete(MAPS, space, "a")
    with pytest.raises(NotFoundError) as absent:
        used.get(MAPS, space, "a")
    assert absent.value.message == 'configmaps "a" not found'


def test_lists_in_pages(used, space):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: used.create(MAPS, space, config_map(f"m{n:02}")), range(20)))
    used.create(MAPS, space, config_map("labelled", labels={"x": "y"}))
    names = [item["metadata"]["name"] for item in used.list(MAPS, space)]
    assert [name for name in names if name.startswith("m")] == [f"m{n:02}" for n in range(20)]
    only = list(used.list(MAPS, space, "x=y"))
    assert [(one["kind"], one["apiVersion"], one["metadata"]["name"]) for one in only] == [
        ("ConfigMap", "v1", "labelled")
    ]
    everywhere = {(one["metadata"]["namespace"]) for one in used.list(MAPS)}
    assert space in everywhere


def test_generated_names(used, space):
    made = used.create(MAPS, space, {"metadata": {"generateName": "gen-"}})
    assert made["metadata"]["name"].startswith("gen-")


def test_names_of_roles(used):
    name = f"cluster:test/of%roles-{uuid.uuid4().hex[:6]}".replace("/", ":").replace("%", ":")
    used.create(ROLES, "", {"metadata": {"name": name}})
    assert used.get(ROLES, "", name)["metadata"]["name"] == name
    used.delete(ROLES, "", name)


def test_status(used, space, widgets):
    made = used.create(widgets, space, {**widget("a"), "status": {"lost": True}})
    assert "status" not in made
    done = used.replace_status(widgets, space, "a", {**made, "status": {"phase": "Done"}})
    assert done["status"] == {"phase": "Done"}
    with pytest.raises(ConflictError):
        used.replace_status(widgets, space, "a", {**made, "status": {}})
    again = used.merge_patch(
        widgets, space, "a", {"status": {"phase": "Twice"}}, subresource="status"
    )
    assert again["status"] == {"phase": "Twice"}


def test_invalid_and_unknown(used, space):
    with pytest.raises(InvalidError) as caught:
        used.create(PODS, space, {"metadata": {"name": "a"}, "spec": {"containers": []}})
    assert caught.value.causes[0]["field"] == "spec.containers"
    ghosts = ApiResource("ghost.test", "v1", "ghosts", "Ghost", True)
    with pytest.raises(NotFoundError) as absent:
        used.create(ghosts, space, {"metadata": {"name": "a"}})
    assert absent.value.message == "the server could not find the requested resource"
    with pytest.raises(NotFoundError) as lost:
        used.create(MAPS, "no-such-namespace", config_map("a"))
    assert lost.value.message == 'namespaces "no-such-namespace" not found'


def test_server(used):
    assert used.server_version().startswith("v")
    assert abs(used.server_time - time.time()) < 5
    assert used.cluster_uid() == used.cluster_uid()


KINDS = [
    pytest.param(MAPS, config_map, id="config map"),
    pytest.param(DEPLOYMENTS, deployment, id="deployment"),
    pytest.param(WIDGETS, widget, id="custom resource"),
]


@pytest.mark.parametrize(("resource", "build"), KINDS)
def test_create_only_apply(used, space, widgets, resource, build):
    def apply(value):
        body = build("a", value)
        return used.apply(resource, space, "a", body, field_manager="m", create_only=True)

    made, new = apply("one")
    assert new
    assert [(one["manager"], one["operation"]) for one in made["metadata"]["managedFields"]] == [
        ("m", "Apply")
    ]
    before = used.get(resource, space, "a")
    for value in ("one", "two"):
        with pytest.raises(AlreadyExistsError) as caught:
            apply(value)
        assert caught.value.message == f'{resource.group_resource} "a" already exists'
    after = used.get(resource, space, "a")
    assert after["spec" if "spec" in after else "data"] == before.get("spec") or before["data"]
    owners = {one["manager"] for one in after["metadata"]["managedFields"]}
    assert "m" in owners


def test_create_only_apply_and_other_managers(used, space):
    used.create(MAPS, space, config_map("a"), field_manager="other")
    before = used.get(MAPS, space, "a")
    with pytest.raises(AlreadyExistsError):
        used.apply(MAPS, space, "a", config_map("a", "w"), field_manager="m", create_only=True)
    assert used.get(MAPS, space, "a") == before


def test_applies_refuse_what_a_create_takes(used, space):
    twice = deployment("a")
    env = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]
    twice["spec"]["template"]["spec"]["containers"][0]["env"] = env
    with pytest.raises(ApiError, match="duplicate entries for key"):
        used.apply(DEPLOYMENTS, space, "a", twice, field_manager="m", create_only=True)
    unknown = deployment("a")
    unknown["spec"]["nosuchfield"] = 1
    with pytest.raises(ApiError, match="field not declared in schema"):
        used.apply(DEPLOYMENTS, space, "a", unknown, field_manager="m", create_only=True)
    used.create(DEPLOYMENTS, space, twice)


def test_apply(used, space):
    made, new = used.apply(MAPS, space, "a", config_map("a"), field_manager="m")
    assert new
    again, new = used.apply(MAPS, space, "a", config_map("a"), field_manager="m")
    assert not new
    assert again["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]
    with pytest.raises(ConflictError, match='conflict with "m"'):
        used.apply(MAPS, space, "a", config_map("a", "w"), field_manager="n")
    taken, _new = used.apply(MAPS, space, "a", config_map("a", "w"), field_manager="n", force=True)
    assert taken["data"] == {"k": "w"}
