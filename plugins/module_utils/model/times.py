# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes timestamps: UTC, cut to whole seconds."""

from __future__ import annotations

import calendar
import time

_FORM = "%Y-%m-%dT%H:%M:%SZ"


def timestamp(seconds: float) -> str:
    """Returns seconds since the epoch in Kubernetes' form."""
    return time.strftime(_FORM, time.gmtime(int(seconds)))


def seconds_of(text: str) -> float | None:
    """Returns a timestamp as seconds since the epoch; None for a text that is none."""
    try:
        return float(calendar.timegm(time.strptime(text, _FORM)))
    except ValueError:
        return None
