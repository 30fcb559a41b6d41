# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.hooks.go_text import (
    parse_bool,
    parse_go_duration,
)
from ansible_collections.velero.core.plugins.module_utils.model.durations import format_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("-0", 0),
        ("5s", 5),
        ("+5s", 5),
        ("-5s", -5),
        ("1478s", 1478),
        ("5.0s", 5),
        (".5s", 0.5),
        ("1.s", 1),
        ("10ns", 1e-8),
        ("11us", 11e-6),
        ("12µs", 12e-6),
        ("12μs", 12e-6),
        ("13ms", 0.013),
        ("3h30m", 12600),
        ("1h2m3.5s", 3723.5),
        ("-2m3.4s", -123.4),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_go_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "3", "-", "s", ".", "-.", ".s", "1 s", "1d", "s1", "--1s"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="time: invalid duration"):
        parse_go_duration(text)


@given(st.integers(min_value=0, max_value=10**9))
def test_what_is_printed_is_read_again(seconds: int) -> None:
    assert parse_go_duration(format_duration(seconds)) == seconds


@pytest.mark.parametrize("text", ["1", "t", "T", "true", "TRUE", "True"])
def test_true(text: str) -> None:
    assert parse_bool(text) is True


@pytest.mark.parametrize("text", ["0", "f", "F", "false", "FALSE", "False"])
def test_false(text: str) -> None:
    assert parse_bool(text) is False


@pytest.mark.parametrize("text", ["", "yes", "tRUE", " true", "2"])
def test_neither(text: str) -> None:
    with pytest.raises(ValueError, match="invalid syntax"):
        parse_bool(text)
