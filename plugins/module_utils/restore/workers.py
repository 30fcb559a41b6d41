# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work in parallel, results in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class WorkerPool:
    """A fixed number of threads; each keeps its own connection to the API server."""

    def __init__(self, concurrency: int) -> None:
        self._concurrency = concurrency
        self._executor = ThreadPoolExecutor(concurrency, thread_name_prefix="restore")

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)

    def run(
        self, work: Callable[[T], R], tasks: Sequence[T], on_result: Callable[[R], None]
    ) -> None:
        """Runs ``work`` on every task and hands the results to ``on_result`` in task order.

        ``on_result`` is called by one thread at a time. The first exception stops the tasks that
        have not begun and is raised when the others have ended.
        """
        if self._concurrency == 1 or len(tasks) == 1:
            for task in tasks:
                on_result(work(task))
            return
        batch = _Batch(work, tasks, on_result)
        count = min(self._concurrency, len(tasks))
        futures = [self._executor.submit(batch.drain) for _index in range(count)]
        for future in futures:
            future.result()
        batch.raise_failure()


class _Batch(Generic[T, R]):
    """Tasks that several threads take one by one."""

    def __init__(
        self, work: Callable[[T], R], tasks: Sequence[T], on_result: Callable[[R], None]
    ) -> None:
        self._work = work
        self._tasks: Iterator[tuple[int, T]] = iter(enumerate(tasks))
        self._on_result = on_result
        self._take = threading.Lock()
        self._deliver = threading.Lock()
        self._done: dict[int, R] = {}
        self._next = 0
        self._failure: BaseException | None = None

    def drain(self) -> None:
        """Takes tasks until none is left or one has failed."""
        while self._failure is None:
            with self._take:
                entry = next(self._tasks, None)
            if entry is None:
                return
            index, task = entry
            try:
                result = self._work(task)
                self._hand_over(index, result)
            except BaseException as error:
                self._failure = self._failure or error
                return

    def _hand_over(self, index: int, result: R) -> None:
        with self._deliver:
            self._done[index] = result
            while self._next in self._done:
                self._on_result(self._done.pop(self._next))
                self._next += 1

    def raise_failure(self) -> None:
        """Raises what stopped the batch, if anything did."""
        if self._failure is not None:
            raise self._failure
