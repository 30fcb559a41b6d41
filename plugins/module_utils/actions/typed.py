# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refuses items whose JSON types Velero's typed decoding refuses.

Only the fields that matter to the actions, and those around them, are described (shapes.py).
Source: reference section 2 rule 8; the texts are those of k8s.io/apimachinery's converter.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ActionError
from ansible_collections.velero.core.plugins.module_utils.actions.go_values import go_kind, go_text

ANY = "any"
BOOL = "bool"
BYTES = "[]byte"
QUANTITY = "resource.Quantity"
INT32 = "int32"
INT64 = "int64"
STRING = "string"

_NUMBERS = (INT32, INT64)
_QUANTITY_SHOWN = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
_QUANTITY_FORM = re.compile(_QUANTITY_SHOWN)
_QUANTITY_VALUE = re.compile(
    r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?"
)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose entries have one shape."""

    entry: Shape


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map with free keys."""

    value: Shape


@dataclass(frozen=True, slots=True)
class Struct:
    """Known fields, in the order in which Go declares them; all others are free."""

    fields: Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class Text:
    """A string of a named Go type."""

    go_type: str


Shape: TypeAlias = "str | ListOf | MapOf | Struct | Text"


def check(value: Any, shape: Shape, prefix: str = "") -> None:
    """Raises ActionError (``prefix`` + Go's text) when ``value`` cannot be decoded as ``shape``.

    null is the zero value of everything.
    """
    try:
        _check(value, shape)
    except _RefusedError as error:
        raise ActionError(f"{prefix}{error}") from None


class _RefusedError(ValueError):
    """A value has another type than Go's field."""


def _check(value: Any, shape: Shape) -> None:
    if value is None or shape == ANY:
        return
    if isinstance(shape, Struct):
        _check_struct(value, shape)
    elif isinstance(shape, MapOf):
        _need(value, dict, "map from ")
        for part in value.values():
            _check(part, shape.value)
    elif isinstance(shape, ListOf):
        _need(value, list, "slice from ")
        for part in value:
            _check(part, shape.entry)
    elif shape == BYTES:
        _check_bytes(value)
    elif shape == QUANTITY:
        _check_quantity(value)
    elif isinstance(shape, Text):
        _check_scalar(value, STRING, shape.go_type)
    else:
        _check_scalar(value, shape, shape)


def _check_struct(value: Any, shape: Struct) -> None:
    _need(value, dict, "struct from: ")
    for name, inner in shape.fields.items():
        if name in value:
            _check(value[name], inner)


def _need(value: Any, wanted: type, what: str) -> None:
    if not isinstance(value, wanted):
        raise _RefusedError(f"cannot restore {what}{go_kind(value)}")


def _check_bytes(value: Any) -> None:
    if not isinstance(value, str):
        _need(value, list, "slice from ")
        return
    try:
        base64.b64decode(value.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        raise _RefusedError("error decoding from json: illegal base64 data") from None


def _check_quantity(value: Any) -> None:
    text = value.strip() if isinstance(value, str) else go_text(value)
    if not _QUANTITY_FORM.fullmatch(text):
        raise _RefusedError(f"quantities must match the regular expression '{_QUANTITY_SHOWN}'")
    if not _QUANTITY_VALUE.fullmatch(text):
        raise _RefusedError("unable to parse quantity's suffix")


def _check_scalar(value: Any, kind: str, shown: str) -> None:
    actual = go_kind(value)
    if kind in _NUMBERS:
        fits = actual == INT64 or (actual == "float64" and value.is_integer())
        convertible = actual in (INT64, "float64")
    else:
        fits = actual == kind
        convertible = kind == STRING and actual == INT64
    if fits:
        return
    if convertible:
        raise _RefusedError(f"cannot convert {actual} to {shown}")
    raise _RefusedError(f"unrecognized type: {kind}")
