# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Protocol Buffers encoding of the plugin protocol's messages.

They hold texts, bytes, numbers, flags and other messages, so a table of fields says all there is to
say about one. Generated classes would tie us to the versions of the protobuf library that accept
them, and the host of a module may have any version, or none. Strings that are no UTF-8 are read
with replacement characters.

Source: the Protocol Buffers encoding specification, reference plugin-protocol.md section 14.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_FIXED_SIZES = {_FIXED64: 8, _FIXED32: 4}
_LONGEST_VARINT = 10
_TWO_TO_64 = 1 << 64
_SIGN = 1 << 63

Values = dict[str, Any]


class WireError(ValueError):
    """Bytes are no message."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: ``kind`` is ``string``, ``bytes``, ``bool``, ``int`` or another message."""

    number: int
    name: str
    kind: str | Message
    repeated: bool = False


class Message:
    """A message type; values are dictionaries by field name."""

    def __init__(self, *fields: Field) -> None:
        self.fields = fields
        self._by_number = {field.number: field for field in fields}

    def encode(self, values: Mapping[str, Any]) -> bytes:
        """Returns the bytes of ``values``; what has its default value takes none.

        Raises KeyError for a name that is no field.
        """
        unknown = set(values) - {field.name for field in self.fields}
        if unknown:
            raise KeyError(", ".join(sorted(unknown)))
        return b"".join(
            _encoded(field, value)
            for field in self.fields
            for value in _each(field, values.get(field.name))
        )

    def decode(self, data: bytes) -> Values:
        """Returns the values; fields that are not there have their default, messages None.

        Fields that the type does not have are skipped. Raises WireError.
        """
        values: Values = {field.name: _default(field) for field in self.fields}
        for number, wire, raw in _pairs(data):
            field = self._by_number.get(number)
            if field is None:
                continue
            if wire != (_VARINT if field.kind in ("bool", "int") else _LENGTH):
                raise WireError(f"field {field.name} has wire type {wire}")
            value = _decoded(field, raw)
            if field.repeated:
                values[field.name].append(value)
            else:
                values[field.name] = value
        return values


def _each(field: Field, value: Any) -> list[Any]:
    if field.repeated:
        return list(value or ())
    # A message that is given is sent even when it is empty: that is not the same as none.
    is_given = value is not None if isinstance(field.kind, Message) else bool(value)
    return [value] if is_given else []


def _default(field: Field) -> Any:
    if field.repeated:
        return []
    if isinstance(field.kind, Message):
        return None
    return {"string": "", "bytes": b"", "bool": False, "int": 0}[field.kind]


def _encoded(field: Field, value: Any) -> bytes:
    if field.kind in ("bool", "int"):
        return _varint(field.number << 3 | _VARINT) + _varint(int(value) % _TWO_TO_64)
    if isinstance(field.kind, Message):
        data = field.kind.encode(value)
    else:
        data = value.encode("utf-8", "replace") if field.kind == "string" else bytes(value)
    return _varint(field.number << 3 | _LENGTH) + _varint(len(data)) + data


def _decoded(field: Field, raw: int | bytes) -> Any:
    if isinstance(raw, int):
        if field.kind == "bool":
            return raw != 0
        return raw - _TWO_TO_64 if raw & _SIGN else raw
    if isinstance(field.kind, Message):
        return field.kind.decode(raw)
    return raw.decode("utf-8", "replace") if field.kind == "string" else raw


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _pairs(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """Yields number, wire type and raw value of each field."""
    position = 0
    while position < len(data):
        tag, position = _read_varint(data, position)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, position = _read_varint(data, position)
            yield number, wire, value
            continue
        if wire == _LENGTH:
            size, position = _read_varint(data, position)
        elif wire in _FIXED_SIZES:
            size = _FIXED_SIZES[wire]
        else:
            raise WireError(f"wire type {wire} is not known")
        if position + size > len(data):
            raise WireError("the message ends inside a field")
        yield number, wire, data[position : position + size]
        position += size


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    number = 0
    for offset, byte in enumerate(data[position : position + _LONGEST_VARINT]):
        number |= (byte & 0x7F) << 7 * offset
        if byte < 0x80:
            return number % _TWO_TO_64, position + offset + 1
    raise WireError("a number does not end")
