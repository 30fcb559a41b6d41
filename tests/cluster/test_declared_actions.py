# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of docs/writing_item_actions.md, and what can go wrong with such actions."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import VeleroCoreError
from tests.support.backups import BackupBuilder, Manifest
from tests.support.engine import CHECKOUT, WRITES, Job, actions
from tests.support.proxy import status_answer
from tests.testbed.cluster import Cluster, start_cluster

EXAMPLES = CHECKOUT / "examples" / "item_actions"
CRDS = "customresourcedefinitions.apiextensions.k8s.io"
GROUP = "example.com"
OPERATOR = "/apis/apps/v1/namespaces/cache-operator/deployments/operator"
STORAGE_CLASSES = "/apis/storage.k8s.io/v1/storageclasses"


@pytest.fixture
def golden() -> Iterator[Cluster]:
    """Without controllers that would say what a test is to say."""
    with start_cluster(profile="golden") as running:
        yield running


def definition() -> Manifest:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"caches.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"plural": "caches", "singular": "cache", "kind": "Cache"},
            "versions": [version],
        },
    }


def named(api_version: str, kind: str, name: str, namespace: str = "", **more: Any) -> Manifest:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    metadata |= more.pop("metadata", {})
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **more}


def deployment(name: str, namespace: str, **metadata: Any) -> Manifest:
    labels = {"app": name}
    container = {"name": "web", "image": "docker.io/library/nginx:1"}
    return named(
        "apps/v1",
        "Deployment",
        name,
        namespace,
        metadata=metadata,
        spec={
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    )


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bucket")
    builder = BackupBuilder("shop")
    builder.add(CRDS, definition())
    builder.add("secrets", named("v1", "Secret", "cache-key", "shop", data={"key": "c2VjcmV0"}))
    builder.add("deployments.apps", deployment("operator", "cache-operator"))
    later = {"labels": {"example.com/start": "later"}, "annotations": {"by": "us"}}
    builder.add("deployments.apps", deployment("web", "shop", **later))
    spec = {"managed": True, "secretName": "cache-key"}
    builder.add(f"caches.{GROUP}", named(f"{GROUP}/v1", "Cache", "main", "shop", spec=spec))
    for name, labels in (("front", {}), ("probe", {"example.com/test-only": ""})):
        ports = {"ports": [{"port": 80}]}
        service = named("v1", "Service", name, "shop", metadata={"labels": labels}, spec=ports)
        builder.add("services", service)
    for name in ("settings", "debug-1"):
        builder.add("configmaps", named("v1", "ConfigMap", name, "shop", data={}))
    claim = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "gp2",
        "resources": {"requests": {"storage": "1Gi"}},
    }
    builder.add(
        "persistentvolumeclaims", named("v1", "PersistentVolumeClaim", "data", "shop", spec=claim)
    )
    builder.write(folder)
    return folder


@pytest.fixture
def job(golden: Cluster, backup: Path, tmp_path: Path) -> Job:
    return Job(
        kubeconfig=golden.kubeconfig(),
        artifacts=tmp_path / "artifacts",
        backups=backup,
        backup="shop",
        settings={"record": "storage"},
    )


def with_actions(job: Job, *entries: Any, **settings: Any) -> Job:
    job.settings |= {"item_actions": entries, **settings}
    return job


def example(name: str, **changes: Any) -> Manifest:
    import yaml

    return {**yaml.safe_load((EXAMPLES / name).read_text()), **changes}


def available(cluster: Cluster, after: float = 0.0) -> threading.Thread:
    """Says that the operator runs, some time after it was made."""
    condition = {"type": "Available", "status": "True", "reason": "Test", "message": ""}

    def work() -> None:
        deadline = time.monotonic() + 60
        while not cluster.request("GET", OPERATOR).ok:
            if time.monotonic() > deadline:
                return
            time.sleep(0.05)
        time.sleep(after)
        found = cluster.request("GET", OPERATOR).body
        found["status"] = {"conditions": [condition]}
        cluster.request("PUT", f"{OPERATOR}/status", found)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def first(records: list[Any], fits: Callable[[Any], bool]) -> int:
    return next(at for at, one in enumerate(records) if fits(one))


def test_the_operator_comes_before_its_resources(
    golden: Cluster, job: Job, proxy_factory: Any
) -> None:
    proxy = proxy_factory(golden)
    job.kubeconfig = golden.kubeconfig(server=proxy.url)
    operator = available(golden, after=1.5)
    report = with_actions(job, {"file": str(EXAMPLES / "operator_before_caches.yml")}).run()
    operator.join()
    assert report.phase == "Completed", report.results.to_dict()
    assert set(actions(report).values()) == {"created"}

    log = job.artifact("logs")
    timeline = [
        "Attempting to restore Deployment: operator.",
        "Executing item action for caches.example.com",
        "Waiting for additional items of caches.example.com/shop/main to be ready",
        "Additional items of caches.example.com/shop/main are ready",
        "Attempting to restore Cache: main.",
    ]
    places = [log.index(text) for text in timeline]
    assert places == sorted(places)
    assert log.index("Attempting to restore Secret: cache-key.") < places[1]

    made = first(
        proxy.records,
        lambda one: one.method == "POST" and "/cache-operator/deployments" in one.path,
    )
    asked = [
        at for at, one in enumerate(proxy.records) if one.method == "GET" and OPERATOR in one.path
    ]
    cache = first(proxy.records, lambda one: one.method == "POST" and "/caches" in one.path)
    assert made < asked[0] < asked[-1] < cache
    # Asked at once and then every second, and no more once it was ready.
    assert 2 <= len(asked) <= 6


@pytest.mark.parametrize("concurrency", [1, 16])
def test_a_timeout_is_told_and_the_item_is_restored(job: Job, concurrency: int) -> None:
    action = example("operator_before_caches.yml", timeout="1s")
    started = time.monotonic()
    report = with_actions(job, action, concurrency=concurrency).run()
    assert time.monotonic() - started < 30
    assert report.phase == "PartiallyFailed"
    (text,) = report.results.errors.namespaces["shop"]
    assert text == ("error verifying additional items are ready to use: context deadline exceeded")
    assert actions(report)[f"{GROUP}/v1/Cache/shop/main"] == "created"


def test_an_error_while_waiting_is_told(golden: Cluster, job: Job, proxy_factory: Any) -> None:
    proxy = proxy_factory(golden)
    proxy.add(status_answer(403, "Forbidden", "not for you"), method="GET", path=OPERATOR)
    job.kubeconfig = golden.kubeconfig(server=proxy.url)
    report = with_actions(job, example("operator_before_caches.yml")).run()
    assert report.phase == "PartiallyFailed"
    (text,) = report.results.errors.namespaces["shop"]
    assert text.startswith("error verifying additional items are ready to use: ")
    assert "deployments.apps operator" in text
    assert actions(report)[f"{GROUP}/v1/Cache/shop/main"] == "created"


def test_cycles_end(job: Job) -> None:
    """Each waits for the other, and both for themselves."""
    both = {
        "name": "round",
        "applies_to": {"included_resources": ["configmaps"]},
        "additional_items": [
            {"resource": "configmaps", "namespace": "shop", "name": name}
            for name in ("settings", "debug-1")
        ],
        "ready_when": [{"jmespath": "metadata.uid"}],
        "timeout": 1,
    }
    job.spec["includedResources"] = ["configmaps"]
    started = time.monotonic()
    report = with_actions(job, both).run()
    assert time.monotonic() - started < 30
    found = actions(report)
    assert {found[f"v1/ConfigMap/shop/{name}"] for name in ("settings", "debug-1")} == {"created"}


def test_many_wait_at_once_and_cost_little(
    golden: Cluster, job: Job, proxy_factory: Any, tmp_path: Path
) -> None:
    builder = BackupBuilder("many")
    builder.add("deployments.apps", deployment("operator", "cache-operator"))
    for number in range(100):
        builder.add("configmaps", named("v1", "ConfigMap", f"c-{number}", "shop", data={}))
    builder.write(tmp_path)
    job.backups, job.backup = tmp_path, "many"
    proxy = proxy_factory(golden)
    job.kubeconfig = golden.kubeconfig(server=proxy.url)
    action = example(
        "operator_before_caches.yml", applies_to={"included_resources": ["configmaps"]}
    )
    del action["when"], action["additional_items"][:2], action["ready_when"][0]
    operator = available(golden, after=3)
    report = with_actions(job, action).run()
    operator.join()
    assert report.phase == "Completed", report.results.to_dict()
    records = proxy.records
    asked = [at for at, one in enumerate(records) if one.method == "GET" and OPERATOR in one.path]
    # Each of a hundred for itself would have asked three or four times.
    assert 3 <= len(asked) <= 20


def test_actions_of_the_cluster_come_first(golden: Cluster, job: Job) -> None:
    def stamps(value: str) -> str:
        patch = {"metadata": {"annotations": {"last": value, value: "seen"}}}
        told = {"name": value, "applies_to": {"included_resources": ["configmaps"]}}
        return json.dumps({**told, "patches": [{"merge": patch}]})

    golden.request("POST", "/api/v1/namespaces", {"metadata": {"name": "velero"}})
    labels = {"velero-core.io/item-action": ""}
    for name in ("b", "a"):
        body = {"metadata": {"name": name, "labels": labels}, "data": {"action.yaml": stamps(name)}}
        assert golden.request("POST", "/api/v1/namespaces/velero/configmaps", body).ok
    job.spec["includedResources"] = ["configmaps"]
    report = with_actions(job, json.loads(stamps("c"))).run()
    assert report.phase == "Completed", report.results.to_dict()
    path = "/api/v1/namespaces/shop/configmaps/settings"
    annotations = golden.request("GET", path).body["metadata"]["annotations"]
    assert annotations == {"last": "c", "a": "seen", "b": "seen", "c": "seen"}

    golden.request("DELETE", path)
    job.name = "again"
    with_actions(job, cluster_item_actions=False).run()
    assert "annotations" not in golden.request("GET", path).body["metadata"]


def test_a_plugin_binary_comes_before_them(golden: Cluster, job: Job, tmp_path: Path) -> None:
    """Its action sees what Velero's do, and theirs see what it has done."""
    pytest.importorskip("grpc")
    from tests.testbed.build import plugin_binaries

    builder = BackupBuilder("plugged")
    labels = {"labels": {"example.test/labels": "", "example.test/noisy": ""}}
    builder.add("configmaps", named("v1", "ConfigMap", "one", "shop", metadata=labels))
    builder.add("configmaps", named("v1", "ConfigMap", "two", "shop"))
    builder.write(tmp_path)
    job.backups, job.backup = tmp_path, "plugged"
    after = {
        "name": "after",
        "applies_to": {"included_resources": ["configmaps"], "label_selector": "edited-by"},
        "patches": [{"merge": {"data": {"seen": "yes"}}}],
    }
    with_actions(job, after, plugin_binaries=(str(plugin_binaries() / "testplugin"),))
    plan = copy.deepcopy(job)
    plan.check_mode = True
    planned = plan.run().plan
    assert planned is not None
    assumed = {entry["id"] for entry in planned if entry.get("assumed")}
    assert assumed == {"v1/ConfigMap/shop/one"}

    report = job.run()
    assert report.phase == "Completed", report.results.to_dict()
    data = {
        name: golden.request("GET", f"/api/v1/namespaces/shop/configmaps/{name}").body.get("data")
        for name in ("one", "two")
    }
    assert data == {"one": {"seen": "yes"}, "two": None}
    assert "a line on stderr" in job.artifact("logs")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"item_actions": [{"name": "a", "wait": 1}]}, "item_actions[0]: unknown wait"),
        ({"item_actions": [{"python": "/none.py", "class": "A"}]}, "there is no file /none.py"),
        ({"plugin_binaries": ["/none --flag"]}, "/none"),
        (
            {"storage_class_mapping": {"gp2": "none", "gp3": "nor-this"}},
            "there is no storage class 'none', 'nor-this' in the cluster",
        ),
    ],
)
def test_mistakes_are_told_before_anything_is_written(
    golden: Cluster, job: Job, proxy_factory: Any, settings: dict[str, Any], why: str
) -> None:
    proxy = proxy_factory(golden)
    job.kubeconfig = golden.kubeconfig(server=proxy.url)
    job.settings |= settings
    with pytest.raises(VeleroCoreError) as caught:
        job.run()
    assert why in str(caught.value)
    assert [one.path for one in proxy.records if one.method in WRITES] == []
    assert list(job.artifacts.rglob("*")) == []


def test_the_playbook_of_the_examples(golden: Cluster, backup: Path, tmp_path: Path) -> None:
    shutil.copytree(backup, tmp_path / "backups")
    golden.request(
        "POST", STORAGE_CLASSES, {"metadata": {"name": "gp3"}, "provisioner": "example.com/none"}
    )
    operator = available(golden)
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("ansible-playbook")),
            str(EXAMPLES / "restore.yml"),
            "-e",
            f"backups={tmp_path / 'backups'}",
        ],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".dev"),
            "ANSIBLE_NOCOLOR": "true",
            "K8S_AUTH_KUBECONFIG": str(golden.kubeconfig()),
        },
    )
    operator.join()
    assert done.returncode == 0, done.stdout + done.stderr

    shop = "/api/v1/namespaces/shop"
    front = golden.request("GET", f"{shop}/services/front").body
    assert front["metadata"]["annotations"] == {"example.com/restored-by": "team-a"}
    assert golden.request("GET", f"{shop}/services/probe").status == 404
    assert golden.request("GET", f"{shop}/configmaps/settings").ok
    assert golden.request("GET", f"{shop}/configmaps/debug-1").status == 404
    claim = golden.request("GET", f"{shop}/persistentvolumeclaims/data").body
    assert claim["spec"]["storageClassName"] == "gp3"
    web = golden.request("GET", "/apis/apps/v1/namespaces/shop/deployments/web").body
    assert web["spec"]["replicas"] == 0
    assert web["metadata"]["annotations"] == {"by": "us", "example.com/start": "by hand"}
    (container,) = web["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "mirror.example.com/library/nginx:1"
    assert container["env"] == [{"name": "RESTORED", "value": "true"}]
    assert golden.request("GET", f"/apis/{GROUP}/v1/namespaces/shop/caches/main").ok
