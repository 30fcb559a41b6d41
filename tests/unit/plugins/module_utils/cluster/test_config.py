# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
import subprocess
import sys

import pytest
import yaml

from ansible_collections.velero.core.plugins.module_utils.cluster.config import connect
from ansible_collections.velero.core.plugins.module_utils.cluster.credentials import (
    FixedCredentials,
    RenewedCredentials,
)
from ansible_collections.velero.core.plugins.module_utils.cluster.options import ConnectionOptions
from ansible_collections.velero.core.plugins.module_utils.model.errors import ClusterConfigError


def kubeconfig(user=None, cluster=None, **more):
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "contexts": [
            {"name": "one", "context": {"cluster": "c", "user": "u"}},
            {"name": "anonymous", "context": {"cluster": "c"}},
            {"name": "lost", "context": {"cluster": "gone", "user": "u"}},
            {"name": "nobody", "context": {"cluster": "c", "user": "gone"}},
        ],
        "clusters": [{"name": "c", "cluster": {"server": "http://c:1", **(cluster or {})}}],
        "users": [{"name": "u", "user": {"token": "s3cret"} if user is None else user}],
        **more,
    }


def opened(environ=None, folder="/nonexistent", **options):
    return connect(ConnectionOptions(**options), environ or {}, folder)


def authorization(connection):
    return connection.credentials.current().authorization


def written(path, **options):
    path.write_text(yaml.safe_dump(kubeconfig(**options)))
    return str(path)


def test_host_stands_alone(tmp_path):
    environ = {"KUBECONFIG": written(tmp_path / "config")}
    connection = opened(environ, host="https://api:6443/base/")
    assert str(connection.server) == "https://api:6443/base"
    assert authorization(connection) == ""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"api_key": "abc"}, "Bearer abc"),
        ({"username": "u", "password": "p"}, "Basic dTpw"),
        ({"username": "u"}, ""),
    ],
)
def test_credentials_of_the_options(options, expected):
    assert authorization(opened(host="http://api", **options)) == expected


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({"token": "abc"}, "Bearer abc"),
        ({"token": 12345}, "Bearer 12345"),
        ({"username": "u", "password": "p"}, "Basic dTpw"),
        ({}, ""),
        (None, "Bearer s3cret"),
    ],
)
def test_plain_users(user, expected):
    connection = opened(kubeconfig=kubeconfig(user))
    assert authorization(connection) == expected
    assert isinstance(connection.credentials, FixedCredentials)


def test_options_override_the_kubeconfig():
    connection = opened(
        kubeconfig=kubeconfig({"exec": {"command": "never"}}), host="http://other", api_key="mine"
    )
    assert connection.server.host == "other"
    assert authorization(connection) == "Bearer mine"


def test_sources_in_order(tmp_path):
    pod = tmp_path / "pod"
    pod.mkdir()
    (pod / "token").write_text("of the pod")
    (pod / "ca.crt").write_text("")
    home = tmp_path / "home"
    (home / ".kube").mkdir(parents=True)
    written(home / ".kube" / "config", cluster={"server": "http://home"})
    variable = written(tmp_path / "variable", cluster={"server": "http://variable"})
    given = written(tmp_path / "given", cluster={"server": "http://given"})
    environ = {
        "HOME": str(home),
        "KUBECONFIG": variable,
        "KUBERNETES_SERVICE_HOST": "fd00::1",
        "KUBERNETES_SERVICE_PORT": "443",
    }
    assert opened(environ, str(pod), kubeconfig=given).server.host == "given"
    assert opened(environ, str(pod)).server.host == "variable"
    del environ["KUBECONFIG"]
    connection = opened(environ, str(pod))
    assert str(connection.server) == "https://[fd00::1]:443"
    assert authorization(connection) == "Bearer of the pod"
    assert opened(environ, str(pod), context="one").server.host == "home"
    assert opened(environ).server.host == "home"


def test_merged_files_first_entry_wins(tmp_path):
    first = tmp_path / "first"
    first.write_text(yaml.safe_dump({"users": [{"name": "u", "user": {"token": "first"}}]}))
    second = written(tmp_path / "second")
    environ = {"KUBECONFIG": f"{tmp_path / 'absent'}:{first}:{second}"}
    assert authorization(opened(environ)) == "Bearer first"


def test_paths_are_relative_to_their_file(tmp_path):
    (tmp_path / "token").write_text("from the file")
    path = written(tmp_path / "config", user={"tokenFile": "token", "token": "old"})
    connection = opened(kubeconfig=path)
    assert authorization(connection) == "Bearer from the file"
    assert isinstance(connection.credentials, RenewedCredentials)


@pytest.mark.parametrize("text", [yaml.safe_dump(kubeconfig()), json.dumps(kubeconfig())])
def test_inline_text(text):
    assert authorization(opened(kubeconfig=text)) == "Bearer s3cret"


def test_impersonation():
    user = {"as": "jane", "as-groups": ["a", "b"], "as-uid": 7, "as-user-extra": {"k": ["v"]}}
    assert opened(kubeconfig=kubeconfig(user)).headers == (
        ("Impersonate-User", "jane"),
        ("Impersonate-Uid", "7"),
        ("Impersonate-Group", "a"),
        ("Impersonate-Group", "b"),
        ("Impersonate-Extra-k", "v"),
    )
    connection = opened(
        kubeconfig=kubeconfig(user), impersonate_user="joe", impersonate_groups=("g",)
    )
    assert connection.headers == (("Impersonate-User", "joe"), ("Impersonate-Group", "g"))


def test_proxy_and_no_proxy():
    config = kubeconfig(cluster={"proxy-url": "http://p:3128"})
    assert opened(kubeconfig=config).proxy.host == "p"
    assert opened(kubeconfig=config, proxy="q").proxy.host == "q"
    assert opened(kubeconfig=config, no_proxy="c").proxy is None
    assert opened({"http_proxy": "http://e"}, kubeconfig=kubeconfig()).proxy.host == "e"
    environ = {"http_proxy": "http://e", "NO_PROXY": "c"}
    assert opened(environ, kubeconfig=kubeconfig()).proxy is None


HTTPS = {"server": "https://c:1"}
NOT_PEM = base64.b64encode(b"nonsense").decode()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "there is no kubeconfig at"),
        ({"kubeconfig": "/nonexistent"}, "No such file"),
        ({"kubeconfig": "/"}, "directory"),
        ({"kubeconfig": "a: b: c\n\t- s3cret"}, r"it is not YAML \(line 1\)"),
        ({"kubeconfig": "- a\n- b"}, "it is not a kubeconfig"),
        ({"kubeconfig": {"users": [{"user": {}}]}}, "an entry of users is malformed"),
        ({"kubeconfig": {"users": ["x"]}}, "an entry of users is malformed"),
        ({"kubeconfig": {"clusters": []}}, "no current-context"),
        ({"kubeconfig": kubeconfig(), "context": "two"}, "no context 'two'. It has: anonymous,"),
        ({"kubeconfig": kubeconfig(), "context": "lost"}, "no cluster 'gone'. It has: c"),
        ({"kubeconfig": kubeconfig(), "context": "nobody"}, "no user 'gone'. It has: u"),
        ({"kubeconfig": kubeconfig(clusters=[{"name": "c"}])}, "has no server"),
        ({"kubeconfig": kubeconfig({"exec": "x"})}, "exec of the user is no mapping"),
        ({"kubeconfig": kubeconfig({"token": "a\nb"})}, "characters that cannot be sent"),
        ({"kubeconfig": kubeconfig({"client-certificate": "/nonexistent/x"})}, "No such file"),
        ({"kubeconfig": kubeconfig({"client-key-data": "YQ=="})}, "certificate is missing"),
        ({"kubeconfig": kubeconfig({"client-certificate-data": "YQ=="})}, "key is missing"),
        ({"kubeconfig": kubeconfig({"client-key-data": "%%"})}, "it is not base64"),
        ({"kubeconfig": kubeconfig(cluster={"certificate-authority": "/gone"})}, "No such file"),
        (
            {"kubeconfig": kubeconfig(cluster={**HTTPS, "certificate-authority-data": NOT_PEM})},
            "not a PEM certificate",
        ),
        (
            {
                "kubeconfig": kubeconfig(
                    {"client-key-data": NOT_PEM, "client-certificate-data": NOT_PEM}, HTTPS
                )
            },
            "not unencrypted PEM",
        ),
        ({"host": "api:6443"}, "not of the form https://host:port"),
        ({"host": "https://api:port"}, "not of the form https://host:port"),
        ({"host": "ftp://api"}, "not of the form https://host:port"),
        ({"host": "https://api", "ca_cert": "/nonexistent"}, "No such file"),
        ({"host": "https://api", "client_cert": "/nonexistent"}, "No such file"),
        ({"host": "http://api", "impersonate_groups": ("a",)}, "groups need a user"),
        ({"host": "http://api", "impersonate_user": "a\nb"}, "cannot be sent in a header"),
        ({"host": "http://api", "proxy": "socks5://x"}, "only http://"),
    ],
)
def test_clear_errors(options, text):
    with pytest.raises(ClusterConfigError, match=text) as caught:
        opened({"HOME": "/nonexistent"}, **options)
    assert "s3cret" not in str(caught.value)


def test_anonymous_context():
    assert authorization(opened(kubeconfig=kubeconfig(), context="anonymous")) == ""


def test_no_secret_in_repr():
    options = ConnectionOptions(
        kubeconfig=kubeconfig(), api_key="s3cret", password="s3cret", proxy="http://u:s3cret@p"
    )
    assert "s3cret" not in repr(options)
    assert "s3cret" not in repr(opened(kubeconfig=kubeconfig()))


def test_plain_connections_import_no_library():
    code = """
import sys
from ansible_collections.velero.core.plugins.module_utils.cluster.client import ApiCluster
from ansible_collections.velero.core.plugins.module_utils.cluster.config import connect
from ansible_collections.velero.core.plugins.module_utils.cluster.options import ConnectionOptions
ApiCluster(connect(ConnectionOptions(host="https://api", api_key="x"), {}))
wrong = {"kubernetes", "urllib3", "yaml", "requests"} & set(sys.modules)
text = '''
current-context: a
contexts: [{name: a, context: {cluster: a, user: a}}]
clusters: [{name: a, cluster: {server: "https://a"}}]
users: [{name: a, user: {token: abc}}]
'''
ApiCluster(connect(ConnectionOptions(kubeconfig=text), {}))
wrong |= {"kubernetes", "urllib3", "requests"} & set(sys.modules)
sys.exit(f"imported: {wrong}" if wrong else 0)
"""
    environ = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
