# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading

from ansible_collections.velero.core.plugins.module_utils.item.claims import Claim, Claims
from ansible_collections.velero.core.plugins.module_utils.item.work import ItemReport
from ansible_collections.velero.core.plugins.module_utils.model.items import ItemKey

A, B, C = (ItemKey("v1/Pod", "shop", name) for name in "abc")


def claim(claims: Claims, key: ItemKey) -> tuple[Claim, bool]:
    return claims.claim(key, "shop", ItemReport())


def test_the_first_that_asks_has_it() -> None:
    claims = Claims()
    first, mine = claim(claims, A)
    again, also_mine = claim(claims, A)
    assert (mine, also_mine) == (True, False)
    assert again is first


def test_what_is_done_is_not_waited_for() -> None:
    claims = Claims()
    found, _mine = claim(claims, A)
    found.done.set()
    assert claims.wait(found)


def test_an_item_that_needs_itself_is_a_cycle() -> None:
    claims = Claims()
    assert not claims.wait(claim(claims, A)[0])


def test_another_thread_is_waited_for() -> None:
    claims = Claims()
    taken, finish = threading.Event(), threading.Event()

    def work() -> None:
        found, _mine = claim(claims, A)
        taken.set()
        finish.wait(10)
        found.done.set()

    thread = threading.Thread(target=work)
    thread.start()
    taken.wait(10)
    threading.Timer(0.05, finish.set).start()
    assert claims.wait(claim(claims, A)[0])
    thread.join()


def test_a_ring_of_threads_ends() -> None:
    """Each of three threads has an item and needs that of the next: one of them gives way."""
    claims = Claims()
    all_taken = threading.Barrier(3, timeout=10)
    waited: dict[str, bool] = {}

    def work(own: ItemKey, needed: ItemKey) -> None:
        mine, _is_mine = claim(claims, own)
        all_taken.wait()
        waited[own.name] = claims.wait(claim(claims, needed)[0])
        mine.done.set()

    threads = [threading.Thread(target=work, args=pair) for pair in ((A, B), (B, C), (C, A))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert sorted(waited.values()) == [False, True, True]
