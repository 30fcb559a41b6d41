# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.request import (
    HIGH_PRIORITIES,
    LOW_PRIORITIES,
    Priorities,
)
from ansible_collections.velero.core.plugins.module_utils.plan.order import (
    ordered_resources,
    parse_priorities,
)
from tests.support.builders import examples


@pytest.mark.parametrize(
    ("high", "low", "in_backup", "order"),
    [
        ((), (), ["b", "a"], ["a", "b"]),
        (("z",), (), ["b", "z"], ["z", "b"]),
        (("z",), ("a",), ["b", "a", "z"], ["z", "b", "a"]),
        (("z", "y"), ("b", "a"), [], ["z", "y", "b", "a"]),
        (("clusterroles",), (), ["clusterroles.x"], ["clusterroles", "clusterroles.x"]),
    ],
    ids=["by-name", "high-first", "low-last", "also-what-is-not-there", "textually"],
)
def test_order(
    high: tuple[str, ...], low: tuple[str, ...], in_backup: list[str], order: list[str]
) -> None:
    assert ordered_resources(Priorities(high=high, low=low), in_backup) == order


@pytest.mark.parametrize(
    ("flag", "high", "low"),
    [
        ("a,b", ("a", "b"), LOW_PRIORITIES),
        ("a,b,-", ("a", "b"), LOW_PRIORITIES),
        ("-,x,y", HIGH_PRIORITIES, ("x", "y")),
        ("a,-,x", ("a",), ("x",)),
        ("", HIGH_PRIORITIES, LOW_PRIORITIES),
        ("-", HIGH_PRIORITIES, LOW_PRIORITIES),
        (" a , b ,-, x ", ("a", "b"), ("x",)),
        ("a,,b", ("a", "b"), LOW_PRIORITIES),
    ],
    ids=["high", "trailing", "leading", "both", "empty", "lone", "blanks", "empty-element"],
)
def test_flag(flag: str, high: tuple[str, ...], low: tuple[str, ...]) -> None:
    assert parse_priorities(flag) == Priorities(high=high, low=low)


def test_flag_with_two_separators() -> None:
    with pytest.raises(RequestError, match='multiple priority separator "-" found'):
        parse_priorities("a,-,b,-,c")


RESOURCES = st.lists(st.sampled_from("abcdefgh"), unique=True)


@examples()
@given(RESOURCES, st.integers(0, 8), st.integers(0, 8), RESOURCES, st.randoms())
def test_no_permutation_changes_the_order_and_no_priority_is_broken(
    named: list[str], first: int, second: int, in_backup: list[str], random: object
) -> None:
    high, low = tuple(named[:first]), tuple(named[first : first + second])
    order = ordered_resources(Priorities(high=high, low=low), in_backup)
    shuffled = list(in_backup)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ordered_resources(Priorities(high=high, low=low), shuffled) == order
    assert set(order) == {*high, *low, *in_backup}
    assert len(set(order)) == len(order)
    middle = sorted(set(in_backup) - {*high, *low})
    assert order == [*high, *middle, *low]
