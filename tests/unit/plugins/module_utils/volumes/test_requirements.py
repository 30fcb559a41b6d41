# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.volumes.requirements import (
    Finding,
    Requirements,
)
from tests.support.builders import SERVED, Manifest, api_of, obj, resource
from tests.support.fake_cluster import FakeCluster, api_error

STORAGE = "storage.k8s.io/v1"
API = api_of(
    *SERVED,
    resource("storageclasses.storage.k8s.io", "StorageClass", namespaced=False),
    resource("csidrivers.storage.k8s.io", "CSIDriver", namespaced=False),
    resource("csinodes.storage.k8s.io", "CSINode", namespaced=False),
    resource(
        "volumesnapshotclasses.snapshot.storage.k8s.io", "VolumeSnapshotClass", namespaced=False
    ),
    resource("daemonsets.apps", "DaemonSet"),
)


def needs(*objects: Manifest) -> Requirements:
    return Requirements(FakeCluster(*objects, api=API), API, "velero")


def texts(findings: list[Finding]) -> list[tuple[str, bool]]:
    return [(finding.text, finding.blocks) for finding in findings]


def storage_class(name: str = "fast", default: str = "") -> Manifest:
    key = f"storageclass.{default}kubernetes.io/is-default-class"
    return obj("StorageClass", name, api=STORAGE, annotations={key: "true"})


@pytest.mark.parametrize(
    ("spec", "objects", "text"),
    [
        ({"storageClassName": "fast"}, [storage_class()], ""),
        (
            {"storageClassName": "slow"},
            [storage_class()],
            "the storage class slow is not in the cluster",
        ),
        ({"storageClassName": ""}, [storage_class()], "the claim has an empty storage class"),
        ({}, [storage_class()], ""),
        ({}, [storage_class(default="beta.")], ""),
        ({}, [obj("StorageClass", "x", api=STORAGE)], "the claim names no storage class"),
    ],
)
def test_storage_classes(spec: dict[str, Any], objects: list[Manifest], text: str) -> None:
    found = needs(*objects).storage_class({"spec": spec})
    assert [finding.blocks for finding in found] == ([True] if text else [])
    assert all(finding.text.startswith(text) for finding in found)


DRIVER = obj("CSIDriver", "csi.test", api=STORAGE)
NODE = obj("CSINode", "n1", api=STORAGE, spec={"drivers": [{"name": "csi.test"}]})
SNAPSHOT_CLASS = obj(
    "VolumeSnapshotClass", "s", api="snapshot.storage.k8s.io/v1", driver="csi.test"
)
NO_DRIVER = ("the CSI driver csi.test is not in the cluster", True)
NO_CLASS = ("there is no VolumeSnapshotClass of driver csi.test", False)


@pytest.mark.parametrize(
    ("objects", "found"),
    [
        ([DRIVER, SNAPSHOT_CLASS], []),
        ([NODE, SNAPSHOT_CLASS], []),
        ([DRIVER], [NO_CLASS]),
        ([], [NO_DRIVER, NO_CLASS]),
    ],
    ids=["registered", "on a node", "no class", "nothing"],
)
def test_csi_drivers(objects: list[Manifest], found: list[tuple[str, bool]]) -> None:
    assert texts(needs(*objects).csi_driver("csi.test")) == found
    assert texts(needs(*objects).csi_driver("")) == []


@pytest.mark.parametrize(
    ("objects", "text"),
    [
        ([obj("DaemonSet", "node-agent", "velero", api="apps/v1")], ""),
        ([], "Velero's node agent is not in namespace velero"),
        (
            [
                obj(
                    "DaemonSet",
                    "node-agent",
                    "velero",
                    api="apps/v1",
                    status={"desiredNumberScheduled": 2},
                )
            ],
            "no pod of Velero's node agent in velero is ready",
        ),
    ],
)
def test_node_agents(objects: list[Manifest], text: str) -> None:
    assert texts(needs(*objects).node_agent()) == ([(text, True)] if text else [])


def test_kinds() -> None:
    assert needs().kind("daemonsets.apps") == []
    text = "the cluster does not serve datadownloads.velero.io"
    assert texts(needs().kind("datadownloads.velero.io")) == [(text, True)]


def test_what_may_not_be_read_does_not_block() -> None:
    cluster = FakeCluster(api=API)
    for verb in ("get", "list"):
        cluster.fail(verb, error=api_error("Forbidden", "no"))
    denied = Requirements(cluster, API, "velero")
    unknown = ("could not be found out: no", False)
    assert texts(denied.storage_class({"spec": {"storageClassName": "x"}})) == [unknown]
    assert texts(denied.csi_driver("csi.test")) == [unknown, unknown]
    assert texts(denied.node_agent()) == [unknown]


def test_many_volumes_cost_few_reads() -> None:
    cluster = FakeCluster(DRIVER, SNAPSHOT_CLASS, storage_class(), api=API)
    asked = Requirements(cluster, API, "velero")
    for _volume in range(10):
        asked.csi_driver("csi.test")
        asked.storage_class({"spec": {"storageClassName": "fast"}})
        asked.node_agent()
    assert len(cluster.calls) == 5
