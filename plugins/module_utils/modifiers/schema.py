# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON schema of resource modifiers in a task or in a file.

It is Velero's format, version v1 (reference restore-item-actions.md section 5.2). Here a value may
also be a mapping or a list, and so may the data of a patch: Velero has JSON or YAML texts there.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.modifiers.config_map import OPERATIONS

_TEXT = {"type": "string", "minLength": 1}
_SCALAR = {"type": ["string", "number", "boolean"]}
_POINTER = {"type": "string", "pattern": "^/", "$comment": "a text that begins with / is needed"}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


def _some(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": items}


_SELECTOR = _object(
    [],
    matchLabels={"type": "object", "additionalProperties": _SCALAR},
    matchExpressions={
        "type": "array",
        "items": _object(
            ["key", "operator"],
            key=_TEXT,
            operator={"enum": ["In", "NotIn", "Exists", "DoesNotExist"]},
            values={"type": "array", "items": _SCALAR},
        ),
    },
)

_CONDITIONS = _object(
    ["groupResource"],
    groupResource=_TEXT,
    resourceNameRegex={"type": "string"},
    namespaces={"type": "array", "items": _TEXT},
    labelSelector=_SELECTOR,
    matches={"type": "array", "items": _object(["path", "value"], path=_POINTER, value=_SCALAR)},
)

_JSON_PATCH = {
    **_object(
        ["operation", "path"],
        operation={"enum": list(OPERATIONS)},
        path=_POINTER,
        value={"type": ["string", "number", "boolean", "object", "array"]},
        **{"from": _POINTER},
    ),
    "allOf": [
        {
            "if": {"properties": {"operation": {"enum": ["move", "copy"]}}},
            "then": {"required": ["from"]},
        },
        {
            "if": {"properties": {"operation": {"enum": ["add", "replace", "test"]}}},
            "then": {"required": ["value"]},
        },
    ],
}

_DATA = _object(["patchData"], patchData={"type": ["string", "object"], "minLength": 1})

_PATCHES = {
    "patches": _some(_JSON_PATCH),
    "mergePatches": _some(_DATA),
    "strategicPatches": _some(_DATA),
}

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **_object(
        ["version", "resourceModifierRules"],
        version={"type": "string", "pattern": "^[vV]1$", "$comment": "the only version is v1"},
        resourceModifierRules=_some(
            {
                **_object(["conditions"], conditions=_CONDITIONS, **_PATCHES),
                "oneOf": [{"required": [name]} for name in _PATCHES],
                "$comment": f"exactly one of {', '.join(_PATCHES)} is needed",
            }
        ),
    ),
}
