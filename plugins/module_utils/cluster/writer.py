# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests that make objects, and what to believe when their answer was lost."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.cluster.codec import decode, encode
from ansible_collections.velero.core.plugins.module_utils.cluster.ours import is_ours
from ansible_collections.velero.core.plugins.module_utils.cluster.paths import (
    collection_path,
    object_path,
    with_query,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.sender import (
    Call,
    Sender,
    Trace,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    AlreadyExistsError,
    ConflictError,
    NotFoundError,
)
from ansible_collections.velero.core.plugins.module_utils.model.names import namespaced_name
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

APPLY_PATCH = "application/apply-patch+yaml"
# No object ever has this resource version (etcd's revisions are signed 64-bit numbers), so that an
# apply which carries it can only create.
NEVER = str(2**63 - 1)


class Writer:
    """Creates and applies objects. May be used by several threads at once."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def create(
        self, resource: ApiResource, namespace: str, body: Manifest, field_manager: str
    ) -> Manifest:
        """POSTs ``body`` and returns what the server stored.

        A create by name whose answer was lost is sent again; when the object then exists and is
        evidently ours, it is returned. Raises AlreadyExistsError and other ApiErrors, and
        UnknownOutcomeError for a ``generateName`` whose answer was lost.
        """
        name = (body.get("metadata") or {}).get("name") or ""
        path = collection_path(resource, namespace)
        query = {"fieldManager": field_manager, "fieldValidation": "Ignore"}
        call = Call(
            "POST",
            with_query(path, query),
            encode(body),
            repeatable=bool(name),
            doing="creating",
            target=target(resource, namespace, name),
        )
        started, trace = self._sender.monotonic(), Trace()
        try:
            answer = self._sender.send(call, trace)
        except AlreadyExistsError:
            if not trace.doubtful:
                raise
            ours = self._ours(resource, namespace, name, body, started)
            if ours is None:
                raise
            return ours
        return decode(answer, call.doing, call.target)

    def apply(
        self,
        resource: ApiResource,
        namespace: str,
        name: str,
        body: Manifest,
        field_manager: str,
        force: bool,
    ) -> tuple[Manifest, bool]:
        """Applies ``body`` on the server's side; returns the object and whether it is new."""
        call = _apply_call(resource, namespace, name, body, field_manager, force)
        answer = self._sender.send(call)
        return decode(answer, call.doing, call.target), answer.status == 201

    def apply_new(
        self, resource: ApiResource, namespace: str, name: str, body: Manifest, field_manager: str
    ) -> Manifest:
        """Creates ``body`` by an apply and returns it; raises AlreadyExistsError when it is there.

        Unlike a POST, an apply refuses fields that the schema does not know and lists with
        duplicate keys (HTTP 500).
        """
        versioned = {
            **body,
            "metadata": {**(body.get("metadata") or {}), "resourceVersion": NEVER},
        }
        # Without force, fields of other managers would hide what the refusal is about.
        call = _apply_call(resource, namespace, name, versioned, field_manager, force=True)
        started, trace = self._sender.monotonic(), Trace()
        try:
            answer = self._sender.send(call, trace)
        except ConflictError as exc:
            if not _is_about(exc, resource, name):
                raise
            ours = None
            if trace.doubtful:
                ours = self._ours(resource, namespace, name, body, started)
            if ours is None:
                raise _already_exists(exc, resource, name) from exc
            return ours
        return decode(answer, call.doing, call.target)

    def _ours(
        self,
        resource: ApiResource,
        namespace: str,
        name: str,
        body: Manifest,
        started: float,
    ) -> Manifest | None:
        goal = target(resource, namespace, name)
        call = Call("GET", object_path(resource, namespace, name), doing="reading", target=goal)
        try:
            live = decode(self._sender.send(call), call.doing, call.target)
        except NotFoundError:
            return None
        return live if is_ours(body, live, self._sender.server_time(started)) else None


def target(resource: ApiResource, namespace: str, name: str = "") -> str:
    """Returns the words that error texts name an object by."""
    space = namespace if resource.namespaced else ""
    return f"{resource.group_resource} {namespaced_name(space, name)}".rstrip(" /")


def _apply_call(
    resource: ApiResource,
    namespace: str,
    name: str,
    body: Manifest,
    field_manager: str,
    force: bool,
) -> Call:
    query = {"fieldManager": field_manager, "force": "true" if force else ""}
    return Call(
        "PATCH",
        with_query(object_path(resource, namespace, name), query),
        encode(body),
        APPLY_PATCH,
        doing="applying",
        target=target(resource, namespace, name),
    )


def _is_about(error: ConflictError, resource: ApiResource, name: str) -> bool:
    # A quota that changed meanwhile is a conflict too, but one about the quota.
    details = error.details
    return details.get("name") == name and details.get("kind") == resource.plural


def _already_exists(error: ConflictError, resource: ApiResource, name: str) -> AlreadyExistsError:
    return AlreadyExistsError(
        "creating",
        error.target,
        code=409,
        reason="AlreadyExists",
        message=f'{resource.group_resource} "{name}" already exists',
        details={"name": name, "group": resource.group, "kind": resource.plural},
    )
