# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.model.go_numbers import (
    integer,
    is_float,
    json_number,
    short_float,
)
from tests.support.builders import examples

_FLOATS = ["1", "+1", "-1", ".5", "5.", "0123", "1e3", "1_000.5_0e1_2", "0x1p4", "0X_1.8p-2"]
_SPECIAL = ["inf", "+Inf", "-infinity", "nan", "NaN"]
_NONE = ["", "x", "1e", "1e999", "_1", "1_", "1__0", "1_.5", "0x1", "0x1p99999", "+nan", "1.2.3"]


@pytest.mark.parametrize("text", [*_FLOATS, *_SPECIAL])
def test_what_parse_float_takes(text: str) -> None:
    assert is_float(text)


@pytest.mark.parametrize("text", [*_NONE, "0b1", "1 ", "infi", "١"])
def test_what_parse_float_refuses(text: str) -> None:
    assert not is_float(text)


@examples()
@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70))
def test_every_json_number_is_a_float(number: float) -> None:
    assert is_float(json.dumps(number))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-7", -7),
        ("+7", 7),
        ("010", 8),
        ("0o10", 8),
        ("0x1F", 31),
        ("0b11", 3),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", None),
        ("-9223372036854775808", -(2**63)),
        ("-9223372036854775809", None),
        ("08", None),
        ("1.0", None),
        ("0x", None),
        ("", None),
    ],
)
def test_parse_int_with_base_zero(text: str, value: int | None) -> None:
    assert integer(text) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-2.5, "-2.5"),
        (123456.0, "123456"),
        (1e6, "1e+06"),
        (16777217.0, "1.6777216e+07"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (3.14159265358979, "3.1415927"),
        (1e40, "+Inf"),
        (-1e40, "-Inf"),
        (float("nan"), "NaN"),
        (0.0, "0"),
    ],
)
def test_floats_as_short_as_32_bits_allow(value: float, text: str) -> None:
    assert short_float(value) == text


@pytest.mark.parametrize(("value", "shown"), [(2.0, "2"), (1.5, "1.5"), (1e20, "1" + "0" * 20)])
def test_whole_numbers_in_json(value: float, shown: str) -> None:
    assert json.dumps(json_number(value)) == shown


def test_large_numbers_keep_their_exponent() -> None:
    assert isinstance(json_number(1e21), float)
