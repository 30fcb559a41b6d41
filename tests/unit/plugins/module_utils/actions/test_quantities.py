# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from fractions import Fraction

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.quantities import (
    QuantityError,
    quantity_value,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("100m", Fraction(1, 10)),
        ("0.5", Fraction(1, 2)),
        (".5", Fraction(1, 2)),
        ("1.", 1),
        ("-1Ki", -1024),
        ("1E", 10**18),
        ("1e3", 1000),
        ("1E-2", Fraction(1, 100)),
        ("2Ei", 2**61),
        ("1e999999999", 10**100),
    ],
)
def test_values(text, value):
    assert quantity_value(text) == value


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "m", "1K", "1mi", "1e", "1.2.3", "0x1", "1_0", "١"]
)
def test_no_quantities(text):
    with pytest.raises(QuantityError, match="quantities must match the regular expression"):
        quantity_value(text)
