# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Frees a pod of the node and the token volumes of its old cluster (reference section 3.12).

Source: pkg/restore/actions/pod_action.go.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
    ResourceIdentifier,
)
from ansible_collections.velero.core.plugins.module_utils.actions.edits import keep_entries
from ansible_collections.velero.core.plugins.module_utils.actions.shapes import POD
from ansible_collections.velero.core.plugins.module_utils.actions.typed import check


class PodAction(BuiltinAction):
    """Clears what the scheduler and the admission of the new cluster decide."""

    NAME = "velero.io/pod"
    RESOURCES = ("pods",)

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the pod without node, priority and token volumes, and its priority class.

        Raises ActionError for a pod that cannot be decoded.
        """
        check(given.item, POD)
        spec = given.item.get("spec") or {}
        spec.pop("nodeName", None)
        spec.pop("priority", None)
        _drop_token_volumes(spec)
        priority_class = str(spec.get("priorityClassName") or "")
        extra = (
            ResourceIdentifier(
                group="scheduling.k8s.io", resource="priorityclasses", name=priority_class
            ),
        )
        return ExecuteOutput(
            updated_item=given.item, additional_items=extra if priority_class else ()
        )


def _drop_token_volumes(spec: dict[str, Any]) -> None:
    prefix = f"{spec.get('serviceAccountName') or ''}-token-"

    def wanted(entry: Any) -> bool:
        return not str((entry or {}).get("name") or "").startswith(prefix)

    keep_entries(spec, "volumes", wanted)
    for field in ("containers", "initContainers"):
        for container in spec.get(field) or []:
            keep_entries(container, "volumeMounts", wanted)
