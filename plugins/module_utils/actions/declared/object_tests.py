# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of live objects: a condition, an expression or a comparison of a field."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.declared.expressions import (
    Expression,
)
from ansible_collections.velero.core.plugins.module_utils.model.patching.values import (
    same_json,
    type_name,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

ObjectTest = Callable[[Manifest], bool]

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_ORDERED = ("number", "text")


def object_test(told: Mapping[str, Any], path: str) -> ObjectTest:
    """Returns the test that a mapping with condition, jmespath or field tells."""
    if "condition" in told:
        return _condition_test(told["condition"])
    if "jmespath" in told:
        return Expression(told["jmespath"], f"{path}.jmespath").holds
    return _field_test(told["field"], f"{path}.field")


def _condition_test(told: Mapping[str, str]) -> ObjectTest:
    wanted = (told["type"], told.get("status", "True"))

    def holds(item: Manifest) -> bool:
        status = item.get("status")
        found = status.get("conditions") if isinstance(status, dict) else None
        return any(
            isinstance(one, dict)
            and (one.get("type"), one.get("status")) == wanted
            and not _is_stale(one, item)
            for one in (found if isinstance(found, list) else ())
        )

    return holds


def _is_stale(condition: Mapping[str, Any], item: Manifest) -> bool:
    """A condition may tell of an older generation than the object that is there now."""
    observed = condition.get("observedGeneration")
    generation = (item.get("metadata") or {}).get("generation")
    if isinstance(observed, int) and isinstance(generation, int):
        return observed < generation
    return False


def _field_test(told: Mapping[str, Any], path: str) -> ObjectTest:
    expression = Expression(told["path"], f"{path}.path")
    name, wanted = told["operator"], told["value"]
    return lambda item: compare(expression.search(item), name, wanted)


def compare(found: Any, name: str, wanted: Any) -> bool:
    """Returns whether ``found`` stands in the named relation to ``wanted``.

    Values of different types are unequal and in no order.
    """
    if name in _ORDER:
        kinds = {type_name(found), type_name(wanted)}
        return len(kinds) == 1 and kinds <= set(_ORDERED) and _ORDER[name](found, wanted)
    if name in ("==", "!="):
        return same_json(found, wanted) == (name == "==")
    if name == "contains":
        return _contains(found, wanted)
    return _contains(wanted, found) == (name == "in")


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(whole, str):
        return isinstance(part, str) and part in whole
    return isinstance(whole, list) and any(same_json(one, part) for one in whole)
