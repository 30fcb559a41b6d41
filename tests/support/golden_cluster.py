"""What every recorded restore found in its cluster, whatever the case."""

from __future__ import annotations

import copy
import json
import tarfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.compare import Dump, Manifest, State, dump, read, send
from tests.support.golden_data import GoldenCase, backup_folder, base_state, load
from tests.support.simulate import Objects
from tests.testbed.cluster import PROFILES, Cluster, start_cluster

NAMESPACE = "velero"
_CRD = "customresourcedefinitions.apiextensions.k8s.io"
_CRD_PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_ESTABLISHED_SECONDS = 60.0
_VELERO = "velero.io/v1"
_IMAGE = "velero/velero:v1.18.0"


def install_base(cluster: Cluster) -> bool:
    """Make a fresh cluster what the recorded restores started from.

    Returns whether the CRDs of Velero and of volume snapshots could be installed too: they are not
    part of this repository.
    """
    objects = Objects(cluster)
    with ThreadPoolExecutor(8) as pool:
        crds = _crds(base_state() or {})
        installing = [pool.submit(objects.request, "POST", _CRD_PATH, crd) for crd in crds]
        objects.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        for item in (*_workloads(), *_nodes()):
            objects.create(item)
        for one in installing:
            one.result()
    _wait_established(cluster, len(crds))
    if crds:
        for item in _locations():
            objects.create(item)
    return bool(crds)


def add_backups(cluster: Cluster, case: GoldenCase) -> None:
    """Create the custom resources that a server's synchronisation makes of the case's backups."""
    objects = Objects(cluster)
    for name in case.backups:
        folder = backup_folder(name)
        backup = _without_server_fields(load(folder / "velero-backup.json"))
        if read(cluster, objects.path(backup)):
            continue
        objects.create(backup)
        for volume in load(folder / f"{name}-podvolumebackups.json") or []:
            typed = {"apiVersion": _VELERO, "kind": "PodVolumeBackup", **volume}
            typed["metadata"].pop("ownerReferences", None)
            objects.create(_without_server_fields(typed))


def own_as_recorded(prepared: Prepared, case: GoldenCase) -> None:
    """Make the cluster's own objects owned as in the backup, times included.

    The recorded restores of a backup of the cluster's own objects went into a copy of the cluster
    that was backed up: owners and times of system roles and the like were those of the backup, so
    that Velero found them equal.
    """
    objects = Objects(prepared.cluster)
    # Not in a dump, as the API server makes and remakes them.
    also = ("apiservices.apiregistration.k8s.io/", "ipaddresses.networking.k8s.io/")
    wanted = [
        item
        for name in case.backups
        for key, item in _archived(backup_folder(name) / f"{name}.tar.gz")
        if key in prepared.base.objects or key.startswith(also)
    ]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda item: _own(objects, item), wanted))


def _archived(path: Path) -> Iterator[tuple[str, Manifest]]:
    with tarfile.open(path) as archive:
        for member in archive:
            parts = member.name.split("/")
            content = archive.extractfile(member) if parts[0] == "resources" else None
            if content is None or parts[2] not in ("cluster", "namespaces"):
                continue
            keyed = [parts[1], *parts[3:-1], parts[-1].removesuffix(".json")]
            yield "/".join(keyed), json.load(content)


def _own(objects: Objects, item: Manifest) -> None:
    owners = item["metadata"].get("managedFields")
    if not owners or not read(objects.cluster, objects.path(item)):
        return
    # A change of times alone is ignored: forget the owners first.
    none: list[Manifest] = [{}]
    for fields in (none, owners):
        objects.patch(item, {"metadata": {"managedFields": fields}})


def forget_restores(cluster: Cluster) -> None:
    """Remove the Restore objects of earlier cases."""
    path = f"/apis/{_VELERO}/namespaces/{NAMESPACE}/restores"
    objects = Objects(cluster)
    for item in (read(cluster, path) or {"items": []})["items"]:
        one = f"{path}/{item['metadata']['name']}"
        objects.request("PATCH", one, {"metadata": {"finalizers": None}})
        objects.request("DELETE", one)


def _without_server_fields(item: Manifest) -> Manifest:
    out = copy.deepcopy(item)
    for key in ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"):
        out["metadata"].pop(key, None)
    return out


def _crds(base: State) -> list[Manifest]:
    found = []
    for key, item in base.items():
        if key.startswith(f"{_CRD}/"):
            found.append({name: value for name, value in item.items() if name != "status"})
    return found


def _wait_established(cluster: Cluster, count: int) -> None:
    """Wait until the CRDs are established and served."""
    deadline = time.monotonic() + _ESTABLISHED_SECONDS
    while True:
        items = (read(cluster, _CRD_PATH) or {"items": []})["items"]
        if sum(map(_established, items)) >= count and all(_served(cluster, item) for item in items):
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"the CRDs were not established within {_ESTABLISHED_SECONDS:.0f} s")
        time.sleep(0.05)


def _established(crd: Manifest) -> bool:
    conditions = crd.get("status", {}).get("conditions") or []
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)


def _served(cluster: Cluster, crd: Manifest) -> bool:
    spec = crd["spec"]
    group, plural = spec["group"], spec["names"]["plural"]
    return all(
        send(cluster, "GET", f"/apis/{group}/{version['name']}/{plural}?limit=1").ok
        for version in spec["versions"]
        if version["served"]
    )


def _locations() -> list[Manifest]:
    return [
        {
            "apiVersion": _VELERO,
            "kind": "BackupStorageLocation",
            "metadata": {"name": "default", "namespace": NAMESPACE},
            "spec": {
                "provider": "aws",
                "default": True,
                "objectStorage": {"bucket": "velero"},
                "config": {"region": "us-east-1", "s3ForcePathStyle": "true"},
            },
            "status": {"phase": "Available"},
        },
        {
            "apiVersion": _VELERO,
            "kind": "VolumeSnapshotLocation",
            "metadata": {"name": "native", "namespace": NAMESPACE},
            "spec": {"provider": "aws", "config": {"region": "us-east-1"}},
        },
    ]


def _workloads() -> list[Manifest]:
    """The server's and the node agents' workloads; the server has no replica."""
    return [
        _workload("Deployment", "velero", {"replicas": 0}),
        _workload("DaemonSet", "node-agent", {}),
    ]


def _workload(kind: str, name: str, spec: Manifest) -> Manifest:
    labels = {"component": "velero", "name": name}
    container = {"name": name, "image": _IMAGE}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {**spec, "selector": {"matchLabels": labels}, "template": template},
    }


def _nodes() -> list[Manifest]:
    """Two Linux nodes with a node agent each."""
    items: list[Manifest] = []
    for number in (1, 2):
        node = f"node-{number}"
        items.append(
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {"name": node, "labels": {"kubernetes.io/os": "linux"}},
            }
        )
        items.append(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": f"node-agent-{number}",
                    "namespace": NAMESPACE,
                    "labels": {"role": "node-agent"},
                },
                "spec": {
                    "nodeName": node,
                    "containers": [{"name": "node-agent", "image": _IMAGE}],
                },
                "status": {"phase": "Running"},
            }
        )
    return items


@dataclass(frozen=True)
class Prepared:
    """A cluster that holds the base and nothing else."""

    cluster: Cluster
    base: Dump
    has_crds: bool


def start_prepared() -> Prepared:
    """Start a cluster of its own for one case; the caller stops it."""
    cluster = start_cluster(PROFILES["golden"])
    try:
        has_crds = install_base(cluster)
        return Prepared(cluster, dump(cluster, NAMESPACE), has_crds)
    except BaseException:
        cluster.stop()
        raise


class PreparedClusters:
    """Clusters for a known number of cases: the next one starts while the current one is in use."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="prepare-cluster")
        self._next: Future[Prepared] | None = None

    @contextmanager
    def take(self) -> Iterator[Prepared]:
        """A cluster that nobody has used, stopped at the end of the block."""
        prepared = (self._next or self._pool.submit(start_prepared)).result()
        self._wanted -= 1
        self._next = self._pool.submit(start_prepared) if self._wanted > 0 else None
        with prepared.cluster:
            yield prepared

    def close(self) -> None:
        """Stop what was started and not taken."""
        if self._next and not self._next.cancel():
            with suppress(Exception):
                self._next.result().cluster.stop()
        self._pool.shutdown()
