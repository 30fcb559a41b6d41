# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.item.server_fields import (
    with_server_fields,
    without_start_containers,
)
from tests.support.builders import Manifest, examples

UID = "batch.kubernetes.io/controller-uid"
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"
NOT_READY = {
    "key": "node.kubernetes.io/not-ready",
    "operator": "Exists",
    "effect": "NoExecute",
    "tolerationSeconds": 300,
}
NOTE = (
    "LimitRanger plugin set: cpu, memory request for container main; "
    "cpu limit for init container first"
)


def spec(**fields: Any) -> Manifest:
    return {"metadata": {"name": "x"}, "spec": fields}


def annotated(**annotations: str) -> Manifest:
    return {"metadata": {"name": "x", "annotations": annotations}, "spec": {}}


def service(*ports: Manifest, **fields: Any) -> Manifest:
    return spec(ports=list(ports), **fields)


HTTP, HTTPS = {"name": "http", "port": 80}, {"name": "https", "port": 443}
ADOPTED = [
    pytest.param("services", spec(clusterIP="10.0.0.1", clusterIPs=["10.0.0.1"]), id="cluster-ip"),
    pytest.param("services", spec(healthCheckNodePort=30001), id="health-check"),
    pytest.param("pods", spec(nodeName="node-1", priority=0), id="node"),
    pytest.param("persistentvolumeclaims", spec(volumeName="pv-1"), id="volume-name"),
    pytest.param(
        "persistentvolumeclaims",
        annotated(**{"pv.kubernetes.io/bind-completed": "yes"}),
        id="binding",
    ),
    pytest.param("jobs.batch", spec(selector={"matchLabels": {UID: "1"}}), id="job-selector"),
    pytest.param(
        "jobs.batch", spec(template={"metadata": {"labels": {UID: "1"}}}), id="job-template"
    ),
    pytest.param("pods", spec(tolerations=[NOT_READY]), id="tolerations"),
]


@pytest.mark.parametrize(("gr", "found"), ADOPTED)
def test_what_the_cluster_chose_is_taken_over(gr: str, found: Manifest) -> None:
    assert with_server_fields({"metadata": {"name": "x"}, "spec": {}}, found, gr) == {
        **found,
        "metadata": found["metadata"],
    }


@pytest.mark.parametrize(("gr", "found"), ADOPTED)
def test_only_for_the_kind_that_has_it(gr: str, found: Manifest) -> None:
    desired = {"metadata": {"name": "x"}, "spec": {}}
    assert with_server_fields(desired, found, "deployments.apps") == desired


@pytest.mark.parametrize(
    ("gr", "desired", "found"),
    [
        pytest.param("services", spec(), spec(clusterIP="None"), id="made-headless"),
        pytest.param("services", spec(), spec(clusterIPs=["None"]), id="made-headless-list"),
        pytest.param(
            "services", spec(clusterIP="None"), spec(clusterIP="10.0.0.1"), id="was-headless"
        ),
        pytest.param("services", spec(), spec(externalIPs=["192.0.2.1"]), id="external-ips"),
        pytest.param("services", spec(), spec(loadBalancerIP="192.0.2.1"), id="load-balancer"),
        pytest.param("pods", spec(), spec(hostname="mine"), id="pod-field"),
        pytest.param("pods", spec(nodeName="a"), spec(nodeName="b"), id="other-node"),
        pytest.param(
            "pods",
            spec(),
            spec(tolerations=[{**NOT_READY, "key": "mine"}]),
            id="own-toleration",
        ),
        pytest.param(
            "persistentvolumeclaims", spec(), annotated(mine="1"), id="annotation-of-a-user"
        ),
        pytest.param(
            "jobs.batch", spec(), spec(selector={"matchLabels": {"mine": "1"}}), id="own-selector"
        ),
    ],
)
def test_what_a_user_may_have_written_is_not(gr: str, desired: Manifest, found: Manifest) -> None:
    assert with_server_fields(desired, found, gr) == desired


def test_node_ports_go_to_the_port_they_belong_to() -> None:
    found = service({**HTTPS, "nodePort": 30443}, {**HTTP, "nodePort": 30080, "protocol": "TCP"})
    filled = with_server_fields(service(HTTP, {**HTTPS, "nodePort": 31443}), found, "services")
    assert filled["spec"]["ports"] == [
        {**HTTP, "nodePort": 30080},
        {**HTTPS, "nodePort": 31443},
    ]


def test_a_port_that_is_not_there_gets_none() -> None:
    desired = service({"name": "new", "port": 81})
    assert with_server_fields(desired, service({**HTTP, "nodePort": 1}), "services") == desired


def test_the_token_of_a_pod_comes_with_its_mounts() -> None:
    volume = {"name": "kube-api-access-x1", "projected": {"sources": []}}
    mount = {"name": "kube-api-access-x1", "mountPath": TOKEN}
    own = {"name": "data", "mountPath": "/data"}
    desired = spec(volumes=[{"name": "data"}], containers=[{"name": "a", "volumeMounts": [own]}])
    found = spec(
        volumes=[{"name": "data"}, volume],
        containers=[{"name": "a", "volumeMounts": [own, mount]}],
    )
    assert with_server_fields(desired, found, "pods") == found


def test_a_pod_that_has_a_token_gets_no_second_one() -> None:
    old = spec(volumes=[{"name": "kube-api-access-old", "projected": {}}])
    found = spec(volumes=[{"name": "kube-api-access-new", "projected": {}}])
    assert with_server_fields(old, found, "pods") == old


def test_limits_of_the_namespace_are_taken_as_noted() -> None:
    values = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "2", "memory": "2Gi"}}
    found = spec(
        containers=[{"name": "main", "resources": values}],
        initContainers=[{"name": "first", "resources": values}],
    )
    found["metadata"]["annotations"] = {"kubernetes.io/limit-ranger": NOTE}
    desired = spec(
        containers=[{"name": "main", "resources": {"requests": {"memory": "5Gi"}}}],
        initContainers=[{"name": "first"}],
    )
    filled = with_server_fields(desired, found, "pods")
    assert filled["spec"] == {
        "containers": [{"name": "main", "resources": {"requests": {"memory": "5Gi", "cpu": "1"}}}],
        "initContainers": [{"name": "first", "resources": {"limits": {"cpu": "2"}}}],
    }
    assert filled["metadata"]["annotations"] == {"kubernetes.io/limit-ranger": NOTE}


def pod(*init: str) -> Manifest:
    return spec(**({"initContainers": [{"name": name} for name in init]} if init else {}))


@pytest.mark.parametrize(
    ("desired", "found", "left"),
    [
        pytest.param(pod("hook", "own"), pod("own"), pod("own"), id="not-there"),
        pytest.param(pod("hook"), pod(), pod(), id="the-only-one"),
        pytest.param(pod("hook", "own"), pod("hook", "own"), pod("hook", "own"), id="there"),
        pytest.param(pod("other", "own"), pod("own"), pod("other", "own"), id="of-a-user"),
    ],
)
def test_what_runs_before_a_start_is_not_for_a_pod_that_is_there(
    desired: Manifest, found: Manifest, left: Manifest
) -> None:
    assert without_start_containers(desired, found, {"hook"}) == left


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "None"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["name", "port", "nodePort", "labels"]), inner)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["clusterIP", "ports", "volumes", "containers", "tolerations", "selector", "claimRef"]
)
OBJECTS = st.builds(
    lambda body, metadata: {"metadata": {"name": "x", **metadata}, "spec": body},
    st.dictionaries(KEYS, JSON, max_size=4) | JSON,
    st.dictionaries(st.sampled_from(["annotations", "finalizers", "labels"]), JSON, max_size=2),
)
KINDS = st.sampled_from(
    ["services", "pods", "jobs.batch", "persistentvolumeclaims", "persistentvolumes", "secrets"]
)


@examples()
@given(OBJECTS, OBJECTS, KINDS)
def test_it_only_adds_once_and_changes_neither(desired: Manifest, found: Manifest, gr: str) -> None:
    before = copy.deepcopy((desired, found))
    filled = with_server_fields(desired, found, gr)
    assert (desired, found) == before
    assert with_server_fields(filled, found, gr) == filled
    assert _contains(filled, desired)
    assert with_server_fields(found, found, gr) == found


def _contains(bigger: Any, smaller: Any) -> bool:
    if isinstance(smaller, dict) and isinstance(bigger, dict):
        return all(
            _contains(bigger.get(key), value) for key, value in smaller.items() if value is not None
        )
    if isinstance(smaller, list) and isinstance(bigger, list):
        return len(smaller) <= len(bigger) and all(map(_contains, bigger, smaller))
    return smaller in (None, {}, []) or bool(bigger == smaller)
