# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Definitions and their custom resources out of one backup."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.support.backups import BackupBuilder, Manifest
from tests.support.engine import WRITES, Job, actions
from tests.testbed.cluster import Cluster

GROUP = "defs.example.test"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
NS = "crd-space"


def definition(plural: str, kind: str, scope: str, *versions: str) -> Manifest:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": scope,
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [
                {"name": version, "served": True, "storage": not number, "schema": schema}
                for number, version in enumerate(versions)
            ],
        },
        # As an old cluster says: it means nothing to the new one.
        "status": {"conditions": [{"type": "Established", "status": "False"}]},
    }


def resource(kind: str, name: str, version: str, namespace: str = "") -> Manifest:
    metadata: Manifest = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    return {
        "apiVersion": f"{GROUP}/{version}",
        "kind": kind,
        "metadata": metadata,
        "spec": {"from": version},
    }


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bucket")
    builder = BackupBuilder("defs")
    crds = "customresourcedefinitions.apiextensions.k8s.io"
    builder.add(crds, definition("gadgets", "Gadget", "Namespaced", "v1", "v1beta1", "v1alpha1"))
    builder.add(crds, definition("realms", "Realm", "Cluster", "v2"))
    # A resource whose name comes before that of its definition in the order of restoring.
    builder.add(crds, definition("aaas", "Aaa", "Namespaced", "v1beta1"))
    for number in range(5):
        name = f"g-{number}"
        builder.add(f"gadgets.{GROUP}", resource("Gadget", name, "v1", NS), version="v1")
        beta = resource("Gadget", name, "v1beta1", NS)
        builder.add_version(f"gadgets.{GROUP}", beta, "v1beta1")
    builder.add(f"realms.{GROUP}", resource("Realm", "all", "v2"), version="v2")
    builder.add(f"aaas.{GROUP}", resource("Aaa", "first", "v1beta1", NS), version="v1beta1")
    builder.write(folder)
    return folder


@pytest.fixture
def job(cluster: Cluster, backup: Path, tmp_path: Path) -> Job:
    return Job(
        kubeconfig=cluster.kubeconfig(),
        artifacts=tmp_path / "artifacts",
        backups=backup,
        backup="defs",
        settings={"record": "storage"},
    )


def test_definitions_come_first_and_are_served(
    cluster: Cluster, proxy_factory: Any, job: Job
) -> None:
    proxy = proxy_factory(cluster)
    job.kubeconfig = cluster.kubeconfig(server=proxy.url)
    plan = copy.deepcopy(job)
    plan.check_mode = True
    planned = plan.run()
    assert planned.plan is not None
    assert {entry["action"] for entry in planned.plan} == {"create"}
    assumed = {entry["id"].split("/")[2] for entry in planned.plan if entry.get("assumed")}
    assert assumed == {"Gadget", "Realm", "Aaa"}
    assert [one.path for one in proxy.records if one.method in WRITES] == []

    proxy.clear()
    report = job.run()
    assert report.phase == "Completed", report.results.to_dict()
    assert actions(report) == {entry["id"]: "created" for entry in planned.plan}
    paths = [(one.method, one.path.partition("?")[0]) for one in proxy.records]
    made = [at for at, one in enumerate(paths) if one == ("POST", CRDS)]
    assert len(made) == 3
    customs = [at for at, one in enumerate(paths) if one[0] == "POST" and GROUP in one[1]]
    assert len(customs) == 7
    discoveries = [at for at, one in enumerate(paths) if one == ("GET", "/apis")]
    # Definitions, then discovery, then their resources.
    assert max(made) < max(discoveries) < min(customs)
    waits = [at for at, one in enumerate(paths) if one[1].startswith(f"{CRDS}/")]
    assert all(at < min(customs) for at in waits)
    for path in (
        f"/apis/{GROUP}/v1/namespaces/{NS}/gadgets/g-4",
        f"/apis/{GROUP}/v2/realms/all",
        f"/apis/{GROUP}/v1beta1/namespaces/{NS}/aaas/first",
    ):
        assert cluster.request("GET", path).ok


def test_a_version_that_the_cluster_prefers(cluster: Cluster, job: Job) -> None:
    """The cluster serves the old version only: with the feature the backup's old copy is taken."""
    old = definition("gadgets", "Gadget", "Namespaced", "v1beta1")
    del old["status"]
    assert cluster.request("POST", CRDS, old).ok
    job.settings["features"] = frozenset({"EnableAPIGroupVersions"})
    job.spec["includedResources"] = [f"gadgets.{GROUP}"]
    _wait_for(cluster, f"/apis/{GROUP}/v1beta1/gadgets")
    report = job.run()
    assert report.phase == "Completed", report.results.to_dict()
    path = f"/apis/{GROUP}/v1beta1/namespaces/{NS}/gadgets/g-0"
    assert cluster.request("GET", path).body["spec"] == {"from": "v1beta1"}


def test_a_definition_that_is_refused(cluster: Cluster, backup: Path, job: Job) -> None:
    """Its resources cannot be restored; everything else is."""
    builder = BackupBuilder("refused")
    crds = "customresourcedefinitions.apiextensions.k8s.io"
    bad = definition("gadgets", "Gadget", "Namespaced", "v1")
    bad["spec"]["names"]["plural"] = "others"
    builder.add(crds, bad)
    builder.add(crds, definition("realms", "Realm", "Cluster", "v2"))
    builder.add(f"gadgets.{GROUP}", resource("Gadget", "g", "v1", NS))
    builder.add(f"realms.{GROUP}", resource("Realm", "all", "v2"))
    builder.write(backup)
    job.backup = "refused"
    report = job.run()
    assert report.phase == "PartiallyFailed"
    found = actions(report)
    assert found[f"{GROUP}/v2/Realm/all"] == "created"
    assert found[f"{GROUP}/v1/Gadget/{NS}/g"] == "failed"
    (text,) = report.results.errors.cluster
    assert "is invalid" in text
    (text,) = report.results.errors.namespaces[NS]
    assert "could not find the requested resource" in text


def _wait_for(cluster: Cluster, path: str) -> None:
    import time

    deadline = time.monotonic() + 20
    while not cluster.request("GET", path).ok:
        assert time.monotonic() < deadline
        time.sleep(0.05)
