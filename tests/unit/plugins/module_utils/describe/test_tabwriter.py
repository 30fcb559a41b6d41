# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.describe.tabwriter import aligned
from tests.support.builders import examples


# As Go's text/tabwriter prints them with NewWriter(…, 0, 8, 2, ' ', 0).
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ""),
        ("\n", "\n"),
        ("a\tb\n", "a  b\n"),
        ("a\tb\nccc\td\n", "a    b\nccc  d\n"),
        # A line without the cell ends the column.
        ("a\tb\nx\nccc\td\n", "a  b\nx\nccc  d\n"),
        ("a\tb\n\nccc\td\n", "a  b\n\nccc  d\n"),
        # Empty cells have the padding's width.
        ("\ta\n\t\tb\n", "  a\n    b\n"),
        # The last cell is in no column, however long it is.
        ("a\tlong long\nb\tc\td\n", "a  long long\nb  c  d\n"),
        ("é\tx\nbb\ty\n", "é   x\nbb  y\n"),
        ("\v&&\t", "  &&"),
        ("abbbbbb\ta\n\v&<ccc \n", "abbbbbb  a\n         &<ccc \n"),
        ("a\tb\fccc\td\n", "a  b\nccc  d\n"),
        ("\n\v\tabba\v \tccc a\t&\ta\t\v", "\n    abba     ccc a  &  a  "),
    ],
)
def test_as_go_lays_it_out(text: str, wanted: str) -> None:
    assert aligned(text) == wanted


@examples()
@given(
    st.lists(st.lists(st.text("abé", max_size=4), min_size=3, max_size=3), min_size=1, max_size=6)
)
def test_cells_of_a_table_begin_below_each_other(rows: list[list[str]]) -> None:
    lines = aligned("".join("\t".join(row) + "\n" for row in rows)).splitlines()
    second = max(len(row[0]) for row in rows) + 2
    third = second + max(len(row[1]) for row in rows) + 2
    for (first, middle, last), line in zip(rows, lines, strict=True):
        assert line == first.ljust(second) + middle.ljust(third - second) + last
