# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import re

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.work import ItemReport, Note
from ansible_collections.velero.core.plugins.module_utils.model.items import (
    CREATED,
    SKIPPED,
    UNCHANGED,
    UPDATED,
    ItemKey,
    ItemOutcome,
)
from ansible_collections.velero.core.plugins.module_utils.restore.log import RestoreLog
from ansible_collections.velero.core.plugins.module_utils.restore.tally import Tally
from tests.support.fake_clock import FakeClock


def report(name: str = "x", action: str = CREATED, *, listed: bool = True) -> ItemReport:
    outcome = ItemOutcome(ItemKey("v1/Pod", "shop", name), action, listed=listed)
    return ItemReport(outcomes=[outcome], processed=True)


class Telling:
    def __init__(self) -> None:
        self.log = RestoreLog(FakeClock(), "velero/r1")
        self.told: list[tuple[int, int]] = []
        self.tally = Tally(self.log, lambda total, restored: self.told.append((total, restored)))

    def text(self) -> str:
        return gzip.decompress(self.log.close()).decode()


def test_5_numbers_after_each_item() -> None:
    telling = Telling()
    telling.tally.full_pass(3, [])
    for name in "abc":
        telling.tally.add(report(name))
    telling.tally.finish()
    assert telling.told == [(3, 1), (3, 2), (3, 3), (3, 3)]
    assert "Restored 2 items out of an estimated total of 3 (estimate will change" in telling.text()


def test_5_namespace_items_and_lost_items_keep_the_estimate_too_high() -> None:
    """As b1-default: 83 items out of an estimated total of 85, then 83 of 83."""
    telling = Telling()
    telling.tally.full_pass(83, [])
    for name in ("a", "b"):
        telling.tally.add_namespace(name, created=True)
    for number in range(81):
        telling.tally.add(report(str(number)))
    assert telling.told[-1] == (85, 83)
    telling.tally.finish()
    assert telling.told[-1] == (83, 83)


def test_5_of_the_first_pass_only_the_log_tells() -> None:
    """As b2-default: 23 definitions, each of which is visited again."""
    telling = Telling()
    telling.tally.first_pass(2)
    for name in ("a", "b"):
        telling.tally.add(report(name))
    assert not telling.told
    telling.tally.full_pass(5, ["crds/a", "crds/b"])
    assert not telling.told
    telling.tally.add(report("x"))
    assert telling.told == [(5, 3)]
    told = re.findall(r'msg="(Skipping \S+|Restored .*?) (?:because|\(est)', telling.text())
    assert told == [
        "Restored 1 items out of an estimated total of 2",
        "Restored 2 items out of an estimated total of 2",
        "Skipping crds/a",
        "Restored 2 items out of an estimated total of 6",
        "Skipping crds/b",
        "Restored 2 items out of an estimated total of 5",
        "Restored 3 items out of an estimated total of 5",
    ]


def test_5_what_velero_does_not_list_counts_only_as_processed() -> None:
    telling = Telling()
    telling.tally.full_pass(2, [])
    telling.tally.add(report("done", SKIPPED, listed=False))
    telling.tally.add(report("x"))
    assert telling.told == [(1, 0), (1, 1)]


def test_5_a_lost_item_is_not_processed() -> None:
    telling = Telling()
    telling.tally.full_pass(2, [])
    lost = report("lost", listed=False)
    lost.processed = False
    telling.tally.add(lost)
    telling.tally.add(report("x"))
    assert telling.told[-1] == (2, 1)


@pytest.mark.parametrize(
    ("action", "notes", "settled"),
    [
        ("", [], "skipped"),
        ("", [Note("warning", "", "w")], "failed"),
        ("", [Note("error", "", "e")], "failed"),
        (CREATED, [Note("error", "", "e")], "created"),
        (UPDATED, [Note("warning", "", "w")], "updated"),
        (UNCHANGED, [], "unchanged"),
    ],
)
def test_4_14_the_exit_rule(action: str, notes: list[Note], settled: str) -> None:
    telling = Telling()
    item = report("x", action)
    item.notes.extend(notes)
    telling.tally.add(item)
    assert [outcome.action for outcome in telling.tally.outcomes] == [settled]


def test_4_14_messages_of_additional_items_count_as_its_own() -> None:
    telling = Telling()
    child = report("child", "")
    child.notes.append(Note("warning", "shop", "w"))
    parent = report("parent", "")
    parent.children.append(child)
    telling.tally.add(parent)
    assert [outcome.action for outcome in telling.tally.outcomes] == ["failed", "failed"]
    assert telling.tally.results.warnings.namespaces == {"shop": ["w"]}


@pytest.mark.parametrize(
    ("created", "listed", "reason"),
    [(True, 1, "namespace_created"), (False, 0, "namespace_exists")],
)
def test_3_3_namespaces(created: bool, listed: int, reason: str) -> None:
    telling = Telling()
    telling.tally.add_namespace("shop", created=created)
    assert telling.tally.restored == listed
    assert telling.tally.outcomes[0].reason == reason
    assert telling.tally.has_changed_items is created


@pytest.mark.parametrize(
    ("action", "changed"), [(CREATED, True), (UPDATED, True), (UNCHANGED, False), (SKIPPED, False)]
)
def test_2_9_whether_discovery_is_refreshed(action: str, changed: bool) -> None:
    telling = Telling()
    telling.tally.add(report("x", action))
    assert telling.tally.has_changed_items is changed


def test_messages_by_their_place() -> None:
    telling = Telling()
    item = report()
    item.notes += [Note("error", "", "c"), Note("warning", "shop", "w")]
    item.velero_errors.append("v")
    telling.tally.add(item)
    assert telling.tally.results.to_dict() == {
        "errors": {"velero": ["v"], "cluster": ["c"]},
        "warnings": {"namespaces": {"shop": ["w"]}},
    }
