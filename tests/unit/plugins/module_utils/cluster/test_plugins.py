# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import importlib
import json
import sys
import time

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.plugins import (
    auth_provider_loader,
    exec_loader,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.tls import ClientCertificate
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ClusterConfigError,
    MissingLibraryError,
)

pytest.importorskip("kubernetes")

API = "client.authentication.k8s.io/v1"


def plugin(status=None, *, text=None, code=0, env=()):
    """The exec entry of a kubeconfig whose plugin answers with ``status``."""
    document = {"apiVersion": API, "kind": "ExecCredential", "status": status}
    output = json.dumps(document) if text is None else text
    script = (
        f"import sys; sys.stdout.write({output!r}); sys.stderr.write('because'); sys.exit({code})"
    )
    return {
        "apiVersion": API,
        "command": sys.executable,
        "args": ["-c", script],
        "env": list(env),
        "interactiveMode": "Never",
    }


def run(config, certificate=None):
    return exec_loader(config, {"server": "https://c"}, "", certificate)()


def test_token_with_an_end():
    issued = run(plugin({"token": "abc", "expirationTimestamp": "2026-01-01T00:00:00Z"}))
    assert issued.credential.authorization == "Bearer abc"
    assert issued.expires == 1_767_225_600.0


def test_certificate():
    issued = run(plugin({"clientCertificateData": "C", "clientKeyData": "K"}))
    assert issued.credential.certificate == ClientCertificate(b"C", b"K")
    assert issued.credential.authorization == ""
    assert issued.expires is None


def test_certificate_of_the_kubeconfig_stays():
    certificate = ClientCertificate(b"C", b"K")
    assert run(plugin({"token": "abc"}), certificate).credential.certificate is certificate


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (plugin({}), "neither a token nor a certificate"),
        (plugin({"clientCertificateData": "C"}), "neither a token nor a certificate"),
        (plugin({"token": "x", "expirationTimestamp": "soon"}), "is not a time"),
        (plugin({"token": "a\nb"}), "cannot be sent"),
        (plugin(text="t0psecret"), "failed to decode"),
        (plugin(code=3), "process returned 3. because"),
        ({"apiVersion": API, "command": "/nonexistent/p", "installHint": "Get it"}, "Get it"),
        ({"apiVersion": API}, "missing key 'command'"),
        ({"command": "x"}, "missing key 'apiVersion'"),
        (plugin(text=json.dumps({"apiVersion": API})), "missing key 'kind'"),
    ],
)
def test_clear_errors(config, text):
    with pytest.raises(ClusterConfigError, match=text) as caught:
        run(config)
    assert "t0psecret" not in str(caught.value)


def test_secret_settings_are_masked():
    code = "import os, sys; sys.exit('bad: ' + os.environ['PASSWORD'])"
    config = plugin(env=[{"name": "PASSWORD", "value": "t0psecret"}])
    config["args"] = ["-c", code]
    with pytest.raises(ClusterConfigError, match=r"bad: \*\*\*"):
        run(config)


def test_missing_library(monkeypatch):
    def missing(name, package=None):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(MissingLibraryError, match="kubernetes"):
        run(plugin({"token": "abc"}))


def jwt(expires: float) -> str:
    def part(data):
        return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part({'exp': expires})}.c2ln"


def test_oidc_token_that_is_still_good():
    token = jwt(time.time() + 3600)
    user = {"auth-provider": {"name": "oidc", "config": {"id-token": token}}}
    assert auth_provider_loader(user, "", (), "", None)().credential.authorization == (
        f"Bearer {token}"
    )


def test_unknown_auth_provider():
    user = {"auth-provider": {"name": "nonesuch", "config": {}}}
    with pytest.raises(ClusterConfigError, match="auth-provider nonesuch"):
        auth_provider_loader(user, "", (), "", None)()
