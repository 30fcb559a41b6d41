# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Columns of text as Go's text/tabwriter lays them out.

The settings are those of Velero's describer: no least width, two spaces between columns.
"""

from __future__ import annotations

from collections.abc import Sequence

_PADDING = 2
_Lines = list[list[str]]


def aligned(text: str) -> str:
    """Returns ``text`` with the cells that tabs end brought into columns.

    A column goes on as long as line after line has a cell in it; the last cell of a line belongs
    to none. A form feed ends all columns and the line.
    """
    blocks = [
        [line.split("\t") for line in block.split("\n")]
        for block in text.replace("\v", "\t").split("\f")
    ]
    last = blocks[-1][-1]
    if not last[-1]:
        # Where the text ends there is no cell, unless something is in it.
        last.pop()
    return "\n".join(map(_laid_out, blocks))


def _laid_out(lines: _Lines) -> str:
    out: list[str] = []
    _format(lines, 0, len(lines), [], out)
    return "\n".join(out)


def _format(lines: _Lines, start: int, end: int, widths: list[int], out: list[str]) -> None:
    """Appends lines start to end, whose columns before the present one have ``widths``."""
    column = len(widths)
    at = start
    while at < end:
        if column >= len(lines[at]) - 1:
            at += 1
            continue
        out.extend(_written(line, widths) for line in lines[start:at])
        start = at
        while at < end and column < len(lines[at]) - 1:
            at += 1
        width = max(len(line[column]) for line in lines[start:at]) + _PADDING
        _format(lines, start, at, [*widths, width], out)
        start = at
    out.extend(_written(line, widths) for line in lines[start:end])


def _written(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "".join(
        cell.ljust(widths[at]) if at < len(widths) else cell for at, cell in enumerate(cells)
    )
