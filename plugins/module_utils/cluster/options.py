# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a user says which cluster is meant and who asks; the names follow kubernetes.core."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionOptions:
    """Connection parameters; absent ones are None or empty.

    ``kubeconfig`` is a path (several joined by the path separator), the text of a kubeconfig or
    its data. Certificates and keys are paths. ``proxy_headers`` has the keys
    ``proxy_basic_auth``, ``basic_auth`` and ``user_agent``. ``validate_certs`` None leaves it to
    the kubeconfig. Whatever may hold a secret is left out of ``repr``.
    """

    kubeconfig: str | dict[str, Any] | None = field(default=None, repr=False)
    context: str = ""
    host: str = ""
    api_key: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    client_cert: str = ""
    client_key: str = ""
    ca_cert: str = ""
    validate_certs: bool | None = None
    tls_server_name: str = ""
    proxy: str = field(default="", repr=False)
    no_proxy: str = ""
    proxy_headers: dict[str, str] = field(default_factory=dict, repr=False)
    impersonate_user: str = ""
    impersonate_groups: tuple[str, ...] = ()
    persist_config: bool = False
