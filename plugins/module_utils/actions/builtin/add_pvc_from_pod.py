# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Has the claims of a pod restored before the pod (reference section 3.1).

Source: pkg/restore/actions/add_pvc_from_pod_action.go.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
    ResourceIdentifier,
)
from ansible_collections.velero.core.plugins.module_utils.actions.shapes import POD
from ansible_collections.velero.core.plugins.module_utils.actions.typed import check


class AddPvcFromPodAction(BuiltinAction):
    """Names the claims of the pod's volumes; generic ephemeral volumes have none in the backup."""

    NAME = "velero.io/add-pvc-from-pod"
    RESOURCES = ("pods",)

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the pod as it is and its claims in the order of the volumes.

        Raises ActionError for a pod that cannot be decoded.
        """
        check(given.item, POD, "unable to convert unstructured item to pod: ")
        namespace = str((given.item.get("metadata") or {}).get("namespace") or "")
        volumes = (given.item.get("spec") or {}).get("volumes") or []
        sources = [(volume or {}).get("persistentVolumeClaim") for volume in volumes]
        return ExecuteOutput(
            updated_item=given.item,
            additional_items=tuple(
                ResourceIdentifier(
                    resource="persistentvolumeclaims",
                    namespace=namespace,
                    name=source.get("claimName") or "",
                )
                for source in sources
                if source is not None
            ),
        )
