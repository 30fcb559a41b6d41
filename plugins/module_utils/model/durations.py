# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Go-style durations: ``1h30m``, ``90s``, ``500ms`` or plain seconds."""

from __future__ import annotations

import re

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)")
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
    """Returns ``seconds`` the way Go prints a duration (``4h0m0s``, ``1m30s``, ``500ms``)."""
    if seconds == 0:
        return "0s"
    if seconds < 1:
        return f"{_trimmed(seconds * 1000)}ms"
    whole, fraction = divmod(seconds, 1)
    hours, rest = divmod(int(whole), 3600)
    minutes, secs = divmod(rest, 60)
    tail = f"{_trimmed(secs + fraction)}s"
    if hours:
        return f"{hours}h{minutes}m{tail}"
    return f"{minutes}m{tail}" if minutes else tail


def _trimmed(number: float) -> str:
    return f"{number:.9f}".rstrip("0").rstrip(".")
