# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP proxies: which one is used for a server, and what it is told."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from ansible_collections.velero.core.plugins.module_utils.model.errors import ClusterConfigError

_HEADER_NAMES = {
    "proxy_basic_auth": "Proxy-Authorization",
    "basic_auth": "Authorization",
    "user_agent": "User-Agent",
}


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy that opens a tunnel by CONNECT; ``headers`` are for the proxy only."""

    host: str
    port: int
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def parse_proxy(url: str, headers: Mapping[str, str]) -> Proxy:
    """Returns the proxy of ``url`` with the ``proxy_headers`` of kubernetes.core.

    Raises ClusterConfigError for anything but ``http://[user:password@]host[:port]``.
    """
    parts = urlsplit(url if "://" in url else f"http://{url}")
    try:
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        host, port = None, 0
    if parts.scheme != "http" or not host:
        raise ClusterConfigError(
            "reading", "the proxy URL", "only http://host:port proxies can be used"
        )
    out: dict[str, str] = {}
    if parts.username is not None:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        out["Proxy-Authorization"] = basic(user)
    for key, name in _HEADER_NAMES.items():
        value = headers.get(key)
        if value:
            out[name] = value if key == "user_agent" else basic(value)
    return Proxy(host, port, tuple(out.items()))


def environment_proxy(scheme: str, host: str, environ: Mapping[str, str]) -> str:
    """Returns the proxy URL that the environment names for ``scheme``, or an empty string.

    Loopback servers are never reached through a proxy of the environment.
    """
    if host == "localhost" or _is_loopback(host):
        return ""
    name = f"{scheme}_proxy"
    return environ.get(name) or environ.get(name.upper()) or ""


def bypasses(host: str, port: int, no_proxy: str) -> bool:
    """Returns whether ``no_proxy`` (comma-separated domains, addresses, networks) names a host."""
    return any(
        _matches(host.lower(), port, entry.strip().lower())
        for entry in no_proxy.split(",")
        if entry.strip()
    )


def basic(credentials: str) -> str:
    """Returns the value of an authorization header for ``user:password``."""
    return "Basic " + base64.b64encode(credentials.encode()).decode()


def _matches(host: str, port: int, entry: str) -> bool:
    if entry == "*" or entry == host:
        return True
    if "/" in entry:
        return _in_network(host, entry)
    name, colon, wanted = entry.rpartition(":")
    if colon and wanted.isdigit() and name.count(":") == 0:
        return int(wanted) == port and _matches(host, port, name)
    return host.endswith("." + entry.lstrip("*").lstrip("."))


def _in_network(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
