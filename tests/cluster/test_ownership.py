# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who owns which field after a restore, on real API servers, and by how many requests.

Objects of eight kinds are made in one cluster by users of server-side apply, by users of plain
writes and by several writers, backed up as they are, and restored into another cluster.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.backups import BackupBuilder, Manifest
from tests.support.engine import Job
from tests.support.proxy import Proxy, Record, Tls
from tests.testbed.cluster import Cluster, start_cluster

NS = "owners"
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
RESTORE_LABELS = ("f:velero.io/backup-name", "f:velero.io/restore-name")
# Without those that would write to workloads.
CONTROLLERS = ("namespace-controller",)


@dataclass(frozen=True)
class Kind:
    kind: str
    api_version: str
    plural: str
    body: Manifest
    namespaced: bool = True
    has_status: bool = False

    @property
    def group_resource(self) -> str:
        group = self.api_version.rpartition("/")[0]
        return f"{self.plural}.{group}" if group else self.plural

    @property
    def collection(self) -> str:
        root = "/apis" if "/" in self.api_version else "/api"
        space = f"/namespaces/{NS}" if self.namespaced else ""
        return f"{root}/{self.api_version}{space}/{self.plural}"

    def manifest(self, name: str) -> Manifest:
        metadata: Manifest = {"name": name, "labels": {"app": name}}
        if self.namespaced:
            metadata["namespace"] = NS
        return {
            "apiVersion": self.api_version,
            "kind": self.kind,
            "metadata": metadata,
            **copy.deepcopy(self.body),
        }


_TEMPLATE = {
    "metadata": {"labels": {"app": "x"}},
    "spec": {
        "containers": [{"name": "main", "image": "nginx:1", "ports": [{"containerPort": 80}]}]
    },
}
_SELECTOR = {"matchLabels": {"app": "x"}}
_JOB = {
    "template": {
        "spec": {"restartPolicy": "Never", "containers": [{"name": "run", "image": "busybox:1"}]}
    }
}
KINDS = [
    Kind("ConfigMap", "v1", "configmaps", {"data": {"a": "1", "b": "2"}}),
    Kind("Secret", "v1", "secrets", {"data": {"key": "dmFsdWU="}, "type": "Opaque"}),
    Kind(
        "Deployment",
        "apps/v1",
        "deployments",
        {"spec": {"replicas": 2, "selector": _SELECTOR, "template": _TEMPLATE}},
        has_status=True,
    ),
    Kind(
        "Service",
        "v1",
        "services",
        {"spec": {"selector": {"app": "x"}, "ports": [{"port": 80, "protocol": "TCP"}]}},
        has_status=True,
    ),
    Kind(
        "StatefulSet",
        "apps/v1",
        "statefulsets",
        {"spec": {"serviceName": "x", "selector": _SELECTOR, "template": _TEMPLATE}},
        has_status=True,
    ),
    Kind(
        "CronJob",
        "batch/v1",
        "cronjobs",
        {"spec": {"schedule": "0 1 * * *", "suspend": True, "jobTemplate": {"spec": _JOB}}},
        has_status=True,
    ),
    Kind("Widget", "shapes.example.test/v1", "widgets", {"spec": {"size": 3, "names": ["a", "b"]}}),
    Kind(
        "ClusterRole",
        "rbac.authorization.k8s.io/v1",
        "clusterroles",
        {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]},
        namespaced=False,
    ),
]
BY_KIND = {kind.kind: kind for kind in KINDS}
CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.shapes.example.test"},
    "spec": {
        "group": "shapes.example.test",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "singular": "widget", "kind": "Widget"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {
                                    "size": {"type": "integer"},
                                    "color": {"type": "string", "default": "red"},
                                    "names": {"type": "array", "items": {"type": "string"}},
                                },
                            }
                        },
                    }
                },
            }
        ],
    },
}
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

# How an object came to be, and by how many requests it is restored. The server adds fields to a
# Service that no plain writer owns: only a list that is patched in tells so.
WAYS = {"applied": 1, "created": 1, "created-status": 1, "several": 2, "shared": 2}
SERVICE_WAYS = {**WAYS, "created": 2, "created-status": 2}
PAIRS = [(kind.kind, way) for kind in KINDS for way in WAYS]


class Maker:
    """Makes objects as users do."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def make(self, kind: Kind, way: str) -> None:
        name = name_of(kind.kind, way)
        if way in ("applied", "shared"):
            self._send("PATCH", kind, name, kind.manifest(name), "argocd", APPLY)
        else:
            self._send("POST", kind, name, kind.manifest(name), "kubectl-create")
        if way == "created-status" and kind.has_status:
            self._status(kind, name)
        if way == "several":
            note = {"metadata": {"annotations": {"team": "blue"}}}
            self._send("PATCH", kind, name, note, "kubectl-annotate", MERGE)
        if way == "shared":
            bare = kind.manifest(name)
            part = {
                "apiVersion": kind.api_version,
                "kind": kind.kind,
                "metadata": {**bare["metadata"], "labels": {"tier": "back"}},
            }
            self._send("PATCH", kind, name, part, "labeller", APPLY)
            if kind.has_status:
                self._status(kind, name)

    def _status(self, kind: Kind, name: str) -> None:
        condition = {
            "type": "Ready",
            "status": "True",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }
        status: Manifest = {"conditions": [condition]}
        if kind.kind == "CronJob":
            status = {"lastScheduleTime": "2026-01-01T00:00:00Z"}
        path = f"{kind.collection}/{name}/status?fieldManager=kube-controller-manager"
        self._checked("PATCH", path, {"status": status}, MERGE)

    def _send(
        self,
        method: str,
        kind: Kind,
        name: str,
        body: Manifest,
        manager: str,
        content: str = "application/json",
    ) -> None:
        path = kind.collection if method == "POST" else f"{kind.collection}/{name}"
        self._checked(method, f"{path}?fieldManager={quote(manager)}", body, content)

    def _checked(self, method: str, path: str, body: Manifest, content: str) -> None:
        response = self._cluster.request(method, path, body, content_type=content)
        assert response.ok, response.body


def name_of(kind: str, way: str) -> str:
    return f"{way}-{kind.lower()}"


@dataclass
class Restored:
    source: Cluster
    target: Cluster
    writes: list[Record]
    report: Any

    def writes_of(self, kind: Kind, name: str) -> int:
        """Requests that wrote this object. A POST does not name it: those are counted in all."""
        one = re.compile(re.escape(f"{kind.collection}/{name}") + r"(\?|/|$)")
        return sum(bool(one.search(record.path)) for record in self.writes)

    def posts_to(self, kind: Kind) -> int:
        one = re.compile(re.escape(kind.collection) + r"(\?|$)")
        return sum(
            record.method == "POST" and bool(one.search(record.path)) for record in self.writes
        )


@pytest.fixture(scope="module")
def clusters() -> Iterator[tuple[Cluster, Cluster]]:
    from tests.testbed.cluster import ClusterOptions

    options = ClusterOptions(controllers=CONTROLLERS, narrow_namespace=None)
    with start_cluster(options) as source, start_cluster(options) as target:
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NS}}
        assert source.request("POST", "/api/v1/namespaces", space).ok
        assert source.request("POST", f"{CRDS}?fieldManager=kubectl-create", CRD).ok
        _wait_served(source)
        for kind, way in PAIRS:
            Maker(source).make(BY_KIND[kind], way)
        yield source, target


@pytest.fixture(scope="module")
def backup(clusters: tuple[Cluster, Cluster], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bucket")
    builder = BackupBuilder("owners")
    crd = clusters[0].request("GET", f"{CRDS}/{CRD['metadata']['name']}").body
    builder.add("customresourcedefinitions.apiextensions.k8s.io", crd)
    builder.add("namespaces", clusters[0].request("GET", f"/api/v1/namespaces/{NS}").body)
    for kind, way in PAIRS:
        builder.add(BY_KIND[kind].group_resource, read(clusters[0], BY_KIND[kind], way))
    builder.write(folder)
    return folder


def _restore(
    clusters: tuple[Cluster, Cluster], backup: Path, artifacts: Path, **settings: Any
) -> Restored:
    source, target = clusters
    assert target.ca
    certificate = target.ca.server_certificate("proxy")
    tls = Tls(certificate.cert_file, certificate.key_file, backend_ca=target.ca.ca_file)
    with Proxy(target.url, tls=tls) as proxy:
        report = Job(
            kubeconfig=target.kubeconfig(server=proxy.url),
            artifacts=artifacts,
            backups=backup,
            backup="owners",
            settings={"record": "storage", **settings},
        ).run()
        writes = [record for record in proxy.records if record.method != "GET"]
    assert report.phase == "Completed", report.results.to_dict()
    return Restored(source, target, writes, report)


@pytest.fixture(scope="module")
def restored(
    clusters: tuple[Cluster, Cluster], backup: Path, tmp_path_factory: pytest.TempPathFactory
) -> Restored:
    return _restore(clusters, backup, tmp_path_factory.mktemp("artifacts"))


def read(cluster: Cluster, kind: Kind, way: str) -> Manifest:
    response = cluster.request("GET", f"{kind.collection}/{name_of(kind.kind, way)}")
    assert response.ok, response.body
    body: Manifest = response.body
    return body


def owners(obj: Manifest) -> dict[tuple[str, str, str], Manifest]:
    """Fields by manager and operation: without times, the restore labels and status writers."""
    found = {}
    for entry in obj["metadata"]["managedFields"]:
        if entry.get("subresource") == "status":
            continue
        fields = copy.deepcopy(entry["fieldsV1"])
        labels = fields.get("f:metadata", {}).get("f:labels", {})
        for label in RESTORE_LABELS:
            labels.pop(label, None)
        found[entry["manager"], entry["operation"], entry["apiVersion"]] = fields
    return found


def _lasting(obj: Manifest) -> Manifest:
    """The spec without addresses, which every cluster gives itself."""
    return {
        k: v for k, v in (obj.get("spec") or {}).items() if k not in ("clusterIP", "clusterIPs")
    }


def _wait_served(cluster: Cluster) -> None:
    import time

    deadline = time.monotonic() + 20
    while not cluster.request("GET", "/apis/shapes.example.test/v1/widgets").ok:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(("kind", "way"), PAIRS)
def test_the_same_managers_own_the_same_fields(restored: Restored, kind: str, way: str) -> None:
    before = read(restored.source, BY_KIND[kind], way)
    after = read(restored.target, BY_KIND[kind], way)
    assert owners(after) == owners(before)
    assert _lasting(after) == _lasting(before)
    assert after.get("data") == before.get("data")


@pytest.mark.parametrize(("kind", "way"), PAIRS)
def test_the_next_apply_meets_no_new_conflict(restored: Restored, kind: str, way: str) -> None:
    shape = BY_KIND[kind]
    name = name_of(kind, way)
    path = f"{shape.collection}/{name}?dryRun=All&fieldManager="
    changed = shape.manifest(name)
    changed["metadata"]["labels"]["app"] = "other"
    for manager in ("argocd", "labeller", "stranger"):
        for body in (shape.manifest(name), changed):
            before, after = (
                cluster.request("PATCH", path + manager, body, content_type=APPLY)
                for cluster in (restored.source, restored.target)
            )
            assert after.status == before.status, after.body
            assert after.body.get("message") == before.body.get("message") or after.ok
    if way in ("applied", "shared"):
        own = shape.manifest(name)
        again = restored.target.request("PATCH", f"{path}argocd", own, content_type=APPLY)
        assert again.ok, again.body


@pytest.mark.parametrize("kind", [kind.kind for kind in KINDS])
def test_the_fewest_requests(restored: Restored, kind: str) -> None:
    shape = BY_KIND[kind]
    named = {way: restored.writes_of(shape, name_of(kind, way)) for way in WAYS}
    wanted = SERVICE_WAYS if kind == "Service" else WAYS
    in_all = sum(named.values()) + restored.posts_to(shape)
    assert in_all == sum(wanted.values()), named
    # A POST does not have the name.
    assert named["applied"] == 1
    assert named["created"] == wanted["created"] - 1


def test_the_definition_takes_one_request(restored: Restored) -> None:
    writes = [record for record in restored.writes if record.path.startswith(CRDS)]
    assert [record.method for record in writes] == ["POST"]


def test_drop_is_one_request_an_item(
    clusters: tuple[Cluster, Cluster], backup: Path, tmp_path: Path
) -> None:
    with start_cluster(clusters[1].options) as fresh:
        restored = _restore((clusters[0], fresh), backup, tmp_path, managed_fields="drop")
        items = len(PAIRS) + 2  # the definition and the namespace
        assert [record.method for record in restored.writes] == ["POST"] * items
        for kind, way in PAIRS:
            obj = read(fresh, BY_KIND[kind], way)
            entries = obj["metadata"]["managedFields"]
            assert [(one["manager"], one["operation"]) for one in entries] == [
                ("velero.core", "Update")
            ]


def test_status_of_several_writers_is_restored_with_its_owner(
    clusters: tuple[Cluster, Cluster], backup: Path, tmp_path: Path
) -> None:
    with start_cluster(clusters[1].options) as fresh:
        source, _target = clusters
        assert fresh.ca
        report = Job(
            kubeconfig=fresh.kubeconfig(),
            artifacts=tmp_path,
            backups=backup,
            backup="owners",
            spec={"restoreStatus": {"includedResources": ["deployments.apps"]}},
            settings={"record": "storage"},
        ).run()
        assert report.phase == "Completed", report.results.to_dict()
        for way in ("created-status", "shared"):
            before, after = (read(one, BY_KIND["Deployment"], way) for one in (source, fresh))
            assert after["status"] == before["status"]
            entries = [
                [
                    (one["manager"], one["operation"], one.get("subresource"), one["fieldsV1"])
                    for one in obj["metadata"]["managedFields"]
                ]
                for obj in (before, after)
            ]
            assert sorted(entries[0], key=str) == sorted(entries[1], key=str)
