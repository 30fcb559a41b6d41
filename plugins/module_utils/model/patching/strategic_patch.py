# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Strategic merge patches of built-in kinds.

Source: Kubernetes' documentation of strategic merge patch and of its directives, checked against an
API server (tests/cluster/test_strategic_merge.py).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.patching.merge_keys import (
    FieldRule,
    field_rule,
    type_of_kind,
)
from ansible_collections.velero.core.plugins.module_utils.model.patching.ordering import (
    in_order,
    position,
)
from ansible_collections.velero.core.plugins.module_utils.model.patching.values import (
    PatchError,
    same_json,
    type_name,
)

_PATCH = "$patch"
_RETAIN = "$retainKeys"
_DELETE_FROM = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"


def apply_strategic_patch(document: dict[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a patched copy of an object.

    Raises PatchError; also for a kind whose lists it knows nothing of, as an API server does.
    """
    api_version, kind = str(document.get("apiVersion", "")), str(document.get("kind", ""))
    known = type_of_kind(api_version, kind)
    if not known:
        raise PatchError(
            f'no kind "{kind}" of version "{api_version}" is known to strategic merge patches'
        )
    return _merged_maps(copy.deepcopy(document), copy.deepcopy(dict(patch)), known)


def _merged_maps(target: dict[str, Any], patch: dict[str, Any], kind: str) -> dict[str, Any]:
    directive = patch.pop(_PATCH, None)
    if directive == "replace":
        return patch
    if directive == "delete":
        return {}
    if directive is not None:
        raise PatchError(f"unknown patch type {directive!r}")
    _retain_keys(target, patch)
    _merge_in_order(target, patch, kind)
    for name, value in patch.items():
        _merge_field(target, name, value, kind)
    return target


def _retain_keys(target: dict[str, Any], patch: dict[str, Any]) -> None:
    if _RETAIN not in patch:
        return
    kept = patch.pop(_RETAIN)
    if not isinstance(kept, list):
        raise PatchError("$retainKeys is no list")
    if any(name not in kept for name, value in patch.items() if value is not None):
        raise PatchError("$retainKeys does not have all fields that are in the patch")
    for name in [name for name in target if name not in kept]:
        del target[name]


def _merge_in_order(target: dict[str, Any], patch: dict[str, Any], kind: str) -> None:
    """Lists whose order the patch tells; they are taken out of the patch."""
    for directive in [name for name in patch if name.startswith(_ORDER)]:
        field = directive[len(_ORDER) :]
        order, rule = patch.pop(directive), field_rule(kind, field)
        if not isinstance(order, list):
            raise PatchError(f"{directive} is no list")
        before, change = target.get(field), patch.pop(field, None)
        for part in (before, change):
            if part is not None and not isinstance(part, list):
                raise PatchError(f"{directive}: {field} is no list")
        if before is None and change is None:
            continue
        if before is None:
            change = _without_marked(change)
        merged = _merged_items(list(before or []), list(change or []), rule)
        target[field] = in_order(merged, order, before or [], rule.key)


def _merge_field(target: dict[str, Any], name: str, value: Any, kind: str) -> None:
    if name.startswith(_DELETE_FROM):
        field = name[len(_DELETE_FROM) :]
        if isinstance(target.get(field), list) and isinstance(value, list):
            target[field] = [one for one in target[field] if position(one, value, "") < 0]
        return
    if value is None:
        target.pop(name, None)
        return
    rule, before = field_rule(kind, name), target.get(name)
    if isinstance(before, dict) and isinstance(value, dict):
        target[name] = _merged_maps(before, value, rule.type_name)
    elif isinstance(before, list) and isinstance(value, list) and rule.merges:
        if before or value:
            target[name] = _merged_lists(before, value, rule)
    elif _is_marked(value):
        target.pop(name, None)
    else:
        target[name] = _fresh(_without_marked(value))


def _merged_lists(before: list[Any], change: list[Any], rule: FieldRule) -> list[Any]:
    merged = _merged_items(list(before), list(change), rule)
    return in_order(merged, change, before, rule.key)


def _merged_items(before: list[Any], change: list[Any], rule: FieldRule) -> list[Any]:
    if len({type_name(one) for one in [*before, *change]}) > 1:
        raise PatchError("the elements of a list have several types")
    if not any(isinstance(one, dict) for one in [*before, *change]):
        return _unique([*before, *change])
    if not rule.key:
        raise PatchError("a list of objects without merge key cannot be merged")
    return _merged_objects(before, change, rule)


def _merged_objects(
    before: list[dict[str, Any]], change: list[dict[str, Any]], rule: FieldRule
) -> list[dict[str, Any]]:
    before, change = _without_directives(before, change, rule.key)
    for item in change:
        if rule.key not in item:
            raise PatchError(f"an element does not have the merge key {rule.key}")
        at = position(item, before, rule.key)
        if at < 0:
            before.append(_fresh(item))
        else:
            before[at] = _merged_maps(before[at], item, rule.type_name)
    return before


def _without_directives(
    before: list[dict[str, Any]], change: list[dict[str, Any]], key: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    plain = []
    replaces = False
    for item in change:
        directive = item.get(_PATCH)
        if directive is None:
            plain.append(item)
        elif directive == "replace":
            replaces = True
        elif directive == "delete":
            if key not in item:
                raise PatchError("delete patch type with no merge key defined")
            before = [one for one in before if not same_json(one.get(key), item[key])]
        else:
            raise PatchError(f"unknown patch type {directive!r} in a list")
    return ([], plain) if replaces else (before, plain)


def _unique(values: list[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if position(value, found, "") < 0:
            found.append(value)
    return found


def _is_marked(value: Any) -> bool:
    return isinstance(value, dict) and _PATCH in value


def _without_marked(value: Any) -> Any:
    """A value that nothing stands against: what says how to patch leaves nothing behind."""
    if isinstance(value, dict):
        return {
            name: _without_marked(child) for name, child in value.items() if not _is_marked(child)
        }
    if isinstance(value, list):
        return [_without_marked(child) for child in value if not _is_marked(child)]
    return value


def _fresh(value: Any) -> Any:
    """A value that was not there before: without nulls and directives."""
    if isinstance(value, dict):
        return {
            name: _fresh(child)
            for name, child in value.items()
            if child is not None and not name.startswith(("$patch", "$retainKeys", _ORDER))
        }
    return [_fresh(child) for child in value] if isinstance(value, list) else value
