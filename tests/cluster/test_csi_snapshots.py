# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Claims that are filled from CSI snapshots, with the real snapshot controllers.

A simulated provisioner makes the volumes: it waits for ready snapshots, as a real one does.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.csi import csi_snapshots
from tests.support.csi_driver import CsiDriver
from tests.support.engine import Job
from tests.support.simulate import DataPlane, Objects
from tests.testbed.cluster import Cluster

NAME = "csi.example.test"
SNAPSHOTS = "/apis/snapshot.storage.k8s.io/v1"
CLAIMS = "/api/v1/namespaces/vols/persistentvolumeclaims"
# The claims of the backup `vols` that have a CSI snapshot, with its handle.
HANDLES = {
    "multi-b": "snap-29b23564a402",
    "snap-data": "snap-6f721cba1bb0",
    "snap-retain": "snap-65f1d67df13f",
    "www-web-0": "snap-fbfd3d06a5a1",
    "www-web-1": "snap-c3ea44a4bcf3",
}
RESOURCES = [
    "persistentvolumeclaims",
    "persistentvolumes",
    "volumesnapshots.snapshot.storage.k8s.io",
    "volumesnapshotcontents.snapshot.storage.k8s.io",
    "volumesnapshotclasses.snapshot.storage.k8s.io",
]


@pytest.fixture
def driver(cluster: Cluster) -> Iterator[CsiDriver]:
    objects = Objects(cluster)
    for name in ("fast", "lazy"):
        objects.create(
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {"name": name},
                "provisioner": NAME,
                "reclaimPolicy": "Delete",
                "volumeBindingMode": "Immediate",
            }
        )
    with csi_snapshots(cluster, name=NAME) as running, DataPlane(cluster, ["provision:ready"]):
        yield running


def job(cluster: Cluster, folder: Path, *claims: str, **settings: Any) -> Job:
    """A restore of the claims with CSI snapshots alone, or of all with other volumes left out."""
    return Job(
        kubeconfig=cluster.kubeconfig(),
        artifacts=folder / "artifacts",
        backup="vols",
        spec={
            "includedResources": RESOURCES,
            "includedNamespaces": ["vols"],
            "includeClusterResources": True,
        },
        settings={"features": frozenset({"EnableCSI"}), "resource_timeout": 60.0, **settings},
    )


def claims(cluster: Cluster) -> dict[str, dict[str, Any]]:
    found = cluster.request("GET", CLAIMS).body["items"]
    return {item["metadata"]["name"]: item for item in found}


def bound_claims(cluster: Cluster) -> set[str]:
    return {name for name, item in claims(cluster).items() if item["status"]["phase"] == "Bound"}


def messages(job: Job) -> str:
    return str(job.artifact("results")["errors"])


def test_claims_are_filled_from_their_snapshots(
    cluster: Cluster, driver: CsiDriver, tmp_path: Path
) -> None:
    for handle in HANDLES.values():
        driver.add(handle)
    restore = job(cluster, tmp_path)
    restore.run()
    found = claims(cluster)
    for name, handle in HANDLES.items():
        source = found[name]["spec"]["dataSource"]
        assert source["kind"] == "VolumeSnapshot"
        path = f"{SNAPSHOTS}/namespaces/vols/volumesnapshots/{source['name']}"
        snapshot = cluster.request("GET", path).body
        content_name = snapshot["spec"]["source"]["volumeSnapshotContentName"]
        content = cluster.request("GET", f"{SNAPSHOTS}/volumesnapshotcontents/{content_name}").body
        assert content["spec"]["source"] == {"snapshotHandle": handle}
        assert content["spec"]["deletionPolicy"] == "Retain", "the snapshot outlives its object"
        assert snapshot["status"]["readyToUse"] is True
        assert snapshot["status"]["boundVolumeSnapshotContentName"] == content_name
    assert bound_claims(cluster) >= set(HANDLES)
    assert not [name for name in HANDLES if name in messages(restore)]


def test_the_volumes_get_labels_and_reclaim_policy_of_the_old_ones(
    cluster: Cluster, driver: CsiDriver, tmp_path: Path
) -> None:
    for handle in HANDLES.values():
        driver.add(handle)
    job(cluster, tmp_path).run()
    found = claims(cluster)
    volumes = {
        name: cluster.request(
            "GET", f"/api/v1/persistentvolumes/{found[name]['spec']['volumeName']}"
        ).body
        for name in ("snap-data", "snap-retain")
    }
    assert volumes["snap-data"]["metadata"]["labels"]["mine"] == "yes"
    assert volumes["snap-retain"]["spec"]["persistentVolumeReclaimPolicy"] == "Retain"


def test_a_snapshot_that_is_slow_is_waited_for(
    cluster: Cluster, driver: CsiDriver, tmp_path: Path
) -> None:
    for handle in HANDLES.values():
        driver.add(handle)
    driver.add(HANDLES["snap-data"], ready_in=3600)
    ready = threading.Timer(6, lambda: driver.set_ready(HANDLES["snap-data"]))
    ready.start()
    restore = job(cluster, tmp_path)
    restore.run()
    ready.join()
    assert "snap-data" in bound_claims(cluster)
    assert "snap-data" not in messages(restore)


def test_a_snapshot_that_never_comes_ends_the_wait_and_is_named(
    cluster: Cluster, driver: CsiDriver, tmp_path: Path
) -> None:
    for name, handle in HANDLES.items():
        if name != "snap-data":
            driver.add(handle)
    restore = job(cluster, tmp_path, resource_timeout=30.0)
    report = restore.run()
    assert report.phase == "PartiallyFailed"
    assert "snap-data" not in bound_claims(cluster)
    told = list(restore.artifact("results")["errors"]["namespaces"]["vols"])
    assert [text for text in told if "PVC: snap-data" in text]
    assert not [text for text in told if "PVC: snap-retain" in text]


def test_restoring_again_makes_no_second_snapshot(
    cluster: Cluster, driver: CsiDriver, tmp_path: Path
) -> None:
    for handle in HANDLES.values():
        driver.add(handle)
    job(cluster, tmp_path).run()
    before = cluster.request("GET", f"{SNAPSHOTS}/volumesnapshotcontents").body["items"]
    again = job(cluster, tmp_path, rerun="always")
    again.run()
    after = cluster.request("GET", f"{SNAPSHOTS}/volumesnapshotcontents").body["items"]
    assert {one["metadata"]["name"] for one in after} == {one["metadata"]["name"] for one in before}
    assert len(after) == len(HANDLES)
