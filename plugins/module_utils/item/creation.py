# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Creating an object with the field ownership of the backup (reference section 4.9, 4.11, 13)."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.item import ownership
from ansible_collections.velero.core.plugins.module_utils.item.merge_patch import (
    create_merge_patch,
)
from ansible_collections.velero.core.plugins.module_utils.item.ownership import (
    OwnershipPlan,
    plan_ownership,
)
from ansible_collections.velero.core.plugins.module_utils.item.work import ItemWork
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    AlreadyExistsError,
    ApiError,
    NotFoundError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

_PORT_TAKEN = "provided port is already allocated"
_SERVER_SET = (
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "selfLink",
    "managedFields",
)


class ObjectCreator:
    """Creates objects by the fewest requests that give the wanted ownership.

    ``managed_fields`` is ``restore`` or ``drop``; ``strict`` does it as Velero does.
    """

    def __init__(
        self, cluster: Cluster, labels: dict[str, str], *, managed_fields: str, strict: bool
    ) -> None:
        self._cluster = cluster
        self._labels = labels
        self._mode = managed_fields
        self._strict = strict

    def create(
        self, work: ItemWork, resource: ApiResource, *, with_status: bool
    ) -> tuple[Manifest, Manifest | None]:
        """Returns the created object and the patch that completes it (None: it is complete).

        Raises ApiError, ConnectionFailedError.
        """
        plan = self._plan(work, with_status)
        if plan.how == ownership.APPLY and plan.body is not None:
            try:
                created = self._apply(work, resource, plan, plan.body)
                return created, _missing(created, work.obj)
            except AlreadyExistsError:
                raise
            except ApiError:
                # An apply is pickier than a POST: it refuses fields that the schema does not
                # know and list elements whose key occurs twice.
                plan = OwnershipPlan(ownership.CREATE_THEN_PATCH)
        created = self._cluster.create(
            resource, work.namespace, _without_owners(work.obj), field_manager=plan.manager
        )
        return created, _owners(work.obj) if plan.how == ownership.CREATE_THEN_PATCH else None

    def still_missing(self, work: ItemWork, found: Manifest) -> Manifest | None:
        """Returns the patch that an object needs whose creation was cut off."""
        plan = self._plan(work, work.restore_status)
        if plan.how == ownership.APPLY:
            return _missing(found, work.obj)
        return _owners(work.obj) if plan.how == ownership.CREATE_THEN_PATCH else None

    def _plan(self, work: ItemWork, with_status: bool) -> OwnershipPlan:
        return plan_ownership(
            work.obj, mode=self._mode, strict=self._strict, with_status=with_status
        )

    def _apply(
        self, work: ItemWork, resource: ApiResource, plan: OwnershipPlan, body: Manifest
    ) -> Manifest:
        labels = {**(body["metadata"].get("labels") or {}), **self._labels}
        body = {**body, "metadata": {**body["metadata"], "labels": labels}}
        created, _is_new = self._cluster.apply(
            resource,
            work.namespace,
            work.name,
            body,
            field_manager=plan.manager,
            create_only=True,
        )
        return created

    def complete(self, work: ItemWork, resource: ApiResource, created: Manifest) -> None:
        """Sends the completing patch unless the object has all of it. Raises ApiError."""
        patch = work.completing_patch
        if not patch or not create_merge_patch(created, _merged(created, patch)):
            return
        self._cluster.merge_patch(resource, work.namespace, created["metadata"]["name"], patch)
        work.log("info", f"the managed fields for {work.resource_id} is patched")

    def means_existing(self, work: ItemWork, resource: ApiResource, error: ApiError) -> bool:
        """Returns whether a refused create tells that the object is there already.

        A Service whose node port is taken counts when a Service of its name exists. Raises
        ApiError when that cannot be found out.
        """
        if isinstance(error, AlreadyExistsError):
            return True
        causes = error.causes
        if work.obj.get("kind") != "Service" or not causes:
            return False
        if not all(_PORT_TAKEN in str(cause.get("message", "")) for cause in causes):
            return False
        try:
            self._cluster.get(resource, work.namespace, work.name)
        except NotFoundError:
            return False
        work.log(
            "warning",
            f"Service {work.name} exists, ignore the provided port is already allocated error",
        )
        return True


def _without_owners(obj: Manifest) -> Manifest:
    metadata = obj["metadata"]
    if "managedFields" not in metadata:
        return obj
    slim = {key: value for key, value in metadata.items() if key != "managedFields"}
    return {**obj, "metadata": slim}


def _owners(wanted: Manifest) -> Manifest:
    return {"metadata": {"managedFields": wanted["metadata"]["managedFields"]}}


def _missing(created: Manifest, wanted: Manifest) -> Manifest | None:
    """Returns the patch for what a server-side apply did not bring: None when it brought all.

    Fields that no one owned were defaults once; they are missing where this server's differ.
    """
    metadata = {k: v for k, v in wanted["metadata"].items() if k not in _SERVER_SET}
    plain = {key: value for key, value in wanted.items() if key != "status"}
    patch = _without_removals(create_merge_patch(created, {**plain, "metadata": metadata}))
    if not patch:
        return None
    owners = wanted["metadata"].get("managedFields")
    return {**patch, "metadata": {**patch.get("metadata", {}), "managedFields": owners}}


def _without_removals(patch: Manifest) -> Manifest:
    out: Manifest = {}
    for key, value in patch.items():
        if value is None:
            continue
        inner = _without_removals(value) if isinstance(value, dict) else value
        if inner != {} or value == {}:
            out[key] = inner
    return out


def _merged(obj: Manifest, patch: Manifest) -> Manifest:
    out = dict(obj)
    for key, value in patch.items():
        if isinstance(value, dict) and isinstance(out.get(key), dict):
            out[key] = _merged(out[key], value)
        else:
            out[key] = value
    return out
