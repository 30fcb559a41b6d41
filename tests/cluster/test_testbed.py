"""The test bed itself: other tests rely on what it promises."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.proxy import Proxy, delay, too_many_requests
from tests.testbed.cluster import Cluster
from tests.testbed.processes import alive
from tests.testbed.s3 import S3Server, start_s3

CONFIG_MAPS = "/api/v1/namespaces/{}/configmaps"
_ROOT = Path(__file__).resolve().parents[2]

_PARENT = """
import json, time
from tests.testbed.cluster import start_cluster
from tests.testbed.s3 import start_s3
cluster, s3 = start_cluster(), start_s3()
pids = cluster.supervisor.pids() + s3.supervisor.pids()
directories = [str(cluster.directory), str(s3.directory)]
print(json.dumps([pids, directories]), flush=True)
time.sleep(600)
"""


def test_new_cluster_is_complete_and_quick(cluster_factory: Callable[..., Cluster]) -> None:
    started = time.monotonic()
    cluster = cluster_factory()
    seconds = time.monotonic() - started
    assert cluster.request("GET", "/version").body["gitVersion"].startswith("v1.")
    assert cluster.request("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/admin").ok
    # 3 s on two idle cores; the test allows for a busy machine.
    assert seconds < 20


def test_every_user_is_who_it_should_be(shared_cluster: Cluster) -> None:
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    for user, group in (
        ("admin", "system:masters"),
        ("certificate", "system:masters"),
        ("narrow", "narrow"),
    ):
        answer = shared_cluster.request(
            "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", review, user=user
        )
        info = answer.body["status"]["userInfo"]
        assert (info["username"], group in info["groups"]) == (user, True)


def test_narrow_user_reads_config_maps_in_one_namespace_only(shared_cluster: Cluster) -> None:
    def status(method: str, path: str) -> int:
        return shared_cluster.request(
            method, path, {} if method == "POST" else None, user="narrow"
        ).status

    assert status("GET", CONFIG_MAPS.format("narrow")) == 200
    assert status("POST", CONFIG_MAPS.format("narrow")) == 403
    assert status("GET", CONFIG_MAPS.format("default")) == 403
    assert status("GET", "/api/v1/namespaces/narrow/secrets") == 403


@pytest.mark.parametrize("user", ["admin", "certificate", "narrow"])
def test_kubeconfig_works_with_the_kubernetes_library(shared_cluster: Cluster, user: str) -> None:
    from kubernetes import client, config

    api = config.new_client_from_config(str(shared_cluster.kubeconfig(user)))
    assert client.CoreV1Api(api).list_namespaced_config_map("narrow").kind == "ConfigMapList"


def test_golden_profile_adds_nothing_of_its_own(cluster_factory: Callable[..., Cluster]) -> None:
    cluster = cluster_factory(profile="golden")
    listed = cluster.request("GET", "/api/v1/namespaces").body["items"]
    names = {item["metadata"]["name"] for item in listed}
    assert names == {"default", "kube-node-lease", "kube-public", "kube-system"}
    service = cluster.request("GET", "/api/v1/namespaces/default/services/kubernetes").body
    assert service["spec"]["clusterIP"] == "10.96.0.1"
    cluster.request("POST", "/api/v1/namespaces", {"metadata": {"name": "gone"}})
    assert cluster.request("DELETE", "/api/v1/namespaces/gone").ok
    # The controller holds a namespace back for 5 s before it empties it.
    _wait(lambda: cluster.request("GET", "/api/v1/namespaces/gone").status == 404, seconds=20)
    for kind in ("serviceaccounts", "configmaps"):
        items = cluster.request("GET", f"/api/v1/namespaces/default/{kind}").body["items"]
        assert items == []


def test_audit_log_has_the_request_when_its_answer_is_there(
    cluster_factory: Callable[..., Cluster], tmp_path: Path
) -> None:
    cluster = cluster_factory(audit_log=tmp_path / "audit.log")
    body = {"metadata": {"name": "seen"}}
    assert cluster.request("POST", CONFIG_MAPS.format("default"), body).status == 201
    events = [json.loads(line) for line in (tmp_path / "audit.log").read_text().splitlines()]
    assert any(
        event["verb"] == "create" and event["objectRef"].get("name") == "seen"
        for event in events
        if "objectRef" in event
    )


def test_proxy_before_the_api_server(
    shared_cluster: Cluster, proxy_factory: Callable[..., Proxy]
) -> None:
    from kubernetes import client, config

    proxy = proxy_factory(shared_cluster)
    rule = proxy.add(too_many_requests(), method="POST", path="/configmaps", times=1)
    api = config.new_client_from_config(str(shared_cluster.kubeconfig(server=proxy.url)))
    core = client.CoreV1Api(api)
    config_map = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="through-proxy"))
    with pytest.raises(client.ApiException) as caught:
        core.create_namespaced_config_map("default", config_map)
    assert (caught.value.status, rule.applied) == (429, 1)
    core.create_namespaced_config_map("default", config_map)
    core.delete_namespaced_config_map("through-proxy", "default")
    assert [record.status for record in proxy.requests(path="/configmaps")] == [429, 201, 200]


@pytest.mark.parametrize("tls", [False, True])
def test_s3_keeps_what_is_uploaded(tls: bool, tmp_path: Path) -> None:
    (tmp_path / "nested").mkdir()
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "nested" / "b.gz").write_bytes(bytes(100_000))
    with start_s3(tls=tls) as s3:
        assert s3.upload(tmp_path, "backups/one/") == [
            "backups/one/a.json",
            "backups/one/nested/b.gz",
        ]
        got = s3.client().get_object(Bucket=s3.bucket, Key="backups/one/nested/b.gz")
        assert got["Body"].read() == bytes(100_000)
        listed = s3.client().list_objects_v2(Bucket=s3.bucket, Prefix="backups/", Delimiter="/")
        assert [entry.get("Prefix") for entry in listed["CommonPrefixes"]] == ["backups/one/"]


def test_s3_credentials_file_is_read_by_boto3(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    import boto3

    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(s3.credentials_file))
    client = boto3.Session(region_name=s3.region).client("s3", endpoint_url=s3.url)
    assert s3.bucket in [bucket.get("Name") for bucket in client.list_buckets()["Buckets"]]


def test_proxy_before_s3(s3: S3Server, proxy_factory: Callable[..., Proxy]) -> None:
    proxy = proxy_factory(s3)
    proxy.add(delay(0.01))
    client, bucket = s3.client(proxy.url), s3.new_bucket()
    client.put_object(Bucket=bucket, Key="key", Body=b"x" * 100_000)
    assert client.get_object(Bucket=bucket, Key="key")["Body"].read() == b"x" * 100_000
    assert [record.method for record in proxy.records] == ["PUT", "GET"]


def test_stop_ends_all_processes(cluster_factory: Callable[..., Cluster]) -> None:
    cluster = cluster_factory()
    assert cluster.supervisor
    pids = cluster.supervisor.pids()
    assert len(pids) == 4
    cluster.stop()
    assert [pid for pid in pids if alive(pid)] == []
    assert not cluster.directory.exists()


@pytest.mark.skipif(
    "VELERO_CORE_TEST_KUBECONFIG" in os.environ, reason="an existing cluster starts no processes"
)
@pytest.mark.parametrize("victim", ["run", "supervisor"])
def test_nothing_outlives_a_killed_run(victim: str) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert parent.stdout
        pids, directories = json.loads(parent.stdout.readline())
        assert len(pids) == 6
        assert all(alive(pid) for pid in pids)
        if victim == "run":
            parent.kill()
        else:
            os.kill(pids[0], signal.SIGKILL)
            pids = pids[:4]
        _wait(lambda: not any(alive(pid) for pid in pids))
        if victim == "run":
            _wait(lambda: not any(Path(directory).exists() for directory in directories))
        else:
            # The directory is left then; it has nothing but this test's keys.
            shutil.rmtree(directories[0])
    finally:
        parent.kill()
        parent.wait()


def _wait(true: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.02)
