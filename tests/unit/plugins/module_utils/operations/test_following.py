# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.operations.following import follow
from ansible_collections.velero.core.plugins.module_utils.operations.progress import PassOutcome
from tests.support.fake_clock import FakeClock

NEWS, SILENCE, END = (
    PassOutcome(running=True, changed=True),
    PassOutcome(running=True),
    PassOutcome(changed=True),
)


@pytest.mark.parametrize(
    ("outcomes", "slept"),
    [
        ([END], []),
        ([NEWS, END], [1]),
        ([NEWS, NEWS, NEWS, END], [1, 1, 1]),
        ([SILENCE] * 6 + [END], [1, 2, 4, 8, 10, 10]),
        ([SILENCE] * 4 + [NEWS, SILENCE, END], [1, 2, 4, 8, 1, 2]),
    ],
)
def test_the_pauses(outcomes: list[PassOutcome], slept: list[float]) -> None:
    clock, left = FakeClock(), iter(outcomes)
    assert follow(clock, lambda: next(left))
    assert clock.slept == slept
    assert next(left, None) is None


def test_a_short_pause_stays_short() -> None:
    clock, left = FakeClock(), iter([SILENCE, SILENCE, END])
    follow(clock, lambda: next(left), 0.25)
    assert clock.slept == [0.25, 0.25]


@pytest.mark.parametrize(("outcome", "ended"), [(NEWS, False), (SILENCE, False), (END, True)])
def test_without_waiting_there_is_one_look(outcome: PassOutcome, ended: bool) -> None:
    clock = FakeClock()
    assert follow(clock, lambda: outcome, wait=False) is ended
    assert not clock.slept
