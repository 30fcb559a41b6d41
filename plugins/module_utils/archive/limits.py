# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much an archive may hold before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Upper bounds for one archive; sizes are in bytes.

    The API server takes objects of about 1.5 MiB and backups compress 10 to 40 times, so that an
    honest archive stays far below every bound. ``max_total_size`` counts the decompressed stream,
    headers and padding included. ``max_ratio`` is decompressed to compressed size and is looked
    at only above ``ratio_floor`` decompressed bytes. ``max_index_size`` bounds the sum of all
    path lengths, which is what stays in memory.
    """

    max_members: int = 2_000_000
    max_member_size: int = 32 * _MIB
    max_total_size: int = 16 * 1024 * _MIB
    max_path_length: int = 1024
    max_depth: int = 32
    max_ratio: float = 200.0
    ratio_floor: int = 64 * _MIB
    max_index_size: int = 512 * _MIB
