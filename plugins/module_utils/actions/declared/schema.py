# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON schema of a declared action.

``$comment`` is what the user is told when the rule beside it does not hold.
"""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT}
_DURATION = {"type": ["string", "number"]}

# What names an object: `deployments.apps`, or resource and group apart.
_OBJECT = {
    "group": {"type": "string"},
    "resource": _TEXT,
    "namespace": {"type": "string"},
    "name": _TEXT,
}

_CONDITION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["type"],
    "properties": {"type": _TEXT, "status": _TEXT},
}

OPERATORS = ("==", "!=", ">", ">=", "<", "<=", "in", "not in", "contains")

_FIELD = {
    "type": "object",
    "additionalProperties": False,
    "required": ["path", "operator", "value"],
    "properties": {
        "path": _TEXT,
        "operator": {"type": "string", "enum": list(OPERATORS)},
        "value": {},
    },
}

_TESTS = {"condition": _CONDITION, "jmespath": _TEXT, "field": _FIELD}
_ONE_TEST = {
    "oneOf": [{"required": [name]} for name in _TESTS],
    "$comment": "exactly one of condition, jmespath and field is needed",
}
_TEST = {"type": "object", "additionalProperties": False, "properties": _TESTS, **_ONE_TEST}

_READY = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        **_TESTS,
        "resource": _TEXT,
        "object": {
            "type": "object",
            "additionalProperties": False,
            "required": ["resource", "name"],
            "properties": _OBJECT,
        },
    },
    "allOf": [
        _ONE_TEST,
        {
            "not": {"required": ["resource", "object"]},
            "$comment": "resource and object exclude each other",
        },
    ],
}

_ADDITIONAL = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": ["jmespath"]}, {"required": ["resource", "name"]}],
    "$comment": "either resource and name or jmespath is needed",
    "properties": {**_OBJECT, "jmespath": _TEXT},
}

_PATCH = {
    "type": "object",
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
    "$comment": "exactly one of json, merge and strategic is needed",
    "properties": {
        "json": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["op", "path"],
                "properties": {
                    "op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]},
                    "path": {"type": "string", "pattern": "^(/|$)"},
                    "from": {"type": "string", "pattern": "^(/|$)"},
                    "value": {},
                },
                "allOf": [
                    {
                        "if": {"properties": {"op": {"enum": ["move", "copy"]}}},
                        "then": {"required": ["from"]},
                    },
                    {
                        "if": {"properties": {"op": {"enum": ["add", "replace", "test"]}}},
                        "then": {"required": ["value"]},
                    },
                ],
            },
        },
        "merge": {"type": "object"},
        "strategic": {"type": "object"},
    },
}

_OPERATION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["resource", "name", "done_when"],
    "properties": {
        **_OBJECT,
        "version": {"type": "string"},
        "done_when": _TEST,
        "failed_when": _TEST,
        "progress": {
            "type": "object",
            "additionalProperties": False,
            "properties": dict.fromkeys(
                ("n_completed", "n_total", "units", "description", "error"), _TEXT
            ),
        },
    },
}

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {
            "type": "string",
            "pattern": r"^(?!velero\.io/)([a-z0-9.-]+/)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$",
            "$comment": "a name such as example.com/wait-for-operator is needed; velero.io/ is "
            "kept for Velero's own actions",
        },
        "applies_to": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "included_resources": _TEXTS,
                "excluded_resources": _TEXTS,
                "included_namespaces": _TEXTS,
                "excluded_namespaces": _TEXTS,
                "label_selector": {"type": "string"},
            },
        },
        "when": _TEXT,
        "skip": {"type": ["boolean", "string"], "minLength": 1},
        "patches": {"type": "array", "items": _PATCH},
        "additional_items": {"type": "array", "items": _ADDITIONAL},
        "ready_when": {"type": "array", "minItems": 1, "items": _READY},
        "timeout": _DURATION,
        "operation": _OPERATION,
    },
    "dependentRequired": {"timeout": ["ready_when"]},
    "$comment": "timeout has no effect without ready_when",
}
