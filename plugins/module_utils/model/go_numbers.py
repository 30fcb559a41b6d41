# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers as Go's strconv reads and writes them."""

from __future__ import annotations

import math
import re
import struct

_DIGITS = r"[0-9](?:_?[0-9])*"
_HEX = r"[0-9a-fA-F](?:_?[0-9a-fA-F])*"
_DECIMAL = re.compile(
    rf"[+-]?(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?"
)
_HEXADECIMAL = re.compile(
    rf"(?P<sign>[+-]?)0[xX](?:_?{_HEX}(?:\.(?:{_HEX})?)?|\.{_HEX})[pP][+-]?{_DIGITS}"
)
_SPECIAL = re.compile(r"[+-]?inf(?:inity)?|nan", re.IGNORECASE)
_INTEGER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)")
_OCTAL = re.compile(r"^([+-]?)0[oO]?(?=[0-7])")
# Go writes numbers from here on with an exponent, in JSON too.
_EXPONENT_FROM = 1e21


def is_float(text: str) -> bool:
    """Returns whether ``strconv.ParseFloat(text, 64)`` takes ``text``."""
    if _SPECIAL.fullmatch(text):
        return True
    try:
        if _HEXADECIMAL.fullmatch(text):
            return math.isfinite(float.fromhex(text.replace("_", "")))
    except OverflowError:
        return False
    return bool(_DECIMAL.fullmatch(text)) and math.isfinite(float(text.replace("_", "")))


def integer(text: str) -> int | None:
    """Returns what ``strconv.ParseInt`` and ``ParseUint`` make of ``text`` with base 0.

    None stands for an error, such as a number of more than 64 bits.
    """
    if not _INTEGER.fullmatch(text):
        return None
    value = int(_OCTAL.sub(r"\g<1>0o", text), 0)
    return value if -(2**63) <= value < 2**64 else None


def json_number(value: float) -> float | int:
    """Returns ``value`` as Go's JSON shows it: a whole number has no fraction."""
    return int(value) if value.is_integer() and abs(value) < _EXPONENT_FROM else value


def short_float(value: float) -> str:
    """Returns ``strconv.FormatFloat(value, 'g', -1, 32)``: as short as 32 bits allow."""
    if math.isnan(value):
        return "NaN"
    rounded = _of_32_bits(value)
    if math.isinf(rounded):
        return "+Inf" if rounded > 0 else "-Inf"
    shortest = next(
        text
        for text in (f"{rounded:.{digits}e}" for digits in range(17))
        if _of_32_bits(float(text)) == rounded
    )
    mantissa, _e, exponent = shortest.partition("e")
    if -4 <= int(exponent) < 6:
        places = max(len(mantissa.lstrip("-").replace(".", "")) - 1 - int(exponent), 0)
        return f"{float(shortest):.{places}f}"
    return f"{mantissa}e{exponent}"


def _of_32_bits(value: float) -> float:
    try:
        found: float = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return found
