# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Telling progress while a restore runs, at most once a second and never in its way.

Source: reference restore-engine.md section 5.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

INTERVAL = 1.0

Publish = Callable[[int, int], None]


class ProgressPublisher:
    """Keeps the newest numbers and hands them to ``publish`` from a thread of its own."""

    def __init__(self, publish: Publish, interval: float = INTERVAL) -> None:
        self._publish = publish
        self._interval = interval
        self._newest: tuple[int, int] | None = None
        self._published: tuple[int, int] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="progress", daemon=True)

    def __enter__(self) -> ProgressPublisher:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join()
        self._flush()

    def update(self, total: int, restored: int) -> None:
        """Notes the newest numbers; costs no more than an assignment."""
        self._newest = (total, restored)

    def _loop(self) -> None:
        while not self._stop.wait(self._interval):
            self._flush()

    def _flush(self) -> None:
        newest = self._newest
        if newest is not None and newest != self._published:
            self._published = newest
            self._publish(*newest)
