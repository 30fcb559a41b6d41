# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Init containers that a Restore's hooks or a pod's annotations ask for.

Source: reference section 3.10, internal/hook/item_hook_handler.go.
"""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ActionError
from ansible_collections.velero.core.plugins.module_utils.actions.label_requirements import (
    compile_requirements,
)
from ansible_collections.velero.core.plugins.module_utils.actions.label_selector import (
    LabelSelectorError,
    Matcher,
)

Container = dict[str, Any]
# Whether a pattern matches a text; None for a pattern that does not compile.
GlobMatcher = Callable[[str, str], "bool | None"]

EVERYTHING = "*"
_PREFIX = "init.hook.restore.velero.io/"
IMAGE_ANNOTATION = f"{_PREFIX}container-image"
NAME_ANNOTATION = f"{_PREFIX}container-name"
COMMAND_ANNOTATION = f"{_PREFIX}command"

_INCOMPLETE = "invalid InitContainer in restore hook, it doesn't have Command, Name or Image field"


@dataclass(frozen=True, slots=True)
class InitHook:
    """One resource hook: the pods it is for, and its raw init containers.

    The hook's own lists of resources have no effect in Velero; init hooks are for pods.
    """

    includes: tuple[str, ...]
    excludes: tuple[str, ...]
    matches: Matcher
    containers: tuple[Any, ...]

    def applies(self, namespace: str, labels: Mapping[str, Any], glob: GlobMatcher) -> bool:
        """Returns whether the hook is for a pod in this target namespace with these labels."""
        return self._has(namespace, glob) and self.matches(labels)

    def _has(self, namespace: str, glob: GlobMatcher) -> bool:
        # A pattern that does not compile (None) lets nothing pass.
        if any(glob(pattern, namespace) is not False for pattern in self.excludes):
            return False
        if not self.includes or EVERYTHING in self.includes:
            return True
        decided = (glob(pattern, namespace) for pattern in self.includes)
        return next((hit for hit in decided if hit is not False), False) is True


def compile_hooks(spec: Mapping[str, Any]) -> list[InitHook]:
    """Returns the init hooks of a restore's spec. Raises ActionError for a bad selector."""
    hooks = spec.get("hooks") or {}
    return [_compile(resource) for resource in hooks.get("resources") or []]


def _compile(resource: Mapping[str, Any]) -> InitHook:
    try:
        matches = compile_requirements(resource.get("labelSelector"))
    except LabelSelectorError as error:
        raise ActionError(str(error)) from None
    inits = [hook.get("init") or {} for hook in resource.get("postHooks") or []]
    return InitHook(
        includes=tuple(sorted(resource.get("includedNamespaces") or ())),
        excludes=tuple(sorted(resource.get("excludedNamespaces") or ())),
        matches=matches,
        containers=tuple(raw for init in inits for raw in init.get("initContainers") or []),
    )


def containers_of(
    hooks: Sequence[InitHook], namespace: str, labels: Mapping[str, Any], glob: GlobMatcher
) -> list[Container]:
    """Returns the containers of all hooks that apply, in order.

    Raises ActionError when one of them lacks its name, image or command.
    """
    return [
        _validated(raw)
        for hook in hooks
        if hook.applies(namespace, labels, glob)
        for raw in hook.containers
    ]


def container_fault(raw: Any) -> str:
    """Returns why Velero refuses an init container of a hook; empty for a good one."""
    try:
        _validated(raw)
    except ActionError as error:
        return str(error)
    return ""


def _validated(raw: Any) -> Container:
    if raw is not None and not isinstance(raw, dict):
        raise ActionError(
            f"json: cannot unmarshal {_json_type(raw)} into Go value of type v1.Container"
        )
    container: Container = copy.deepcopy(raw or {})
    for key in ("name", "image"):
        _check_type(container, key, str, "string")
    _check_type(container, "command", list, "[]string")
    for word in container.get("command") or []:
        if not isinstance(word, str):
            raise _wrong_type(word, "command", "string")
    if not all(container.get(key) for key in ("name", "image", "command")):
        raise ActionError(_INCOMPLETE)
    return container


def _check_type(container: Container, key: str, wanted: type, go_type: str) -> None:
    value = container.get(key)
    if value is not None and not isinstance(value, wanted):
        raise _wrong_type(value, key, go_type)


def _wrong_type(value: Any, key: str, go_type: str) -> ActionError:
    return ActionError(
        f"json: cannot unmarshal {_json_type(value)} into Go struct field Container.{key} "
        f"of type {go_type}"
    )


def _json_type(value: Any) -> str:
    names = {str: "string", bool: "bool", dict: "object", list: "array"}
    return names.get(type(value), "number")


def annotated_container(annotations: Mapping[str, str]) -> Container | None:
    """Returns the container that a pod's annotations describe, or None.

    Raises ActionError without a command: Velero's action panics there, so no restore with it can
    ever have worked.
    """
    image = annotations.get(IMAGE_ANNOTATION)
    if not image:
        return None
    command = annotations.get(COMMAND_ANNOTATION)
    if not command:
        raise ActionError(
            f"the annotation {IMAGE_ANNOTATION} needs {COMMAND_ANNOTATION} beside it "
            "(plugin panicked: runtime error: index out of range [0] with length 0)"
        )
    name = annotations.get(NAME_ANNOTATION) or f"velero-restore-init-{uuid.uuid4().hex[:8]}"
    words = _words(command)
    return {"name": name, "image": image} | ({"command": words} if words else {})


def _words(command: str) -> list[str]:
    """Returns a JSON array of texts as such, and anything else as one word (no shell splitting)."""
    if not command.startswith("["):
        return [command]
    try:
        words = json.loads(command)
    except ValueError:
        return [command]
    if not all(word is None or isinstance(word, str) for word in words):
        return [command]
    return [word or "" for word in words]
