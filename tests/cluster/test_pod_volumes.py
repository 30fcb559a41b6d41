# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data that node agents restore, against a real API server.

The node agent is a small controller of the tests (tests/support/played_node_agent.py): it takes
PodVolumeRestores and DataDownloads through their phases and moves no data. The scheduler is played
by a binding. Velero's own definitions are not in this repository; those here accept anything.
"""

from __future__ import annotations

import gzip
import itertools
import json
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.clock import SystemClock
from ansible_collections.velero.core.plugins.module_utils.restore.deletion import delete_restore
from ansible_collections.velero.core.plugins.module_utils.restore.ports import RestorePorts
from ansible_collections.velero.core.plugins.module_utils.restore.sources import BackupSource
from ansible_collections.velero.core.plugins.module_utils.storage.directory import DirectoryStore
from tests.support.backups import BackupBuilder, Manifest
from tests.support.builders_pod_volumes import (
    agent_pod,
    daemon_set,
    pod_volume_backup,
    pod_with,
    repository,
)
from tests.support.engine import Job, api_cluster
from tests.support.played_node_agent import CANCELLED, FAILS, NEVER_ENDS, PlayedNodeAgent
from tests.support.waiting import eventually
from tests.testbed.cluster import PROFILES, Cluster, start_cluster

_NUMBERS = itertools.count()
_KINDS = (
    ("restores", "Restore", "v1"),
    ("podvolumerestores", "PodVolumeRestore", "v1"),
    ("podvolumebackups", "PodVolumeBackup", "v1"),
    ("backuprepositories", "BackupRepository", "v1"),
    ("datauploads", "DataUpload", "v2alpha1"),
    ("datadownloads", "DataDownload", "v2alpha1"),
)


def _definition(plural: str, kind: str, version: str) -> Manifest:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.velero.io"},
        "spec": {
            "group": "velero.io",
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [{"name": version, "served": True, "storage": True, "schema": schema}],
        },
    }


def _is_served(cluster: Cluster, path: str) -> bool:
    return bool(cluster.request("GET", path).ok)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster with definitions of Velero's kinds, for all tests of this file."""
    # The DaemonSet's controller would delete the pods that stand for node agents.
    with start_cluster(PROFILES["golden"]) as running:
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        for kind in _KINDS:
            assert running.request("POST", path, _definition(*kind)).ok
        for plural, _kind, version in _KINDS:
            eventually(
                lambda p=plural, v=version: running.request("GET", f"/apis/velero.io/{v}/{p}").ok
            )
        yield running


class Home:
    """A Velero namespace and a namespace of this test's own, and restores of one backup."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        number = next(_NUMBERS)
        self.cluster = cluster
        self.folder = folder
        self.velero, self.shop = f"velero-{number}", f"shop-{number}"
        self.builder = BackupBuilder("b1")
        self.backups: list[Manifest] = []
        self.must("POST", "/api/v1/namespaces", {"metadata": {"name": self.velero}})

    def must(self, verb: str, path: str, body: Manifest | None = None, **options: Any) -> Manifest:
        answer = self.cluster.request(verb, path, body, **options)
        assert answer.ok, f"{verb} {path}: {answer.status} {answer.body}"
        found: Manifest = answer.body
        return found

    # -------------------------------------------------------------- what is there

    def node_agents(self, *nodes: str) -> None:
        """The DaemonSet, and a pod on each of ``nodes``."""
        labels = {"role": "node-agent"}
        body = daemon_set()
        body["metadata"]["namespace"] = self.velero
        body["spec"]["selector"] = {"matchLabels": labels}
        body["spec"]["template"]["metadata"] = {"labels": labels}
        self.must("POST", f"/apis/apps/v1/namespaces/{self.velero}/daemonsets", body)
        for node in nodes:
            pod = agent_pod(node)
            pod["metadata"]["namespace"] = self.velero
            pod["spec"]["containers"] = [{"name": "node-agent", "image": "i"}]
            path = f"/api/v1/namespaces/{self.velero}/pods"
            pod.pop("status")
            self.must("POST", path, pod)
            self.patch(f"{path}/{pod['metadata']['name']}/status", {"status": {"phase": "Running"}})

    def repository(self, phase: str = "Ready") -> None:
        body = repository(self.shop, phase)
        body["metadata"]["namespace"] = self.velero
        self.must("POST", f"/apis/velero.io/v1/namespaces/{self.velero}/backuprepositories", body)

    def patch(self, path: str, body: Manifest) -> None:
        self.must("PATCH", path, body, content_type="application/merge-patch+json")

    def pod(self, *volumes: str) -> None:
        """A pod in the backup, with volumes whose data was backed up."""
        claims = [volume for volume in volumes if volume.startswith("claim-")]
        for claim in claims:
            spec = {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}},
                "storageClassName": "none",
            }
            self.builder.add(
                "persistentvolumeclaims", self._obj("PersistentVolumeClaim", claim, spec)
            )
        self.builder.add("pods", pod_with(*volumes, namespace=self.shop))
        self.backups += [pod_volume_backup(volume, namespace=self.shop) for volume in volumes]

    def _obj(self, kind: str, name: str, spec: Manifest, api: str = "v1") -> Manifest:
        metadata = {"name": name, "namespace": self.shop}
        return {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}

    def moved_claim(self) -> None:
        """A claim in the backup whose data was moved."""
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        claim = self._obj("PersistentVolumeClaim", "data", spec)
        claim["metadata"] |= {"uid": "p-1", "annotations": {"velero.io/data-upload-name": "u"}}
        upload = self._obj(
            "DataUpload",
            "u",
            {"sourceNamespace": self.shop, "sourcePVC": "data"},
            "velero.io/v2alpha1",
        )
        upload["metadata"]["namespace"] = self.velero
        upload["status"] = {"phase": "Completed", "snapshotID": "s", "progress": {"totalBytes": 9}}
        self.builder.add("persistentvolumeclaims", claim)
        self.builder.add("datauploads.velero.io", upload)

    def write(self, **spec: Any) -> None:
        folder = self.builder.write(self.folder)
        packed = gzip.compress(json.dumps(self.backups).encode())
        (folder / "b1-podvolumebackups.json.gz").write_bytes(packed)
        path = folder / "velero-backup.json"
        backup = json.loads(path.read_text())
        backup["spec"] = {**(backup.get("spec") or {}), "storageLocation": "default", **spec}
        path.write_text(json.dumps(backup))

    # -------------------------------------------------------------- what is done

    def job(self, **settings: Any) -> Job:
        check_mode = settings.pop("check_mode", False)
        return Job(
            kubeconfig=self.cluster.kubeconfig(),
            artifacts=self.folder,
            backups=self.folder,
            backup="b1",
            name="r",
            settings={"velero_namespace": self.velero, **settings},
            check_mode=check_mode,
        )

    @contextmanager
    def played(
        self, script: Mapping[str, Sequence[str]] | None = None, node: str = "node-1"
    ) -> Iterator[None]:
        """Pods are bound to ``node``, and a node agent is played, while the block runs."""
        with ExitStack() as stack:
            api = stack.enter_context(api_cluster(self.cluster.kubeconfig()))
            agent = _Agent(self, node, api, script or {}, self.velero)
            stack.enter_context(agent)
            yield

    def bind(self, node: str) -> None:
        path = f"/api/v1/namespaces/{self.shop}/pods"
        for pod in self.cluster.request("GET", path).body.get("items") or []:
            if not pod["spec"].get("nodeName"):
                name = pod["metadata"]["name"]
                target = {"kind": "Node", "name": node}
                body = {"metadata": {"name": name}, "target": target}
                self.cluster.request("POST", f"{path}/{name}/binding", body)

    # -------------------------------------------------------------- what is seen

    def made(self, kind: str = "podvolumerestores", version: str = "v1") -> list[Manifest]:
        path = f"/apis/velero.io/{version}/namespaces/{self.velero}/{kind}"
        found: list[Manifest] = self.must("GET", path)["items"]
        return found

    def init_containers(self) -> list[str]:
        pod = self.must("GET", f"/api/v1/namespaces/{self.shop}/pods/web")
        return [container["name"] for container in pod["spec"].get("initContainers") or []]


class _Agent(PlayedNodeAgent):
    def __init__(self, home: Home, node: str, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._home, self._node = home, node

    def turn(self) -> None:
        self._home.bind(self._node)
        super().turn()


@pytest.fixture
def home(cluster: Cluster, tmp_path: Path) -> Home:
    return Home(cluster, tmp_path)


@pytest.fixture
def ready(home: Home) -> Home:
    """Everything is there that node agents need."""
    home.node_agents("node-1")
    home.repository()
    return home


# ------------------------------------------------------------------ pods


def test_volumes_of_a_pod_are_filled(ready: Home) -> None:
    ready.pod("claim-a", "scratch")
    ready.write()
    job = ready.job()
    with ready.played():
        report = job.run()
    assert (report.phase, report.results.to_dict()["errors"]) == ("Completed", {})
    assert ready.init_containers() == ["restore-wait"]
    (restore,) = ready.made("restores")
    made = {item["spec"]["volume"]: item for item in ready.made()}
    assert made.keys() == {"claim-a", "scratch"}
    for item in made.values():
        assert item["status"]["phase"] == "Completed"
        assert [owner["uid"] for owner in item["metadata"]["ownerReferences"]] == [
            restore["metadata"]["uid"]
        ]
        assert item["metadata"]["labels"]["velero.io/restore-uid"] == restore["metadata"]["uid"]
    assert "velero.io/pvc-uid" in made["claim-a"]["metadata"]["labels"]
    assert [row["pvcName"] for row in job.artifact("volumeinfo")] == ["claim-a"]
    assert "Volume scratch of pod" in job.artifact("logs")


@pytest.mark.parametrize(
    ("phases", "text"),
    [
        (FAILS, "pod volume restore failed: played: failed"),
        (CANCELLED, "pod volume restore canceled: played: canceled"),
    ],
)
def test_a_volume_that_is_not_filled(ready: Home, phases: Sequence[str], text: str) -> None:
    ready.pod("a", "b")
    ready.write()
    with ready.played({"b": phases}):
        report = ready.job().run()
    assert report.phase == "PartiallyFailed"
    assert report.results.errors.velero == [text]


def test_a_restore_that_never_ends_is_given_up_at_its_own_deadline(ready: Home) -> None:
    ready.pod("a", "b")
    ready.write()
    with ready.played({"b": NEVER_ENDS}):
        report = ready.job(fs_backup_timeout=8.0).run()
    assert report.results.errors.velero == [
        f"timed out waiting for all PodVolumeRestores to complete: b of pod {ready.shop}/web"
    ]
    assert not any(item["spec"].get("cancel") for item in ready.made())


def test_a_pod_on_a_node_without_an_agent(ready: Home) -> None:
    ready.pod("a")
    ready.write()
    with ready.played({"a": NEVER_ENDS}, node="node-2"):
        report = ready.job().run()
    (text,) = report.results.errors.velero
    assert text.startswith("node-agent pod is not running in node node-2: ")


def _no_agent(home: Home) -> None:
    home.repository()


def _no_repository(home: Home) -> None:
    home.node_agents("node-1")


def _repository_not_ready(home: Home) -> None:
    home.node_agents("node-1")
    home.repository("NotReady")


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (_no_agent, "node_agent_missing"),
        (_no_repository, "repository_not_ready"),
        (_repository_not_ready, "repository_not_ready"),
    ],
)
def test_what_nobody_fills_is_planned_and_told(
    home: Home, prepare: Callable[[Home], None], reason: str
) -> None:
    prepare(home)
    home.pod("a")
    home.write()
    plan = home.job(check_mode=True).run().plan or []
    mine = next(entry for entry in plan if entry["id"] == f"v1/Pod/{home.shop}/web")
    assert (mine["action"], mine["reason"]) == ("blocked", reason)
    repositories = home.made("backuprepositories")
    report = home.job().run()
    assert report.results.errors.count == 1
    assert home.init_containers() == []
    assert home.made() == []
    assert home.made("backuprepositories") == repositories, "nobody's question is left behind"


def test_a_run_that_was_killed_while_it_waited_is_gone_on_with(ready: Home) -> None:
    ready.pod("a", "b")
    ready.write()
    process = ready.job().start()
    try:
        eventually(lambda: len(ready.made()) == 2)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    before = {item["metadata"]["name"] for item in ready.made()}
    with ready.played():
        report = ready.job().run()
    assert report.phase == "Completed"
    assert {item["metadata"]["name"] for item in ready.made()} == before


def test_removing_an_unfinished_restore_cancels_its_volumes(ready: Home) -> None:
    ready.pod("a")
    ready.write()
    process = ready.job().start()
    try:
        eventually(lambda: len(ready.made()) == 1)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    store, job = DirectoryStore(str(ready.folder)), ready.job()
    with api_cluster(job.kubeconfig) as api:
        ports = RestorePorts(
            cluster=api, source=BackupSource(store=store), artifacts=store, clock=SystemClock()
        )
        assert delete_restore("r", ports, job.request().settings).changed
    assert [item["spec"].get("cancel") for item in ready.made()] in ([True], [])


# ------------------------------------------------------------------ moved data


@pytest.mark.parametrize(
    ("phases", "phase"),
    [(("Accepted", "InProgress", "Completed"), "Completed"), (FAILS, "PartiallyFailed")],
)
def test_moved_data_is_brought_by_node_agents(
    ready: Home, phases: Sequence[str], phase: str
) -> None:
    ready.moved_claim()
    ready.write(snapshotMoveData=True, csiSnapshotTimeout="10m0s")
    settings = {"features": ["EnableCSI"], "item_operation_sync_frequency": 0.5}
    with ready.played({"data": phases}):
        report = ready.job(**settings).run()
    assert report.phase == phase
    (made,) = ready.made("datadownloads", "v2alpha1")
    assert made["spec"]["targetVolume"] == {"pvc": "data", "pv": "", "namespace": ready.shop}
    assert made["status"]["phase"] == phases[-1]


def test_moved_data_without_node_agents_is_an_error_and_no_claim_waits(home: Home) -> None:
    home.repository()
    home.moved_claim()
    home.write(snapshotMoveData=True, csiSnapshotTimeout="10m0s")
    report = home.job(features=["EnableCSI"]).run()
    assert report.phase == "PartiallyFailed"
    assert home.made("datadownloads", "v2alpha1") == []
    path = f"/api/v1/namespaces/{home.shop}/persistentvolumeclaims/data"
    assert home.cluster.request("GET", path).status == 404
