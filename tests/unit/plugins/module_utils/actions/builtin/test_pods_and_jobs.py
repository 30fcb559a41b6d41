# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions add-pvc-from-pod, pod and job."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ActionError
from tests.conformance.item_actions.call import execute, updated

Manifest = dict[str, Any]


def pod(spec: Manifest | None) -> Manifest:
    body: Manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "shop"},
    }
    return body if spec is None else {**body, "spec": spec}


def claim(name: str | None) -> Manifest:
    return {"name": "v", "persistentVolumeClaim": {} if name is None else {"claimName": name}}


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        (None, []),
        ({"volumes": None}, []),
        ({"volumes": [{"name": "e", "emptyDir": {}}, None]}, []),
        ({"volumes": [{"name": "e", "ephemeral": {"volumeClaimTemplate": {}}}]}, []),
        ({"volumes": [{"name": "e", "persistentVolumeClaim": None}]}, []),
        ({"volumes": [claim("b"), claim("a"), claim("b")]}, ["b", "a", "b"]),
        ({"volumes": [claim(None)]}, [""]),
    ],
)
def test_claims_of_a_pod(spec: Manifest | None, names: list[str]) -> None:
    found = execute("add-pvc-from-pod", pod(spec), spec={"namespaceMapping": {"shop": "x"}})
    assert found.updated_item == pod(spec)
    assert [item.id for item in found.additional_items] == [
        f"persistentvolumeclaims/shop/{name}" for name in names
    ]


def test_a_pod_that_is_none() -> None:
    prefix = "unable to convert unstructured item to pod: "
    with pytest.raises(ActionError, match=f"{prefix}cannot restore slice from string"):
        execute("add-pvc-from-pod", pod({"volumes": "x"}))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"nodeName": "w", "priority": 5, "nodeSelector": {"a": "b"}},
            {"nodeSelector": {"a": "b"}},
        ),
        ({"nodeName": None, "priority": 0}, {}),
        ({"hostname": "h", "odd": 1}, {"hostname": "h", "odd": 1}),
        ({"volumes": [{"name": "-token-x"}, {"name": "d"}]}, {"volumes": [{"name": "d"}]}),
        ({"volumes": [{"name": "-token-x"}]}, {}),
        ({"volumes": []}, {"volumes": []}),
        (
            {"serviceAccountName": "sa", "volumes": [{"name": "sa-token-"}, {"name": "sa-tok"}]},
            {"serviceAccountName": "sa", "volumes": [{"name": "sa-tok"}]},
        ),
        (
            {"serviceAccount": "sa", "volumes": [{"name": "sa-token-x"}]},
            {"serviceAccount": "sa", "volumes": [{"name": "sa-token-x"}]},
        ),
        (
            {"volumes": [{"name": "x", "secret": {"secretName": "-token-x"}}]},
            {"volumes": [{"name": "x", "secret": {"secretName": "-token-x"}}]},
        ),
        (
            {"containers": [{"name": "c", "volumeMounts": [{"name": "-token-x"}, {"name": "d"}]}]},
            {"containers": [{"name": "c", "volumeMounts": [{"name": "d"}]}]},
        ),
        (
            {"initContainers": [{"name": "c", "volumeMounts": [{"name": "-token-x"}]}]},
            {"initContainers": [{"name": "c"}]},
        ),
        (
            {"ephemeralContainers": [{"volumeMounts": [{"name": "-token-x"}]}]},
            {"ephemeralContainers": [{"volumeMounts": [{"name": "-token-x"}]}]},
        ),
    ],
)
def test_pod(given: Manifest, expected: Manifest) -> None:
    assert updated("pod", pod(given)) == pod(expected)


@pytest.mark.parametrize(("name", "count"), [("high", 1), ("", 0), (None, 0)])
def test_priority_class(name: str | None, count: int) -> None:
    found = execute("pod", pod({"priorityClassName": name, "priority": 3})).additional_items
    assert [item.id for item in found] == ["priorityclasses.scheduling.k8s.io/high"] * count


@pytest.mark.parametrize("spec", [{"containers": {}}, [], {"priority": "high"}])
def test_refused_pods(spec: Any) -> None:
    with pytest.raises(ActionError):
        execute("pod", pod(spec))


UID = "controller-uid"
LONG_UID = "batch.kubernetes.io/controller-uid"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, None),
        ({}, {}),
        ({"selector": None, "template": None}, {"selector": None, "template": None}),
        ({"selector": {"matchLabels": {UID: "u", LONG_UID: "u"}}}, {"selector": {}}),
        (
            {"selector": {"matchLabels": {UID: "u", "a": "b"}, "matchExpressions": []}},
            {"selector": {"matchLabels": {"a": "b"}, "matchExpressions": []}},
        ),
        (
            {"template": {"metadata": {"labels": {UID: "u", LONG_UID: "u", "job-name": "j"}}}},
            {"template": {"metadata": {"labels": {"job-name": "j"}}}},
        ),
        ({"template": {"metadata": {"labels": {UID: "u"}}}}, {"template": {"metadata": {}}}),
        ({"parallelism": 0, "suspend": False}, {"parallelism": 0, "suspend": False}),
    ],
)
def test_job(given: Manifest | None, expected: Manifest | None) -> None:
    metadata = {"name": "j", "labels": {UID: "u"}}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata}
    assert updated("job", {**job, "spec": given}) == {**job, "spec": expected}


@pytest.mark.parametrize(
    "spec", [{"parallelism": 1.5}, {"template": "x"}, {"selector": {"matchLabels": "x"}}]
)
def test_refused_jobs(spec: Manifest) -> None:
    with pytest.raises(ActionError):
        execute("job", {"apiVersion": "batch/v1", "kind": "Job", "spec": spec})
