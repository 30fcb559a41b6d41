# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for operations to end (reference restore-engine.md section 7.2)."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock
from ansible_collections.velero.core.plugins.module_utils.operations.progress import PassOutcome

SHORTEST_PAUSE = 1.0
LONGEST_PAUSE = 10.0


def follow(
    clock: Clock,
    look: Callable[[], PassOutcome],
    longest_pause: float = LONGEST_PAUSE,
    *,
    wait: bool = True,
) -> bool:
    """Calls ``look`` until nothing runs any more and returns whether that is so.

    The pause is a second after news and grows to ``longest_pause`` seconds while there are none.
    Velero looks every 10 seconds. Without ``wait`` there is one look.
    """
    shortest = min(SHORTEST_PAUSE, longest_pause)
    pause = shortest
    outcome = look()
    while outcome.running and wait:
        clock.sleep(pause)
        outcome = look()
        pause = shortest if outcome.changed else min(2 * pause, longest_pause)
    return not outcome.running
