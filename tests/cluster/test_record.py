# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Restore object in the cluster, alone and beside a Velero server."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.clock import SystemClock
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.phases import TERMINAL
from ansible_collections.velero.core.plugins.module_utils.model.request import Settings
from ansible_collections.velero.core.plugins.module_utils.restore.deletion import delete_restore
from ansible_collections.velero.core.plugins.module_utils.restore.ports import RestorePorts
from ansible_collections.velero.core.plugins.module_utils.restore.sources import BackupSource
from ansible_collections.velero.core.plugins.module_utils.storage.directory import DirectoryStore
from tests.support.backups import BackupBuilder, Manifest
from tests.support.engine import WRITES, Job, api_cluster
from tests.support.proxy import delay
from tests.testbed.cluster import Cluster, ClusterOptions, start_cluster

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
MERGE = "application/merge-patch+json"
FINALIZER = "restores.velero.io/external-resources-finalizer"
ITEMS = 24


def velero_definition(plural: str, kind: str) -> Manifest:
    """A definition with the little that matters: like Velero's, without a status subresource."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.velero.io"},
        "spec": {
            "group": "velero.io",
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }


class Home:
    """A namespace that a Velero server may live in."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self.cluster = cluster
        self.namespace = namespace
        self.path = f"/apis/velero.io/v1/namespaces/{namespace}/restores"
        self._must("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})

    def start_server(self) -> None:
        """What an installed server with a running pod looks like."""
        labels = {"component": "velero"}
        pod = {"containers": [{"name": "velero", "image": "velero/velero:v1.18.0"}]}
        spec = {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        }
        path = f"/apis/apps/v1/namespaces/{self.namespace}/deployments"
        self._must("POST", path, {"metadata": {"name": "velero"}, "spec": spec})
        status = {"status": {"replicas": 1, "readyReplicas": 1, "availableReplicas": 1}}
        self._must("PATCH", f"{path}/velero/status", status, MERGE)

    def _must(self, method: str, path: str, body: Manifest, content: str = "") -> None:
        answer = self.cluster.request(
            method, path, body, content_type=content or "application/json"
        )
        assert answer.ok, answer.body

    def restore(self, name: str = "r") -> Manifest | None:
        answer = self.cluster.request("GET", f"{self.path}/{name}")
        body: Manifest | None = answer.body if answer.ok else None
        return body

    def moment(self) -> str:
        """The resource version of now."""
        return str(self.cluster.request("GET", self.path).body["metadata"]["resourceVersion"])

    def events(self, since: str) -> list[tuple[str, Manifest]]:
        """What a server that watches has seen since a moment: type and object."""
        query = f"watch=true&resourceVersion={since}&timeoutSeconds=1"
        context = ssl.create_default_context(cafile=str(self.cluster.ca_file))
        headers = {"Authorization": f"Bearer {self.cluster.token}"}
        request = Request(f"{self.cluster.url}{self.path}?{query}", headers=headers)
        with urlopen(request, context=context, timeout=30) as answer:
            found = [json.loads(line) for line in answer]
        return [(one["type"], one["object"]) for one in found]


def phases_of(events: list[tuple[str, Manifest]]) -> list[str]:
    return [str((obj.get("status") or {}).get("phase")) for _type, obj in events]


@pytest.fixture(scope="module")
def record_cluster() -> Iterator[Cluster]:
    options = ClusterOptions(controllers=("namespace-controller",), narrow_namespace=None)
    with start_cluster(options) as cluster:
        assert cluster.request("POST", CRDS, velero_definition("restores", "Restore")).ok
        deadline = time.monotonic() + 20
        while not cluster.request("GET", "/apis/velero.io/v1/restores").ok:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield cluster


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bucket")
    builder = BackupBuilder("small")
    for number in range(ITEMS):
        metadata = {"name": f"item-{number}", "namespace": "recorded"}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
        builder.add("configmaps", {**body, "data": {"k": "v"}})
    builder.write(folder)
    bad = BackupBuilder("bad")
    metadata = {"name": "item", "namespace": "recorded"}
    bad.add(
        "configmaps",
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"no key": "v"}},
    )
    bad.write(folder)
    return folder


_NUMBERS = iter(range(10_000))


@pytest.fixture
def home(record_cluster: Cluster) -> Home:
    return Home(record_cluster, f"velero-{next(_NUMBERS)}")


@pytest.fixture
def job(home: Home, backup: Path, tmp_path: Path) -> Job:
    return Job(
        kubeconfig=home.cluster.kubeconfig(),
        artifacts=tmp_path / "artifacts",
        backups=backup,
        backup="small",
        spec={"namespaceMapping": {"recorded": f"{home.namespace}-items"}},
        settings={"velero_namespace": home.namespace},
    )


def remove(home: Home, job: Job) -> bool:
    with api_cluster(home.cluster.kubeconfig()) as api:
        ports = RestorePorts(
            cluster=api,
            source=BackupSource(store=DirectoryStore(str(job.backups))),
            artifacts=DirectoryStore(str(job.artifacts)),
            clock=SystemClock(),
        )
        return delete_restore(job.name, ports, Settings(**job.settings)).changed


def test_no_definition_no_object(cluster: Cluster, backup: Path, tmp_path: Path) -> None:
    job = Job(kubeconfig=cluster.kubeconfig(), artifacts=tmp_path, backups=backup, backup="small")
    job.settings["record"] = "cluster"
    with pytest.raises(RequestError, match="not installed"):
        job.run()
    assert list(tmp_path.iterdir()) == []
    assert cluster.request("GET", "/api/v1/namespaces/recorded").status == 404
    job.settings["record"] = "auto"
    assert job.run().phase == "Completed"


@pytest.mark.parametrize("record", ["auto", "cluster"])
def test_alone_the_object_follows_the_run(
    home: Home, proxy_factory: Any, job: Job, record: str
) -> None:
    proxy = proxy_factory(home.cluster)
    # 3 seconds: some updates of the progress.
    proxy.add(delay(0.5), method="POST", path="/configmaps")
    job.kubeconfig = home.cluster.kubeconfig(server=proxy.url)
    job.settings.update(record=record, concurrency=4)
    since = home.moment()
    report = job.run()
    assert report.phase == "Completed"
    assert report.warnings == []

    events = home.events(since)
    phases = phases_of(events)
    assert phases[0] == "InProgress" and phases[-1] == "Completed"
    assert set(phases) == {"InProgress", "Completed"} and phases.count("Completed") == 1
    assert [kind for kind, _obj in events] == ["ADDED"] + ["MODIFIED"] * (len(events) - 1)
    progress = [(obj["status"].get("progress") or {}).get("itemsRestored", 0) for _t, obj in events]
    assert progress == sorted(progress) and len(set(progress)) >= 3
    patches = proxy.requests("PATCH", r"/restores/r")
    gaps = [later.started - one.started for one, later in pairwise(patches)]
    # The last two come at the end: the final progress and the final phase.
    assert all(gap >= 0.9 for gap in gaps[:-2])

    found = home.restore()
    assert found
    assert found["spec"] == report.restore["spec"]
    assert found["status"] == report.restore["status"]
    assert found["status"]["progress"]["itemsRestored"] == ITEMS + 1

    # Again: the same object, untouched, whatever rerun says.
    proxy.clear()
    assert not job.run().changed
    job.settings["rerun"] = "always"
    assert not job.run().changed
    assert home.restore() == found
    assert [one for one in proxy.records if one.method in WRITES] == []

    assert remove(home, job)
    assert home.restore() is None
    assert list((job.artifacts / "restores").rglob("*.*")) == []
    assert not remove(home, job)
    # What was restored stays.
    space = job.spec["namespaceMapping"]["recorded"]
    assert home.cluster.request("GET", f"/api/v1/namespaces/{space}/configmaps/item-0").ok


def test_storage_keeps_out_of_the_cluster(home: Home, job: Job) -> None:
    job.settings["record"] = "storage"
    since = home.moment()
    assert job.run().phase == "Completed"
    assert home.events(since) == []
    record = job.record()
    assert record and record["status"]["phase"] == "Completed"


def test_beside_a_server_the_object_is_made_once_and_terminal(
    home: Home, proxy_factory: Any, job: Job
) -> None:
    home.start_server()
    proxy = proxy_factory(home.cluster)
    proxy.add(delay(0.5), method="POST", path="/configmaps")
    job.kubeconfig = home.cluster.kubeconfig(server=proxy.url)
    job.settings["concurrency"] = 8
    since = home.moment()
    report = job.run()
    assert report.phase == "Completed"
    events = home.events(since)
    assert [kind for kind, _obj in events] == ["ADDED"]
    assert phases_of(events) == ["Completed"]
    assert [
        one.method for one in proxy.records if "/restores" in one.path and one.method in WRITES
    ] == ["POST"]
    found = home.restore()
    assert found and found["status"] == report.restore["status"]


def test_a_failed_item_beside_a_server(home: Home, job: Job) -> None:
    home.start_server()
    job.backup = "bad"
    since = home.moment()
    report = job.run()
    assert report.phase == "PartiallyFailed"
    assert phases_of(home.events(since)) == ["PartiallyFailed"]
    assert set(phases_of(home.events(since))) <= TERMINAL


def test_record_cluster_beside_a_server_is_refused(
    home: Home, proxy_factory: Any, job: Job
) -> None:
    home.start_server()
    proxy = proxy_factory(home.cluster)
    job.kubeconfig = home.cluster.kubeconfig(server=proxy.url)
    job.settings["record"] = "cluster"
    with pytest.raises(RequestError, match="a Velero server works there"):
        job.run()
    assert [one for one in proxy.records if one.method in WRITES] == []
    assert list(job.artifacts.iterdir()) == []


@pytest.mark.parametrize("server", [False, True], ids=["without server", "with server"])
def test_absent_and_the_finalizer_of_a_server(home: Home, job: Job, server: bool) -> None:
    assert job.run().phase == "Completed"
    finalizers = {"metadata": {"finalizers": [FINALIZER]}}
    path = f"{home.path}/r"
    assert home.cluster.request("PATCH", path, finalizers, content_type=MERGE).ok
    if server:
        home.start_server()
    assert remove(home, job)
    left = home.restore()
    if server:
        # The server takes it off, when it has cleaned the storage.
        assert left and left["metadata"]["deletionTimestamp"]
    else:
        assert left is None


def test_a_restore_of_velero_is_not_ours_to_remove(home: Home, job: Job) -> None:
    other = {
        "apiVersion": "velero.io/v1",
        "kind": "Restore",
        "metadata": {"name": "r"},
        "spec": {"backupName": "small"},
        "status": {"phase": "InProgress"},
    }
    assert home.cluster.request("POST", home.path, other).ok
    with pytest.raises(RequestError, match=r"not made by velero\.core"):
        remove(home, job)
    assert home.restore()
