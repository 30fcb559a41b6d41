# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.model.request import (
    Priorities,
)
from ansible_collections.velero.core.plugins.module_utils.plan.order import (
    ordered_resources,
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
def test_2_8_order(
    high: tuple[str, ...], low: tuple[str, ...], in_backup: list[str], order: list[str]
) -> None:
    assert ordered_resources(Priorities(high=high, low=low), in_backup) == order


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
