# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Go-style durations: ``1h30m``, ``90s``, ``500ms`` or plain seconds."""

from __future__ import annotations

import re

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)")
_SECOND = 10**9
# Units below a second: each counts up to a thousand of it.
_SMALL = (("ns", 1), ("µs", 10**3), ("ms", 10**6))
_SMALL_LIMIT = 1000
_PLAIN = re.compile(r"\d+(?:\.\d+)?")


def parse_duration(value: str | int | float, option: str = "duration") -> float:
    """Returns ``value`` in seconds.

    Raises RequestError when it is neither a Go duration nor a number, or is negative.
    """
    text = str(value).strip()
    if _PLAIN.fullmatch(text):
        return float(text)
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise RequestError(
            "reading",
            f"{option} {text!r}",
            "it is not a duration",
            "Give seconds, or a duration such as 10m, 1h30m or 45s",
        )
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def format_duration(seconds: float) -> str:
    """Returns ``seconds`` the way Go prints a duration (``4h0m0s``, ``1m30s``, ``500µs``).

    What is finer than a nanosecond is rounded. Source: Go's time.Duration.String.
    """
    return format_nanoseconds(round(seconds * _SECOND))


def format_nanoseconds(count: int) -> str:
    """Returns a number of nanoseconds the way Go prints a duration."""
    if count < 0:
        return f"-{format_nanoseconds(-count)}"
    if not count:
        return "0s"
    for unit, size in _SMALL:
        if count < _SMALL_LIMIT * size:
            return f"{_decimal(count, size)}{unit}"
    minutes, rest = divmod(count, 60 * _SECOND)
    tail = f"{_decimal(rest, _SECOND)}s"
    if not minutes:
        return tail
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes}m{tail}" if hours else f"{minutes}m{tail}"


def _decimal(count: int, size: int) -> str:
    """Returns count / size, whose digits Go never rounds, without trailing zeros."""
    whole, rest = divmod(count, size)
    if not rest:
        return str(whole)
    digits = len(str(size)) - 1
    return f"{whole}.{rest:0{digits}d}".rstrip("0")
