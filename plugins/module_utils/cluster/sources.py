# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Raw settings from a kubeconfig, from a pod's service account, or from nothing but a host."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.cluster.credentials import (
    Credential,
    CredentialSource,
    FixedCredentials,
    RenewedCredentials,
    bearer,
    token_file,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.kubeconfig import (
    Entry,
    Kubeconfig,
    read_file,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.plugins import (
    auth_provider_loader,
    exec_loader,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.proxy import basic
from ansible_collections.velero.core.plugins.module_utils.cluster.tls import ClientCertificate
from ansible_collections.velero.core.plugins.module_utils.model.errors import ClusterConfigError

SERVICE_ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"

CredentialFactory = Callable[["ClientCertificate | None"], CredentialSource]


def _anonymous(certificate: ClientCertificate | None) -> CredentialSource:
    return FixedCredentials(Credential("", certificate))


@dataclass(slots=True)
class Settings:
    """What one source says; connection options are laid over it afterwards.

    ``credentials`` makes the credential source once the client certificate is known.
    """

    origin: str
    server: str
    verify: bool = True
    ca: bytes = field(default=b"", repr=False)
    server_name: str = ""
    proxy: str = field(default="", repr=False)
    certificate: ClientCertificate | None = None
    credentials: CredentialFactory = _anonymous
    headers: list[tuple[str, str]] = field(default_factory=list)


def from_kubeconfig(config: Kubeconfig, context: str, persist: bool) -> Settings:
    """Returns the settings of a context; raises ClusterConfigError."""
    chosen = config.select(context)
    cluster, user = chosen.cluster, chosen.user
    if not cluster.text("server"):
        raise ClusterConfigError(
            "reading", config.origin, f"the cluster of context {chosen.context!r} has no server"
        )
    paths = config.paths if persist else ()
    return Settings(
        origin=f"{config.origin}, context {chosen.context}",
        server=cluster.text("server"),
        verify=not cluster.data.get("insecure-skip-tls-verify"),
        ca=cluster.content("certificate-authority"),
        server_name=cluster.text("tls-server-name"),
        proxy=cluster.text("proxy-url"),
        certificate=_user_certificate(user, config.origin),
        credentials=_user_credentials(user, cluster, paths, chosen.context),
        headers=_user_impersonation(user),
    )


def in_cluster(environ: Mapping[str, str], folder: str = SERVICE_ACCOUNT_FOLDER) -> Settings | None:
    """Returns the settings of the pod that this runs in, or None outside of a pod."""
    host = environ.get("KUBERNETES_SERVICE_HOST")
    port = environ.get("KUBERNETES_SERVICE_PORT")
    token = os.path.join(folder, "token")
    if not host or not port or not os.path.isfile(token):
        return None
    bracketed = f"[{host}]" if ":" in host else host
    return Settings(
        origin="the service account of this pod",
        server=f"https://{bracketed}:{port}",
        ca=read_file(os.path.join(folder, "ca.crt"), "CA certificate"),
        credentials=lambda certificate: token_file(token, certificate),
    )


def certificate_from(pem: bytes, key: bytes, origin: str) -> ClientCertificate | None:
    """Returns a client certificate, or None when there is neither certificate nor key.

    A key inside the certificate file counts. Raises ClusterConfigError when one of both is absent.
    """
    if not pem and not key:
        return None
    if pem and not key and b"PRIVATE KEY-----" in pem:
        return ClientCertificate(pem, b"")
    if not pem or not key:
        missing = "certificate" if key else "key"
        raise ClusterConfigError("reading", origin, f"the client {missing} is missing")
    return ClientCertificate(pem, key)


def _user_certificate(user: Entry, origin: str) -> ClientCertificate | None:
    pem, key = user.content("client-certificate"), user.content("client-key")
    return certificate_from(pem, key, origin)


def _user_credentials(
    user: Entry, cluster: Entry, paths: tuple[str, ...], context: str
) -> CredentialFactory:
    data = user.data
    if user.path("tokenFile"):
        return lambda certificate: token_file(user.path("tokenFile"), certificate)
    if user.text("token"):
        return _fixed(bearer(user.text("token")))
    if user.text("username"):
        return _fixed(basic(f"{user.text('username')}:{user.text('password')}"))
    if data.get("exec"):
        command = _mapping(data["exec"], "exec")
        return lambda certificate: RenewedCredentials(
            exec_loader(command, cluster.data, user.folder, certificate)
        )
    if data.get("auth-provider"):
        _mapping(data["auth-provider"], "auth-provider")
        return lambda certificate: RenewedCredentials(
            auth_provider_loader(data, user.folder, paths, context, certificate)
        )
    return _anonymous


def _fixed(authorization: str) -> CredentialFactory:
    return lambda certificate: FixedCredentials(Credential(authorization, certificate))


def _mapping(value: Any, key: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ClusterConfigError("reading", "the kubeconfig", f"{key} of the user is no mapping")
    return value


def _user_impersonation(user: Entry) -> list[tuple[str, str]]:
    headers = []
    if user.text("as"):
        headers.append(("Impersonate-User", user.text("as")))
    if user.text("as-uid"):
        headers.append(("Impersonate-Uid", user.text("as-uid")))
    headers += [("Impersonate-Group", str(group)) for group in user.data.get("as-groups") or []]
    for key, values in (user.data.get("as-user-extra") or {}).items():
        headers += [(f"Impersonate-Extra-{key}", str(value)) for value in values or []]
    return headers
