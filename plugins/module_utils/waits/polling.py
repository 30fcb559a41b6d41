# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for a condition: a small piece with a clock that tests drive."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock

TIMED_OUT = "context deadline exceeded"


def poll(
    clock: Clock,
    is_done: Callable[[], bool],
    timeout: float,
    *,
    first_pause: float = 1.0,
    longest_pause: float = 1.0,
) -> bool:
    """Asks ``is_done`` at once and then again, until it is true or ``timeout`` seconds are over.

    The pause doubles from ``first_pause`` to ``longest_pause`` seconds. Returns whether it became
    true in time. What ``is_done`` raises passes through.
    """
    deadline = clock.monotonic() + timeout
    pause = first_pause
    while not is_done():
        left = deadline - clock.monotonic()
        if left <= 0:
            return False
        clock.sleep(min(pause, left))
        pause = min(2 * pause, longest_pause)
    return True
