# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which exec hooks are for a pod (GroupRestoreExecHooks in internal/hook/item_hook_handler.go)."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.velero.core.plugins.module_utils.hooks.annotations import (
    HOOK_NAME,
    Warn,
    annotated_hook,
)
from ansible_collections.velero.core.plugins.module_utils.hooks.contract import (
    ANNOTATION,
    SPEC,
    ExecHook,
    HookKey,
    PodHook,
)
from ansible_collections.velero.core.plugins.module_utils.hooks.spec import ResourceHooks
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


def hooks_of(pod: Manifest, resources: Sequence[ResourceHooks], warn: Warn) -> list[PodHook]:
    """Returns the hooks of a created pod in their order.

    A hook in its annotations replaces all those of the spec. Labels and namespace are those
    that the pod has in the cluster.
    """
    containers = (pod.get("spec") or {}).get("containers") or []
    if not containers:
        return []
    metadata = pod["metadata"]
    annotated = annotated_hook(metadata.get("annotations") or {}, warn)
    if annotated is not None:
        return [_for_pod(pod, annotated, ANNOTATION, HOOK_NAME, 0)]
    namespace, labels = metadata.get("namespace") or "", metadata.get("labels") or {}
    return [
        _for_pod(pod, hook, SPEC, resource.name, index)
        for resource in resources
        if resource.applies(namespace, labels)
        for index, hook in resource.hooks
    ]


def _for_pod(pod: Manifest, hook: ExecHook, source: str, name: str, index: int) -> PodHook:
    metadata = pod["metadata"]
    key = HookKey(
        namespace=metadata.get("namespace") or "",
        pod=metadata.get("name") or "",
        source=source,
        container=hook.container or pod["spec"]["containers"][0]["name"],
        hook=name,
        index=index,
    )
    return PodHook(key, hook)
