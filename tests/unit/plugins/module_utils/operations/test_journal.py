# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.velero.core.plugins.module_utils.model.operations import ItemOperation
from ansible_collections.velero.core.plugins.module_utils.operations.journal import (
    OperationJournal,
)


def operation(number: int, **fields: str) -> ItemOperation:
    return ItemOperation(
        action="example.io/a",
        group="",
        resource="configmaps",
        namespace="shop",
        name=f"x{number}",
        operation_id=f"op-{number}",
        created=fields.get("created", "2026-01-02T03:04:05Z"),
    )


class Storage:
    def __init__(self) -> None:
        self.written: list[list[str]] = []

    def write(self, operations: Sequence[ItemOperation]) -> None:
        self.written.append([one.operation_id for one in operations])


def test_an_operation_is_stored_when_add_returns() -> None:
    storage = Storage()
    journal = OperationJournal(storage.write)
    journal.add(operation(1))
    journal.add(operation(2))
    assert storage.written == [["op-1"], ["op-1", "op-2"]]


def test_those_of_an_earlier_run_are_kept_and_not_written_for_themselves() -> None:
    storage = Storage()
    journal = OperationJournal(storage.write, [operation(1)])
    journal.add(operation(1))
    assert storage.written == []
    journal.add(operation(2))
    assert storage.written == [["op-1", "op-2"]]


def test_operations_of_all_runs() -> None:
    first, second = operation(1, created="2026-01-01T00:00:00Z"), operation(2)
    journal = OperationJournal(Storage().write, [first, second])
    again, third = operation(1), operation(3)
    assert journal.merged([again, third]) == [second, first, third]
    assert journal.merged([again])[1].created == first.created
    assert journal.merged([]) == [first, second]


def test_many_at_once_share_a_write() -> None:
    count, gate = 20, threading.Event()
    written: list[int] = []

    def write(operations: Sequence[ItemOperation]) -> None:
        gate.wait(10)
        written.append(len(operations))

    journal = OperationJournal(write)
    with ThreadPoolExecutor(count) as pool:
        added = [pool.submit(journal.add, operation(number)) for number in range(count)]
        # All but the one that writes are in the list before it goes on.
        while len(journal.merged([])) != 0 or len(journal._operations) < count:
            pass
        gate.set()
        for one in added:
            one.result()
    assert written[-1] == count
    assert len(written) <= 2
