# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the API server is and how it is reached: what the transport needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from ansible_collections.velero.core.plugins.module_utils.cluster.credentials import (
    CredentialSource,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.proxy import Proxy
from ansible_collections.velero.core.plugins.module_utils.cluster.tls import TlsSettings
from ansible_collections.velero.core.plugins.module_utils.model.errors import ClusterConfigError


@dataclass(frozen=True, slots=True)
class ServerUrl:
    """A parsed server URL; ``base_path`` has no slash at its end."""

    scheme: str
    host: str
    port: int
    base_path: str = ""

    @classmethod
    def parse(cls, url: str) -> ServerUrl:
        """Returns the parts of ``url``; raises ClusterConfigError when it is no HTTP(S) URL."""
        parts = urlsplit(url.strip())
        try:
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if parts.scheme not in ("http", "https") or not host:
            raise ClusterConfigError(
                "reading",
                "the API server URL",
                "it is not of the form https://host:port",
                "Check host, or server in the kubeconfig",
            )
        default = 443 if parts.scheme == "https" else 80
        return cls(parts.scheme, host, port or default, parts.path.rstrip("/"))

    @property
    def authority(self) -> str:
        """Returns ``host:port`` with brackets around an IPv6 address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.base_path}"


@dataclass(frozen=True, slots=True)
class Connection:
    """Everything needed to talk to one API server as one user.

    ``headers`` are sent with every request (impersonation); ``origin`` says for people where the
    configuration came from.
    """

    server: ServerUrl
    credentials: CredentialSource
    tls: TlsSettings
    proxy: Proxy | None = None
    headers: tuple[tuple[str, str], ...] = ()
    origin: str = ""
