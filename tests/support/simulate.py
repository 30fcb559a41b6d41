"""Prepare a cluster for a restore and play the parts of a cluster that a control plane alone lacks.

The rules of the simulated data plane stand in for the kubelet, the scheduler, a provisioner and the
node agents.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any
from urllib.parse import quote

from tests.support.compare import Manifest, ServedResource, read, send, served_resources
from tests.testbed.cluster import Cluster, Response

_MERGE_PATCH = "application/merge-patch+json"
_ATTEMPTS = 40
_RETRY_SECONDS = 0.25
_STEP_SECONDS = 0.3
_HELD_SECONDS = 4.0
_SETTLE_SECONDS = 15.0


class PreparationError(RuntimeError):
    """The cluster refused something that a case starts from."""


class Objects:
    """Creates and finds objects by their kind."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._served: dict[tuple[str, str], ServedResource] = {}

    def served(self, item: Manifest) -> ServedResource:
        """The resource of an object; waits for that of a new CRD."""
        kind = (item["apiVersion"], item["kind"])
        for _attempt in range(_ATTEMPTS):
            if kind in self._served:
                return self._served[kind]
            found = {(one.api_version, one.kind): one for one in served_resources(self.cluster)}
            if kind in found:
                self._served = found
                return found[kind]
            time.sleep(_RETRY_SECONDS)
        raise PreparationError(f"{kind[1]} of {kind[0]} is not served")

    def path(self, item: Manifest, *, collection: bool = False, subresource: str = "") -> str:
        """The path of an object; a subresource that is not served leads to the object itself."""
        served = self.served(item)
        path = served.path
        if served.namespaced:
            path += f"/namespaces/{item['metadata'].get('namespace', 'default')}"
        path += f"/{served.name}"
        if collection:
            return path
        path += f"/{quote(item['metadata']['name'], safe='')}"
        return f"{path}/{subresource}" if subresource in served.subresources else path

    def create(self, item: Manifest) -> Manifest:
        """Create an object and then its status, if it has one."""
        body = copy.deepcopy(item)
        status = body.pop("status", None)
        for attempt in range(_ATTEMPTS):
            response = send(self.cluster, "POST", self.path(body, collection=True), body)
            if response.ok or response.status not in (404, 429, 503) or attempt == _ATTEMPTS - 1:
                break
            time.sleep(_RETRY_SECONDS)
        created: Manifest = _checked(response, f"{item['kind']} {item['metadata'].get('name')}")
        created.setdefault("apiVersion", item["apiVersion"])
        created.setdefault("kind", item["kind"])
        if status is not None:
            self.patch(created, {"status": status}, subresource="status")
        return created

    def patch(self, item: Manifest, patch: Manifest, *, subresource: str = "") -> None:
        path = self.path(item, subresource=subresource)
        _checked(send(self.cluster, "PATCH", path, patch, content_type=_MERGE_PATCH), path)

    def request(self, verb: str, path: str, body: Manifest | None = None) -> None:
        """Any request; the body of a PATCH is a merge patch."""
        content_type = _MERGE_PATCH if verb == "PATCH" else "application/json"
        response = send(self.cluster, verb, path, body, content_type=content_type)
        _checked(response, f"{verb} {path}")


def _checked(response: Response, what: str) -> Any:
    if not response.ok:
        raise PreparationError(f"{what}: {response.status} {str(response.body)[:300]}")
    return response.body


def prepare(cluster: Cluster, case: Manifest) -> None:
    """Create what a case finds in the cluster, and begin to delete what it finds being deleted."""
    objects = Objects(cluster)
    for item in case["pre_objects"]:
        objects.create(item)
    for path in case.get("deletes_before_restore") or []:
        objects.request("DELETE", path)


def settle(cluster: Cluster, case: Manifest) -> None:
    """Wait until the cluster's own controllers have done their part.

    The one for namespaces lets a few seconds pass before it goes to work on those that are
    deleted; the binder binds claims some time after they were provisioned.
    """
    deadline = time.monotonic() + _SETTLE_SECONDS
    for path in case.get("deletes_before_restore") or []:
        while time.monotonic() < deadline:
            found = read(cluster, path)
            if found is None or (found.get("status") or {}).get("conditions"):
                break
            time.sleep(_RETRY_SECONDS)
    provisions = "provision" in (case.get("simulated_data_plane") or [])
    while time.monotonic() < deadline and _is_binding(cluster, provisions=provisions):
        time.sleep(_RETRY_SECONDS)


def _is_binding(cluster: Cluster, *, provisions: bool) -> bool:
    """Whether a claim is not bound yet to the volume that is there for it.

    Where volumes are provisioned that goes for all with a storage class that exists.
    """
    items = {
        kind: (read(cluster, path) or {"items": []})["items"]
        for kind, path in (
            ("classes", "/apis/storage.k8s.io/v1/storageclasses"),
            ("claims", "/api/v1/persistentvolumeclaims"),
            ("volumes", "/api/v1/persistentvolumes"),
        )
    }
    classes = {one["metadata"]["name"] for one in items["classes"]}
    waiting = [
        one
        for one in (*items["claims"], *items["volumes"])
        if (one.get("status") or {}).get("phase") != "Bound"
    ]
    if provisions:
        return any(one["spec"].get("storageClassName") in classes for one in waiting)
    wanted = {
        (one["metadata"]["namespace"], one["metadata"]["name"], one["spec"].get("volumeName"))
        for one in items["claims"]
        if one in waiting
    }
    return any(_claimed(volume) in wanted for volume in items["volumes"])


def _claimed(volume: Manifest) -> tuple[str, str, str]:
    claim = volume["spec"].get("claimRef") or {}
    return claim.get("namespace", ""), claim.get("name", ""), volume["metadata"]["name"]


def change_between(cluster: Cluster, case: Manifest) -> None:
    """Make the changes that happen between the two restores of a case."""
    objects = Objects(cluster)
    for verb, path, body in case.get("changes_between_restores") or []:
        objects.request(verb, path, body)


class DataPlane:
    """Plays the rules in a thread, from `with` to the end of its block."""

    def __init__(self, cluster: Cluster, rules: list[str]) -> None:
        self._cluster = cluster
        self._objects = Objects(cluster)
        self._done: set[str] = set()
        self._started = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="data-plane", daemon=True)
        self._rules = [self._rule(*rule.split(":")) for rule in rules]

    def __enter__(self) -> DataPlane:
        if self._rules:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._rules:
            self._thread.join()

    def _rule(self, name: str, *arguments: str) -> Callable[[], None]:
        rules: dict[str, Callable[..., None]] = {
            "repo-ready": self._make_repositories_ready,
            "bind-pods": self._bind_pods,
            "provision": self._provision,
            "pvr": self._finish_pod_volume_restores,
            "datadownload": self._finish_data_downloads,
            "finish-namespace": self._finish_namespace,
        }
        return lambda: rules[name](*arguments)

    def _run(self) -> None:
        while not self._stop.is_set():
            for rule in self._rules:
                # Somebody else changed the object at the same time: the next round sees it.
                with suppress(PreparationError):
                    rule()
            self._stop.wait(_STEP_SECONDS)

    def _items(self, path: str, kind: str) -> Iterator[Manifest]:
        api_version = path.removeprefix("/apis/").removeprefix("/api/").rpartition("/")[0]
        for item in (read(self._cluster, path) or {}).get("items", []):
            yield {"apiVersion": api_version, "kind": kind, **item}

    def _make_repositories_ready(self) -> None:
        for item in self._items("/apis/velero.io/v1/backuprepositories", "BackupRepository"):
            if item.get("status", {}).get("phase") != "Ready":
                spec = {"resticIdentifier": "", "maintenanceFrequency": "168h0m0s"}
                self._objects.patch(item, {"spec": spec, "status": {"phase": "Ready"}})

    def _bind_pods(self) -> None:
        for pod in self._items("/api/v1/pods?fieldSelector=spec.nodeName%3D", "Pod"):
            namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
            if namespace == "velero":
                continue
            binding = {
                "apiVersion": "v1",
                "kind": "Binding",
                "metadata": {"name": name},
                "target": {"kind": "Node", "name": "node-1"},
            }
            path = f"/api/v1/namespaces/{namespace}/pods/{name}/binding"
            self._objects.request("POST", path, binding)

    def _finish_pod_volume_restores(self, phase: str, volume: str = "") -> None:
        for item in self._items("/apis/velero.io/v1/podvolumerestores", "PodVolumeRestore"):
            ref = item["spec"]["pod"]
            path = f"/api/v1/namespaces/{ref['namespace']}/pods/{ref['name']}"
            pod = read(self._cluster, path) or {"spec": {}}
            if _is_new(item) and pod["spec"].get("nodeName"):
                chosen = volume in ("", item["spec"]["volume"])
                self._finish(item, phase if chosen else "Completed")

    def _finish_data_downloads(self, phase: str) -> None:
        for item in self._items("/apis/velero.io/v2alpha1/datadownloads", "DataDownload"):
            target = item["spec"]["targetVolume"]
            claims = f"/api/v1/namespaces/{target['namespace']}/persistentvolumeclaims"
            if _is_new(item) and read(self._cluster, f"{claims}/{target['pvc']}"):
                self._finish(item, phase)

    def _finish(self, item: Manifest, phase: str) -> None:
        running = {"phase": "InProgress", "startTimestamp": _now(), "node": "node-1"}
        self._objects.patch(item, {"status": running})
        total = 1048576
        status: Manifest = {
            "phase": phase,
            "completionTimestamp": _now(),
            "progress": {"totalBytes": total, "bytesDone": total if phase == "Completed" else 4096},
        }
        if phase != "Completed":
            status["message"] = "simulated data path failure"
        self._objects.patch(item, {"status": status})

    def _provision(self, from_snapshots: str = "") -> None:
        """Make volumes; with `provision:ready` those of snapshots only once these are ready, which
        the recorded clusters could not tell: nobody made snapshots ready there.
        """
        for claim in self._items("/api/v1/persistentvolumeclaims", "PersistentVolumeClaim"):
            spec, metadata = claim["spec"], claim["metadata"]
            waits = claim.get("status", {}).get("phase") == "Pending" and not spec.get("volumeName")
            known = metadata["uid"] in self._done or metadata.get("deletionTimestamp")
            if not waits or known or not spec.get("storageClassName"):
                continue
            path = f"/apis/storage.k8s.io/v1/storageclasses/{spec['storageClassName']}"
            storage_class = read(self._cluster, path)
            if not storage_class or not _may_provision(storage_class, metadata):
                continue
            if from_snapshots and not self._is_source_ready(claim):
                continue
            self._done.add(metadata["uid"])
            self._objects.create(_volume_for(claim, storage_class))

    def _is_source_ready(self, claim: Manifest) -> bool:
        source = claim["spec"].get("dataSource") or {}
        if source.get("kind") != "VolumeSnapshot":
            return True
        space = claim["metadata"]["namespace"]
        folder = f"/apis/snapshot.storage.k8s.io/v1/namespaces/{space}/volumesnapshots"
        found = read(self._cluster, f"{folder}/{source['name']}") or {}
        return (found.get("status") or {}).get("readyToUse") is True

    def _finish_namespace(self, name: str) -> None:
        if name in self._done or time.monotonic() - self._started < _HELD_SECONDS:
            return
        found = read(self._cluster, f"/api/v1/namespaces/{name}")
        if not found or not found["metadata"].get("deletionTimestamp"):
            return
        self._done.add(name)
        for item in self._items(f"/api/v1/namespaces/{name}/configmaps", "ConfigMap"):
            path = f"/api/v1/namespaces/{name}/configmaps/{item['metadata']['name']}"
            self._objects.request("PATCH", path, {"metadata": {"finalizers": None}})


def _is_new(item: Manifest) -> bool:
    return item.get("status", {}).get("phase") in (None, "", "New")


def _may_provision(storage_class: Manifest, claim_metadata: Manifest) -> bool:
    """An immediate class only once the volume binder has asked for a volume."""
    immediate = storage_class.get("volumeBindingMode", "Immediate") == "Immediate"
    asked = "volume.kubernetes.io/storage-provisioner" in (claim_metadata.get("annotations") or {})
    return asked or not immediate


def _volume_for(claim: Manifest, storage_class: Manifest) -> Manifest:
    spec, metadata = claim["spec"], claim["metadata"]
    name = f"sim-{metadata['namespace']}-{metadata['name']}"
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {
            "name": name,
            "labels": dict((spec.get("selector") or {}).get("matchLabels") or {}),
            "annotations": {"pv.kubernetes.io/provisioned-by": storage_class["provisioner"]},
        },
        "spec": {
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "accessModes": spec["accessModes"],
            "storageClassName": spec["storageClassName"],
            "persistentVolumeReclaimPolicy": storage_class.get("reclaimPolicy", "Delete"),
            "volumeMode": spec.get("volumeMode", "Filesystem"),
            "csi": {"driver": storage_class["provisioner"], "volumeHandle": name},
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": metadata["namespace"],
                "name": metadata["name"],
                "uid": metadata["uid"],
            },
        },
    }


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
