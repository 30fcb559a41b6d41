# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS contexts from PEM data."""

from __future__ import annotations

import os
import ssl
import tempfile
from dataclasses import dataclass, field

from ansible_collections.velero.core.plugins.module_utils.model.errors import ClusterConfigError


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A client certificate chain and its private key as PEM."""

    certificate: bytes = field(repr=False)
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """How the server's certificate is verified.

    An empty ``ca`` means the system's trust store; ``server_name`` replaces the host name in SNI
    and verification.
    """

    verify: bool = True
    ca: bytes = field(default=b"", repr=False)
    server_name: str = ""


def build_context(settings: TlsSettings, client: ClientCertificate | None) -> ssl.SSLContext:
    """Returns a context for connections to the API server.

    Raises ClusterConfigError when a certificate or key cannot be used.
    """
    try:
        authorities = settings.ca.decode("ascii", "ignore") if settings.ca else None
        context = ssl.create_default_context(cadata=authorities)
    except (ssl.SSLError, ValueError) as exc:
        raise ClusterConfigError(
            "reading",
            "the CA certificate",
            "it is not a PEM certificate",
            "Check ca_cert, or certificate-authority in the kubeconfig",
        ) from exc
    # Cluster CAs are often made without the extensions that RFC 5280 wants; Go does not ask for
    # them, Python 3.13 does.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if client:
        _load_client_certificate(context, client)
    return context


def _load_client_certificate(context: ssl.SSLContext, client: ClientCertificate) -> None:
    # The ssl module reads certificate chains from files only.
    descriptor, path = tempfile.mkstemp(prefix="velero-core-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(client.certificate.strip() + b"\n" + client.key.strip() + b"\n")
        # A password keeps OpenSSL from asking for one at the terminal.
        context.load_cert_chain(path, password="")
    except (ssl.SSLError, ValueError) as exc:
        mismatch = "mismatch" in str(exc).lower()
        raise ClusterConfigError(
            "reading",
            "the client certificate",
            "key and certificate do not belong together"
            if mismatch
            else "certificate or key is not unencrypted PEM",
            "Check client_cert and client_key, or the user in the kubeconfig",
        ) from None
    finally:
        os.unlink(path)
