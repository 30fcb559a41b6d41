# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From YAML data to rules, as Go decodes it strictly into Velero's types.

Keys match whatever their case, scalars become texts where a text is wanted, null is absent.
Source: encoding/json and sigs.k8s.io/yaml; reference restore-item-actions.md section 5.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.go_yaml import scalar_text
from ansible_collections.velero.core.plugins.module_utils.model.modifier_rules import (
    JsonOperation,
    Match,
    ModifierRule,
    Modifiers,
)
from ansible_collections.velero.core.plugins.module_utils.modifiers.errors import ModifiersError

_PACKAGE = "resourcemodifiers."
_TEXT = "string"

# The fields of Go's types. A type in brackets is that of a list's elements, "{}" a map of texts.
_TYPES: dict[str, dict[str, str]] = {
    "ResourceModifiers": {
        "version": _TEXT,
        "resourceModifierRules": "[resourcemodifiers.ResourceModifierRule]",
    },
    "ResourceModifierRule": {
        "conditions": "resourcemodifiers.Conditions",
        "patches": "[resourcemodifiers.JSONPatch]",
        "mergePatches": "[resourcemodifiers.JSONMergePatch]",
        "strategicPatches": "[resourcemodifiers.StrategicMergePatch]",
    },
    "Conditions": {
        "namespaces": "[string]",
        "groupResource": _TEXT,
        "resourceNameRegex": _TEXT,
        "labelSelector": "v1.LabelSelector",
        "matches": "[resourcemodifiers.MatchRule]",
    },
    "MatchRule": {"path": _TEXT, "value": _TEXT},
    "JSONPatch": {"operation": _TEXT, "from": _TEXT, "path": _TEXT, "value": _TEXT},
    "JSONMergePatch": {"patchData": _TEXT},
    "StrategicMergePatch": {"patchData": _TEXT},
    "LabelSelector": {"matchLabels": "{}", "matchExpressions": "[v1.LabelSelectorRequirement]"},
    "LabelSelectorRequirement": {"key": _TEXT, "operator": _TEXT, "values": "[string]"},
}


def decoded(data: Any) -> Modifiers:
    """Returns the rules that YAML data (``go_yaml.load_strict``) holds.

    Raises ModifiersError with the text of Go's decoder.
    """
    if data is None:
        return Modifiers()
    document = _struct(data, "ResourceModifiers", "resourcemodifiers.ResourceModifiers", ())
    rules = document.get("resourceModifierRules") or []
    return Modifiers(document.get("version", ""), tuple(map(_rule, rules)))


def _rule(data: Mapping[str, Any]) -> ModifierRule:
    conditions = data.get("conditions", {})
    return ModifierRule(
        group_resource=conditions.get("groupResource", ""),
        namespaces=tuple(conditions.get("namespaces", ())),
        name_regex=conditions.get("resourceNameRegex", ""),
        label_selector=conditions.get("labelSelector"),
        matches=tuple(
            Match(one.get("path", ""), one.get("value", ""))
            for one in conditions.get("matches", ())
        ),
        patches=tuple(map(_operation, data.get("patches", ()))),
        merge_patches=tuple(one.get("patchData", "") for one in data.get("mergePatches", ())),
        strategic_patches=tuple(
            one.get("patchData", "") for one in data.get("strategicPatches", ())
        ),
    )


def _operation(data: Mapping[str, str]) -> JsonOperation:
    return JsonOperation(
        operation=data.get("operation", ""),
        path=data.get("path", ""),
        origin=data.get("from", ""),
        value=data.get("value", ""),
    )


def _struct(data: Any, name: str, where: str, path: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise _mismatch(data, where, path)
    fields = {field.lower(): field for field in _TYPES[name]}
    out = {}
    # Go has sorted the keys when it decodes them.
    for key in sorted(data):
        field = key if key in _TYPES[name] else fields.get(key.lower())
        if field is None:
            raise _undecodable(f'json: unknown field "{key}"')
        if data[key] is not None:
            out[field] = _value(data[key], _TYPES[name][field], name, (*path, field))
    return out


def _value(data: Any, kind: str, struct: str, path: tuple[str, ...]) -> Any:
    """``data`` as a ``kind``; ``struct`` is the type that has a field for it at ``path``."""
    if kind == _TEXT:
        text = scalar_text(data)
        if text is None:
            raise _mismatch(data, _TEXT, path, struct)
        return text
    if kind.startswith("["):
        element = kind.strip("[]")
        if not isinstance(data, list):
            raise _mismatch(data, f"[]{element}", path, struct)
        return [_value(_given(one, element), element, struct, path) for one in data]
    if not isinstance(data, Mapping):
        raise _mismatch(data, "map[string]string" if kind == "{}" else kind, path, struct)
    if kind == "{}":
        return {key: _value(_given(data[key], _TEXT), _TEXT, struct, path) for key in sorted(data)}
    return _struct(data, kind.partition(".")[2], kind, path)


def _given(data: Any, kind: str) -> Any:
    """An element, or what Go puts in the place of null."""
    if data is None:
        return "" if kind == _TEXT else {}
    return data


def _mismatch(data: Any, wanted: str, path: tuple[str, ...], struct: str = "") -> ModifiersError:
    found = (
        "object"
        if isinstance(data, Mapping)
        else "array"
        if isinstance(data, list)
        else _json(data)
    )
    where = f"struct field {struct}.{'.'.join(path)}" if struct else "value"
    return _undecodable(f"json: cannot unmarshal {found} into Go {where} of type {wanted}")


def _json(data: Any) -> str:
    if isinstance(data, bool):
        return "bool"
    return "string" if isinstance(data, str) else "number"


def _undecodable(why: str) -> ModifiersError:
    return ModifiersError(f"error unmarshaling JSON: while decoding JSON: {why}")
