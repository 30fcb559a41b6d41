# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exec hooks in the spec of a Restore, and the pods that they are for.

Source: GetRestoreHooksFromSpec in internal/hook/item_hook_handler.go, the schema of the Restore
resource, reference restore-engine.md sections 1.1 and 10.2.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ansible_collections.velero.core.plugins.module_utils.hooks.contract import (
    CONTINUE,
    FAIL,
    ExecHook,
)
from ansible_collections.velero.core.plugins.module_utils.model.durations import (
    format_duration,
    parse_duration,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.selectors import (
    Matcher,
    compile_selector,
)
from ansible_collections.velero.core.plugins.module_utils.plan.filters import IncludesExcludes

_EXEC_TIMES = ("execTimeout", "waitTimeout")


@dataclass(frozen=True, slots=True)
class ResourceHooks:
    """One entry of ``hooks.resources``: which pods, and (index in ``postHooks``, hook).

    ``init_containers`` are the names of those that init hooks add; item actions add them.
    """

    name: str
    namespaces: IncludesExcludes
    matches: Matcher
    hooks: tuple[tuple[int, ExecHook], ...]
    init_containers: tuple[str, ...] = ()

    def applies(self, namespace: str, labels: Mapping[str, Any]) -> bool:
        """Returns whether the hooks are for a pod of this (target) namespace and labels."""
        return self.namespaces.should_include(namespace) and self.matches(labels)


def parse_hooks(hooks: Mapping[str, Any]) -> list[ResourceHooks]:
    """Returns the exec hooks of a spec that was validated; lists of resources have no effect."""
    return [
        ResourceHooks(
            name=str(resource["name"]),
            namespaces=IncludesExcludes.of(
                resource.get("includedNamespaces"), resource.get("excludedNamespaces")
            ),
            matches=compile_selector(resource.get("labelSelector")),
            hooks=tuple(_exec_hooks(resource)),
            init_containers=tuple(_init_names(resource)),
        )
        for resource in hooks.get("resources") or []
    ]


def _exec_hooks(resource: Mapping[str, Any]) -> Iterator[tuple[int, ExecHook]]:
    for index, entry in enumerate(resource.get("postHooks") or []):
        given = entry.get("exec")
        if given is None:
            continue
        yield (
            index,
            ExecHook(
                command=tuple(given["command"]),
                container=given.get("container") or "",
                on_error=given.get("onError") or "",
                exec_timeout=_seconds(given, "execTimeout"),
                wait_timeout=_seconds(given, "waitTimeout"),
                wait_for_ready=bool(given.get("waitForReady")),
            ),
        )


def _init_names(resource: Mapping[str, Any]) -> Iterator[str]:
    for entry in resource.get("postHooks") or []:
        for container in (entry.get("init") or {}).get("initContainers") or []:
            yield str(container.get("name") or "")


def _seconds(given: Mapping[str, Any], key: str) -> float:
    value = given.get(key)
    return parse_duration(value, key) if value else 0.0


def checked_hooks(hooks: Mapping[str, Any]) -> dict[str, Any]:
    """Returns ``spec.hooks`` with times that are plain numbers in Go's form.

    Raises RequestError for what the schema of the Restore resource forbids.
    """
    out: dict[str, Any] = copy.deepcopy(dict(hooks))
    for at, resource in enumerate(out.get("resources") or []):
        path = f"hooks.resources[{at}]"
        if not isinstance(resource, dict) or not resource.get("name"):
            _refuse(path, "it has no name")
        for number, entry in enumerate(resource.get("postHooks") or []):
            place = f"{path}.postHooks[{number}]"
            if not isinstance(entry, dict):
                _refuse(place, "it is no map")
            if entry.get("exec") is not None:
                _check_exec(entry["exec"], f"{place}.exec")
            if entry.get("init") is not None:
                _go_time(entry["init"], "timeout", f"{place}.init")
    return out


def _check_exec(given: dict[str, Any], path: str) -> None:
    command = given.get("command")
    if not isinstance(command, list) or not command:
        _refuse(f"{path}.command", "it must be a list of at least one text")
    if not all(isinstance(word, str) for word in command):
        _refuse(f"{path}.command", "not all of its members are texts")
    if given.get("onError") not in (None, "", CONTINUE, FAIL):
        _refuse(f"{path}.onError", f"it must be {CONTINUE} or {FAIL}")
    for key in _EXEC_TIMES:
        _go_time(given, key, path)


def _go_time(given: dict[str, Any], key: str, path: str) -> None:
    value = given.get(key)
    if value is None:
        return
    seconds = parse_duration(value, f"{path}.{key}")
    if str(value).strip().replace(".", "", 1).isdigit():
        # Seconds without a unit are ours: whoever reads the record expects Go's form.
        given[key] = format_duration(seconds)


def _refuse(path: str, why: str) -> NoReturn:
    raise RequestError("reading", path, why)


def ignored_filters(hooks: Mapping[str, Any]) -> list[str]:
    """Returns the names of the hooks whose lists of resources say more than pods.

    They have no effect: hooks are for pods.
    """
    return [
        str(resource.get("name"))
        for resource in hooks.get("resources") or []
        if resource.get("excludedResources")
        or set(resource.get("includedResources") or ()) - {"pods", "pod", "po"}
    ]
