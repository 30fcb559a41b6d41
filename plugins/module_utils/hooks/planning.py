# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hooks of a pod as a plan shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.hook_spec import (
    IMAGE_ANNOTATION,
    NAME_ANNOTATION,
)
from ansible_collections.velero.core.plugins.module_utils.hooks.annotations import HOOK_NAME
from ansible_collections.velero.core.plugins.module_utils.hooks.contract import ANNOTATION, SPEC
from ansible_collections.velero.core.plugins.module_utils.hooks.selection import hooks_of
from ansible_collections.velero.core.plugins.module_utils.hooks.spec import ResourceHooks
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

Row = dict[str, Any]


def planned_hooks(pod: Manifest, resources: Sequence[ResourceHooks]) -> list[Row]:
    """Returns ``{type, hook, source, container}`` of the init and exec hooks, in their order.

    No commands: a plan is shown to more people than a spec. The container of an init hook is
    empty where its name is made up when the hook is applied.
    """
    execs = [
        _row("exec", hook.key.hook, hook.key.source, hook.key.container)
        for hook in hooks_of(pod, resources, lambda text: None)
    ]
    return [*_init_hooks(pod["metadata"], resources), *execs]


def _init_hooks(metadata: Mapping[str, Any], resources: Sequence[ResourceHooks]) -> Iterator[Row]:
    annotations = metadata.get("annotations") or {}
    if annotations.get(IMAGE_ANNOTATION):
        yield _row("init", HOOK_NAME, ANNOTATION, annotations.get(NAME_ANNOTATION) or "")
        return
    namespace, labels = metadata.get("namespace") or "", metadata.get("labels") or {}
    for resource in resources:
        if resource.applies(namespace, labels):
            for container in resource.init_containers:
                yield _row("init", resource.name, SPEC, container)


def _row(kind: str, hook: str, source: str, container: str) -> Row:
    return {"type": kind, "hook": hook, "source": source, "container": container}
