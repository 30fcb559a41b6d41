# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work in parallel, results in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

# Threads beyond the concurrency that may wait at the same time.
_WAITING_THREADS = 1000


class WorkerPool:
    """At most ``concurrency`` threads at work; each keeps its own connection to the API server.

    A task that only waits can give its place away for that time (``waiting``), so that many tasks
    can wait at once without holding up the others.
    """

    def __init__(self, concurrency: int) -> None:
        self._concurrency = concurrency
        self._places = threading.Semaphore(concurrency)
        self._executor = ThreadPoolExecutor(
            concurrency + _WAITING_THREADS, thread_name_prefix="restore"
        )
        self._lock = threading.Lock()
        self._drain: Callable[[], None] | None = None
        self._futures: list[Future[None]] = []

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
        batch = _Batch(work, tasks, on_result, self._places)
        self._drain = batch.drain
        for _index in range(min(self._concurrency, len(tasks))):
            self._add_worker()
        self._join()
        self._drain = None
        batch.raise_failure()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Gives the place of the calling worker to another one while the block runs.

        With a concurrency of 1 the place is kept: one item after the other, as Velero does.
        """
        if self._drain is None:
            yield
            return
        self._places.release()
        self._add_worker()
        try:
            yield
        finally:
            self._places.acquire()

    def _add_worker(self) -> None:
        drain = self._drain
        if drain is not None:
            with self._lock:
                self._futures.append(self._executor.submit(drain))

    def _join(self) -> None:
        while True:
            with self._lock:
                if not self._futures:
                    return
                future = self._futures.pop()
            future.result()


class _Batch(Generic[T, R]):
    """Tasks that several threads take one by one."""

    def __init__(
        self,
        work: Callable[[T], R],
        tasks: Sequence[T],
        on_result: Callable[[R], None],
        places: threading.Semaphore,
    ) -> None:
        self._work = work
        self._tasks: Iterator[tuple[int, T]] = iter(enumerate(tasks))
        self._on_result = on_result
        self._places = places
        self._take = threading.Lock()
        self._deliver = threading.Lock()
        self._done: dict[int, R] = {}
        self._next = 0
        self._failure: BaseException | None = None

    def drain(self) -> None:
        """Takes tasks until none is left or one has failed."""
        with self._places:
            while self._failure is None:
                with self._take:
                    entry = next(self._tasks, None)
                if entry is None:
                    return
                index, task = entry
                try:
                    self._hand_over(index, self._work(task))
                except BaseException as error:
                    self._failure = self._failure or error
                    return

    def _hand_over(self, index: int, result: Any) -> None:
        with self._deliver:
            self._done[index] = result
            while self._next in self._done:
                self._on_result(self._done.pop(self._next))
                self._next += 1

    def raise_failure(self) -> None:
        """Raises what stopped the batch, if anything did."""
        if self._failure is not None:
            raise self._failure
