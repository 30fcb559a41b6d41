# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""velero.io/init-restore-hook: init containers of restore hooks (reference 3.10).

Source: pkg/restore/actions/init_restorehook_pod_action.go, internal/hook/item_hook_handler.go.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.hook_spec import (
    GlobMatcher,
    InitHook,
    annotated_container,
    compile_hooks,
    containers_of,
)
from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import (
    child,
    restore_spec,
    target_namespace,
)
from ansible_collections.velero.core.plugins.module_utils.actions.shapes import POD
from ansible_collections.velero.core.plugins.module_utils.actions.typed import check
from ansible_collections.velero.core.plugins.module_utils.actions.wait_container import (
    WAIT_CONTAINER,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


class InitRestoreHookAction(BuiltinAction):
    """Puts hook containers before a pod's own init containers. Version 1 of the contract."""

    NAME = "velero.io/init-restore-hook"
    RESOURCES = ("pods",)

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the pod with the containers of its annotations, else of the restore's hooks.

        An init container that waits for volumes stays first. Raises ActionError for a hook or a
        pod that Velero refuses.
        """
        pod, restore = given.item, given.restore
        hooks = compile_hooks(restore_spec(restore))
        check(pod, POD)
        added = _hook_containers(pod, hooks, restore, self.environment.glob_matches)
        if added:
            _insert(child(pod, "spec"), added)
        return ExecuteOutput(updated_item=pod)


def _hook_containers(
    pod: Manifest, hooks: list[InitHook], restore: Manifest, glob: GlobMatcher
) -> list[dict[str, Any]]:
    metadata = pod.get("metadata") or {}
    annotated = annotated_container(metadata.get("annotations") or {})
    if annotated is not None:
        return [annotated]
    namespace = target_namespace(restore, metadata.get("namespace") or "")
    return containers_of(hooks, namespace, metadata.get("labels") or {}, glob)


def _insert(spec: dict[str, Any], added: list[dict[str, Any]]) -> None:
    present = spec.get("initContainers") or []
    waits = bool(present) and (present[0] or {}).get("name") == WAIT_CONTAINER
    spec["initContainers"] = [*present[:waits], *added, *present[waits:]]
