# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last steps of an item: create it or deal with what exists, then complete it.

Source: reference restore-engine.md sections 4.9 to 4.11 and 4.17.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.item.comparison import (
    ExistingObjectHandler,
)
from ansible_collections.velero.core.plugins.module_utils.item.crds import wait_for_crd
from ansible_collections.velero.core.plugins.module_utils.item.creation import ObjectCreator
from ansible_collections.velero.core.plugins.module_utils.item.existing import ExistingObjects
from ansible_collections.velero.core.plugins.module_utils.item.resume import EarlierRun
from ansible_collections.velero.core.plugins.module_utils.item.status import (
    restore_status,
    status_wanted,
)
from ansible_collections.velero.core.plugins.module_utils.item.work import ItemWork
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    NotFoundError,
    RunAbortedError,
    UnauthorizedError,
)
from ansible_collections.velero.core.plugins.module_utils.model.items import (
    CREATED,
    Reason,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource
from ansible_collections.velero.core.plugins.module_utils.plan.definitions import CRD_GR
from ansible_collections.velero.core.plugins.module_utils.plan.filters import IncludesExcludes


class WriteStep:
    """Creates the object, or hands it to the comparison when it exists."""

    def __init__(
        self,
        cluster: Cluster,
        existing: ExistingObjects,
        creator: ObjectCreator,
        handler: ExistingObjectHandler,
        earlier: EarlierRun,
        status_filter: IncludesExcludes | None,
    ) -> None:
        self._cluster = cluster
        self._existing = existing
        self._creator = creator
        self._handler = handler
        self._earlier = earlier
        self._status_filter = status_filter

    def __call__(self, work: ItemWork) -> bool:
        """Returns whether the object was created and is to be completed."""
        resource = work.resource
        if resource is None:
            return False
        work.log("info", f"Attempting to restore {work.obj.get('kind', '')}: {work.name}.")
        if work.collides:
            found = self._first_one(work, resource)
        else:
            found = self._existing.take(resource, work.namespace, work.name)
        if found is None:
            found = self._create(work, resource)
        if work.created is not None:
            return True
        if found is None:
            return False
        if self._earlier.made(found) and not work.collides:
            self._take_over(work, found)
            return True
        self._handler.handle(work, resource, found)
        return False

    def _first_one(self, work: ItemWork, resource: ApiResource) -> Manifest | None:
        """Returns what the first item of this identity has made; None when it made nothing."""
        try:
            return self._cluster.get(resource, work.namespace, work.name)
        except ApiError:
            return None

    def _create(self, work: ItemWork, resource: ApiResource) -> Manifest | None:
        """Returns the object that stands in the way; None when it was created or has failed."""
        with_status = work.status is not None and status_wanted(
            work.obj, work.gr, self._status_filter, work.log
        )
        try:
            work.created, work.completing_patch = self._creator.create(
                work, resource, with_status=with_status
            )
        except ApiError as error:
            return self._refused(work, resource, error)
        work.settle(CREATED, Reason.CREATED)
        self._note_created(work, work.created)
        work.restore_status = with_status
        return None

    def _refused(self, work: ItemWork, resource: ApiResource, refusal: ApiError) -> Manifest | None:
        if isinstance(refusal, UnauthorizedError):
            raise RunAbortedError(
                "restoring", work.resource_id, refusal.message, "Renew the credentials, run again"
            ) from refusal
        try:
            exists = self._creator.means_existing(work, resource, refusal)
        except ApiError as error:
            work.error(
                f"Unable to get the service {work.namespace}/{work.name} while checking the "
                f"NodePort is already allocated error: {error.message}",
                Reason.CREATE_FAILED,
            )
            return None
        try:
            # What cannot be found cannot be there: a second request would say the same.
            if isinstance(refusal, NotFoundError):
                raise refusal
            return self._cluster.get(resource, work.namespace, work.name)
        except ApiError as error:
            if exists:
                work.warn(error.message, Reason.NOT_FETCHED)
                work.log(
                    "warning",
                    f"Unable to retrieve in-cluster version of {work.resource_id}: "
                    f"{error.message}, object won't be restored by velero or have restore "
                    "labels, and existing resource policy is not applied",
                )
            else:
                work.error(
                    f"error restoring {work.resource_id}: {refusal.message}",
                    Reason.CREATE_FAILED,
                )
            return None

    def _take_over(self, work: ItemWork, found: Manifest) -> None:
        """An earlier run of this restore made it and was cut off: go on behind its creation."""
        work.created = found
        work.settle(CREATED, Reason.CREATED_BEFORE)
        self._note_created(work, found)
        work.restore_status = work.status is not None and status_wanted(
            work.obj, work.gr, self._status_filter, work.log
        )
        work.completing_patch = self._creator.still_missing(work, found)

    @staticmethod
    def _note_created(work: ItemWork, created: Manifest) -> None:
        work.outcome.exists = True
        work.outcome.created_name = str(created["metadata"].get("name", ""))


class CompletionStep:
    """Status, field ownership and, for CRDs, readiness of an object that was just created."""

    def __init__(
        self, cluster: Cluster, clock: Clock, creator: ObjectCreator, crd_timeout: float
    ) -> None:
        self._cluster = cluster
        self._clock = clock
        self._creator = creator
        self._crd_timeout = crd_timeout

    def __call__(self, work: ItemWork) -> bool:
        """Returns whether everything that follows a creation may go on."""
        resource, created = work.resource, work.created
        if resource is None or created is None:
            return False
        if work.restore_status:
            created = self._restore_status(work, resource, created)
        if work.completing_patch and not self._complete(work, resource, created):
            return False
        if resource.group_resource == CRD_GR:
            self._wait_for_crd(work, resource, created)
        return True

    def _restore_status(self, work: ItemWork, resource: ApiResource, created: Manifest) -> Manifest:
        try:
            wanted = {**work.obj, "status": work.status}
            return restore_status(self._cluster, self._clock, resource, created, wanted)
        except ApiError as error:
            work.report.warn(work.namespace, error.message)
            name = "/".join(part for part in (work.namespace, work.name) if part)
            work.log("info", f"status field update failed {name}: {error.message}")
            return created

    def _complete(self, work: ItemWork, resource: ApiResource, created: Manifest) -> bool:
        try:
            self._creator.complete(work, resource, created)
        except NotFoundError as error:
            work.report.warn(work.namespace, error.message)
        except ApiError as error:
            work.error(error.message, Reason.OWNERSHIP_FAILED)
            return False
        return True

    def _wait_for_crd(self, work: ItemWork, resource: ApiResource, created: Manifest) -> None:
        why = wait_for_crd(self._cluster, self._clock, resource, created, self._crd_timeout)
        if why:
            work.error(
                f"error verifying the CRD {work.name} is ready to use: {why}",
                Reason.CRD_NOT_READY,
            )
