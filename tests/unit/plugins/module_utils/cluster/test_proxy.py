# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.proxy import (
    bypasses,
    environment_proxy,
    parse_proxy,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import ClusterConfigError


@pytest.mark.parametrize(
    ("host", "no_proxy", "expected"),
    [
        ("api.example.com", "", False),
        ("api.example.com", "*", True),
        ("api.example.com", "example.com", True),
        ("api.example.com", " .example.com , x", True),
        ("api.example.com", "*.example.com", True),
        ("API.example.com", "api.EXAMPLE.com", True),
        ("notexample.com", "example.com", False),
        ("10.1.2.3", "10.0.0.0/8", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("api.example.com", "10.0.0.0/8", False),
        ("api.example.com", "example.com:6443", True),
        ("api.example.com", "example.com:443", False),
        ("fd00::1", "fd00::/8", True),
        ("fd00::1", "fd00::1", True),
    ],
)
def test_no_proxy(host, no_proxy, expected):
    assert bypasses(host, 6443, no_proxy) is expected


@pytest.mark.parametrize(
    ("scheme", "host", "environ", "expected"),
    [
        ("https", "a", {"HTTPS_PROXY": "p"}, "p"),
        ("https", "a", {"https_proxy": "q", "HTTPS_PROXY": "p"}, "q"),
        ("http", "a", {"HTTPS_PROXY": "p"}, ""),
        ("https", "127.0.0.1", {"HTTPS_PROXY": "p"}, ""),
        ("https", "localhost", {"HTTPS_PROXY": "p"}, ""),
    ],
)
def test_environment(scheme, host, environ, expected):
    assert environment_proxy(scheme, host, environ) == expected


def test_parts_and_headers():
    proxy = parse_proxy("http://us%40er:pw@proxy:3128", {"user_agent": "me"})
    assert (proxy.host, proxy.port) == ("proxy", 3128)
    assert dict(proxy.headers) == {
        "Proxy-Authorization": "Basic dXNAZXI6cHc=",
        "User-Agent": "me",
    }
    assert "dXN" not in repr(proxy)
    assert parse_proxy("proxy:8080", {"proxy_basic_auth": "a:b"}).headers == (
        ("Proxy-Authorization", "Basic YTpi"),
    )


@pytest.mark.parametrize("url", ["https://proxy", "socks5://proxy:1", "http://", "http://p:x"])
def test_other_proxies_are_refused(url):
    with pytest.raises(ClusterConfigError):
        parse_proxy(url, {})
