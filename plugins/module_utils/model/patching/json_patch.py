# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON patches (RFC 6902) as Kubernetes and Velero apply them.

Written out rather than taken from a library because what differs between libraries shows in a
restore: negative indices count from the end, and a ``test`` whose path is missing is an error while
one that finds another value is not. The texts of faults are those of evanphx/json-patch v5, for
they end in the results of a restore (reference restore-item-actions.md section 5.6).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.patching.values import (
    MissingPathError,
    PatchError,
    TestFailedError,
    same_json,
)

_INDEX = re.compile(r"[+-]?[0-9]+")
_MISSING = "missing value"
_Operation = Mapping[str, Any]


def apply_json_patch(document: Any, operations: Iterable[_Operation]) -> Any:
    """Returns a patched copy of ``document``: all operations or none.

    Raises TestFailedError when a ``test`` finds another value, MissingPathError when there is
    nothing at the parent of a path, PatchError for everything else.
    """
    root = {"": copy.deepcopy(document)}
    for operation in operations:
        name = operation.get("op")
        apply = _OPERATIONS.get(str(name))
        if apply is None:
            raise PatchError(f"unsupported operation {name}")
        apply(root, operation)
    return root[""]


def check_json_tests(document: Any, tests: Iterable[_Operation]) -> None:
    """Raises what apply_json_patch() would for operations that are all ``test``; copies nothing."""
    root = {"": document}
    for operation in tests:
        _test(root, operation)


def _steps(operation: _Operation, key: str = "path") -> list[str]:
    """The way from the root, which is a map with the document under an empty key."""
    path = operation.get(key)
    if not isinstance(path, str) or (path and not path.startswith("/")):
        raise PatchError(f"{operation.get('op')} operation has no valid {key}")
    return [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")]


def _parent(root: Any, steps: list[str], operation: _Operation, missing: str) -> Any:
    found: Any = root
    for step in steps[:-1]:
        try:
            found = _get(found, step)
        except PatchError:
            found = None
        if not isinstance(found, (dict, list)):
            text = f"{operation['op']} operation does not apply: {missing}: {_MISSING}"
            raise MissingPathError(text)
    return found


def _get(parent: Any, step: str, doing: str = "get") -> Any:
    if isinstance(parent, list):
        return parent[_index(parent, step)]
    if step not in parent:
        raise PatchError(f"unable to {doing} nonexistent key: {step}: {_MISSING}")
    return parent[step]


def _index(parent: list[Any], step: str, extra: int = 0) -> int:
    if not _INDEX.fullmatch(step):
        text = f'strconv.Atoi: parsing "{step}": invalid syntax'
        if extra:
            text = f"value was not a proper array index: '{step}': {text}"
        raise PatchError(text)
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


def _value(operation: _Operation) -> Any:
    if "value" not in operation:
        raise PatchError(f"{operation['op']} operation has no value")
    return copy.deepcopy(operation["value"])


def _wrapped(during: str, act: Callable[[], Any]) -> Any:
    try:
        return act()
    except PatchError as error:
        raise PatchError(f"{during}: {error}") from None


def _add(root: Any, operation: _Operation) -> None:
    steps, value, path = _steps(operation), _value(operation), operation["path"]
    parent = _parent(root, steps, operation, f'doc is missing path: "{path}"')
    _wrapped(f"error in add for path: '{path}'", lambda: _insert(parent, steps[-1], value))


def _remove(root: Any, operation: _Operation) -> None:
    steps, path = _steps(operation), operation["path"]
    parent = _parent(root, steps, operation, f'doc is missing path: "{path}"')
    _wrapped(f"error in remove for path: '{path}'", lambda: _take(parent, steps[-1], "remove"))


def _take(parent: Any, step: str, doing: str = "get") -> Any:
    found = _get(parent, step, doing)
    del parent[_index(parent, step) if isinstance(parent, list) else step]
    return found


def _replace(root: Any, operation: _Operation) -> None:
    steps, value, path = _steps(operation), _value(operation), operation["path"]
    parent = _parent(root, steps, operation, f"doc is missing path: {path}")
    try:
        _get(parent, steps[-1])
    except PatchError:
        text = f"replace operation does not apply: doc is missing key: {path}: {_MISSING}"
        raise PatchError(text) from None
    parent[_index(parent, steps[-1]) if isinstance(parent, list) else steps[-1]] = value


def _move(root: Any, operation: _Operation) -> None:
    source, target = _steps(operation, "from"), _steps(operation)
    origin, path = operation["from"], operation["path"]
    if not origin:
        raise PatchError("unable to move entire document to another path: invalid state detected")
    parent = _parent(root, source, operation, f"doc is missing from path: {origin}")
    value = _wrapped(f"error in move for path: '{source[-1]}'", lambda: _take(parent, source[-1]))
    into = _parent(root, target, operation, f"doc is missing destination path: {path}")
    _wrapped(f"error in move for path: '{path}'", lambda: _insert(into, target[-1], value))


def _copy(root: Any, operation: _Operation) -> None:
    source, target = _steps(operation, "from"), _steps(operation)
    origin, path = operation["from"], operation["path"]
    parent = _parent(root, source, operation, f'doc is missing from path: "{origin}"')
    found = _wrapped(f"error in copy for from: '{origin}'", lambda: _get(parent, source[-1]))
    value = copy.deepcopy(found)
    into = _parent(root, target, operation, f"doc is missing destination path: {path}")
    _wrapped("error while adding value during copy", lambda: _insert(into, target[-1], value))


def _test(root: Any, operation: _Operation) -> None:
    steps, path = _steps(operation), operation["path"]
    parent = _parent(root, steps, operation, f"is missing path: {path}")
    if isinstance(parent, list):
        during = f"error in test for path: '{path}'"
        found = _wrapped(during, lambda: _get(parent, steps[-1]))
    else:
        found = parent.get(steps[-1])
    if not same_json(found, operation.get("value")):
        raise TestFailedError(f"testing value {path} failed: test failed")


_OPERATIONS: dict[str, Callable[[Any, _Operation], Any]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
