# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON values as Go prints and names them, and its way to reach nested fields.

Source: fmt's %v and %T, k8s.io/apimachinery pkg/apis/meta/v1/unstructured/helpers.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_KINDS = {bool: "bool", int: "int64", float: "float64", str: "string", list: "slice", dict: "map"}
_TYPES = {list: "[]interface {}", dict: "map[string]interface {}", type(None): "<nil>"}
_JSON = {bool: "bool", int: "number", float: "number", str: "string", list: "array"}


class AccessorError(ValueError):
    """A nested field has another type; the text is Go's."""


def go_kind(value: Any) -> str:
    """Returns Go's kind of a JSON value."""
    return _KINDS.get(type(value), "invalid")


def go_type(value: Any) -> str:
    """Returns what %T prints."""
    return _TYPES.get(type(value)) or go_kind(value)


def json_kind(value: Any) -> str:
    """Returns the word of encoding/json for a value's type."""
    return _JSON.get(type(value), "object")


def go_text(value: Any) -> str:
    """Returns what %v prints."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{' '.join(go_text(part) for part in value)}]"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{go_text(value[key])}' for key in sorted(value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def nested(value: Any, fields: Sequence[str]) -> tuple[Any, bool]:
    """Returns the value below ``fields`` and whether it is there.

    Raises AccessorError when something on the way is no map.
    """
    for index, name in enumerate(fields):
        if value is None:
            return None, False
        if not isinstance(value, dict):
            raise _wrong_type(value, fields[: index + 1], "map[string]interface{}")
        if name not in value:
            return None, False
        value = value[name]
    return value, True


def nested_string(value: Any, fields: Sequence[str]) -> str:
    """Returns the text below ``fields``, empty when there is none. Raises AccessorError."""
    found, present = nested(value, fields)
    if present and not isinstance(found, str):
        raise _wrong_type(found, fields, "string")
    return found if present else ""


def nested_list(value: Any, fields: Sequence[str]) -> list[Any]:
    """Returns the list below ``fields``, empty when there is none. Raises AccessorError."""
    found, present = nested(value, fields)
    if present and not isinstance(found, list):
        raise _wrong_type(found, fields, "[]interface{}")
    return found if present else []


def nested_map(value: Any, fields: Sequence[str]) -> dict[str, Any] | None:
    """Returns the map below ``fields``, None when there is none. Raises AccessorError."""
    found, present = nested(value, fields)
    if present and not isinstance(found, dict):
        raise _wrong_type(found, fields, "map[string]interface{}")
    return found if present else None


def _wrong_type(value: Any, fields: Sequence[str], expected: str) -> AccessorError:
    return AccessorError(
        f".{'.'.join(fields)} accessor error: {go_text(value)} is of the type "
        f"{go_type(value)}, expected {expected}"
    )
