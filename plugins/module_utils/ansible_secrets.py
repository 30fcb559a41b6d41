# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which parameter values must not be seen in results.

A kubeconfig given as a mapping is marked no_log as a whole, so that it stays out of the system's
log, and so is an item. Their harmless parts (names, addresses) would then be masked wherever they
occur in a result; here only their secrets are left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.basic import AnsibleModule

_SECRET_WORDS = ("token", "password", "secret", "key-data")
_OTHER_SECRETS = ("api_key", "password")
_WHOLE = ("kubeconfig", "item")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_HEADERS = ("proxy_basic_auth", "basic_auth")


def hide_secrets(module: AnsibleModule) -> None:
    """Narrows the masked values of whole mappings to secrets, and adds those of a proxy URL."""
    for name in _WHOLE:
        module.no_log_values -= set(_texts(module.params.get(name)))
    module.no_log_values |= set(secrets_of(module.params))


def secrets_of(params: dict[str, Any]) -> Iterator[str]:
    """Yields the secret values among the parameters of a module."""
    values = [params.get(name) for name in _OTHER_SECRETS]
    values.extend((params.get("proxy_headers") or {}).get(name) for name in _HEADERS)
    values.append(_password_of(params.get("proxy")))
    values.extend(secrets_of_kubeconfig(params.get("kubeconfig")))
    values.extend(secrets_of_item(params.get("item")))
    yield from (value for value in values if value)


def secrets_of_kubeconfig(kubeconfig: Any) -> Iterator[str]:
    """Yields the secret values of a kubeconfig that is a mapping or the text of one."""
    if isinstance(kubeconfig, str) and "\n" in kubeconfig:
        yield kubeconfig
        kubeconfig = _parsed(kubeconfig)
    if isinstance(kubeconfig, dict):
        for entry in kubeconfig.get("users") or []:
            yield from _secrets((entry or {}).get("user"))


def secrets_of_item(item: Any) -> Iterator[str]:
    """Yields the values of a Secret."""
    if isinstance(item, dict) and item.get("kind") == "Secret":
        yield from _texts(item.get("data"))
        yield from _texts(item.get("stringData"))
        metadata = item.get("metadata")
        annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
        if isinstance(annotations, dict):
            yield from _texts(annotations.get(_LAST_APPLIED))


def _secrets(value: Any, secret: bool = False) -> Iterator[str]:
    if isinstance(value, dict):
        # The environment of a credential plugin has its values under "value".
        named = "name" in value and "value" in value
        for key, each in value.items():
            yield from _secrets(each, secret or (named and key == "value") or _is_secret(str(key)))
    elif isinstance(value, list):
        for each in value:
            yield from _secrets(each, secret)
    elif secret and value:
        yield str(value)


def _is_secret(key: str) -> bool:
    lower = key.lower()
    return any(word in lower for word in _SECRET_WORDS) and "file" not in lower


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)
    elif value is not None:
        yield str(value)


def _password_of(url: str | None) -> str | None:
    try:
        return urlsplit(url).password if url else None
    except ValueError:
        return None


def _parsed(text: str) -> Any:
    try:
        import yaml
    except ImportError:
        return None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None
