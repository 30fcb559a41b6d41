# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which requests are sent again, and when. Nothing here waits or sends."""

from __future__ import annotations

import enum
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class Fate(enum.Enum):
    """What is known about a request that did not succeed."""

    FINAL = "the answer counts"
    UNDONE = "it was not carried out; sending it again is safe"
    UNKNOWN = "it may have been carried out"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Limits of sending again. All times are in seconds.

    ``attempts`` counts when the server asks for another one, ``unsure_attempts`` when it does
    not. A server that is away is bounded by time only: it may be restarting. ``first_contact``
    replaces ``total`` until the server has answered once, so that a wrong address is told soon.
    """

    attempts: int = 10
    unsure_attempts: int = 5
    base: float = 0.1
    cap: float = 5.0
    retry_after_cap: float = 30.0
    total: float = 60.0
    first_contact: float = 3.0


class Backoff:
    """The waits of one request: exponential with full jitter, never longer than the policy's."""

    def __init__(
        self,
        policy: RetryPolicy,
        *,
        started: float,
        total: float,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._policy = policy
        self._deadline = started + total
        self._uniform = uniform
        self.attempts = 0

    def next_wait(
        self, now: float, retry_after: float | None = None, *, away: bool = False
    ) -> float | None:
        """Returns seconds to wait before the next attempt, or None when there is none left.

        ``now`` is of the clock of ``started``, ``retry_after`` what the server asked for;
        ``away``: there was no answer at all.
        """
        policy = self._policy
        self.attempts += 1
        limit = policy.attempts if retry_after is not None else policy.unsure_attempts
        if self.attempts >= limit and not away:
            return None
        ceiling = min(policy.cap, policy.base * 2.0 ** min(self.attempts - 1, 30))
        if retry_after is None:
            wait = self._uniform(0, ceiling)
        else:
            # Spread, or all workers would come back at the same moment.
            wait = min(retry_after, policy.retry_after_cap) + self._uniform(0, policy.base)
        return wait if now + wait <= self._deadline else None


def fate_of_answer(status: int, details: dict[str, Any], asked_to_wait: bool) -> Fate:
    """Returns what an error answer says about the request.

    ``details`` are those of the Status, ``asked_to_wait`` tells of a Retry-After header.
    """
    if status == 429:
        return Fate.UNDONE
    if status == 503:
        return Fate.UNDONE if asked_to_wait else Fate.UNKNOWN
    if status in (502, 504):
        return Fate.UNKNOWN
    if status == 500 and details.get("retryAfterSeconds"):
        return Fate.UNKNOWN
    return Fate.FINAL


def fate_of_failure(sent: bool) -> Fate:
    """Returns what a failed connection says; ``sent``: the server may have the whole request."""
    return Fate.UNKNOWN if sent else Fate.UNDONE


def retry_after_seconds(header: str, details: dict[str, Any]) -> float | None:
    """Returns the wait that the server asks for in seconds, None when it names none."""
    text = header.strip()
    if text.isdigit():
        return float(text)
    value = details.get("retryAfterSeconds")
    return float(value) if isinstance(value, (int, float)) and value > 0 else None
