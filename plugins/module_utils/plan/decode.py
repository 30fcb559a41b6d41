# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decoding an item of the archive (pkg/archive/filesystem.go, reference section 2.3)."""

from __future__ import annotations

import json

from ansible_collections.velero.core.plugins.module_utils.model.ports import Catalog, Manifest


class DecodeError(ValueError):
    """An item of the backup is not an object; the text is Velero's."""


def decode_item(
    catalog: Catalog, gr: str, namespace: str, name: str, version: str = ""
) -> Manifest:
    """Returns the object; raises DecodeError ``error decoding "<path>": <why>``."""
    path = catalog.path(gr, namespace, name, version)
    try:
        raw = catalog.read(gr, namespace, name, version)
    except KeyError:
        raise DecodeError(
            f'error decoding "{path}": open {path}: no such file or directory'
        ) from None
    return decode_object(raw, path)


def decode_object(raw: bytes, path: str) -> Manifest:
    """Returns the object in ``raw``; raises DecodeError, which names ``path``."""
    try:
        obj = _DECODER.decode(raw.decode(json.detect_encoding(raw), "surrogatepass"))
    except RecursionError:
        raise DecodeError(f'error decoding "{path}": exceeded max depth') from None
    except ValueError as error:
        raise DecodeError(f'error decoding "{path}": {_go_json_error(raw, error)}') from None
    if obj is not None and not isinstance(obj, dict):
        raise DecodeError(
            f'error decoding "{path}": json: cannot unmarshal {_go_type(obj)} into Go value of '
            "type map[string]interface {}"
        )
    if obj is None or not obj.get("kind") or not isinstance(obj["kind"], str):
        # Velero prints the whole object here; it may be a Secret.
        raise DecodeError(f"error decoding \"{path}\": Object 'Kind' is missing")
    return obj


def _refuse_constant(name: str) -> None:
    """JSON has no NaN and no Infinity."""
    raise _ConstantError(name)


class _ConstantError(ValueError):
    pass


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _go_json_error(raw: bytes, error: ValueError) -> str:
    """Returns Go's words for the two faults that users meet: cut off, and not JSON at all."""
    if isinstance(error, _ConstantError):
        if str(error).startswith("-"):
            return "invalid character 'I' in numeric literal"
        return f"invalid character '{str(error)[0]}' looking for beginning of value"
    position = getattr(error, "pos", None)
    text = raw.decode("utf-8", "replace")
    if position is None or position >= len(text.rstrip()) or "Unterminated" in str(error):
        return "unexpected end of JSON input"
    char = text[position]
    shown = "'\\''" if char == "'" else f"'{char}'"
    if not text[:position].strip():
        return f"invalid character {shown} looking for beginning of value"
    return f"invalid character {shown}: {getattr(error, 'msg', error)}"


def _go_type(value: object) -> str:
    if isinstance(value, list):
        return "array"
    if isinstance(value, str):
        return "string"
    return "bool" if isinstance(value, bool) else "number"
