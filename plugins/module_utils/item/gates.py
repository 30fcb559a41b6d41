# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gates that an item passes before anything is done to it (reference section 4.1)."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.actions.go_values import AccessorError
from ansible_collections.velero.core.plugins.module_utils.item.completion import is_completed
from ansible_collections.velero.core.plugins.module_utils.item.work import ItemWork
from ansible_collections.velero.core.plugins.module_utils.model.items import (
    FAILED,
    SKIPPED,
    Reason,
)
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    MIRROR_POD_ANNOTATION,
    namespaced_name,
)
from ansible_collections.velero.core.plugins.module_utils.plan.scope import Scope


class ScopeGate:
    """Stops items that filters leave out; needed for items that no collection selected."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __call__(self, work: ItemWork) -> bool:
        """Returns whether resource, namespace and scope of the item are wanted."""
        if not self._scope.includes_resource(work.gr):
            return _leave_out(
                work,
                "Not restoring item because resource is excluded",
                Reason.EXCLUDED_RESOURCE,
            )
        if work.namespace:
            own = str((work.obj.get("metadata") or {}).get("namespace") or "")
            if not self._scope.includes_namespace(work.gr, own):
                return _leave_out(
                    work,
                    "Not restoring item because namespace is excluded",
                    Reason.EXCLUDED_NAMESPACE,
                )
        elif self._scope.include_cluster_resources is False:
            return _leave_out(
                work, "Not restoring item because it's cluster-scoped", Reason.CLUSTER_SCOPED
            )
        return True


def completed_gate(work: ItemWork) -> bool:
    """Stops pods and jobs that have run to their end."""
    try:
        completed = is_completed(work.obj, work.gr)
    except AccessorError as error:
        work.error(f'error checking completion of "{work.resource_id}": {error}', Reason.UNREADABLE)
        work.outcome.action, work.outcome.listed = FAILED, False
        return False
    if completed:
        where = namespaced_name(work.source_namespace, work.key.name)
        return _leave_out(work, f"{where} is complete - skipping", Reason.COMPLETED)
    return True


def mirror_pod_gate(work: ItemWork) -> bool:
    """Stops mirror pods, which the kubelet makes."""
    if work.gr != "pods":
        return True
    annotations = (work.obj.get("metadata") or {}).get("annotations") or {}
    if annotations.get(MIRROR_POD_ANNOTATION):
        work.log("info", "Not restoring pod because it's a mirror pod")
        work.settle(SKIPPED, Reason.MIRROR_POD)
        return False
    return True


def _leave_out(work: ItemWork, text: str, reason: str) -> bool:
    work.log("info", text)
    work.settle(SKIPPED, reason)
    work.outcome.listed = False
    return False
