# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who restores an item: the first that asks, once, whoever asks.

An item can be asked for by the collection and, as an additional item, by any number of other
items at once. What came of it is told with the first of them in the order of the collection.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from ansible_collections.velero.core.plugins.module_utils.item.work import ItemReport
from ansible_collections.velero.core.plugins.module_utils.model.items import ItemKey


class Latch:
    """An event that happens once. One is made for every item, and threading.Event is costly."""

    __slots__ = ("_is_set", "_lock")

    def __init__(self) -> None:
        self._is_set = False
        self._lock = threading.Lock()
        self._lock.acquire()

    def set(self) -> None:
        """Lets all who wait go on; called once."""
        self._is_set = True
        self._lock.release()

    def is_set(self) -> bool:
        """Returns whether it has happened."""
        return self._is_set

    def wait(self) -> None:
        """Waits until it has happened."""
        with self._lock:
            return


@dataclass(slots=True, eq=False)
class Claim:
    """The one restoration of a key; ``report`` is complete once ``done`` is set."""

    key: ItemKey
    source_namespace: str
    report: ItemReport
    owner: int
    done: Latch = field(default_factory=Latch)


class Claims:
    """All claims of one restore; used by many threads at once.

    A thread works on one selected item, and on the additional items of it, at a time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._claims: dict[ItemKey, Claim] = {}
        self._waiting_for: dict[int, int] = {}

    def claim(self, key: ItemKey, source_namespace: str, report: ItemReport) -> tuple[Claim, bool]:
        """Returns the claim of ``key`` and whether it is the caller's."""
        with self._lock:
            known = self._claims.get(key)
            if known is not None:
                return known, False
            mine = Claim(key, source_namespace, report, threading.get_ident())
            self._claims[key] = mine
            return mine, True

    def wait(self, claim: Claim) -> bool:
        """Waits until the restoration has ended; returns whether it has.

        False means that it waits, directly or not, for the caller's own: a cycle, which ends as
        in Velero with the item counted as not there yet.
        """
        me = threading.get_ident()
        with self._lock:
            if claim.done.is_set():
                return True
            if self._leads_to(claim.owner, me):
                return False
            self._waiting_for[me] = claim.owner
        claim.done.wait()
        with self._lock:
            self._waiting_for.pop(me, None)
        return True

    def _leads_to(self, thread: int, target: int) -> bool:
        seen: set[int] = set()
        while thread not in seen:
            if thread == target:
                return True
            seen.add(thread)
            if thread not in self._waiting_for:
                return False
            thread = self._waiting_for[thread]
        return False
