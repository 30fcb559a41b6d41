# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens to an object that is in the cluster already (reference section 4.9)."""

from __future__ import annotations

import copy

from ansible_collections.velero.core.plugins.module_utils.item.equality import same_object
from ansible_collections.velero.core.plugins.module_utils.item.field_diff import field_diff
from ansible_collections.velero.core.plugins.module_utils.item.merge_patch import (
    create_merge_patch,
)
from ansible_collections.velero.core.plugins.module_utils.item.metadata import (
    MetadataError,
    add_labels,
    reset_metadata_and_status,
)
from ansible_collections.velero.core.plugins.module_utils.item.sameness import (
    would_stay_the_same,
)
from ansible_collections.velero.core.plugins.module_utils.item.server_fields import (
    with_server_fields,
    without_start_containers,
)
from ansible_collections.velero.core.plugins.module_utils.item.service_accounts import (
    merge_service_account,
)
from ansible_collections.velero.core.plugins.module_utils.item.work import ItemWork
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.items import (
    UNCHANGED,
    UPDATED,
    Reason,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

SERVICE_ACCOUNTS = "serviceaccounts"

_DIFFERENT = (
    "already exists. Warning: the in-cluster version is different than the backed-up version"
)


class ExistingObjectHandler:
    """Compares with what exists and, where the policy says so, changes it."""

    def __init__(
        self,
        cluster: Cluster,
        labels: dict[str, str],
        *,
        policy: str,
        strict: bool,
        keep_owners: bool,
        diff_key: bytes,
    ) -> None:
        self._cluster = cluster
        self._labels = labels
        self._policy = policy
        self._strict = strict
        self._keep_owners = keep_owners
        self._diff_key = diff_key

    def handle(self, work: ItemWork, resource: ApiResource, from_cluster: Manifest) -> None:
        """Settles an item whose object exists as ``from_cluster`` (which is changed)."""
        work.outcome.exists = True
        version = str((from_cluster.get("metadata") or {}).get("resourceVersion") or "")
        if not self._strict and not self._keep_owners:
            _drop_owners(from_cluster)
            _drop_owners(work.obj)
        try:
            reset_metadata_and_status(from_cluster)
        except MetadataError as error:
            work.warn(str(error), Reason.NOT_FETCHED)
            return
        with_labels = _labelled(from_cluster, self._labels)
        if not self._strict:
            started = without_start_containers(work.obj, with_labels, work.start_containers)
            work.obj = with_server_fields(started, with_labels, resource.group_resource)
        if self._is_same(work, resource, with_labels, version):
            self._handle_equal(work, resource, from_cluster, with_labels)
        elif resource.group_resource == SERVICE_ACCOUNTS:
            self._merge(work, resource, from_cluster, with_labels)
        elif self._policy == "update" and not work.collides:
            self._update(work, resource, from_cluster, with_labels)
        else:
            self._leave_different(work)

    def _is_same(
        self, work: ItemWork, resource: ApiResource, found: Manifest, version: str
    ) -> bool:
        if self._strict:
            return not work.reencoded and same_object(found, work.obj, strict=True)
        if resource.group_resource == SERVICE_ACCOUNTS:
            return same_object(found, work.obj, strict=False)
        return would_stay_the_same(self._cluster, resource, found, work.obj, version)

    def _handle_equal(
        self, work: ItemWork, resource: ApiResource, plain: Manifest, with_labels: Manifest
    ) -> None:
        work.outcome.reason = work.outcome.reason or Reason.EQUAL
        if self._policy == "update" and not work.collides:
            self._update_labels(work, resource, plain, with_labels)
        else:
            work.log(
                "info",
                f"Restore of {work.resource_id} skipped: it already exists in the cluster "
                "and is the same as the backed up version",
            )
        if not work.report.notes and not work.outcome.action:
            work.outcome.action = UNCHANGED

    def _leave_different(self, work: ItemWork) -> None:
        kind = work.obj.get("kind", "")
        if self._policy:
            text = f'could not restore, {kind} "{work.name}" {_DIFFERENT}'
        else:
            text = f"could not restore, {kind}:{work.name} {_DIFFERENT}"
        work.warn(text, Reason.COLLISION if work.collides else Reason.DIFFERENT)

    def _merge(
        self, work: ItemWork, resource: ApiResource, plain: Manifest, with_labels: Manifest
    ) -> None:
        merged = merge_service_account(with_labels, work.obj)
        patch = create_merge_patch(with_labels, merged)
        if not patch:
            work.settle(UNCHANGED, Reason.EQUAL)
            return
        try:
            self._cluster.merge_patch(resource, work.namespace, work.name, patch)
        except ApiError as error:
            work.warn(error.message, Reason.UPDATE_FAILED)
            if self._policy == "update":
                self._update_labels(work, resource, plain, with_labels)
            return
        self._note_diff(work, with_labels, merged)
        work.settle(UPDATED, Reason.MERGED)
        work.log("info", f"ServiceAccount {work.resource_id} successfully updated")

    def _update(
        self, work: ItemWork, resource: ApiResource, plain: Manifest, with_labels: Manifest
    ) -> None:
        # Blanked first, so that the patch always carries both labels.
        blanked = _labelled(plain, dict.fromkeys(self._labels, ""))
        patch = create_merge_patch(blanked, work.obj)
        try:
            if patch:
                self._cluster.merge_patch(resource, work.namespace, work.name, patch)
        except ApiError as error:
            work.warn(error.message, Reason.UPDATE_FAILED)
            self._update_labels(work, resource, blanked, with_labels)
            return
        self._note_diff(work, plain, work.obj)
        work.settle(UPDATED, Reason.UPDATED)
        work.log("info", f"{work.obj.get('kind', '')} {work.resource_id} successfully updated")

    def _update_labels(
        self, work: ItemWork, resource: ApiResource, current: Manifest, with_labels: Manifest
    ) -> None:
        patch = create_merge_patch(current, with_labels)
        if not patch:
            return
        try:
            self._cluster.merge_patch(resource, work.namespace, work.name, patch)
        except ApiError as error:
            work.error(error.message, Reason.UPDATE_FAILED)
            return
        if not work.report.notes:
            work.settle(UPDATED, Reason.LABELS_UPDATED)

    def _note_diff(self, work: ItemWork, before: Manifest, after: Manifest) -> None:
        changes = field_diff(before, after, work.gr, self._diff_key)
        if changes:
            work.report.diffs.append({"id": work.resource_id, "changes": changes})


def _labelled(obj: Manifest, labels: dict[str, str]) -> Manifest:
    copied = copy.copy(obj)
    copied["metadata"] = dict(obj.get("metadata") or {})
    add_labels(copied, labels)
    return copied


def _drop_owners(obj: Manifest) -> None:
    obj.get("metadata", {}).pop("managedFields", None)
