# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of docs/volumes.md, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.volume_cases import DATA, SITUATIONS, Fate, restore

_PAGE = Path(__file__).parents[5] / "docs" / "volumes.md"
_HEADING = "## Every case"
# What makes no difference for some data; every other pair has a row.
_ONLY_FOR = {
    "without `pods`": {"file system backup"},
    "its backup failed": {"CSI snapshot", "moved data", "file system backup"},
    "without `EnableCSI`": {"CSI snapshot", "moved data"},
    "without `EnableCSI`, strict": {"CSI snapshot", "moved data"},
    "without a record of the snapshot": {"native snapshot"},
    "without a record of the snapshot, strict": {"native snapshot"},
}


def _rows() -> list[list[str]]:
    lines = _PAGE.read_text(encoding="utf-8").partition(_HEADING)[2].splitlines()
    table = [line.strip().strip("|").split("|") for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in table[2:]]


@pytest.mark.parametrize(
    ("data", "situation", "fate"),
    [(row[0], row[1], Fate(*row[2:])) for row in _rows()],
    ids=[f"{row[0]} - {row[1]}" for row in _rows()],
)
def test_every_case(data: str, situation: str, fate: Fate) -> None:
    assert restore(DATA[data], SITUATIONS[situation]) == fate


def test_no_pair_is_left_out() -> None:
    wanted = {
        (data, situation)
        for data in DATA
        for situation in SITUATIONS
        if data in _ONLY_FOR.get(situation, DATA)
        and ("older" not in data or situation == "nothing is there")
    }
    assert {(row[0], row[1]) for row in _rows()} == wanted
