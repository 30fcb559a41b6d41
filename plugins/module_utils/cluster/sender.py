# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request until it has an answer that counts: credentials, pace and retries."""

from __future__ import annotations

import email.utils
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from ansible_collections.velero.core.plugins.module_utils.cluster.channel import TransportFailure
from ansible_collections.velero.core.plugins.module_utils.cluster.connection import Connection
from ansible_collections.velero.core.plugins.module_utils.cluster.credentials import Credential
from ansible_collections.velero.core.plugins.module_utils.cluster.errors import (
    UnknownOutcomeError,
    api_error,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.http1 import Answer
from ansible_collections.velero.core.plugins.module_utils.cluster.qps import TokenBucket
from ansible_collections.velero.core.plugins.module_utils.cluster.retry import (
    Backoff,
    Fate,
    RetryPolicy,
    fate_of_answer,
    fate_of_failure,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    ConnectionFailedError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock


class Exchange(Protocol):
    """What the sender needs of a transport."""

    connection: Connection

    def exchange(
        self,
        credential: Credential,
        method: str,
        path: str,
        body: bytes,
        content_type: str,
        accept: str,
    ) -> Answer:
        """Returns the answer to one request."""


# Not frozen: a frozen one costs thrice as much to make, and there is one per request.
@dataclass(slots=True)
class Call:
    """One request, and in words what it is for (``doing`` a gerund, ``target`` the object).

    ``repeatable``: a second time does no harm, so that it is sent again even when the first
    one's outcome is unknown.
    """

    method: str
    path: str
    body: bytes = b""
    content_type: str = "application/json"
    accept: str = "application/json"
    repeatable: bool = True
    doing: str = "asking"
    target: str = ""


@dataclass(slots=True)
class Trace:
    """What happened on the way; ``doubtful``: an earlier attempt may have been carried out."""

    doubtful: bool = False


@dataclass(slots=True)
class Stats:
    """Counts of what was sent since the start; bytes are those of bodies."""

    requests: dict[str, int] = field(default_factory=dict)
    retries: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0


@dataclass(frozen=True, slots=True)
class _Setback:
    """An attempt that did not succeed.

    ``asked`` is the wait that the server wants (seconds); ``away``: it did not answer.
    """

    error: ApiError | ConnectionFailedError
    fate: Fate
    asked: float | None = None
    away: bool = False


class Sender:
    """Sends calls. May be used by several threads at once."""

    def __init__(
        self,
        transport: Exchange,
        clock: Clock,
        *,
        policy: RetryPolicy | None = None,
        bucket: TokenBucket | None = None,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._policy = policy or RetryPolicy()
        self._bucket = bucket
        self._uniform = uniform
        self._lock = threading.Lock()
        self._stats = Stats()
        # Date header of the last answer and when it came (monotonic).
        self._date: tuple[str, float] | None = None
        self._answered = False

    def send(self, call: Call, trace: Trace | None = None) -> Answer:
        """Returns the answer, whose status is 2xx.

        Raises ApiError and its children, ConnectionFailedError (UnknownOutcomeError when the
        request may have been carried out) and ClusterConfigError.
        """
        trace = trace or Trace()
        backoff: Backoff | None = None
        while True:
            outcome = self._attempt(call, trace)
            if isinstance(outcome, Answer):
                return outcome
            fate = outcome.fate
            if fate is Fate.FINAL or (fate is Fate.UNKNOWN and not call.repeatable):
                raise outcome.error
            trace.doubtful = trace.doubtful or fate is Fate.UNKNOWN
            backoff = backoff or self._backoff()
            self._wait_or_give_up(backoff, outcome)

    @property
    def stats(self) -> Stats:
        """Returns a copy of the counts."""
        with self._lock:
            return replace(self._stats, requests=dict(self._stats.requests))

    def monotonic(self) -> float:
        """Returns seconds of the clock that ``server_time`` takes."""
        return self._clock.monotonic()

    def server_time(self, moment: float) -> float | None:
        """Returns what the server's clock showed at a ``moment`` of ours (monotonic).

        In seconds since the epoch; None before the first answer with a Date header.
        """
        last = self._date
        parsed = email.utils.parsedate_tz(last[0]) if last else None
        if last is None or parsed is None:
            return None
        return email.utils.mktime_tz(parsed) + moment - last[1]

    def _attempt(self, call: Call, trace: Trace) -> Answer | _Setback:
        try:
            answer = self._once(call)
        except TransportFailure as failure:
            lost = self._failure(call, failure, trace)
            fate = Fate.FINAL if failure.hopeless else fate_of_failure(failure.sent)
            return _Setback(lost, fate, away=True)
        if answer.status < 300:
            return answer
        error = api_error(answer, call.method, call.doing, call.target)
        asked = error.details.get("retryAfterSeconds")
        fate = fate_of_answer(answer.status, error.details, bool(answer.header("retry-after")))
        return _Setback(error, fate, float(asked) if asked else None)

    def _once(self, call: Call) -> Answer:
        credentials = self._transport.connection.credentials
        credential = credentials.current()
        answer = self._exchange(call, credential)
        if answer.status == 401 and credentials.refresh(credential):
            answer = self._exchange(call, credentials.current())
        return answer

    def _exchange(self, call: Call, credential: Credential) -> Answer:
        if self._bucket:
            self._bucket.acquire()
        with self._lock:
            counts = self._stats.requests
            counts[call.method] = counts.get(call.method, 0) + 1
            self._stats.bytes_sent += len(call.body)
        answer = self._transport.exchange(
            credential, call.method, call.path, call.body, call.content_type, call.accept
        )
        with self._lock:
            self._stats.bytes_received += len(answer.body)
        self._answered = True
        date = answer.header("date")
        if date:
            self._date = (date, self._clock.monotonic())
        return answer

    def _backoff(self) -> Backoff:
        total = self._policy.total if self._answered else self._policy.first_contact
        return Backoff(
            self._policy, started=self._clock.monotonic(), total=total, uniform=self._uniform
        )

    def _wait_or_give_up(self, backoff: Backoff, setback: _Setback) -> None:
        wait = backoff.next_wait(self._clock.monotonic(), setback.asked, away=setback.away)
        if wait is None:
            raise setback.error
        with self._lock:
            self._stats.retries += 1
        self._clock.sleep(wait)

    def _failure(
        self, call: Call, failure: TransportFailure, trace: Trace
    ) -> ConnectionFailedError:
        server = str(self._transport.connection.server)
        target = f"{call.target} at {server}" if call.target else f"the API server {server}"
        unknown = failure.sent or trace.doubtful
        kind = UnknownOutcomeError if unknown and call.method != "GET" else ConnectionFailedError
        return kind(call.doing, target, failure.why)
