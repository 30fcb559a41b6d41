# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.velero.core.plugins.module_utils.restore.workers import WorkerPool


@pytest.mark.parametrize("concurrency", [1, 2, 8])
@pytest.mark.parametrize("count", [0, 1, 5, 100])
def test_results_come_in_the_order_of_the_tasks(concurrency: int, count: int) -> None:
    results: list[int] = []

    def work(task: int) -> int:
        time.sleep(0.002 if task % 7 == 0 else 0)
        return task * 2

    with WorkerPool(concurrency) as pool:
        pool.run(work, range(count), results.append)
    assert results == [task * 2 for task in range(count)]


@pytest.mark.parametrize("concurrency", [1, 4])
def test_the_first_exception_stops_what_has_not_begun(concurrency: int) -> None:
    begun: list[int] = []
    results: list[int] = []

    def work(task: int) -> int:
        begun.append(task)
        if task == 3:
            raise ValueError("three")
        time.sleep(0.001)
        return task

    with WorkerPool(concurrency) as pool, pytest.raises(ValueError, match="three"):
        pool.run(work, range(1000), results.append)
    assert len(begun) < 50
    assert results == sorted(results)
    assert 3 not in results


def test_an_exception_of_the_one_who_takes_the_results_is_raised() -> None:
    def refuse(result: int) -> None:
        raise KeyError(result)

    with WorkerPool(4) as pool, pytest.raises(KeyError):
        pool.run(lambda task: task, range(10), refuse)


def test_work_is_done_at_once() -> None:
    together = threading.Barrier(4, timeout=10)
    with WorkerPool(4) as pool:
        pool.run(lambda task: together.wait(), range(4), lambda result: None)


def test_a_pool_is_used_again() -> None:
    results: list[int] = []
    with WorkerPool(3) as pool:
        for _round in range(3):
            pool.run(lambda task: task, range(5), results.append)
    assert results == [*range(5)] * 3
