# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Item actions that a user has written in Python.

The class needs ``applies_to`` and ``execute``; everything else of the contract has a default. No
base class is asked for, and plain dicts do for selectors, outputs and progress
(docs/writing_item_actions.md).
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import ModuleType
from typing import Any, TypeVar

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    AsyncNotSupportedError,
    ExecuteInput,
    ExecuteOutput,
    OperationProgress,
    ResourceIdentifier,
    ResourceSelector,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

T = TypeVar("T")

_NEEDED = ("applies_to", "execute")
_RESERVED = "velero.io/"
_HINT = "See docs/writing_item_actions.md"


class PythonAction:
    """Implements ItemAction over an object of a user's class.

    It gets copies and whatever it raises is an ActionError, so that it can harm only its item.
    """

    def __init__(self, wrapped: Any, where: str = "") -> None:
        """Wraps an object; raises RequestError, naming ``where``, when it is no action."""
        for method in _NEEDED:
            if not callable(getattr(wrapped, method, None)):
                raise _refused(where, f"{type(wrapped).__name__} has no method {method}")
        self._wrapped = wrapped
        name = getattr(wrapped, "name", "") or type(wrapped).__name__
        if not isinstance(name, str) or name.startswith(_RESERVED):
            raise _refused(where, f"its name has to be a text that does not begin with {_RESERVED}")
        self._name = name

    @property
    def name(self) -> str:
        """Returns the attribute ``name`` of the object, else the name of its class."""
        return self._name

    @property
    def has_side_effects(self) -> bool:
        """Returns the attribute ``has_side_effects`` of the object; True where it has none."""
        return bool(getattr(self._wrapped, "has_side_effects", True))

    def applies_to(self) -> ResourceSelector:
        """Returns what the object says. Raises ActionError."""
        with _errors():
            return _made(ResourceSelector, self._wrapped.applies_to(), "applies_to")

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns what the object says; None leaves the item as it is. Raises ActionError."""
        with _errors():
            said = self._wrapped.execute(copy.deepcopy(given))
            if said is None:
                return ExecuteOutput()
            return _checked(_made(ExecuteOutput, said, "execute"))

    def progress(self, operation_id: str, restore: Manifest) -> OperationProgress:
        """Returns what the object says. Raises ActionError."""
        method = self._optional("progress")
        if method is None:
            raise AsyncNotSupportedError
        with _errors():
            said = method(operation_id, copy.deepcopy(restore))
            return _made(OperationProgress, said, "progress")

    def cancel(self, operation_id: str, restore: Manifest) -> None:
        """Tells the object, if it wants to know. Raises ActionError."""
        method = self._optional("cancel")
        if method is not None:
            with _errors():
                method(operation_id, copy.deepcopy(restore))

    def are_additional_items_ready(
        self, items: Sequence[ResourceIdentifier], restore: Manifest
    ) -> bool:
        """Returns what the object says; True where it has no such method. Raises ActionError."""
        method = self._optional("are_additional_items_ready")
        if method is None:
            return True
        with _errors():
            return bool(method(list(items), copy.deepcopy(restore)))

    def _optional(self, name: str) -> Callable[..., Any] | None:
        method = getattr(self._wrapped, name, None)
        return method if callable(method) else None


def load_python_action(
    path: str, class_name: str, options: Mapping[str, Any], where: str
) -> PythonAction:
    """Returns an action: ``class_name(**options)`` of the file ``path``.

    Raises RequestError, naming ``where``, when that fails in any way.
    """
    module = _load(os.path.abspath(os.path.expanduser(path)), where)
    made = getattr(module, class_name, None)
    if not callable(made):
        raise _refused(where, f"{path} has no class {class_name}")
    try:
        return PythonAction(made(**options), where)
    except RequestError:
        raise
    except (Exception, SystemExit) as error:
        raise _refused(where, f"{class_name} cannot be made: {_told(error)}") from error


def _load(path: str, where: str) -> ModuleType:
    if not os.path.isfile(path):
        raise _refused(where, f"there is no file {path}")
    # A name of its own per file; dataclasses look their module up by name.
    name = f"velero_core_item_action_{hashlib.sha256(path.encode()).hexdigest()[:12]}"
    spec = spec_from_loader(name, SourceFileLoader(name, path))
    if spec is None or spec.loader is None:
        raise _refused(where, f"{path} cannot be loaded")
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _refused(where, f"{path} cannot be loaded: {_told(error, path)}") from error
    return module


def _told(error: BaseException, path: str = "") -> str:
    line = getattr(error, "lineno", None)
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    text = f"{type(error).__name__}: {error}"
    return f"{text} (line {line})" if line and "line" not in str(error) else text


def _refused(where: str, why: str) -> RequestError:
    return RequestError("loading the item action", where, why, _HINT)


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except ActionError:
        raise
    except (Exception, SystemExit) as error:
        raise ActionError(_told(error)) from error


def _made(kind: type[T], said: Any, method: str) -> T:
    """An object of the contract from itself or from a mapping with its fields."""
    if isinstance(said, kind):
        return said
    if not isinstance(said, Mapping):
        raise ActionError(f"{method} returned {_article(said)} and no mapping")
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(str(key) for key in said if key not in known)
    if unknown:
        raise ActionError(
            f"{method} returned unknown {', '.join(unknown)}; there are {', '.join(known)}"
        )
    return kind(
        **{
            key: _items(value, f"{method} returned as {key}") if known[key].default == () else value
            for key, value in said.items()
            if value is not None
        }
    )


def _items(value: Any, what: str) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple)):
        raise ActionError(f"{what} {_article(value)} and no list")
    return tuple(
        _made(ResourceIdentifier, one, what) if isinstance(one, Mapping) else one for one in value
    )


def _checked(output: ExecuteOutput) -> ExecuteOutput:
    item = output.updated_item
    if item is not None and not (isinstance(item, dict) and isinstance(item.get("kind"), str)):
        raise ActionError(f"execute returned as updated_item {_article(item)} that is no object")
    for one in output.additional_items:
        if not isinstance(one, ResourceIdentifier):
            raise ActionError(f"execute returned {_article(one)} among additional_items")
    try:
        json.dumps(item)
    except (TypeError, ValueError) as error:
        raise ActionError(f"execute returned an updated_item that is no JSON: {error}") from error
    return output


def _article(value: Any) -> str:
    return f"a {type(value).__name__}"
