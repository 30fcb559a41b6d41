# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An upper bound on requests per second that all workers share."""

from __future__ import annotations

import threading

from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock


class TokenBucket:
    """Lets ``rate`` requests per second pass, and ``burst`` at once after a pause."""

    def __init__(self, rate: float, burst: int, clock: Clock) -> None:
        self._interval = 1.0 / rate
        self._window = max(0, burst - 1) * self._interval
        self._clock = clock
        self._lock = threading.Lock()
        self._next = clock.monotonic() - self._window

    def acquire(self) -> None:
        """Waits until one more request may be sent."""
        with self._lock:
            now = self._clock.monotonic()
            slot = max(self._next, now - self._window)
            self._next = slot + self._interval
        if slot > now:
            self._clock.sleep(slot - now)
