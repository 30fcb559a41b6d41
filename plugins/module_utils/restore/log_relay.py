# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log lines of what runs longer than the log: plugins start before it and end after it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Line = Callable[[str, str], None]


class LogRelay:
    """Passes lines on while there is a log; keeps those before it and drops those after it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[tuple[str, str]] = []
        self._target: Line = self._keep

    def _keep(self, level: str, text: str) -> None:
        self._kept.append((level, text))

    def line(self, level: str, text: str) -> None:
        """Takes a line, from any thread."""
        with self._lock:
            self._target(level, text)

    @contextmanager
    def to(self, target: Line) -> Iterator[None]:
        """Passes lines to ``target`` while the block runs, first those that were kept."""
        with self._lock:
            for level, text in self._kept:
                target(level, text)
            self._kept.clear()
            self._target = target
        try:
            yield
        finally:
            with self._lock:
                self._target = lambda level, text: None
