"""A clock that tests drive: sleeping moves it, nothing waits."""

from __future__ import annotations

import threading
from collections.abc import Callable

START = 1_767_323_045.0  # 2026-01-02T03:04:05Z


class FakeClock:
    """Implements Clock. ``slept`` lists the pauses; ``on_sleep`` is called after each."""

    def __init__(self, now: float = START) -> None:
        self._lock = threading.Lock()
        self._now = now
        self.slept: list[float] = []
        self.on_sleep: Callable[[], None] = lambda: None

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now - START

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        self.slept.append(seconds)
        self.on_sleep()

    def advance(self, seconds: float) -> None:
        """Moves time forward."""
        with self._lock:
            self._now += seconds
