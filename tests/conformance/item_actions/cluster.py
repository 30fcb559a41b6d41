"""An API server in memory, as far as item actions look at it."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Iterator
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.label_selector import (
    LabelSelectorError,
    parse_label_selector,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    AlreadyExistsError,
    ApiError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiResource,
    ApiResources,
)

Manifest = dict[str, Any]
Key = tuple[str, str, str, str]  # group, plural, namespace, name

IMAGE = "velero/velero:v1.18.0"
_NAMESPACES = ("velero", "velero-two", "shop", "shop2", "blog", "live")
_CLUSTER_SCOPED = {
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "Namespace",
    "PersistentVolume",
    "PriorityClass",
    "StorageClass",
    "VolumeGroupSnapshotClass",
    "VolumeGroupSnapshotContent",
    "VolumeSnapshotClass",
    "VolumeSnapshotContent",
}
_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"
_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_LABEL_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
    "'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_DATA_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_DATA_KEY_RULE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
    "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)


def plural_of(kind: str) -> str:
    lower = kind.lower()
    return f"{lower}es" if lower.endswith("s") else f"{lower}s"


def _key_of(body: Manifest) -> Key:
    group = body["apiVersion"].rpartition("/")[0]
    metadata = body["metadata"]
    namespace = "" if body["kind"] in _CLUSTER_SCOPED else metadata.get("namespace", "")
    return group, plural_of(body["kind"]), namespace, metadata["name"]


def standing_objects() -> Iterator[Manifest]:
    """What exists behind every record."""
    for name in _NAMESPACES:
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        account = {"name": "default", "namespace": name}
        yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account}
    yield {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "velero", "namespace": "velero"},
        "spec": {
            "replicas": 0,
            "template": {"spec": {"containers": [{"name": "velero", "image": IMAGE}]}},
        },
    }


class FakeCluster:
    """Implements model.ports.Cluster. ``requests`` counts the calls, ``created`` and ``updated``
    are the objects that calls left behind.

    ``access`` is that of a record: the only user and its rules. ``immutable_group_handles`` is the
    rule of the VolumeGroupSnapshotContent CRD.
    """

    def __init__(
        self,
        objects: list[Manifest] | None = None,
        access: Manifest | None = None,
        *,
        immutable_group_handles: bool = True,
    ) -> None:
        self._objects: dict[Key, Manifest] = {}
        for body in [*standing_objects(), *(objects or [])]:
            self._objects[_key_of(body)] = copy.deepcopy(body)
        self._access = access
        self._immutable_group_handles = immutable_group_handles
        self._created: list[Key] = []
        self._updated: list[Key] = []
        self._random = random.Random(1)
        self.requests = 0

    @property
    def created(self) -> list[Manifest]:
        return [self._objects[key] for key in self._created]

    @property
    def updated(self) -> list[Manifest]:
        return [self._objects[key] for key in self._updated]

    @property
    def server_time(self) -> float:
        return 0.0

    def remove(self, group: str, plural: str, namespace: str, name: str) -> None:
        """Takes an object away before a test starts."""
        del self._objects[group, plural, namespace, name]

    def discover(self) -> ApiResources:
        raise NotImplementedError

    def get(self, resource: ApiResource, namespace: str, name: str) -> Manifest:
        self._check("get", resource, namespace, name)
        return copy.deepcopy(self._find(resource, namespace, name))

    def list(
        self, resource: ApiResource, namespace: str = "", label_selector: str = ""
    ) -> Iterator[Manifest]:
        self._check("list", resource, namespace)
        try:
            matches = parse_label_selector(label_selector)
        except LabelSelectorError as error:
            raise _api_error(ApiError, 400, "BadRequest", str(error)) from error
        for key in sorted(self._objects):
            if key[:2] != (resource.group, resource.plural) or namespace not in ("", key[2]):
                continue
            if matches(self._objects[key]["metadata"].get("labels") or {}):
                yield copy.deepcopy(self._objects[key])

    def create(
        self, resource: ApiResource, namespace: str, body: Manifest, *, field_manager: str = ""
    ) -> Manifest:
        self._check("create", resource, namespace)
        made = copy.deepcopy(body)
        metadata = made["metadata"]
        if "name" not in metadata:
            suffix = "".join(self._random.choice(_SUFFIX) for position in range(5))
            metadata["name"] = metadata["generateName"] + suffix
        if namespace:
            metadata["namespace"] = namespace
        _validate(made)
        key = _key_of(made)
        if key in self._objects:
            text = f'{resource.group_resource} "{metadata["name"]}" already exists'
            raise _api_error(AlreadyExistsError, 409, "AlreadyExists", text)
        self._objects[key] = made
        self._created.append(key)
        return copy.deepcopy(made)

    def apply(
        self,
        resource: ApiResource,
        namespace: str,
        name: str,
        body: Manifest,
        *,
        field_manager: str,
        force: bool = False,
        create_only: bool = False,
    ) -> tuple[Manifest, bool]:
        raise NotImplementedError

    def merge_patch(
        self,
        resource: ApiResource,
        namespace: str,
        name: str,
        patch: Manifest,
        *,
        subresource: str = "",
    ) -> Manifest:
        self._check("patch", resource, namespace, name, subresource)
        found = self._find(resource, namespace, name)
        changed = _merged(found, patch)
        if self._immutable_group_handles and _group_handles(found) != _group_handles(changed):
            text = f'{resource.kind}.{resource.group} "{name}" is invalid: spec.source: immutable'
            raise _api_error(InvalidError, 422, "Invalid", text)
        return self._store(changed)

    def replace_status(
        self, resource: ApiResource, namespace: str, name: str, body: Manifest
    ) -> Manifest:
        self._check("update", resource, namespace, name, "status")
        found = self._find(resource, namespace, name)
        return self._store({**found, "status": copy.deepcopy(body.get("status"))})

    def delete(self, resource: ApiResource, namespace: str, name: str) -> None:
        raise NotImplementedError

    def access_review(
        self, verb: str, group: str, plural: str, namespace: str = ""
    ) -> tuple[bool, str]:
        return self._allowed(verb, group, plural), ""

    def _store(self, body: Manifest) -> Manifest:
        key = _key_of(body)
        if key not in (*self._created, *self._updated) and self._objects[key] != body:
            self._updated.append(key)
        self._objects[key] = body
        return copy.deepcopy(body)

    def _find(self, resource: ApiResource, namespace: str, name: str) -> Manifest:
        try:
            return self._objects[resource.group, resource.plural, namespace, name]
        except KeyError:
            text = f'{resource.group_resource} "{name}" not found'
            raise _api_error(NotFoundError, 404, "NotFound", text) from None

    def _check(
        self, verb: str, resource: ApiResource, namespace: str, name: str = "", sub: str = ""
    ) -> None:
        self.requests += 1
        if name == "" and verb not in ("list", "create"):
            raise RuntimeError("a path without a name is the whole collection")
        if self._allowed(verb, resource.group, resource.plural, sub):
            return
        user = (self._access or {})["user"]
        named = f' "{name}"' if name else ""
        place = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
        path = f"{resource.plural}/{sub}" if sub else resource.plural
        text = (
            f'{resource.group_resource}{named} is forbidden: User "{user}" cannot {verb} resource '
            f'"{path}" in API group "{resource.group}" {place}'
        )
        raise _api_error(ForbiddenError, 403, "Forbidden", text)

    def _allowed(self, verb: str, group: str, plural: str, sub: str = "") -> bool:
        if self._access is None:
            return True
        path = f"{plural}/{sub}" if sub else plural
        return any(
            group in rule["apiGroups"] and path in rule["resources"] and verb in rule["verbs"]
            for rule in self._access["rules"]
        )


def _api_error(kind: type[ApiError], code: int, reason: str, message: str) -> ApiError:
    return kind("calling", "the fake", code=code, reason=reason, message=message)


def _merged(value: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    merged = dict(value) if isinstance(value, dict) else {}
    for key, part in patch.items():
        if part is None:
            merged.pop(key, None)
        else:
            merged[key] = _merged(merged.get(key), part)
    return merged


def _group_handles(body: Manifest) -> Any:
    if body["kind"] != "VolumeGroupSnapshotContent":
        return None
    return body["spec"]["source"].get("groupSnapshotHandles")


def _validate(body: Manifest) -> None:
    """Refuses what the records know the server to refuse: label values and keys of data."""
    faults = [
        f'metadata.labels: Invalid value: "{value}": {_LABEL_RULE}'
        for value in (body["metadata"].get("labels") or {}).values()
        if not _LABEL_VALUE.fullmatch(value)
    ]
    if body["kind"] == "ConfigMap":
        faults += [
            f'data[{key}]: Invalid value: "{key}": {_DATA_KEY_RULE}'
            for key in body.get("data") or {}
            if not _DATA_KEY.fullmatch(key)
        ]
    if faults:
        shown = faults[0] if len(faults) == 1 else f"[{', '.join(faults)}]"
        name = body["metadata"]["name"]
        text = f'{body["kind"]} "{name}" is invalid: {shown}'
        raise _api_error(InvalidError, 422, "Invalid", text)
