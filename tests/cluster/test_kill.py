# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A restore that is killed at any write and run again ends as one that nobody disturbed.

All points share a cluster: each restores into namespaces of its own, and what is not in a
namespace is removed before. With VELERO_CORE_LONG=1 every write is a point.
"""

from __future__ import annotations

import copy
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.backups import BackupBuilder, Manifest
from tests.support.engine import WRITES, Job, actions
from tests.support.proxy import Proxy, Record, Tls, call, call_after, reset_before
from tests.testbed.cluster import Cluster, ClusterOptions, start_cluster

NEEDS_TIME = pytest.mark.skipif(
    not os.environ.get("VELERO_CORE_LONG"), reason="set VELERO_CORE_LONG=1"
)
SPACES = ("one", "two")
CRD = "gears.kill.example.test"
CRD_PATH = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{CRD}"
ROLE_PATH = "/apis/rbac.authorization.k8s.io/v1/clusterroles/kill-reader"
COLLECTIONS = {
    "ConfigMap": "/api/v1/namespaces/{}/configmaps",
    "Secret": "/api/v1/namespaces/{}/secrets",
    "ServiceAccount": "/api/v1/namespaces/{}/serviceaccounts",
    "Service": "/api/v1/namespaces/{}/services",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "Gear": "/apis/kill.example.test/v1/namespaces/{}/gears",
}


# ------------------------------------------------------------------ the backup


def _owner(manager: str, fields: Manifest, operation: str = "Update", version: str = "v1") -> Any:
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": version,
        "time": "2026-01-01T00:00:00Z",
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }


def _obj(kind: str, name: str, space: str, rest: Manifest, version: str = "v1") -> Manifest:
    metadata: Manifest = {"name": name, "labels": {"app": name}}
    if space:
        metadata["namespace"] = space
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}


def _owned(obj: Manifest, *owners: Any) -> Manifest:
    obj["metadata"]["managedFields"] = list(owners)
    return obj


_LABELS = {"f:metadata": {"f:labels": {"f:app": {}}}}
_ALL_LABELS = {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}}


def _gear_definition() -> Manifest:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": CRD},
        "spec": {
            "group": "kill.example.test",
            "scope": "Namespaced",
            "names": {"plural": "gears", "singular": "gear", "kind": "Gear"},
            "versions": [version],
        },
    }


def _in_namespace(space: str) -> Iterator[tuple[str, Manifest]]:
    for number in range(3):
        single = _owner("kubectl-create", {"f:data": {".": {}, "f:k": {}}, **_ALL_LABELS})
        obj = _obj("ConfigMap", f"single-{number}", space, {"data": {"k": str(number)}})
        yield "configmaps", _owned(obj, single)
    for number in range(2):
        obj = _obj("ConfigMap", f"shared-{number}", space, {"data": {"a": "1", "b": "2"}})
        first = _owner("helm", {"f:data": {".": {}, "f:a": {}}, **_ALL_LABELS})
        yield "configmaps", _owned(obj, first, _owner("operator", {"f:data": {"f:b": {}}}))
    secret = _obj("Secret", "applied", space, {"data": {"k": "dg=="}, "type": "Opaque"})
    fields = {"f:data": {"f:k": {}}, "f:type": {}, **_LABELS}
    yield "secrets", _owned(secret, _owner("argocd", fields, "Apply"))
    yield "serviceaccounts", _obj("ServiceAccount", "robot", space, {})
    ports = {"spec": {"ports": [{"port": 80}], "selector": {"app": "x"}}}
    yield "services", _obj("Service", "web", space, ports)
    template = {
        "metadata": {"labels": {"app": "x"}},
        "spec": {"containers": [{"name": "main", "image": "nginx:1"}]},
    }
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "x"}}, "template": template}
    deployment = _obj("Deployment", "web", space, {"spec": spec}, "apps/v1")
    yield (
        "deployments.apps",
        _owned(
            deployment,
            _owner("helm", {"f:spec": {"f:template": {}}, **_ALL_LABELS}, version="apps/v1"),
            _owner("autoscaler", {"f:spec": {"f:replicas": {}}}, version="apps/v1"),
        ),
    )
    version = "kill.example.test/v1"
    for name in ("small", "big"):
        gear = _obj("Gear", name, space, {"spec": {"teeth": 7}, "status": {"turns": 3}}, version)
        owners = [
            _owner("helm", {"f:spec": {".": {}, "f:teeth": {}}, **_ALL_LABELS}, version=version)
        ]
        if name == "big":
            owners.append(_owner("spinner", {"f:spec": {"f:speed": {}}}, version=version))
        yield "gears.kill.example.test", _owned(gear, *owners)


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bucket")
    builder = BackupBuilder("kill")
    builder.add("customresourcedefinitions.apiextensions.k8s.io", _gear_definition())
    role = _obj("ClusterRole", "kill-reader", "", {"rules": []}, "rbac.authorization.k8s.io/v1")
    version = "rbac.authorization.k8s.io/v1"
    builder.add(
        "clusterroles.rbac.authorization.k8s.io",
        _owned(
            role,
            _owner("helm", {"f:rules": {}}, version=version),
            _owner("labeller", _ALL_LABELS, version=version),
        ),
    )
    for space in SPACES:
        namespace = _obj("Namespace", space, "", {})
        builder.add("namespaces", namespace)
        for gr, obj in _in_namespace(space):
            builder.add(gr, obj)
    builder.write(folder)
    return folder


# ------------------------------------------------------------------ the runs


@pytest.fixture(scope="module")
def kill_cluster() -> Iterator[Cluster]:
    options = ClusterOptions(controllers=("namespace-controller",), narrow_namespace=None)
    with start_cluster(options) as cluster:
        yield cluster


@dataclass(frozen=True)
class Point:
    """The write at which the process is killed, and whether the server still gets it."""

    when: str  # before or after
    skip: int
    method: str = ""
    path: str = ""

    def __str__(self) -> str:
        what = f"{self.method} {self.path} " if self.path else ""
        return f"{self.when} {what}{self.skip}"

    def add_to(self, proxy: Proxy, kill: Any) -> None:
        faults = [call(kill), reset_before()] if self.when == "before" else [call_after(kill)]
        for fault in faults:
            proxy.add(
                fault,
                method=self.method or None,
                path=self.path or None,
                predicate=_is_write,
                skip=self.skip,
                times=1,
            )


def _is_write(record: Record) -> bool:
    questions = ("selfsubjectaccessreviews", "dryRun=All")
    return record.method in WRITES and not any(text in record.path for text in questions)


@dataclass
class World:
    """A cluster that is used again and again."""

    cluster: Cluster
    backup: Path
    folder: Path

    def job(self, number: int, server: str | None = None) -> Job:
        return Job(
            kubeconfig=self.cluster.kubeconfig(server=server),
            artifacts=self.folder / str(number),
            backups=self.backup,
            backup="kill",
            name=f"r{number}",
            spec={
                "namespaceMapping": {space: f"{space}-{number}" for space in SPACES},
                "restoreStatus": {"includedResources": ["gears.kill.example.test"]},
                "includeClusterResources": True,
            },
            settings={"record": "storage"},
        )

    def forget_cluster_scope(self) -> None:
        for path in (CRD_PATH, ROLE_PATH):
            self.cluster.request("DELETE", path)
        deadline = time.monotonic() + 30
        while self.cluster.request("GET", CRD_PATH).status != 404:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def state(self, number: int) -> tuple[dict[str, Manifest], dict[str, str]]:
        """Objects without what differs from restore to restore, and their uids."""
        found: dict[str, Manifest] = {}
        uids: dict[str, str] = {}
        for space in SPACES:
            target = f"{space}-{number}"
            listed = [self.cluster.request("GET", f"/api/v1/namespaces/{target}")]
            kinds = ["Namespace"]
            for kind, path in COLLECTIONS.items():
                answer = self.cluster.request("GET", path.format(target))
                items = answer.body["items"] if answer.ok else []
                for item in items:
                    item["kind"] = kind
                    self._take(found, uids, f"{space}/{kind}", item, number)
            for kind, answer in zip(kinds, listed, strict=True):
                if answer.ok:
                    self._take(found, uids, kind, answer.body, number)
        for path in (CRD_PATH, ROLE_PATH):
            answer = self.cluster.request("GET", path)
            if answer.ok:
                self._take(found, uids, "cluster", answer.body, number)
        return found, uids

    @staticmethod
    def _take(
        found: dict[str, Manifest], uids: dict[str, str], where: str, item: Manifest, number: int
    ) -> None:
        metadata = item["metadata"]
        key = f"{where}/{metadata['name']}".replace(f"-{number}", "")
        uids[key] = metadata["uid"]
        plain = copy.deepcopy(item)
        for field in ("uid", "resourceVersion", "creationTimestamp"):
            plain["metadata"].pop(field, None)
        for owner in plain["metadata"].get("managedFields", []):
            owner.pop("time", None)
        for condition in (plain.get("status") or {}).get("conditions") or []:
            condition.pop("lastTransitionTime", None)
        for field in ("clusterIP", "clusterIPs"):
            plain.get("spec", {}).pop(field, None)
        text = json.dumps(plain).replace(f"-{number}", "-N").replace(f'"r{number}"', '"rN"')
        found[key] = json.loads(text)


@pytest.fixture(scope="module")
def world(kill_cluster: Cluster, backup: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(kill_cluster, backup, tmp_path_factory.mktemp("artifacts"))


@dataclass
class Undisturbed:
    state: dict[str, Manifest]
    resource_list: dict[str, list[str]]
    actions: dict[str, str]
    writes: int


@contextmanager
def _proxy(cluster: Cluster) -> Iterator[Proxy]:
    assert cluster.ca
    certificate = cluster.ca.server_certificate("proxy")
    tls = Tls(certificate.cert_file, certificate.key_file, backend_ca=cluster.ca.ca_file)
    with Proxy(cluster.url, tls=tls) as proxy:
        yield proxy


def _numbered(value: Any, number: int) -> Any:
    return json.loads(json.dumps(value).replace(f"-{number}", "-N"))


_COUNTER = iter(range(900, 10_000))


@pytest.fixture(scope="module")
def undisturbed(world: World) -> Undisturbed:
    number = next(_COUNTER)
    with _proxy(world.cluster) as proxy:
        job = world.job(number, proxy.url)
        report = job.run()
        writes = [record for record in proxy.records if _is_write(record)]
    assert report.phase == "Completed", report.results.to_dict()
    return Undisturbed(
        world.state(number)[0],
        _numbered(job.artifact("resource-list"), number),
        _numbered(actions(report), number),
        len(writes),
    )


CHOSEN = [
    Point("before", 0),
    Point("after", 0),
    Point("before", 0, "POST", r"/namespaces\?"),
    Point("after", 0, "POST", r"/namespaces\?"),
    Point("after", 1, "POST", r"/namespaces\?"),
    Point("after", 2, "POST", "/configmaps"),
    Point("before", 7, "POST", "/configmaps"),
    Point("before", 1, "PATCH", "/configmaps/shared"),
    Point("after", 0, "PATCH", "/configmaps/shared"),
    Point("after", 0, "PATCH", "/secrets/applied"),
    Point("after", 0, "POST", "/services"),
    Point("before", 0, "PATCH", "/deployments/web"),
    Point("after", 1, "POST", "/gears"),
    Point("before", 0, "PUT", "/gears/.*/status"),
    Point("after", 0, "PUT", "/gears/.*/status"),
    Point("before", 0, "PATCH", "/gears/big"),
    Point("after", 0, "PATCH", "/clusterroles/"),
]
# More than there are writes: those that are too many are skipped.
EVERY = [Point(when, skip) for skip in range(60) for when in ("before", "after")]


@pytest.mark.parametrize(
    "point",
    [
        *CHOSEN,
        *(pytest.param(one, marks=[pytest.mark.long, NEEDS_TIME]) for one in EVERY),
    ],
    ids=str,
)
def test_a_killed_restore_is_completed(
    world: World, undisturbed: Undisturbed, point: Point
) -> None:
    if not point.path and point.skip >= undisturbed.writes:
        pytest.skip("there are not so many writes")
    number = next(_COUNTER)
    world.forget_cluster_scope()
    with _proxy(world.cluster) as proxy:
        started: list[int] = []
        point.add_to(proxy, lambda record: os.kill(started[0], signal.SIGKILL))
        with world.job(number, proxy.url).start() as process:
            started.append(process.pid)
            assert process.communicate(timeout=60)[0] == ""
        assert process.returncode == -signal.SIGKILL
    record = world.job(number).record()
    assert record and record["status"]["phase"] == "InProgress"
    before, uids = world.state(number)

    job = world.job(number)
    report = job.run()
    assert report.phase == "Completed", report.results.to_dict()
    assert report.changed
    state, later = world.state(number)
    assert state == undisturbed.state
    assert {key: later[key] for key in uids} == uids, "something was made anew"
    assert _numbered(job.artifact("resource-list"), number) == undisturbed.resource_list
    assert _numbered(actions(report), number) == undisturbed.actions
    assert before.keys() <= state.keys()

    again = world.job(number).run()
    assert (again.changed, again.phase) == (False, "Completed")
    always = world.job(number)
    always.settings["rerun"] = "always"
    with _proxy(world.cluster) as proxy:
        always.kubeconfig = world.cluster.kubeconfig(server=proxy.url)
        assert always.run().changed is False
        assert [record.method for record in proxy.records if _is_write(record)] == []
