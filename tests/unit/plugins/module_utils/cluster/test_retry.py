# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.retry import (
    Backoff,
    Fate,
    RetryPolicy,
    fate_of_answer,
    fate_of_failure,
    retry_after_seconds,
)


@pytest.mark.parametrize(
    ("status", "details", "asked", "fate"),
    [
        (429, {}, False, Fate.UNDONE),
        (429, {}, True, Fate.UNDONE),
        (503, {}, True, Fate.UNDONE),
        (503, {}, False, Fate.UNKNOWN),
        (502, {}, False, Fate.UNKNOWN),
        (504, {}, False, Fate.UNKNOWN),
        (500, {}, False, Fate.FINAL),
        (500, {"retryAfterSeconds": 2}, False, Fate.UNKNOWN),
        (409, {}, True, Fate.FINAL),
        (404, {}, False, Fate.FINAL),
    ],
)
def test_fate_of_answer(status, details, asked, fate):
    assert fate_of_answer(status, details, asked) is fate


def test_fate_of_failure():
    assert fate_of_failure(sent=False) is Fate.UNDONE
    assert fate_of_failure(sent=True) is Fate.UNKNOWN


@pytest.mark.parametrize(
    ("header", "details", "seconds"),
    [
        ("3", {}, 3.0),
        ("3", {"retryAfterSeconds": 9}, 3.0),
        ("", {"retryAfterSeconds": 9}, 9.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", {}, None),
        ("", {"retryAfterSeconds": 0}, None),
        ("", {"retryAfterSeconds": "x"}, None),
        ("", {}, None),
    ],
)
def test_retry_after(header, details, seconds):
    assert retry_after_seconds(header, details) == seconds


def highest(low: float, high: float) -> float:
    return high


def test_backoff_doubles_up_to_the_cap_and_ends():
    policy = RetryPolicy(base=1, cap=4, unsure_attempts=6, total=1000)
    backoff = Backoff(policy, started=0, total=1000, uniform=highest)
    assert [backoff.next_wait(0) for _attempt in range(6)] == [1, 2, 4, 4, 4, None]


def test_backoff_is_jittered_from_zero():
    policy = RetryPolicy(base=1)
    backoff = Backoff(policy, started=0, total=9, uniform=lambda low, high: low)
    assert backoff.next_wait(0) == 0


def test_backoff_honours_the_server_within_the_cap():
    policy = RetryPolicy(base=0, attempts=3, retry_after_cap=30)
    backoff = Backoff(policy, started=0, total=1000, uniform=highest)
    assert backoff.next_wait(0, 7) == 7
    assert backoff.next_wait(0, 7000) == 30
    assert backoff.next_wait(0, 7) is None


def test_backoff_never_passes_the_total():
    backoff = Backoff(RetryPolicy(base=0), started=100, total=60, uniform=highest)
    assert backoff.next_wait(150, 10) == 10
    assert backoff.next_wait(151, 10) is None


def test_a_server_that_is_away_is_bounded_by_time_only():
    backoff = Backoff(RetryPolicy(cap=5), started=0, total=60, uniform=highest)
    now = 0.0
    while (wait := backoff.next_wait(now, away=True)) is not None:
        now += wait
    assert 55 < now <= 60
