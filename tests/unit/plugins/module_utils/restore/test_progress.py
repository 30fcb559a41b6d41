# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

from ansible_collections.velero.core.plugins.module_utils.restore.progress import (
    ProgressPublisher,
)


def test_the_newest_numbers_are_told_at_the_end() -> None:
    told: list[tuple[int, int]] = []
    with ProgressPublisher(lambda total, restored: told.append((total, restored)), 60) as progress:
        for count in range(100):
            progress.update(100, count)
    assert told == [(100, 99)]


def test_nothing_new_is_not_told_again() -> None:
    told: list[tuple[int, int]] = []
    with ProgressPublisher(lambda *numbers: told.append(numbers), 0.01) as progress:
        progress.update(1, 1)
        time.sleep(0.1)
    assert told == [(1, 1)]


def test_without_numbers_nothing_is_told() -> None:
    told: list[tuple[int, int]] = []
    with ProgressPublisher(lambda *numbers: told.append(numbers), 0.01):
        time.sleep(0.05)
    assert not told
