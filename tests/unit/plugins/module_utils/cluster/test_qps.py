# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.cluster.qps import TokenBucket


def test_burst_then_even_pace(clock):
    bucket = TokenBucket(10, 3, clock)
    for _request in range(5):
        bucket.acquire()
    assert [round(wait, 6) for wait in clock.slept] == [0.1, 0.1]


def test_a_pause_fills_it_again_but_not_beyond_the_burst(clock):
    bucket = TokenBucket(10, 2, clock)
    for _request in range(2):
        bucket.acquire()
    clock.time += 100
    for _request in range(3):
        bucket.acquire()
    assert [round(wait, 6) for wait in clock.slept] == [0.1]


def test_burst_of_one(clock):
    bucket = TokenBucket(4, 1, clock)
    bucket.acquire()
    bucket.acquire()
    assert clock.slept == [0.25]
