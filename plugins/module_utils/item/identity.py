# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Giving the object its new identity (reference sections 4.5 and 4.8)."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.velero.core.plugins.module_utils.item.metadata import (
    MetadataError,
    add_labels,
    reset_metadata,
)
from ansible_collections.velero.core.plugins.module_utils.item.work import ItemWork
from ansible_collections.velero.core.plugins.module_utils.model.items import Reason
from ansible_collections.velero.core.plugins.module_utils.model.names import split_group_resource
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiResource,
    ApiResources,
)


def reset_step(work: ItemWork) -> bool:
    """Drops what the old server set, and keeps the status aside."""
    work.status = work.obj.get("status")
    try:
        reset_metadata(work.obj)
    except MetadataError as error:
        work.error(str(error), Reason.UNREADABLE)
        return False
    work.obj.pop("status", None)
    return True


class IdentityStep:
    """Sets target namespace and restore labels, and finds where the object is written."""

    def __init__(self, labels: dict[str, str], api: Callable[[], ApiResources]) -> None:
        self._labels = labels
        self._api = api

    def __call__(self, work: ItemWork) -> bool:
        """Returns whether the object's kind is known well enough to go on."""
        if work.namespace:
            work.obj["metadata"]["namespace"] = work.namespace
        add_labels(work.obj, self._labels)
        resource = self._destination(work)
        if resource is None:
            return False
        work.resource = resource
        if resource.group_resource != work.gr:
            work.log(
                "info",
                f"Resource to be restored changed from {work.gr} to {resource.group_resource}",
            )
        return True

    def _destination(self, work: ItemWork) -> ApiResource | None:
        kind = str(work.obj.get("kind", ""))
        group, _slash, version = str(work.obj.get("apiVersion", "")).rpartition("/")
        if kind != work.kind:
            work.log("info", f"Resource kind changed from {work.kind} to {kind}")
            found = self._api().by_kind(group, version, kind)
            if found is None:
                gvk = f"{group}/{version}, Kind={kind}"
                work.error(
                    f'error getting GVR for {gvk}: no matches for kind "{kind}" in version '
                    f'"{work.obj.get("apiVersion", "")}"',
                    Reason.KIND_UNKNOWN,
                )
            return found
        plural = split_group_resource(work.gr)[0]
        found = self._api().by_plural(group, version, plural)
        # What discovery does not know is tried all the same: its CRD may be on the way.
        return found or ApiResource(group, version, plural, kind, bool(work.namespace))
