# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The snapshot controllers of the test bed do what they do in a real cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.csi import csi_snapshots
from tests.support.csi_driver import CsiDriver
from tests.testbed.cluster import Cluster

GROUP = "/apis/snapshot.storage.k8s.io/v1"
SECONDS = 30.0


@pytest.fixture
def driver(cluster: Cluster) -> Iterator[CsiDriver]:
    with csi_snapshots(cluster) as running:
        yield running


def add_snapshot(cluster: Cluster, name: str, handle: str) -> None:
    """A snapshot with a content that was made for it, as a restore makes them."""
    content = {
        "apiVersion": "snapshot.storage.k8s.io/v1",
        "kind": "VolumeSnapshotContent",
        "metadata": {"name": name},
        "spec": {
            "deletionPolicy": "Retain",
            "driver": "csi.example.com",
            "source": {"snapshotHandle": handle},
            "volumeSnapshotRef": {"name": name, "namespace": "default"},
        },
    }
    snapshot = {
        "apiVersion": "snapshot.storage.k8s.io/v1",
        "kind": "VolumeSnapshot",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"source": {"volumeSnapshotContentName": name}},
    }
    assert cluster.request("POST", f"{GROUP}/volumesnapshotcontents", content).ok
    assert cluster.request("POST", f"{GROUP}/namespaces/default/volumesnapshots", snapshot).ok


def status(cluster: Cluster, name: str) -> dict[str, Any]:
    found = cluster.request("GET", f"{GROUP}/namespaces/default/volumesnapshots/{name}")
    return dict(found.body.get("status") or {})


def wait(wanted: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not wanted():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)


def test_readiness_errors_and_slow_snapshots_are_real(cluster: Cluster, driver: CsiDriver) -> None:
    driver.add("ready", size_bytes=5 << 30)
    driver.add("slow", ready_in=3600)
    for handle in ("ready", "slow", "gone"):
        add_snapshot(cluster, handle, handle)
    wait(lambda: status(cluster, "ready").get("readyToUse") is True)
    assert status(cluster, "ready")["restoreSize"] == "5Gi"
    wait(lambda: status(cluster, "slow").get("readyToUse") is False)
    wait(lambda: "gone" in str(status(cluster, "gone").get("error")))
    driver.set_ready("slow")
    wait(lambda: status(cluster, "slow").get("readyToUse") is True)
