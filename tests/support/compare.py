"""Dump a cluster and compare it with the recorded outcome of a restore.

What is masked before comparing are values that no two restores share: UUIDs, volume ids, cluster
IPs, times. Everything else must be equal.
"""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tests.testbed.cluster import Cluster, Response

Manifest = dict[str, Any]
State = dict[str, Manifest]  # "resource[.group]/[namespace/]name" -> object

_DUMP_THREADS = 8
_STARTING_SECONDS = 30.0


class _Missing:
    def __repr__(self) -> str:
        return "(absent)"


MISSING = _Missing()

# ------------------------------------------------------------------ dump

_NOT_DUMPED = {
    ("", "events"),
    ("events.k8s.io", "events"),
    ("", "nodes"),
    ("", "componentstatuses"),
    ("networking.k8s.io", "ipaddresses"),
    ("storage.k8s.io", "csinodes"),
}
# The Velero server's own objects worth comparing.
_VELERO_OBJECTS = {"podvolumerestores", "datadownloads", "datauploads"}
# Written by the API server itself, with a date or with its own certificates.
_NOT_COMPARED = {
    "configmaps/kube-system/kube-apiserver-legacy-service-account-token-tracking",
    "configmaps/kube-system/extension-apiserver-authentication",
}
_SERVER_METADATA = (
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "managedFields",
    "generation",
    "selfLink",
)


@dataclass(frozen=True)
class Dump:
    """Content of a cluster; what Velero keeps in its own namespace apart from the rest."""

    objects: State
    velero_objects: State


@dataclass(frozen=True)
class ServedResource:
    group: str
    version: str
    name: str
    kind: str
    namespaced: bool
    verbs: frozenset[str]
    subresources: frozenset[str]

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def path(self) -> str:
        return f"{'/apis' if self.group else '/api'}/{self.api_version}"


def send(
    cluster: Cluster,
    method: str,
    path: str,
    body: Manifest | None = None,
    *,
    content_type: str = "application/json",
) -> Response:
    """One request; once more when the server had closed the idle connection meanwhile."""
    try:
        return cluster.request(method, path, body, content_type=content_type)
    except ConnectionError:
        return cluster.request(method, path, body, content_type=content_type)


def read(cluster: Cluster, path: str) -> Manifest | None:
    """GET, with patience for what is just starting; None when there is nothing (any more)."""
    deadline = time.monotonic() + _STARTING_SECONDS
    while True:
        response = send(cluster, "GET", path)
        if response.ok:
            found: Manifest = response.body
            return found
        if response.status in (404, 405):
            return None
        if response.status not in (429, 503) or time.monotonic() > deadline:
            raise RuntimeError(f"GET {path}: {response.status} {response.body}")
        time.sleep(0.25)


def served_resources(cluster: Cluster) -> list[ServedResource]:
    """Every resource in every served version; of each group the preferred version first."""
    groups = send(cluster, "GET", "/apis").body["groups"]
    versions = [("", "v1")]
    versions += [
        (group["name"], version["version"]) for group in groups for version in group["versions"]
    ]

    def listed(version: tuple[str, str]) -> Manifest | None:
        group, name = version
        response = send(cluster, "GET", f"/apis/{group}/{name}" if group else f"/api/{name}")
        # A group may be down (its APIService has no backend): it has nothing to dump.
        return response.body if response.ok else None

    with ThreadPoolExecutor(_DUMP_THREADS) as pool:
        lists = list(pool.map(listed, versions))
    return [
        resource
        for (group, version), found in zip(versions, lists, strict=True)
        if found
        for resource in _resources(group, version, found["resources"])
    ]


def _resources(group: str, version: str, entries: list[Manifest]) -> Iterator[ServedResource]:
    for entry in entries:
        if "/" in entry["name"]:
            continue
        prefix = f"{entry['name']}/"
        yield ServedResource(
            group,
            version,
            entry["name"],
            entry["kind"],
            entry["namespaced"],
            frozenset(entry["verbs"]),
            frozenset(
                other["name"].removeprefix(prefix)
                for other in entries
                if other["name"].startswith(prefix)
            ),
        )


def dump(cluster: Cluster, velero_namespace: str = "velero") -> Dump:
    """The cluster's objects without what the server sets."""
    wanted: dict[tuple[str, str], ServedResource] = {}
    for resource in served_resources(cluster):
        key = (resource.group, resource.name)
        if "list" in resource.verbs and key not in _NOT_DUMPED:
            wanted.setdefault(key, resource)
    with ThreadPoolExecutor(_DUMP_THREADS) as pool:
        lists = list(
            pool.map(
                lambda resource: read(cluster, f"{resource.path}/{resource.name}"), wanted.values()
            )
        )
    found = Dump({}, {})
    for resource, listed in zip(wanted.values(), lists, strict=True):
        for item in (listed or {}).get("items", []):
            _put(found, resource, item, velero_namespace)
    return found


def _put(found: Dump, resource: ServedResource, item: Manifest, velero_namespace: str) -> None:
    item.setdefault("apiVersion", resource.api_version)
    item.setdefault("kind", resource.kind)
    metadata = item["metadata"]
    namespace = metadata.get("namespace", "")
    labels = metadata.get("labels") or {}
    gr = f"{resource.name}.{resource.group}" if resource.group else resource.name
    key = "/".join(part for part in (gr, namespace, metadata["name"]) if part)
    of_velero = resource.group == "velero.io"
    if of_velero or namespace == velero_namespace or key == f"namespaces/{velero_namespace}":
        result = resource.name == "configmaps" and "velero.io/restore-uid" in labels
        if result or (of_velero and resource.name in _VELERO_OBJECTS):
            found.velero_objects[key] = _cleaned(item)
        return
    if resource.name == "leases" and namespace in ("kube-system", "kube-node-lease"):
        return
    if resource.name == "apiservices" and "kube-aggregator.kubernetes.io/automanaged" in labels:
        return
    if key not in _NOT_COMPARED:
        found.objects[key] = _cleaned(item)


def _cleaned(item: Manifest) -> Manifest:
    for key in _SERVER_METADATA:
        item["metadata"].pop(key, None)
    return item


def subtract(state: State, base: State) -> tuple[State, list[str]]:
    """Objects that are new or changed against the base, and the keys that are gone."""
    before = {key: normalise(item) for key, item in base.items()}
    new = {key: item for key, item in state.items() if before.get(key) != normalise(item)}
    return new, sorted(key for key in base if key not in state)


# ------------------------------------------------------------------ normalise

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HASH = re.compile(
    r"(?<!sha256:)(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"
)  # restored snapshot objects
_INIT = re.compile(r"velero-restore-init-[0-9a-f]{8}$")  # init hook container without a name
_VOLUME = re.compile(r"vol-[0-9a-f]{17}")
# The volumes that the fixture backup's snapshots were taken of; any other was made by the restore.
_ORIGINAL_VOLUMES = {"vol-e6ef3f43350821aa5", "vol-9af81fcb25148996f"}
_TIMES = {
    "lastTransitionTime",
    "lastUpdateTime",
    "lastProbeTime",
    "lastPhaseTransitionTime",
    "lastHeartbeatTime",
    "deletionTimestamp",
    "startTimestamp",
    "completionTimestamp",
}
_DYNAMIC_PV = "velero.io/dynamic-pv-restore"


def masked_text(text: str) -> str:
    """The text without ids that differ from restore to restore."""
    if "vol-" in text:
        text = _VOLUME.sub(
            lambda found: found.group() if found.group() in _ORIGINAL_VOLUMES else "vol-<new>", text
        )
    if text.startswith("velero-restore-init-"):
        return _INIT.sub("velero-restore-init-<id>", text)
    return _HASH.sub("<hash>", _UUID.sub("<uuid>", text)) if len(text) > 35 else text


def masked(value: Any, key: str = "") -> Any:
    """The value with ids and times masked, at any depth."""
    if isinstance(value, dict):
        return {
            masked_text(name): "<time>" if name in _TIMES and member else masked(member, name)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [masked(member, key) for member in value]
    if not isinstance(value, str):
        return value
    return f"{value.rsplit('.', 1)[0]}.<id>" if key == _DYNAMIC_PV else masked_text(value)


def normalise(item: Manifest, volatile: Iterable[str] = ()) -> Manifest:
    """The object as it is compared; `volatile` are JSON pointers to arbitrary values."""
    out: Manifest = masked(copy.deepcopy(item))
    kind, spec = out.get("kind"), out.get("spec")
    if not isinstance(spec, dict):
        spec = {}
    if kind == "Service" and spec.get("clusterIP") not in (None, "", "None"):
        spec["clusterIP"] = "<ip>"
        if "clusterIPs" in spec:
            spec["clusterIPs"] = ["<ip>"] * len(spec["clusterIPs"])
    if kind == "PersistentVolume" and isinstance(spec.get("claimRef"), dict):
        for key in ("uid", "resourceVersion"):
            if key in spec["claimRef"]:
                spec["claimRef"][key] = "<set>"
    if kind == "Pod":
        for container in spec.get("initContainers") or []:
            if container.get("name") == "restore-wait":  # Velero lists these mounts in random order
                container["volumeMounts"] = sorted(container.get("volumeMounts") or [], key=_text)
    if kind == "CustomResourceDefinition" and (out.get("status") or {}).get("conditions"):
        # Several controllers of the API server write them, in the order in which they come.
        out["status"]["conditions"].sort(key=lambda one: str(one.get("type")))
    for owner in out["metadata"].get("ownerReferences", []):
        owner["uid"] = "<uuid>"
    for pointer in volatile:
        _mask_at(
            out, [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        )
    return out


def _mask_at(value: Any, parts: list[str]) -> None:
    for part in parts[:-1]:
        value = _member(value, part)
    last = parts[-1] if parts else ""
    if _member(value, last) is MISSING:
        return
    if isinstance(value, dict):
        value[last] = "<volatile>"
    else:
        value[int(last)] = "<volatile>"


def _member(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part, MISSING)
    if isinstance(value, list) and part.isdigit() and int(part) < len(value):
        return value[int(part)]
    return MISSING


# ------------------------------------------------------------------ difference


@dataclass(frozen=True)
class FieldDifference:
    pointer: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: expected {show(self.expected)}, found {show(self.found)}"


@dataclass
class Comparison:
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    changed: dict[str, list[FieldDifference]] = field(default_factory=dict)

    @property
    def equal(self) -> bool:
        return not (self.missing or self.extra or self.changed)

    def lines(self) -> list[str]:
        """One line a difference."""
        out = [f"missing {key}" for key in self.missing]
        out += [f"extra {key}" for key in self.extra]
        out += [f"{key} {one}" for key, found in self.changed.items() for one in found]
        return out


def show(value: Any, limit: int = 200) -> str:
    if value is MISSING:
        return repr(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= limit else f"{text[:limit]}…"


def differences(expected: Any, found: Any, pointer: str = "") -> Iterator[FieldDifference]:
    """The places where two JSON values differ."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted({*expected, *found}):
            part = key.replace("~", "~0").replace("/", "~1")
            yield from differences(
                expected.get(key, MISSING), found.get(key, MISSING), f"{pointer}/{part}"
            )
    elif isinstance(expected, list) and isinstance(found, list):
        for index in range(max(len(expected), len(found))):
            yield from differences(
                expected[index] if index < len(expected) else MISSING,
                found[index] if index < len(found) else MISSING,
                f"{pointer}/{index}",
            )
    elif type(expected) is not type(found) or expected != found:
        yield FieldDifference(pointer, expected, found)


def compare(
    expected: State, found: State, volatile: Mapping[str, list[str]] | None = None
) -> Comparison:
    """Compare what a restore changed with what it should have changed."""
    pointers = volatile or {}
    want, have = _keyed(expected), _keyed(found)
    result = Comparison()
    for key in sorted(want.keys() & have.keys()):
        where = pointers.get(key, [])
        changed = list(differences(normalise(want[key], where), normalise(have[key], where)))
        if changed:
            result.changed[key] = changed
    # An empty pointer: the whole object comes and goes.
    unsteady = {key for key, where in pointers.items() if where == [""]}
    result.missing = sorted(want.keys() - have.keys() - unsteady)
    result.extra = sorted(have.keys() - want.keys() - unsteady)
    return result


def _keyed(objects: State) -> State:
    """Objects by masked key; generated names become one pattern, numbered by sorted content."""
    out: State = {}
    for key in sorted(objects, key=lambda key: (masked_text(key), _text(normalise(objects[key])))):
        name, number = masked_text(key), 2
        while name in out:
            name = f"{masked_text(key)}#{number}"
            number += 1
        out[name] = objects[key]
    return out


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
