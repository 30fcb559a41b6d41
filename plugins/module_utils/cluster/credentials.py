# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who asks: credentials that may change while a run lasts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ansible_collections.velero.core.plugins.module_utils.cluster.clock import SystemClock
from ansible_collections.velero.core.plugins.module_utils.cluster.tls import ClientCertificate
from ansible_collections.velero.core.plugins.module_utils.model.errors import ClusterConfigError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock

# A credential that ends this soon (seconds) is renewed before it is used.
_LEEWAY = 10.0
# Kubelet renews projected tokens long before they end; client-go reads the file once a minute.
TOKEN_FILE_PERIOD = 60.0


@dataclass(frozen=True, slots=True)
class Credential:
    """What proves the caller's identity: an authorization header, a certificate, or neither."""

    authorization: str = field(default="", repr=False)
    certificate: ClientCertificate | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Issued:
    """A credential and when it should be fetched anew (seconds since the epoch; None: never)."""

    credential: Credential
    expires: float | None = None


class CredentialSource(Protocol):
    """Where requests get their credential. May be called from several threads at once."""

    def current(self) -> Credential:
        """Returns the credential to use now; raises ClusterConfigError when there is none."""

    def refresh(self, refused: Credential) -> bool:
        """Returns whether another credential than ``refused`` is to be had now."""


@dataclass(frozen=True, slots=True)
class FixedCredentials:
    """A credential that cannot change."""

    credential: Credential = field(default_factory=Credential, repr=False)

    def current(self) -> Credential:
        """Returns the credential."""
        return self.credential

    def refresh(self, refused: Credential) -> bool:
        """Returns False: there is no other one."""
        return False


class RenewedCredentials:
    """A credential that ``load`` fetches: at first use, when it ends, and after a refusal.

    With ``keep_on_failure`` the last credential stays in use when a renewal that is only due by
    time fails. Several threads that need a new one at once cause one call of ``load``.
    """

    def __init__(
        self,
        load: Callable[[], Issued],
        *,
        keep_on_failure: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self._load = load
        self._keep_on_failure = keep_on_failure
        self._clock: Clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._issued: Issued | None = None

    def current(self) -> Credential:
        """Returns a credential that is still good; raises what ``load`` raises."""
        issued = self._issued
        if issued is None or self._ends(issued):
            with self._lock:
                issued = self._issued
                if issued is None or self._ends(issued):
                    issued = self._renew(issued)
        return issued.credential

    def refresh(self, refused: Credential) -> bool:
        """Returns whether another credential than ``refused`` is in use now."""
        with self._lock:
            if self._issued is None or self._issued.credential is refused:
                self._issued = self._keep_equal(self._load())
            return self._issued.credential is not refused

    def _ends(self, issued: Issued) -> bool:
        return issued.expires is not None and self._clock.now() >= issued.expires - _LEEWAY

    def _renew(self, last: Issued | None) -> Issued:
        try:
            self._issued = self._keep_equal(self._load())
        except ClusterConfigError:
            if last is None or not self._keep_on_failure:
                raise
            self._issued = Issued(last.credential, self._clock.now() + TOKEN_FILE_PERIOD)
        return self._issued

    def _keep_equal(self, issued: Issued) -> Issued:
        # The transport tells credentials apart by identity.
        last = self._issued
        if last is not None and last.credential == issued.credential:
            return Issued(last.credential, issued.expires)
        return issued


def bearer(token: str) -> str:
    """Returns the authorization header of a token.

    Raises ClusterConfigError when the token is empty or cannot be sent in a header.
    """
    text = token.strip()
    if not text or not text.isascii() or not text.isprintable():
        raise ClusterConfigError(
            "reading", "the bearer token", "it is empty or holds characters that cannot be sent"
        )
    return f"Bearer {text}"


def token_file(
    path: str, certificate: ClientCertificate | None = None, clock: Clock | None = None
) -> RenewedCredentials:
    """Returns credentials that follow the token in a file."""
    used_clock: Clock = clock or SystemClock()

    def load() -> Issued:
        try:
            with open(path, encoding="utf-8") as file:
                token = file.read()
        except (OSError, UnicodeDecodeError) as exc:
            why = getattr(exc, "strerror", None) or "it is not text"
            raise ClusterConfigError("reading", f"token file {path}", why) from None
        credential = Credential(bearer(token), certificate)
        return Issued(credential, used_clock.now() + TOKEN_FILE_PERIOD)

    return RenewedCredentials(load, keep_on_failure=True, clock=used_clock)
