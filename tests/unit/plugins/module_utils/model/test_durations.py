# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.model.durations import (
    format_duration,
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
    ],
)
def test_format_as_go_prints(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@examples()
@given(st.integers(0, 10**7).map(lambda milliseconds: milliseconds / 1000))
def test_what_is_printed_is_read(seconds: float) -> None:
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds)
