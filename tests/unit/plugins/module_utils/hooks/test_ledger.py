# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts of Velero's hook tracker, and what is kept for the next run."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.hooks.contract import HookKey
from ansible_collections.velero.core.plugins.module_utils.hooks.ledger import HookLedger

KEY = HookKey("shop", "p", "spec", "main", "h", 0)


def other(**changes: Any) -> HookKey:
    values = {name: getattr(KEY, name) for name in KEY.__slots__}
    return HookKey(**{**values, **changes})


class Kept:
    """What a ledger keeps, as the next run reads it."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.writes = 0

    def __call__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = json.loads(json.dumps(rows))
        self.writes += 1


@pytest.mark.parametrize(
    "change",
    [
        {"namespace": "bar"},
        {"pod": "q"},
        {"source": "annotation"},
        {"container": "side"},
        {"hook": "h2"},
        {"index": 1},
    ],
)
def test_every_part_of_the_key_makes_another_hook(change: dict[str, Any]) -> None:
    ledger = HookLedger()
    ledger.add(KEY, "u")
    ledger.add(other(**change), "u")
    assert ledger.attempted == 2


def test_equal_keys_count_once() -> None:
    ledger = HookLedger()
    assert ledger.add(KEY, "u")
    assert ledger.add(KEY, "u")
    assert ledger.attempted == 1


def test_only_the_first_result_counts() -> None:
    ledger = HookLedger()
    ledger.add(KEY, "u")
    ledger.record(KEY, "why")
    ledger.record(KEY)
    assert (ledger.failed, ledger.errors()) == (1, [("shop", "why")])


def test_errors_are_told_pod_by_pod() -> None:
    ledger = HookLedger()
    keys = [other(pod="z"), other(namespace="bar"), other(index=1), KEY]
    for key in keys:
        ledger.add(key, "u")
    for number, key in enumerate(keys):
        ledger.record(key, str(number))
    assert ledger.errors() == [("bar", "1"), ("shop", "2"), ("shop", "3"), ("shop", "0")]


def test_a_hook_that_has_ended_is_not_run_by_the_next_run() -> None:
    kept = Kept()
    first = HookLedger(keep=kept)
    for key in (KEY, other(index=1), other(index=2)):
        first.add(key, "u")
    first.record(KEY)
    first.record(other(index=1), "why")
    first.flush()
    second = HookLedger(kept.rows)
    assert [second.add(other(index=index), "u") for index in range(3)] == [False, False, True]
    assert (second.attempted, second.failed) == (3, 1)
    assert second.errors() == [("shop", "why")]


def test_a_hook_that_was_cut_off_is_told_and_not_run_again() -> None:
    kept = Kept()
    first = HookLedger(keep=kept)
    first.add(KEY, "u")
    first.begin(KEY)
    second = HookLedger(kept.rows)
    assert not second.add(KEY, "u")
    assert second.errors() == [
        (
            "shop",
            "hook h in container main was cut off with an earlier run of this restore: whether "
            "it has succeeded is not known",
        )
    ]


def test_a_hook_that_was_taken_back_is_run_by_the_next_run() -> None:
    kept = Kept()
    first = HookLedger(keep=kept)
    first.add(KEY, "u")
    first.begin(KEY)
    first.take_back(KEY)
    assert HookLedger(kept.rows).add(KEY, "u")


def test_a_pod_that_was_made_anew_is_another_one() -> None:
    kept = Kept()
    first = HookLedger(keep=kept)
    first.add(KEY, "u")
    first.record(KEY, "why")
    first.flush()
    second = HookLedger(kept.rows)
    assert second.add(KEY, "u2")
    second.record(KEY)
    assert (second.attempted, second.failed) == (1, 0)


def test_hooks_whose_pod_was_not_met_again_are_told() -> None:
    kept = Kept()
    first = HookLedger(keep=kept)
    first.add(KEY, "u")
    first.flush()
    second = HookLedger(kept.rows)
    second.give_up_the_rest()
    assert second.errors() == [
        (
            "shop",
            "hook h in container main in pod shop/p not executed: the pod of the earlier run is "
            "not there any more",
        )
    ]


def test_nothing_new_is_not_kept_again() -> None:
    kept = Kept()
    ledger = HookLedger(keep=kept)
    ledger.add(KEY, "u")
    ledger.flush()
    ledger.flush()
    assert kept.writes == 1


def test_threads_that_come_together_share_a_write() -> None:
    entered, go_on = threading.Event(), threading.Event()
    writes: list[int] = []

    def keep(rows: list[dict[str, Any]]) -> None:
        writes.append(len(rows))
        entered.set()
        go_on.wait(10)

    ledger = HookLedger(keep=keep)
    keys = [other(index=index) for index in range(20)]
    ledger.add(keys[0], "u")
    threads = [threading.Thread(target=ledger.flush)]
    threads[0].start()
    entered.wait(10)
    for key in keys[1:]:
        ledger.add(key, "u")
        threads.append(threading.Thread(target=ledger.flush))
        threads[-1].start()
    go_on.set()
    for thread in threads:
        thread.join()
    # Those that came while the first was writing were written by the second.
    assert writes == [1, 20]
