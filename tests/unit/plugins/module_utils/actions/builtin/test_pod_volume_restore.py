# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.builtin import pod_volume_restore
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)
from tests.conformance.item_actions.cluster import IMAGE, FakeCluster

RESTORE = {
    "metadata": {"name": "r1", "namespace": "velero", "uid": "u-1"},
    "spec": {"backupName": "b1"},
}


def backup(volume, pod="p", namespace="shop", snapshot="s"):
    return {
        "spec": {"pod": {"name": pod, "namespace": namespace}, "volume": volume},
        "status": {"snapshotID": snapshot},
    }


def a_pod(*init, **spec):
    containers = {"initContainers": [{"name": name} for name in init]} if init else {}
    return {"metadata": {"name": "p", "namespace": "shop"}, "spec": {**containers, **spec}}


def run(pod, *backups, config=None, cluster=None, warnings=None, **environment):
    told = [] if warnings is None else warnings
    action = pod_volume_restore.PodVolumeRestoreAction(
        ActionEnvironment(
            cluster=cluster or FakeCluster(),
            pod_volume_backups=backups,
            inline_config={"velero.io/pod-volume-restore": config or {}},
            warn=told.append,
            **environment,
        )
    )
    given = ExecuteInput(item=pod, item_from_backup=a_pod(), restore=RESTORE)
    return action.execute(given).updated_item["spec"]


def without_server():
    cluster = FakeCluster()
    cluster.remove("apps", "deployments", "velero", "velero")
    return cluster


def test_the_wait_container_comes_first_and_old_ones_go():
    spec = run(a_pod("restic-wait", "own", "restore-wait"), backup("b"), backup("a"))
    assert [container["name"] for container in spec["initContainers"]] == ["restore-wait", "own"]
    first = spec["initContainers"][0]
    assert (first["image"], first["args"]) == (IMAGE, ["u-1"])
    assert first["volumeMounts"] == [
        {"name": "a", "mountPath": "/restores/a"},
        {"name": "b", "mountPath": "/restores/b"},
    ]


def test_without_volumes_only_old_wait_containers_go():
    assert run(a_pod("restic-wait", volumes=[])) == {"volumes": []}
    assert run(a_pod()) == {}


@pytest.mark.parametrize(
    "passed_over",
    [
        backup("v", pod="other"),
        backup("v", namespace="other"),
        backup("v", snapshot=""),
        {"spec": {"volume": "v"}},
    ],
)
def test_backups_that_do_not_count(passed_over):
    assert "initContainers" not in run(a_pod(), passed_over)


@pytest.mark.parametrize("source", ["projected", "downwardAPI"])
def test_volumes_that_are_made_anew(source):
    volumes = [{"name": "v", source: {}}, {"name": "v"}]
    assert "initContainers" not in run(a_pod(volumes=volumes), backup("v"))
    pod = a_pod(volumes=volumes)
    pod["metadata"]["annotations"] = {"snapshot.velero.io/v": "s"}
    assert run(pod, backup("v"))["initContainers"][0]["volumeMounts"][0]["name"] == "v"


def test_no_server_is_needed_when_backups_are_given_and_none_is_the_pod_s():
    assert "initContainers" not in run(a_pod(), cluster=without_server())
    with pytest.raises(ActionError, match=r'deployments\.apps "velero" not found'):
        run(a_pod(), backup("v"), cluster=without_server())
    spec = run(a_pod(), backup("v"), cluster=without_server(), server_image="i:1")
    assert spec["initContainers"][0]["image"] == "i:1"


def test_without_given_backups_the_server_is_needed_at_once():
    action = pod_volume_restore.PodVolumeRestoreAction(ActionEnvironment(cluster=without_server()))
    with pytest.raises(ActionError, match=r'deployments\.apps "velero" not found'):
        action.applies_to()


@pytest.mark.parametrize(
    ("image", "used"),
    [
        ("", IMAGE),
        ("helper", IMAGE),
        ("helper:1", IMAGE),
        ("r/helper", "r/helper:v9"),
        ("r:5000/helper", "r:5000/helper:v9"),
        ("r/helper:1", "r/helper:1"),
    ],
)
def test_image(image, used):
    spec = run(a_pod(), backup("v"), config={"image": image}, image_tag="v9")
    assert spec["initContainers"][0]["image"] == used


DEFAULTS = {"cpu": "100m", "memory": "128Mi"}


@pytest.mark.parametrize(
    ("config", "requests", "limits"),
    [
        ({}, DEFAULTS, DEFAULTS),
        ({"cpuRequest": "0", "memLimit": "0"}, {"memory": "128Mi"}, {"cpu": "100m"}),
        ({"cpuRequest": "2", "cpuLimit": "0"}, {**DEFAULTS, "cpu": "2"}, {"memory": "128Mi"}),
        ({"cpuRequest": "1e-2"}, {**DEFAULTS, "cpu": "1e-2"}, DEFAULTS),
        ({"cpuRequest": "0m"}, {**DEFAULTS, "cpu": "0m"}, DEFAULTS),
        ({"cpuLimit": "0m"}, DEFAULTS, DEFAULTS),
        ({"cpuLimit": "1", "memLimit": "100M"}, DEFAULTS, DEFAULTS),
        ({"memLimit": "1Gi", "cpuRequest": "x"}, DEFAULTS, DEFAULTS),
        ({"memLimit": " 1Gi"}, DEFAULTS, DEFAULTS),
    ],
)
def test_resources(config, requests, limits):
    spec = run(a_pod(), backup("v"), config=config)
    assert spec["initContainers"][0]["resources"] == {"requests": requests, "limits": limits}


DEFAULT_CONTEXT = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "seccompProfile": {"type": "RuntimeDefault"},
}


@pytest.mark.parametrize(
    ("config", "context"),
    [
        ({}, DEFAULT_CONTEXT),
        ({"secCtxRunAsUser": "+7"}, {"runAsUser": 7}),
        ({"secCtxRunAsUser": "1_0"}, DEFAULT_CONTEXT),
        ({"secCtxRunAsGroup": "7", "secCtxRunAsUser": "x"}, DEFAULT_CONTEXT),
        ({"secCtxAllowPrivilegeEscalation": "T"}, {"allowPrivilegeEscalation": True}),
        ({"secCtxAllowPrivilegeEscalation": "yes"}, DEFAULT_CONTEXT),
        ({"secCtx": "# nothing"}, {}),
        ({"secCtx": "capabilities: {}"}, {"capabilities": {}}),
        ({"secCtx": "capabilities: {drop: [1, true]}"}, {"capabilities": {"drop": ["1", "true"]}}),
        ({"secCtx": "RUNASUSER: 5.0"}, {"runAsUser": 5}),
        ({"secCtx": "runAsUser: 5", "secCtxRunAsUser": "1"}, {"runAsUser": 5}),
        ({"secCtx": "runAsUser: null", "secCtxRunAsUser": "1"}, {}),
        ({"secCtx": "runAsUser: '5'"}, DEFAULT_CONTEXT),
        ({"secCtx": "runAsUser: .inf"}, DEFAULT_CONTEXT),
        ({"secCtx": "runAsRoot: true"}, DEFAULT_CONTEXT),
        ({"secCtx": "runAsUser: 1\nrunAsUser: 2"}, DEFAULT_CONTEXT),
        ({"secCtx": "&a [*a]"}, DEFAULT_CONTEXT),
        ({"secCtx": "{"}, DEFAULT_CONTEXT),
        ({"secCtx": "text"}, DEFAULT_CONTEXT),
    ],
)
def test_security_context(config, context):
    warnings = []
    spec = run(a_pod(), backup("v"), config=config, warnings=warnings)
    assert spec["initContainers"][0]["securityContext"] == context
    assert bool(warnings) is (bool(config) and context == DEFAULT_CONTEXT)


@pytest.mark.parametrize(("own", "context"), [({}, {}), (None, DEFAULT_CONTEXT)])
def test_the_first_container_s_context_is_taken_over(own, context):
    spec = run(a_pod(containers=[{"securityContext": own}]), backup("v"))
    assert spec["initContainers"][0]["securityContext"] == context
