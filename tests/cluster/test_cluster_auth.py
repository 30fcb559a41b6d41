# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may connect to a real API server, and what those read who may not."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime, timezone

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.client import ApiCluster
from ansible_collections.velero.core.plugins.module_utils.cluster.config import connect
from ansible_collections.velero.core.plugins.module_utils.cluster.options import ConnectionOptions
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    ClusterConfigError,
    ConnectionFailedError,
    ForbiddenError,
    UnauthorizedError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

MAPS = ApiResource("", "v1", "configmaps", "ConfigMap", True)


def client(**options):
    return ApiCluster(connect(ConnectionOptions(**options), {}))


def has_user(cluster, user):
    if user not in cluster.users:
        pytest.skip(f"the cluster that is used has no user {user}")


def direct(cluster, **options):
    given = {"host": cluster.url, "api_key": cluster.token, "ca_cert": str(cluster.ca_file)}
    return client(**{**given, **options})


def test_it_implements_the_port(shared_cluster):
    used: Cluster = direct(shared_cluster)
    assert used.discover().resources


@pytest.mark.parametrize("user", ["admin", "certificate"])
def test_kubeconfig_users(shared_cluster, user):
    has_user(shared_cluster, user)
    used = client(kubeconfig=str(shared_cluster.kubeconfig(user)))
    assert used.access_review("create", "", "configmaps", "default")[0]
    assert len(used.cluster_uid()) == 36


def test_token_and_files_as_options(shared_cluster):
    assert direct(shared_cluster).access_review("create", "", "configmaps")[0]
    has_user(shared_cluster, "certificate")
    certificate = shared_cluster.users["certificate"].certificate
    used = direct(
        shared_cluster,
        api_key="",
        client_cert=str(certificate.cert_file),
        client_key=str(certificate.key_file),
    )
    assert used.access_review("create", "", "configmaps")[0]


def test_wrong_ca(shared_cluster, tmp_path):
    from tests.testbed.pki import CertificateAuthority

    other = CertificateAuthority(tmp_path)
    used = direct(shared_cluster, ca_cert=str(other.ca_file))
    started = time.monotonic()
    with pytest.raises(ClusterConfigError, match="certificate was not accepted") as caught:
        used.cluster_uid()
    assert "ca_cert" in str(caught.value)
    assert time.monotonic() - started < 1


def test_unverified(shared_cluster, tmp_path):
    from tests.testbed.pki import CertificateAuthority

    other = CertificateAuthority(tmp_path)
    used = direct(shared_cluster, ca_cert=str(other.ca_file), validate_certs=False)
    assert used.cluster_uid()


def test_server_name(shared_cluster):
    used = direct(shared_cluster, tls_server_name="elsewhere.example.com")
    with pytest.raises(ClusterConfigError, match="Hostname mismatch"):
        used.cluster_uid()
    assert direct(shared_cluster, tls_server_name="localhost").cluster_uid()


def test_plain_http_to_a_tls_port(shared_cluster):
    used = direct(shared_cluster, host=shared_cluster.url.replace("https:", "http:"))
    with pytest.raises(ApiError, match="Client sent an HTTP request to an HTTPS server"):
        used.cluster_uid()


def test_tls_to_a_plain_port(shared_cluster, tmp_path):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        import threading

        def serve():
            peer = listener.accept()[0]
            peer.recv(100)
            peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            peer.close()

        threading.Thread(target=serve, daemon=True).start()
        used = direct(shared_cluster, host=f"https://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(ConnectionFailedError, match="TLS handshake failed"):
            used.cluster_uid()


def test_wrong_token(shared_cluster):
    with pytest.raises(UnauthorizedError) as caught:
        direct(shared_cluster, api_key="n0t-the-token").cluster_uid()
    assert "n0t-the-token" not in str(caught.value)


def test_anonymous(shared_cluster):
    with pytest.raises(ForbiddenError, match="system:anonymous"):
        direct(shared_cluster, api_key="").cluster_uid()


def test_narrow_user(shared_cluster):
    has_user(shared_cluster, "narrow")
    used = client(kubeconfig=str(shared_cluster.kubeconfig("narrow")))
    assert isinstance(list(used.list(MAPS, "narrow")), list)
    with pytest.raises(ForbiddenError, match='cannot list resource "configmaps"'):
        list(used.list(MAPS, "default"))
    with pytest.raises(ForbiddenError):
        used.create(MAPS, "narrow", {"metadata": {"name": "x"}})
    assert used.access_review("get", "", "configmaps", "narrow")[0]
    assert not used.access_review("create", "", "configmaps", "narrow")[0]
    assert used.discover().resolve("configmaps")


def test_impersonation(shared_cluster):
    has_user(shared_cluster, "narrow")
    used = direct(shared_cluster, impersonate_user="jane", impersonate_groups=("narrow",))
    assert isinstance(list(used.list(MAPS, "narrow")), list)
    with pytest.raises(ForbiddenError, match='User "jane"'):
        list(used.list(MAPS, "default"))


def exec_kubeconfig(cluster, tmp_path, tokens, expires=None):
    """A kubeconfig whose plugin gives one token after the other, and counts its calls."""
    calls = tmp_path / "calls"
    calls.write_text("")
    expiry = f"'expirationTimestamp': {expires!r}, " if expires else ""
    plugin = tmp_path / "plugin.py"
    plugin.write_text(
        "import json\n"
        f"calls = open({str(calls)!r}, 'a+')\n"
        "calls.write('x'); calls.seek(0); number = len(calls.read())\n"
        f"tokens = {tokens!r}\n"
        "print(json.dumps({'apiVersion': 'client.authentication.k8s.io/v1',"
        " 'kind': 'ExecCredential', 'status': {"
        f"{expiry}'token': tokens[min(number, len(tokens)) - 1]}}}}))\n"
    )
    document = json.loads(cluster.kubeconfig().read_text())
    document["users"][0]["user"] = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": sys.executable,
            "args": [str(plugin)],
            "interactiveMode": "Never",
        }
    }
    return document, calls


def test_exec_plugin_is_asked_again_after_a_refusal(shared_cluster, tmp_path):
    tokens = ["expired-token", shared_cluster.token]
    document, calls = exec_kubeconfig(shared_cluster, tmp_path, tokens)
    used = client(kubeconfig=document)
    for _request in range(3):
        assert used.cluster_uid()
    assert len(calls.read_text()) == 2


def test_exec_plugin_is_asked_again_before_its_token_ends(shared_cluster, tmp_path):
    soon = datetime.fromtimestamp(time.time() + 11, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    document, calls = exec_kubeconfig(shared_cluster, tmp_path, [shared_cluster.token], soon)
    used = client(kubeconfig=document)
    assert used.cluster_uid()
    time.sleep(1.2)
    assert used.cluster_uid()
    assert len(calls.read_text()) == 2


def test_exec_plugin_with_bad_tokens_only(shared_cluster, tmp_path):
    document, calls = exec_kubeconfig(shared_cluster, tmp_path, ["bad-one", "bad-two"])
    with pytest.raises(UnauthorizedError) as caught:
        client(kubeconfig=document).cluster_uid()
    assert len(calls.read_text()) == 2
    assert "bad-" not in str(caught.value)
