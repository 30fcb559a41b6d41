# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.model.durations import (
    format_duration,
    format_nanoseconds,
    parse_duration,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from tests.support.builders import examples


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (90, 90),
        (1.5, 1.5),
        ("90", 90),
        ("0", 0),
        ("10m", 600),
        ("1h30m", 5400),
        ("1h30m10s", 5410),
        ("4h0m0s", 14400),
        ("45s", 45),
        ("500ms", 0.5),
        ("1.5h", 5400),
        (".5s", 0.5),
        ("2.s", 2),
        ("250us", 0.00025),
        ("250µs", 0.00025),
        ("1ns", 1e-9),
        (" 10m ", 600),
    ],
)
def test_parse(text: str | float, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "m", "-1", "-5m", "10x", "10 m", "1h 30m", "ten", "1m30", "1e3", "None"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match=r"resource_timeout.*not a duration.*Give seconds"):
        parse_duration(text, "resource_timeout")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.5, "500ms"),
        (1, "1s"),
        (1.5, "1.5s"),
        (90, "1m30s"),
        (600, "10m0s"),
        (5400, "1h30m0s"),
        (14400, "4h0m0s"),
        (86400, "24h0m0s"),
        (3600.25, "1h0m0.25s"),
        (0.0005, "500µs"),
        (0.00025, "250µs"),
        (1e-9, "1ns"),
        (1e-10, "0s"),
        (0.1 + 0.2, "300ms"),
    ],
)
def test_format_as_go_prints(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


_SECOND = 10**9
_LARGEST = 2**63


# What Go's documentation of time and its own test table (durationTests) say.
@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1_100, "1.1µs"),
        (2_200_000, "2.2ms"),
        (3_300_000_000, "3.3s"),
        ((4 * 60 + 5) * _SECOND, "4m5s"),
        ((4 * 60 + 5) * _SECOND + 1_000_000, "4m5.001s"),
        ((5 * 3600 + 6 * 60 + 7) * _SECOND + 1_000_000, "5h6m7.001s"),
        (8 * 60 * _SECOND + 1, "8m0.000000001s"),
        (4_515_918_273_645, "1h15m15.918273645s"),
        (999, "999ns"),
        (999_999, "999.999µs"),
        (999_999_999, "999.999999ms"),
        (_LARGEST - 1, "2562047h47m16.854775807s"),
        (-_LARGEST, "-2562047h47m16.854775808s"),
        (-1, "-1ns"),
        (-1_500_000_000, "-1.5s"),
    ],
)
def test_format_nanoseconds_as_go_prints(nanoseconds: int, text: str) -> None:
    assert format_nanoseconds(nanoseconds) == text


@examples()
@given(st.integers(0, _LARGEST - 1))
def test_no_nanosecond_is_lost(nanoseconds: int) -> None:
    units = {"h": 3600 * _SECOND, "m": 60 * _SECOND, "s": _SECOND, "ms": 10**6, "µs": 10**3}
    parts = re.findall(r"([\d.]+)(h|ms|m|s|µs|ns)", format_nanoseconds(nanoseconds))
    assert "".join(map("".join, parts)) == format_nanoseconds(nanoseconds)
    assert sum(Decimal(number) * units.get(unit, 1) for number, unit in parts) == nanoseconds


@examples()
@given(st.integers(0, 10**7).map(lambda milliseconds: milliseconds / 1000))
def test_what_is_printed_is_read(seconds: float) -> None:
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds)
