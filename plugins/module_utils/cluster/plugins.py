# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials that only the ``kubernetes`` library knows how to get."""

from __future__ import annotations

import importlib
import os
import traceback
from collections.abc import Callable, Iterable
from types import ModuleType, SimpleNamespace
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.cluster.credentials import (
    Credential,
    Issued,
    bearer,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.tls import ClientCertificate
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ClusterConfigError,
    MissingLibraryError,
)

_TEXT_LIMIT = 300


def exec_loader(
    config: dict[str, Any],
    cluster: dict[str, Any],
    folder: str,
    certificate: ClientCertificate | None,
) -> Callable[[], Issued]:
    """Returns a function that runs a kubeconfig's exec credential plugin.

    ``folder`` is that of the kubeconfig; ``certificate`` is used when the plugin gives none. The
    function raises ClusterConfigError when the plugin fails.
    """

    def load() -> Issued:
        node = _library("kube_config").ConfigNode
        command = str(config.get("command", ""))
        target = f"exec plugin {command}"
        try:
            provider = _library("exec_provider").ExecProvider(
                node("exec", config), folder, node("cluster", cluster)
            )
            status = provider.run()
        except OSError as exc:
            hint = str(config.get("installHint") or "").strip()
            why = exc.strerror or "it cannot be started"
            raise ClusterConfigError("running", target, why, hint) from None
        except Exception as exc:  # the library names no common class
            raise ClusterConfigError("running", target, _text(exc, _values(config))) from None
        return _from_status(status, certificate, target)

    return load


def auth_provider_loader(
    user: dict[str, Any],
    folder: str,
    paths: tuple[str, ...],
    context: str,
    certificate: ClientCertificate | None,
) -> Callable[[], Issued]:
    """Returns a function that gets a token from a kubeconfig's auth-provider (OIDC and others).

    With ``paths`` renewed tokens are written back to these kubeconfig files.
    """

    def load() -> Issued:
        provider = user.get("auth-provider") or {}
        target = f"auth-provider {provider.get('name', '')}".rstrip()
        taken = SimpleNamespace(api_key={})
        try:
            _provider_loader(user, folder, paths, context).load_and_set(taken)
        except Exception as exc:  # whatever the provider's own libraries raise
            secrets = _values(provider.get("config") or {})
            raise ClusterConfigError("running", target, _text(exc, secrets)) from None
        # Releases of the library differ in the key.
        header = taken.api_key.get("BearerToken") or taken.api_key.get("authorization")
        if not header:
            raise ClusterConfigError("running", target, "it gave no token")
        return Issued(Credential(bearer(str(header).partition(" ")[2]), certificate))

    return load


def _provider_loader(
    user: dict[str, Any], folder: str, paths: tuple[str, ...], context: str
) -> Any:
    module = _library("kube_config")
    if paths:
        merger = module.KubeConfigMerger(os.pathsep.join(paths))
        return module.KubeConfigLoader(
            config_dict=merger.config,
            active_context=context,
            config_persister=merger.save_changes,
        )
    alone = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "clusters": [{"name": "it", "cluster": {}}],
        "users": [{"name": "it", "user": user}],
    }
    return module.KubeConfigLoader(config_dict=alone, config_base_path=folder)


def _from_status(
    status: dict[str, Any], certificate: ClientCertificate | None, target: str
) -> Issued:
    pem, key = status.get("clientCertificateData"), status.get("clientKeyData")
    if pem and key:
        certificate = ClientCertificate(str(pem).encode(), str(key).encode())
    token = status.get("token")
    if not token and not (pem and key):
        raise ClusterConfigError(
            "running", target, "it gave neither a token nor a certificate with its key"
        )
    credential = Credential(bearer(str(token)) if token else "", certificate)
    expires = status.get("expirationTimestamp")
    if not expires:
        return Issued(credential)
    try:
        moment = _library("dateutil").parse_rfc3339(expires).timestamp()
    except (ValueError, TypeError, AttributeError):
        raise ClusterConfigError(
            "running", target, "its expirationTimestamp is not a time"
        ) from None
    return Issued(credential, moment)


def _library(name: str) -> ModuleType:
    try:
        return importlib.import_module(f"kubernetes.config.{name}")
    except ImportError:
        raise MissingLibraryError(
            "kubernetes", "exec plugins and auth-providers of a kubeconfig", traceback.format_exc()
        ) from None


def _values(data: Any) -> Iterable[str]:
    """Yields the texts that could be secrets: environment values and settings."""
    for item in data.get("env") or []:
        yield str(item.get("value", ""))
    for key, value in data.items():
        if "token" in key or "secret" in key:
            yield str(value)


def _text(error: Exception, secrets: Iterable[str]) -> str:
    text = str(error) or type(error).__name__
    for secret in secrets:
        if len(secret) > 5:
            text = text.replace(secret, "***")
    return text[:_TEXT_LIMIT]
