"""An API server in memory, with what the engine relies on.

Creation and its conflicts, missing namespaces, merge patches, the status sub-resource, owners of
fields, definitions that bring kinds, errors on demand and a log of all calls.
"""

from __future__ import annotations

import copy
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.label_selector import (
    LabelSelectorError,
    parse_label_selector,
)
from ansible_collections.velero.core.plugins.module_utils.model.commands import (
    CommandOutcome,
    ContainerCommand,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    AlreadyExistsError,
    ApiError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnauthorizedError,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiGroup,
    ApiResource,
    ApiResources,
)
from tests.support.builders import VERBS, Manifest, api_of
from tests.support.fake_clock import FakeClock

WRITES = ("create", "apply", "patch", "put_status", "delete")
_ERRORS: dict[str, tuple[type[ApiError], int]] = {
    "AlreadyExists": (AlreadyExistsError, 409),
    "Conflict": (ConflictError, 409),
    "Forbidden": (ForbiddenError, 403),
    "Invalid": (InvalidError, 422),
    "NotFound": (NotFoundError, 404),
    "Unauthorized": (UnauthorizedError, 401),
    "BadRequest": (ApiError, 400),
    "InternalError": (ApiError, 500),
}


def api_error(
    reason: str, message: str = "", *, causes: Iterable[str] = (), target: str = ""
) -> ApiError:
    """An answer of the server; ``causes`` are the messages of its details."""
    kind, code = _ERRORS[reason]
    details = {"causes": [{"message": text} for text in causes]}
    return kind(
        "asking", target, code=code, reason=reason, message=message or reason, details=details
    )


@dataclass(frozen=True)
class Call:
    """One request. ``body`` is what was sent; ``manager`` the field manager."""

    verb: str
    gr: str
    namespace: str
    name: str
    body: Any = field(default=None, compare=False)
    manager: str = field(default="", compare=False)

    def __str__(self) -> str:
        where = "/".join(part for part in (self.gr, self.namespace, self.name) if part)
        return f"{self.verb} {where}"


@dataclass
class _Fault:
    verb: str
    gr: str
    name: str
    error: BaseException
    left: int
    after: bool


Place = tuple[str, str, str]


class FakeCluster:
    """Implements Cluster. ``calls`` are all requests, ``writes`` those that change something."""

    def __init__(
        self,
        *objects: Manifest,
        api: ApiResources | None = None,
        clock: FakeClock | None = None,
        established: bool = True,
    ) -> None:
        self.clock = clock or FakeClock()
        self.api = api or api_of()
        self.established = established
        self.objects: dict[Place, Manifest] = {}
        self.calls: list[Call] = []
        self.before: Callable[[Call], None] = lambda call: None
        self.allowed: Callable[[str, str, str, str], bool] = lambda *request: True
        self.commands: list[ContainerCommand] = []
        self.on_command: Callable[[ContainerCommand], CommandOutcome] = lambda command: (
            CommandOutcome()
        )
        # What the server makes of an object that is written: nothing here.
        self.stored_form: Callable[[Manifest], Manifest] = lambda item: item
        self._faults: list[_Fault] = []
        self._lock = threading.RLock()
        self._version = 0
        self.put(obj_namespace("kube-system"), uid="cluster-uid")
        for item in objects:
            self.put(item)

    # -------------------------------------------------------------- for tests

    def put(self, item: Manifest, **metadata: Any) -> Manifest:
        """Stores an object as it is, without a request; its namespace is made too."""
        item = copy.deepcopy(item)
        found = self.resource_of(item)
        namespace = item["metadata"].get("namespace", "")
        if namespace and ("namespaces", "", namespace) not in self.objects:
            self.put(obj_namespace(namespace))
        set_by_server = {
            "uid": str(uuid.uuid4()),
            "resourceVersion": self._next(),
            "creationTimestamp": self._now(),
        }
        item["metadata"] = {**set_by_server, **item["metadata"], **metadata}
        self.objects[found.group_resource, namespace, item["metadata"]["name"]] = item
        if found.plural == "customresourcedefinitions":
            self._serve(item)
        return item

    def serve(self, resource: ApiResource) -> None:
        """Serves one more resource."""
        groups = dict(self.api.groups)
        known = groups.get(resource.group, ApiGroup(resource.group, ())).versions
        if resource.version not in known:
            groups[resource.group] = ApiGroup(resource.group, (*known, resource.version))
        resources = dict.fromkeys((*self.api.resources, resource))
        self.api = ApiResources(tuple(resources), groups, self.api.failed_groups)

    def see(self, gr: str, namespace: str, name: str) -> Manifest:
        """The stored object; KeyError when there is none."""
        return self.objects[gr, namespace, name]

    def fail(
        self,
        verb: str,
        gr: str = "",
        name: str = "",
        *,
        error: BaseException | None = None,
        times: int = 1_000_000,
        after: bool = False,
    ) -> None:
        """Lets requests fail; with ``after`` they take effect and only their answer is lost."""
        wanted = error or api_error("InternalError", "internal error")
        self._faults.append(_Fault(verb, gr, name, wanted, times, after))

    @property
    def writes(self) -> list[Call]:
        """The requests that change something."""
        return [call for call in self.calls if call.verb in WRITES]

    def said(self, *verbs: str) -> list[str]:
        """The calls with one of ``verbs`` (default: the writes) as texts."""
        return [str(call) for call in self.calls if call.verb in (verbs or WRITES)]

    def content(self) -> dict[Place, Manifest]:
        """What is stored, without what differs between two equal clusters."""
        out = copy.deepcopy(self.objects)
        for item in out.values():
            for key in ("uid", "resourceVersion", "creationTimestamp"):
                item["metadata"].pop(key, None)
            for entry in item["metadata"].get("managedFields") or []:
                entry.pop("time", None)
        return out

    def resource_of(self, item: Manifest) -> ApiResource:
        """The resource of an object; the test is wrong when it is not served."""
        group, _slash, version = str(item["apiVersion"]).rpartition("/")
        found = self.api.by_kind(group, version, str(item["kind"]))
        assert found is not None, f"the fake serves no {item['apiVersion']}/{item['kind']}"
        return found

    # -------------------------------------------------------------- Cluster

    def discover(self) -> ApiResources:
        self._enter(Call("discover", "", "", ""))
        return self.api

    def get(self, resource: ApiResource, namespace: str, name: str) -> Manifest:
        with self._lock:
            self._enter(Call("get", resource.group_resource, namespace, name))
            return copy.deepcopy(self._found(resource, namespace, name))

    def list(
        self, resource: ApiResource, namespace: str = "", label_selector: str = ""
    ) -> Iterator[Manifest]:
        with self._lock:
            self._enter(Call("list", resource.group_resource, namespace, ""))
            self._check_served(resource)
            found = [
                copy.deepcopy(item)
                for (gr, space, _name), item in self.objects.items()
                if gr == resource.group_resource and namespace in ("", space)
            ]
        try:
            matches = parse_label_selector(label_selector)
        except LabelSelectorError as error:
            raise api_error("BadRequest", str(error)) from error
        return (item for item in found if matches(item["metadata"].get("labels") or {}))

    def create(
        self, resource: ApiResource, namespace: str, body: Manifest, *, field_manager: str = ""
    ) -> Manifest:
        with self._lock:
            call = self._call("create", resource, namespace, body, field_manager)
            return self._make(call, resource, namespace, body, "Update")

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
        assert create_only, "the engine applies only to create"
        with self._lock:
            call = self._call("apply", resource, namespace, body, field_manager)
            return self._make(call, resource, namespace, body, "Apply"), True

    def merge_patch(
        self,
        resource: ApiResource,
        namespace: str,
        name: str,
        patch: Manifest,
        *,
        subresource: str = "",
    ) -> Manifest:
        with self._lock:
            call = Call("patch", resource.group_resource, namespace, name, copy.deepcopy(patch))
            self._enter(call)
            item = self._found(resource, namespace, name)
            owners = item["metadata"].get("managedFields")
            merged = merge(item, patch)
            if "status" in resource.subresources and not subresource:
                merged = _with_status(merged, item)
            if not merged["metadata"].get("managedFields"):
                merged["metadata"]["managedFields"] = owners or [
                    self._owner("before-first-apply", merged, "Update")
                ]
            if merged != item:
                merged["metadata"]["resourceVersion"] = self._next()
                self.objects[resource.group_resource, namespace, name] = merged
            self._leave(call)
            return copy.deepcopy(merged)

    def preview(self, resource: ApiResource, namespace: str, name: str, body: Manifest) -> Manifest:
        with self._lock:
            self._enter(Call("preview", resource.group_resource, namespace, name, body))
            item = self._found(resource, namespace, name)
            stored = self.stored_form(copy.deepcopy(body))
            stored["metadata"] = {**item["metadata"], **stored["metadata"]}
            return _with_status(stored, item)

    def replace_status(
        self, resource: ApiResource, namespace: str, name: str, body: Manifest
    ) -> Manifest:
        with self._lock:
            call = Call("put_status", resource.group_resource, namespace, name, copy.deepcopy(body))
            self._enter(call)
            if "status" not in resource.subresources:
                raise api_error("NotFound", "the server could not find the requested resource")
            item = self._found(resource, namespace, name)
            sent = body["metadata"].get("resourceVersion")
            if sent and sent != item["metadata"]["resourceVersion"]:
                raise api_error("Conflict", "the object has been modified")
            item = {**item, "status": copy.deepcopy(body.get("status"))}
            item["metadata"] = {**item["metadata"], "resourceVersion": self._next()}
            owners = [
                entry
                for entry in item["metadata"].get("managedFields") or []
                if entry.get("subresource") != "status" or entry.get("manager") != "status"
            ]
            fields = {"status": item["status"]}
            owners.append({**self._owner("status", fields, "Update"), "subresource": "status"})
            item["metadata"]["managedFields"] = owners
            self.objects[resource.group_resource, namespace, name] = item
            self._leave(call)
            return copy.deepcopy(item)

    def delete(self, resource: ApiResource, namespace: str, name: str) -> None:
        with self._lock:
            call = Call("delete", resource.group_resource, namespace, name)
            self._enter(call)
            self.objects.pop((resource.group_resource, namespace, name), None)
            self._leave(call)

    def execute(self, command: ContainerCommand) -> CommandOutcome:
        self._enter(Call("exec", "pods", command.namespace, command.pod, command.command))
        self.commands.append(command)
        return self.on_command(command)

    @property
    def server_time(self) -> float:
        return self.clock.now()

    def access_review(
        self, verb: str, group: str, plural: str, namespace: str = ""
    ) -> tuple[bool, str]:
        self._enter(Call("review", plural, namespace, verb))
        allowed = self.allowed(verb, group, plural, namespace)
        return allowed, "" if allowed else "not allowed"

    # -------------------------------------------------------------- inside

    def _call(
        self, verb: str, resource: ApiResource, namespace: str, body: Manifest, manager: str
    ) -> Call:
        name = str(body["metadata"].get("name", ""))
        call = Call(verb, resource.group_resource, namespace, name, copy.deepcopy(body), manager)
        self._enter(call)
        return call

    def _enter(self, call: Call) -> None:
        with self._lock:
            self.calls.append(call)
            self.before(call)
            self._break(call, after=False)

    def _leave(self, call: Call) -> None:
        self._break(call, after=True)

    def _break(self, call: Call, *, after: bool) -> None:
        for fault in self._faults:
            fits = fault.verb == call.verb and fault.gr in ("", call.gr) and fault.after == after
            if fits and fault.name in ("", call.name) and fault.left > 0:
                fault.left -= 1
                raise fault.error

    def _check_served(self, resource: ApiResource) -> None:
        if self.api.by_plural(resource.group, resource.version, resource.plural) is None:
            raise api_error("NotFound", "the server could not find the requested resource")

    def _found(self, resource: ApiResource, namespace: str, name: str) -> Manifest:
        self._check_served(resource)
        try:
            return self.objects[resource.group_resource, namespace, name]
        except KeyError:
            message = f'{resource.group_resource} "{name}" not found'
            raise api_error("NotFound", message) from None

    def _make(
        self, call: Call, resource: ApiResource, namespace: str, body: Manifest, operation: str
    ) -> Manifest:
        self._check_served(resource)
        if namespace and ("namespaces", "", namespace) not in self.objects:
            raise api_error("NotFound", f'namespaces "{namespace}" not found')
        item = copy.deepcopy(body)
        metadata = item["metadata"]
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = f"{metadata['generateName']}{self._version:05d}"
        name = metadata["name"]
        place = (resource.group_resource, namespace, name)
        if place in self.objects:
            message = f'{resource.group_resource} "{name}" already exists'
            raise api_error("AlreadyExists", message)
        if namespace:
            metadata["namespace"] = namespace
        metadata.pop("managedFields", None)
        metadata.update(
            uid=str(uuid.uuid4()),
            resourceVersion=self._next(),
            creationTimestamp=self._now(),
            managedFields=[self._owner(call.manager or "unknown", item, operation)],
        )
        if "status" in resource.subresources:
            item.pop("status", None)
        if resource.plural == "customresourcedefinitions":
            self._serve(item)
        self.objects[place] = item
        self._leave(call)
        return copy.deepcopy(item)

    def _serve(self, definition: Manifest) -> None:
        spec = definition["spec"]
        names, group = spec["names"], spec["group"]
        if self.established:
            definition["status"] = established_status()
        base = ApiResource(
            group,
            "",
            names["plural"],
            names["kind"],
            spec["scope"] == "Namespaced",
            names.get("singular", ""),
            (),
            VERBS,
        )
        new = [replace(base, version=one["name"]) for one in spec["versions"] if one["served"]]
        known = self.api.groups.get(group, ApiGroup(group, ())).versions
        groups = {**self.api.groups}
        fresh = tuple(one.version for one in new if one.version not in known)
        groups[group] = ApiGroup(group, (*known, *fresh))
        old = [one for one in self.api.resources if one not in new]
        self.api = ApiResources((*old, *new), groups, self.api.failed_groups)

    def _owner(self, manager: str, item: Manifest, operation: str) -> Manifest:
        return {
            "manager": manager,
            "operation": operation,
            "apiVersion": item.get("apiVersion", ""),
            "time": self._now(),
            "fieldsType": "FieldsV1",
            "fieldsV1": fields_of(item),
        }

    def _next(self) -> str:
        self._version += 1
        return str(self._version)

    def _now(self) -> str:
        moment = datetime.fromtimestamp(int(self.clock.now()), timezone.utc)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def obj_namespace(name: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def established_status(established: str = "True", accepted: str = "True") -> Manifest:
    """The status of a definition."""
    return {
        "conditions": [
            {"type": "NamesAccepted", "status": accepted},
            {"type": "Established", "status": established},
        ]
    }


def merge(target: Any, patch: Any) -> Any:
    """RFC 7386, written from its text."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    out = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merge(out.get(key), value)
    return out


_UNTRACKED = ("apiVersion", "kind", "status")
_UNTRACKED_METADATA = ("labels", "annotations", "finalizers", "ownerReferences")


def fields_of(item: Manifest) -> Manifest:
    """The field set of an object as its writer owns it; lists are taken as a whole."""
    plain = {key: value for key, value in item.items() if key not in _UNTRACKED}
    metadata = plain.pop("metadata", {})
    kept = {key: metadata[key] for key in _UNTRACKED_METADATA if key in metadata}
    return _set_of({**plain, "metadata": kept} if kept else plain)


def _set_of(value: Any) -> Manifest:
    if isinstance(value, dict) and value:
        return {f"f:{key}": _set_of(child) for key, child in value.items()}
    return {}


def _with_status(item: Manifest, before: Manifest) -> Manifest:
    kept = {key: value for key, value in item.items() if key != "status"}
    return {**kept, "status": before["status"]} if "status" in before else kept
