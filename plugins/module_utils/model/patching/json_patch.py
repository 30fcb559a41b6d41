# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON patches (RFC 6902) as Kubernetes and Velero apply them.

Written out rather than taken from a library because what differs between libraries shows in a
restore: negative indices count from the end, and a ``test`` whose path is missing is an error while
one that finds another value is not (reference restore-item-actions.md section 5.6).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.patching.values import (
    PatchError,
    TestFailedError,
    same_json,
)

_INDEX = re.compile(r"-?(0|[1-9][0-9]*)")
_MISSING = "missing value"


def apply_json_patch(document: Any, operations: Iterable[Mapping[str, Any]]) -> Any:
    """Returns a patched copy of ``document``: all operations or none.

    Raises TestFailedError when a ``test`` finds another value, PatchError for everything else.
    """
    root = {"": copy.deepcopy(document)}
    for operation in operations:
        name = operation.get("op")
        apply = _OPERATIONS.get(str(name))
        if apply is None:
            raise PatchError(f"unsupported operation {name}")
        apply(root, operation)
    return root[""]


def _steps(operation: Mapping[str, Any], key: str = "path") -> list[str]:
    """The way from the root, which is a map with the document under an empty key."""
    path = operation.get(key)
    if not isinstance(path, str) or (path and not path.startswith("/")):
        raise PatchError(f"{operation.get('op')} operation has no valid {key}")
    return [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")]


def _parent(root: Any, steps: list[str], operation: Mapping[str, Any], key: str = "path") -> Any:
    found: Any = root
    for step in steps[:-1]:
        try:
            found = _get(found, step)
        except PatchError:
            found = None
        if not isinstance(found, (dict, list)):
            which = "is missing" if operation["op"] == "test" else "doc is missing"
            raise PatchError(
                f"{operation['op']} operation does not apply: {which} {key}: "
                f'"{operation[key]}": {_MISSING}'
            )
    return found


def _get(parent: Any, step: str) -> Any:
    if isinstance(parent, list):
        return parent[_index(parent, step)]
    if step not in parent:
        raise PatchError(f"key {step}: {_MISSING}")
    return parent[step]


def _index(parent: list[Any], step: str, extra: int = 0) -> int:
    if not _INDEX.fullmatch(step):
        raise PatchError(f"value was not a proper array index: '{step}'")
    index, size = int(step), len(parent) + extra
    if not -size <= index < size:
        raise PatchError(f"Unable to access invalid index: {index}: invalid index referenced")
    return index + size if index < 0 else index


def _insert(parent: Any, step: str, value: Any) -> None:
    if not isinstance(parent, list):
        parent[step] = value
    elif step == "-":
        parent.append(value)
    else:
        parent.insert(_index(parent, step, extra=1), value)


def _value(operation: Mapping[str, Any]) -> Any:
    if "value" not in operation:
        raise PatchError(f"{operation['op']} operation has no value")
    return copy.deepcopy(operation["value"])


def _wrapped(operation: Mapping[str, Any], act: Callable[[], Any], key: str = "path") -> Any:
    try:
        return act()
    except PatchError as error:
        text = f"error in {operation['op']} for path: '{operation[key]}': {error}"
        raise PatchError(text) from None


def _add(root: Any, operation: Mapping[str, Any]) -> None:
    steps, value = _steps(operation), _value(operation)
    parent = _parent(root, steps, operation)
    _wrapped(operation, lambda: _insert(parent, steps[-1], value))


def _remove(root: Any, operation: Mapping[str, Any], key: str = "path") -> Any:
    steps = _steps(operation, key)
    parent = _parent(root, steps, operation, key)
    found = _wrapped(operation, lambda: _get(parent, steps[-1]), key)
    if isinstance(parent, list):
        del parent[_index(parent, steps[-1])]
    else:
        del parent[steps[-1]]
    return found


def _replace(root: Any, operation: Mapping[str, Any]) -> None:
    steps, value = _steps(operation), _value(operation)
    parent = _parent(root, steps, operation)
    _wrapped(operation, lambda: _get(parent, steps[-1]))
    if isinstance(parent, list):
        parent[_index(parent, steps[-1])] = value
    else:
        parent[steps[-1]] = value


def _move(root: Any, operation: Mapping[str, Any]) -> None:
    source, target = _steps(operation, "from"), _steps(operation)
    if target[: len(source)] == source and target != source:
        raise PatchError(f"error in move for path: '{operation['path']}': it is inside of from")
    value = _remove(root, operation, "from")
    parent = _parent(root, target, operation)
    _wrapped(operation, lambda: _insert(parent, target[-1], value))


def _copy(root: Any, operation: Mapping[str, Any]) -> None:
    source, target = _steps(operation, "from"), _steps(operation)
    parent = _parent(root, source, operation, "from")
    value = copy.deepcopy(_wrapped(operation, lambda: _get(parent, source[-1]), "from"))
    into = _parent(root, target, operation)
    _wrapped(operation, lambda: _insert(into, target[-1], value))


def _test(root: Any, operation: Mapping[str, Any]) -> None:
    steps = _steps(operation)
    parent = _parent(root, steps, operation)
    if isinstance(parent, list):
        found = _wrapped(operation, lambda: _get(parent, steps[-1]))
    else:
        found = parent.get(steps[-1])
    if not same_json(found, operation.get("value")):
        raise TestFailedError(f"testing value {operation['path']} failed: test failed")


_OPERATIONS: dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
