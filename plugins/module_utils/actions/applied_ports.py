# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which node ports of a service somebody asked for: by ``kubectl apply``, or server-side.

Source: reference section 3.16, pkg/restore/actions/service_action.go.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ActionError
from ansible_collections.velero.core.plugins.module_utils.actions.go_values import (
    AccessorError,
    go_text,
    json_kind,
    nested_list,
    nested_map,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

_INTEGER = re.compile(r"[+-]?[0-9]+")
_INT64 = 1 << 63
_DIGITS = 30  # more than any int64 has, signs and zeros included
_GO_MAP = "json: cannot unmarshal {} into Go value of type map[string]interface {{}}"


def applied_ports(annotation: str) -> tuple[frozenset[str], frozenset[int]]:
    """Returns names of ports with a node port, and node ports of ports without a name.

    Raises ActionError for text that is no configuration.
    """
    try:
        ports = nested_list(_object(_parse(annotation)), ("spec", "ports"))
    except AccessorError as error:
        raise ActionError(str(error)) from error
    names: set[str] = set()
    numbers: set[int] = set()
    for port in ports:
        number = _node_port(port.get("nodePort")) if isinstance(port, dict) else 0
        if number > 0 and "name" not in port:
            numbers.add(number)
        elif number > 0:
            names.add(_name(port["name"]))
    return frozenset(names), frozenset(numbers)


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise ActionError(f"name {go_text(name)} of an applied port is no text")
    return name


def _node_port(value: Any) -> int:
    if isinstance(value, str):
        if not _INTEGER.fullmatch(value):
            raise ActionError(f'strconv.Atoi: parsing "{value}": invalid syntax')
        return _in_range(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return 0
    return int(value)


def _in_range(text: str) -> int:
    number = int(text) if len(text) <= _DIGITS else _INT64
    if not -_INT64 <= number < _INT64:
        raise ActionError(f'strconv.Atoi: parsing "{text}": value out of range')
    return number


def owned_ports(entries: Sequence[Manifest]) -> frozenset[str]:
    """Returns the keys of ports whose node port a field manager owns. Raises ActionError."""
    return frozenset(
        key
        for ports in _owned_maps(entries, "f:ports")
        for key, fields in ports.items()
        if isinstance(fields, dict) and "f:nodePort" in fields
    )


def owns_health_port(entries: Sequence[Manifest]) -> bool:
    """Returns whether a field manager owns the health check's node port. Raises ActionError."""
    return any(True for found in _owned_maps(entries, "f:healthCheckNodePort"))


def _owned_maps(entries: Iterable[Manifest], field: str) -> Iterator[Manifest]:
    for entry in entries:
        fields = (entry or {}).get("fieldsV1")
        if fields is None:
            continue
        try:
            found = nested_map(_object(fields), ("f:spec", field))
        except AccessorError as error:
            raise ActionError(str(error)) from error
        if found is not None:
            yield found


def applied_health_port(annotation: str) -> bool:
    """Returns whether the configuration names a health check's node port. Raises ActionError."""
    parsed = _parse(annotation)
    spec = _member(parsed, "spec", "", "struct")
    port = _member(spec, "healthCheckNodePort", ".spec", "int32")
    if port is None:
        return False
    if isinstance(port, bool) or not isinstance(port, int):
        raise ActionError(
            f"json: cannot unmarshal {json_kind(port)} into Go struct field "
            ".spec.healthCheckNodePort of type int32"
        )
    return port != 0


def _member(holder: Any, name: str, path: str, wanted: str) -> Any:
    """A field as encoding/json finds it: whatever its case, the last one in the text counts."""
    if holder is None:
        return None
    if not isinstance(holder, dict):
        raise ActionError(
            f"json: cannot unmarshal {json_kind(holder)} into Go struct field {path} of type "
            f"{wanted}"
        )
    found = None
    for key, value in holder.items():
        if key.lower() == name.lower() and value is not None:
            found = value
    return found


def _object(value: Any) -> Manifest:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ActionError(_GO_MAP.format(json_kind(value)))
    return value


def _parse(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant, parse_float=_number)
    except json.JSONDecodeError as error:
        raise ActionError(_go_syntax_error(text, error)) from error


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ActionError(f"json: cannot unmarshal number {text} into Go value of type float64")
    return number


def _no_constant(text: str) -> Any:
    raise ActionError(f"invalid character '{text[0]}' looking for beginning of value")


def _go_syntax_error(text: str, error: json.JSONDecodeError) -> str:
    if error.pos >= len(text.rstrip()) or "Unterminated" in error.msg:
        return "unexpected end of JSON input"
    place = (
        "after top-level value" if error.msg == "Extra data" else "looking for beginning of value"
    )
    return f"invalid character '{text[error.pos]}' {place}"
