"""Small objects, resources, archives and stores for tests of the engine.

Property tests use `examples`: 200 examples each, 2,000 where VELERO_CORE_LONG=1.
"""

from __future__ import annotations

import copy
import gzip
import io
import json
import os
import tarfile
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, closing
from typing import Any, BinaryIO, TypeVar, cast

import pytest
from hypothesis import HealthCheck, settings

from ansible_collections.velero.core.plugins.module_utils.model.errors import ObjectNotFoundError
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    BACKUP_NAME_LABEL,
    RESTORE_NAME_LABEL,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiGroup,
    ApiResource,
    ApiResources,
)

Manifest = dict[str, Any]
Test = TypeVar("Test", bound=Callable[..., Any])

LONG = os.environ.get("VELERO_CORE_LONG") == "1"
EXAMPLES = 2_000 if LONG else 200


LONG_SECONDS = 3_600


def examples(share: float = 1.0) -> Callable[[Test], Test]:
    """Settings of a property test; ``share`` is smaller where an example is a whole restore.

    Long runs know no share: there every property has all its examples, and the time for them.
    """
    chosen = settings(
        max_examples=EXAMPLES if LONG else max(1, int(EXAMPLES * share)),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )

    def decorate(test: Test) -> Test:
        decorated: Test = chosen(test)
        return pytest.mark.timeout(LONG_SECONDS)(decorated) if LONG else decorated

    return decorate


# ------------------------------------------------------------------ resources

VERBS = frozenset({"create", "delete", "get", "list", "patch", "update", "watch"})


def resource(
    gr: str,
    kind: str,
    *,
    version: str = "v1",
    namespaced: bool = True,
    short: Iterable[str] = (),
    status: bool = True,
    verbs: Iterable[str] = VERBS,
) -> ApiResource:
    """A served resource with a status sub-resource unless told otherwise."""
    plural, _dot, group = gr.partition(".")
    return ApiResource(
        group,
        version,
        plural,
        kind,
        namespaced,
        kind.lower(),
        tuple(short),
        frozenset(verbs),
        frozenset({"status"} if status else ()),
    )


NAMESPACES = resource("namespaces", "Namespace", namespaced=False, short=("ns",))
NODES = resource("nodes", "Node", namespaced=False, short=("no",))
CONFIG_MAPS = resource("configmaps", "ConfigMap", short=("cm",), status=False)
SECRETS = resource("secrets", "Secret", status=False)
SERVICE_ACCOUNTS = resource("serviceaccounts", "ServiceAccount", short=("sa",), status=False)
PODS = resource("pods", "Pod", short=("po",))
SERVICES = resource("services", "Service", short=("svc",))
VOLUMES = resource("persistentvolumes", "PersistentVolume", namespaced=False, short=("pv",))
CLAIMS = resource("persistentvolumeclaims", "PersistentVolumeClaim", short=("pvc",))
DEPLOYMENTS = resource("deployments.apps", "Deployment", short=("deploy",))
JOBS = resource("jobs.batch", "Job")
CLUSTER_ROLES = resource(
    "clusterroles.rbac.authorization.k8s.io", "ClusterRole", namespaced=False, status=False
)
CRDS = resource(
    "customresourcedefinitions.apiextensions.k8s.io",
    "CustomResourceDefinition",
    namespaced=False,
    short=("crd",),
)
RESTORES = resource("restores.velero.io", "Restore", status=False)
STATUS_REQUESTS = resource("serverstatusrequests.velero.io", "ServerStatusRequest", status=False)

GROUP_SNAPSHOT_CONTENTS = resource(
    "volumegroupsnapshotcontents.groupsnapshot.storage.k8s.io",
    "VolumeGroupSnapshotContent",
    version="v1beta2",
    namespaced=False,
)

SERVED: tuple[ApiResource, ...] = (
    NAMESPACES,
    NODES,
    CONFIG_MAPS,
    SECRETS,
    SERVICE_ACCOUNTS,
    PODS,
    SERVICES,
    VOLUMES,
    CLAIMS,
    DEPLOYMENTS,
    JOBS,
    CLUSTER_ROLES,
    CRDS,
)


def api_of(*resources: ApiResource, failed: Mapping[str, str] | None = None) -> ApiResources:
    """What discovery tells of ``resources`` (default: those of a small cluster)."""
    found = resources or SERVED
    versions: dict[str, list[str]] = {}
    for item in found:
        known = versions.setdefault(item.group, [])
        if item.version not in known:
            known.append(item.version)
    groups = {name: ApiGroup(name, tuple(names)) for name, names in versions.items()}
    return ApiResources(tuple(found), groups, dict(failed or {}))


# ------------------------------------------------------------------ objects


def obj(
    kind: str, name: str = "x", namespace: str = "", *, api: str = "v1", **fields: Any
) -> Manifest:
    """An object; ``labels``, ``annotations`` and ``meta`` go into its metadata."""
    metadata: Manifest = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    for key in ("labels", "annotations"):
        if key in fields:
            metadata[key] = fields.pop(key)
    metadata.update(fields.pop("meta", {}))
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **fields}


def config_map(name: str = "x", namespace: str = "shop", **fields: Any) -> Manifest:
    return obj("ConfigMap", name, namespace, **{"data": {"a": "1"}, **fields})


def crd(plural: str = "foos", group: str = "example.io", kind: str = "Foo") -> Manifest:
    """A definition of a namespaced kind in version v1."""
    return obj(
        "CustomResourceDefinition",
        f"{plural}.{group}",
        api="apiextensions.k8s.io/v1",
        spec={
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind, "singular": kind.lower()},
            "versions": [{"name": "v1", "served": True, "storage": True}],
        },
    )


def labelled(item: Manifest, restore: str = "r1", backup: str = "b1") -> Manifest:
    """A copy with the labels of a restore."""
    copied = copy.deepcopy(item)
    labels = {BACKUP_NAME_LABEL: backup, RESTORE_NAME_LABEL: restore}
    copied["metadata"]["labels"] = {**(copied["metadata"].get("labels") or {}), **labels}
    return copied


def owner(
    manager: str = "kubectl", operation: str = "Update", api: str = "v1", **more: Any
) -> Manifest:
    """An entry of managedFields."""
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": api,
        "time": "2020-01-01T00:00:00Z",
        "fieldsType": "FieldsV1",
        **{"fieldsV1": {"f:data": {"f:a": {}}}, **more},
    }


# ------------------------------------------------------------------ archives

Files = Mapping[str, Any]  # "<gr>/[<version>/]<namespace or nothing>/<name>" -> object or bytes

_GR = {
    "Namespace": "namespaces",
    "Deployment": "deployments.apps",
    "Job": "jobs.batch",
    "CustomResourceDefinition": "customresourcedefinitions.apiextensions.k8s.io",
    "ClusterRole": "clusterroles.rbac.authorization.k8s.io",
}


def gr_of(item: Manifest) -> str:
    """The folder of an object's resource."""
    kind = str(item["kind"])
    group = str(item["apiVersion"]).rpartition("/")[0]
    return _GR.get(kind) or f"{kind.lower()}s" + (f".{group}" if group else "")


class MemoryCatalog:
    """Implements Catalog; `files` maps (gr, version, namespace, name) to bytes."""

    def __init__(
        self,
        items: Iterable[Manifest] = (),
        *,
        raw: Mapping[tuple[str, str, str], bytes] | None = None,
        versions: Mapping[tuple[str, str, str, str], Manifest] | None = None,
        empty: Iterable[str] = (),
        has_resources: bool = True,
        warnings: Iterable[str] = (),
    ) -> None:
        self.files: dict[tuple[str, str, str, str], bytes] = {}
        self._empty = set(empty)
        self.has_resources = has_resources
        self.warnings = tuple(warnings)
        self.reads: list[str] = []
        for item in items:
            metadata = item["metadata"]
            key = (gr_of(item), "", metadata.get("namespace", ""), metadata["name"])
            self.files[key] = json.dumps(item).encode()
        for (gr, namespace, name), data in (raw or {}).items():
            self.files[gr, "", namespace, name] = data
        for place, item in (versions or {}).items():
            self.files[place] = json.dumps(item).encode()

    def group_resources(self) -> list[str]:
        return sorted({gr for gr, *_rest in self.files} | self._empty)

    def namespaces(self, gr: str, version: str = "") -> list[str]:
        return sorted({key[2] for key in self.files if key[:2] == (gr, version)})

    def items(self, gr: str, namespace: str, version: str = "") -> list[str]:
        return sorted(key[3] for key in self.files if key[:3] == (gr, version, namespace))

    def versions(self, gr: str) -> list[str]:
        return sorted({key[1] for key in self.files if key[0] == gr} - {""})

    def path(self, gr: str, namespace: str, name: str, version: str = "") -> str:
        scope = f"namespaces/{namespace}" if namespace else "cluster"
        parts = ("resources", gr, version, scope, f"{name}.json")
        return "/".join(part for part in parts if part)

    def read(self, gr: str, namespace: str, name: str, version: str = "") -> bytes:
        self.reads.append(f"{gr}/{namespace}/{name}")
        return self.files[gr, version, namespace, name]


def archive(catalog: MemoryCatalog) -> bytes:
    """The tar.gz of a catalog."""
    files = {"metadata/version": b"1.1.0\n"}
    for (gr, version, namespace, name), data in catalog.files.items():
        files[catalog.path(gr, namespace, name, version)] = data
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as tar:
        for path, data in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def backup_object(name: str = "b1", **fields: Any) -> Manifest:
    """A Backup in phase Completed."""
    status = {
        "phase": "Completed",
        "formatVersion": "1.1.0",
        "startTimestamp": "2026-01-01T00:00:00Z",
        **fields.pop("status", {}),
    }
    return obj("Backup", name, "velero", api="velero.io/v1", status=status, **fields)


# ------------------------------------------------------------------ stores


class MemoryStore:
    """Implements ObjectStore. ``writes`` lists the keys written or deleted.

    ``before_write`` may raise to make a write fail.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.writes: list[str] = []
        self.before_write: Callable[[str], None] = lambda key: None
        self._lock = threading.Lock()

    def location(self, key: str = "") -> str:
        return f"memory:/{key}"

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        return cast(AbstractContextManager[BinaryIO], closing(io.BytesIO(self.read(key))))

    def read(self, key: str) -> bytes:
        try:
            return self.files[key]
        except KeyError:
            raise ObjectNotFoundError("reading", key, "there is no such object") from None

    def write(self, key: str, data: bytes) -> None:
        with self._lock:
            self.before_write(key)
            self.writes.append(key)
            self.files[key] = data

    def exists(self, key: str) -> bool:
        return key in self.files

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in list(self.files) if key.startswith(prefix))

    def folders(self, prefix: str) -> list[str]:
        below = (key.removeprefix(prefix) for key in self.keys(prefix))
        return sorted({name.partition("/")[0] for name in below if "/" in name})

    def delete(self, key: str) -> None:
        with self._lock:
            self.before_write(key)
            self.writes.append(key)
            self.files.pop(key, None)

    def json(self, key: str) -> Any:
        """The content of a JSON object, gzip-compressed or not."""
        data = self.read(key)
        return json.loads(gzip.decompress(data) if key.endswith(".gz") else data)


def add_backup(
    store: MemoryStore,
    items: Iterable[Manifest] | MemoryCatalog,
    backup: Manifest | None = None,
    volumes: Iterable[Manifest] = (),
    **records: Iterable[Manifest],
) -> MemoryStore:
    """Puts a backup into ``store`` (its writes are not counted) and returns it.

    ``volumes`` is the volume information; ``records`` are further files by the end of their name,
    as in ``volumesnapshots``.
    """
    backup = backup or backup_object()
    name = backup["metadata"]["name"]
    catalog = items if isinstance(items, MemoryCatalog) else MemoryCatalog(items)
    folder = f"backups/{name}"
    store.files[f"{folder}/velero-backup.json"] = json.dumps(backup).encode()
    store.files[f"{folder}/{name}.tar.gz"] = archive(catalog)
    for kind, rows in {"volumeinfo": volumes, **records}.items():
        listed = list(rows)
        if listed:
            packed = gzip.compress(json.dumps(listed).encode())
            store.files[f"{folder}/{name}-{kind}.json.gz"] = packed
    return store
