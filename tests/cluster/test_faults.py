# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A restore while the cluster or the storage misbehaves."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.retry import RetryPolicy
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ClusterError,
    ConnectionFailedError,
    ForbiddenError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.storage.location import StorageLocation
from ansible_collections.velero.core.plugins.module_utils.storage.registry import open_store
from tests.support import proxy as faults
from tests.support.backups import BackupBuilder, Manifest
from tests.support.engine import WRITES, Job, api_cluster
from tests.testbed.cluster import Cluster, ClusterOptions, start_cluster

ITEMS = 40
SOURCE = "calm"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"


def config_map(name: str, namespace: str = SOURCE) -> Manifest:
    fields = {"f:data": {".": {}, "f:k": {}}, "f:metadata": {"f:labels": {".": {}, "f:app": {}}}}
    owner = {
        "manager": "kubectl-create",
        "operation": "Update",
        "apiVersion": "v1",
        "time": "2026-01-01T00:00:00Z",
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
    metadata = {"name": name, "namespace": namespace, "labels": {"app": name}}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {**metadata, "managedFields": [owner]},
        "data": {"k": name},
    }


def secret(name: str) -> Manifest:
    metadata = {"name": name, "namespace": SOURCE}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "data": {"k": "dg=="},
        "type": "Opaque",
    }


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bucket")
    builder = BackupBuilder("calm")
    for number in range(ITEMS):
        builder.add("configmaps", config_map(f"item-{number:02d}"))
    for number in range(3):
        builder.add("secrets", secret(f"secret-{number}"))
    builder.write(folder)
    return folder


@pytest.fixture(scope="module")
def fault_cluster() -> Iterator[Cluster]:
    with start_cluster(ClusterOptions(controllers=("namespace-controller",))) as cluster:
        yield cluster


_SPACES = iter(range(10_000))


@pytest.fixture
def job(fault_cluster: Cluster, backup: Path, tmp_path: Path) -> Job:
    return Job(
        kubeconfig=fault_cluster.kubeconfig(),
        artifacts=tmp_path / "artifacts",
        backups=backup,
        backup="calm",
        spec={"namespaceMapping": {SOURCE: f"faults-{next(_SPACES)}"}},
        settings={"record": "storage"},
    )


def target_of(job: Job) -> str:
    return str(job.spec["namespaceMapping"][SOURCE])


def restored(cluster: Cluster, job: Job, plural: str = "configmaps") -> dict[str, Manifest]:
    answer = cluster.request("GET", f"/api/v1/namespaces/{target_of(job)}/{plural}")
    return {item["metadata"]["name"]: item for item in answer.body["items"]}


def assert_whole(cluster: Cluster, job: Job) -> None:
    maps = restored(cluster, job)
    assert sorted(maps) == [f"item-{number:02d}" for number in range(ITEMS)]
    for name, found in maps.items():
        assert found["data"] == {"k": name}
        writers = [one["manager"] for one in found["metadata"]["managedFields"]]
        assert writers == ["kubectl-create"]


# ------------------------------------------------------------------ the API server


@pytest.mark.parametrize(
    "fault",
    [
        faults.too_many_requests(retry_after=1),
        faults.unavailable(),
        faults.reset_before(),
        faults.reset_after(),
        faults.truncate(10),
        faults.delay(1.5),
    ],
    ids=lambda fault: fault.name,
)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_transient_faults_leave_no_trace(
    fault_cluster: Cluster, proxy_factory: Any, job: Job, fault: Any, method: str
) -> None:
    proxy = proxy_factory(fault_cluster)
    rule = proxy.add(fault, method=method, skip=2, times=3)
    job.kubeconfig = fault_cluster.kubeconfig(server=proxy.url)
    report = job.run()
    assert rule.applied == 3
    assert report.phase == "Completed", report.results.to_dict()
    assert report.results.empty
    assert_whole(fault_cluster, job)
    made = {outcome.action for outcome in report.outcomes}
    assert made == {"created"}


def test_a_refusal_by_the_server_is_an_error_of_its_item(
    fault_cluster: Cluster, proxy_factory: Any, job: Job
) -> None:
    proxy = proxy_factory(fault_cluster)
    proxy.add(
        faults.internal_error("the disk is on fire"), method="POST", path="/configmaps", times=3
    )
    job.kubeconfig = fault_cluster.kubeconfig(server=proxy.url)
    report = job.run()
    assert report.phase == "PartiallyFailed"
    texts = report.results.errors.namespaces[target_of(job)]
    assert len(texts) == 3
    assert all("the disk is on fire" in text for text in texts)
    assert len(restored(fault_cluster, job)) == ITEMS - 3

    job.kubeconfig = fault_cluster.kubeconfig()
    job.settings["rerun"] = "on_failure"
    report = job.run()
    assert (report.phase, report.changed) == ("Completed", True)
    assert_whole(fault_cluster, job)


def test_an_api_server_that_dies(
    cluster_factory: Any, proxy_factory: Any, job: Job, tmp_path: Path
) -> None:
    cluster = cluster_factory(controllers=("namespace-controller",))
    proxy = proxy_factory(cluster)
    server = cluster.servers["kube-apiserver"].pid
    command = Path(f"/proc/{server}/cmdline").read_bytes().split(b"\0")[:-1]

    def die(record: faults.Record) -> None:
        os.kill(server, signal.SIGKILL)
        # The proxy itself would answer 502 for a server that is gone.
        proxy.add(faults.reset_before())

    rule = proxy.add(
        faults.call(die),
        method="POST",
        path="/configmaps",
        skip=ITEMS // 2,
        times=1,
    )
    job.kubeconfig = cluster.kubeconfig(server=proxy.url)
    job.client = {"policy": RetryPolicy(total=1.0)}
    with pytest.raises(ConnectionFailedError) as caught:
        job.run()
    assert rule.applied == 1
    assert "again" in str(caught.value)
    record = job.record()
    assert record and record["status"]["phase"] == "InProgress"
    assert "again" in job.artifact("logs")

    with (
        open(tmp_path / "log", "wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as new,
    ):
        try:
            _wait_ready(cluster)
            job.kubeconfig, job.client = cluster.kubeconfig(), {}
            report = job.run()
            assert report.phase == "Completed", report.results.to_dict()
            assert_whole(cluster, job)
            assert {outcome.action for outcome in report.outcomes} == {"created"}
        finally:
            new.kill()


def _wait_ready(cluster: Cluster) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if cluster.request("GET", "/readyz").status == 200:
                return
        except OSError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_group_that_is_down_is_told_and_stops_nothing(fault_cluster: Cluster, job: Job) -> None:
    path = "/apis/apiregistration.k8s.io/v1/apiservices"
    name = "v1.down.example.test"
    service = {
        "metadata": {"name": name},
        "spec": {
            "group": "down.example.test",
            "version": "v1",
            "groupPriorityMinimum": 1,
            "versionPriority": 1,
            "insecureSkipTLSVerify": True,
            "service": {"namespace": "default", "name": "nobody", "port": 443},
        },
    }
    assert fault_cluster.request("POST", path, service).ok
    try:
        _wait_discovered(fault_cluster, "down.example.test")
        report = job.run()
        assert report.phase == "Completed", report.results.to_dict()
        assert_whole(fault_cluster, job)
        log = job.artifact("logs")
        assert "level=warning" in log and "down.example.test/v1" in log
    finally:
        fault_cluster.request("DELETE", f"{path}/{name}")


def _wait_discovered(cluster: Cluster, group: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        with api_cluster(cluster.kubeconfig()) as api:
            if any(name.startswith(group) for name in api.discover().failed_groups):
                return
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_lists_are_paged(fault_cluster: Cluster, proxy_factory: Any, job: Job) -> None:
    target = target_of(job)
    assert fault_cluster.request("POST", "/api/v1/namespaces", {"metadata": {"name": target}}).ok
    with api_cluster(fault_cluster.kubeconfig()) as api:
        maps = api.discover().by_plural("", "v1", "configmaps")
        assert maps
        for number in range(501):
            api.create(maps, target, {"metadata": {"name": f"other-{number:04d}"}})
    proxy = proxy_factory(fault_cluster)
    job.kubeconfig = fault_cluster.kubeconfig(server=proxy.url)
    report = job.run()
    assert report.phase == "Completed", report.results.to_dict()
    pages = proxy.requests("GET", f"/namespaces/{target}/configmaps\\?")
    assert len(pages) == 2
    assert all("limit=500" in page.path for page in pages)
    assert ["continue=" in page.path for page in pages] == [False, True]


def test_a_user_with_few_rights(fault_cluster: Cluster, job: Job) -> None:
    job.spec["namespaceMapping"] = {SOURCE: "narrow"}
    job.kubeconfig = fault_cluster.kubeconfig("narrow")
    with pytest.raises(ForbiddenError, match="cluster_item_actions"):
        job.run()
    assert job.record() is None

    job.settings["cluster_item_actions"] = False
    report = job.run()
    # Not even the namespace may be looked at: every item says so, as in Velero.
    assert report.phase == "PartiallyFailed"
    assert "forbidden" in report.results.errors.velero[0]

    role = {
        "metadata": {"name": "see-namespaces"},
        "rules": [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]}],
    }
    group = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "narrow"}
    reference = {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": "see-namespaces",
    }
    binding = {"metadata": role["metadata"], "roleRef": reference, "subjects": [group]}
    assert fault_cluster.request("POST", f"{_RBAC}/clusterroles", role).ok
    assert fault_cluster.request("POST", f"{_RBAC}/clusterrolebindings", binding).ok
    deadline = time.monotonic() + 10
    while not fault_cluster.request("GET", "/api/v1/namespaces/narrow", user="narrow").ok:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    job.settings["rerun"] = "always"
    report = job.run()
    assert report.phase == "PartiallyFailed"
    texts = report.results.errors.namespaces["narrow"]
    assert len(texts) == ITEMS + 3
    assert all("is forbidden" in text for text in texts)
    assert texts[0].startswith("error restoring secrets/narrow/secret-0: ")
    assert {outcome.action for outcome in report.outcomes} == {"failed"}


# ------------------------------------------------------------------ the storage


@pytest.fixture
def s3_job(s3: Any, proxy_factory: Any, backup: Path, job: Job) -> tuple[Job, Any, Any]:
    bucket = s3.new_bucket()
    s3.upload(backup, "", bucket=bucket)
    proxy = proxy_factory(s3)
    location = StorageLocation(
        provider="aws",
        bucket=bucket,
        config={"s3Url": proxy.url, "s3ForcePathStyle": "true"},
        credentials_file=str(s3.credentials_file),
    )
    return job, proxy, open_store(location)


def run_s3(job: Job, store: Any) -> Any:
    with api_cluster(job.kubeconfig) as api:
        return job.run_with(api, source=store, artifacts=store)


@pytest.mark.parametrize(
    "fault",
    [faults.answer(500), faults.reset_before(), faults.reset_after(), faults.truncate(20)],
    ids=lambda fault: fault.name,
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_transient_faults_of_the_storage(
    fault_cluster: Cluster, s3_job: tuple[Job, Any, Any], fault: Any, method: str
) -> None:
    job, proxy, store = s3_job
    rule = proxy.add(fault, method=method, times=2)
    report = run_s3(job, store)
    assert rule.applied == 2
    assert report.phase == "Completed"
    assert report.warnings == []
    assert_whole(fault_cluster, job)


def test_artifacts_that_cannot_be_kept_are_told(
    fault_cluster: Cluster, s3_job: tuple[Job, Any, Any]
) -> None:
    job, proxy, store = s3_job
    proxy.add(faults.answer(500), method="PUT", path="results")
    report = run_s3(job, store)
    assert report.phase == "Completed"
    assert len(report.warnings) == 1 and "results" in report.warnings[0]
    assert_whole(fault_cluster, job)


@pytest.mark.parametrize(("method", "path"), [("PUT", "/restores/"), ("GET", "tar.gz")])
def test_a_storage_that_is_down_stops_the_restore_before_it_begins(
    fault_cluster: Cluster,
    proxy_factory: Any,
    s3_job: tuple[Job, Any, Any],
    method: str,
    path: str,
) -> None:
    job, proxy, store = s3_job
    proxy.add(faults.answer(500), method=method, path=path)
    before_cluster = proxy_factory(fault_cluster)
    job.kubeconfig = fault_cluster.kubeconfig(server=before_cluster.url)
    with pytest.raises((StorageError, ClusterError)):
        run_s3(job, store)
    assert [one.path for one in before_cluster.records if one.method in WRITES] == []
