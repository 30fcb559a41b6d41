# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils import ansible_secrets
from ansible_collections.velero.core.plugins.module_utils.ansible_errors import failure
from ansible_collections.velero.core.plugins.module_utils.ansible_run import run_module
from ansible_collections.velero.core.plugins.module_utils.ansible_spec import AUTH
from ansible_collections.velero.core.plugins.module_utils.model import errors
from tests.unit.plugins.modules.support import Ended, FakeModule, parsed

FORBIDDEN: dict[str, Any] = {"code": 403, "reason": "Forbidden", "message": "no"}


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (
            errors.RequestError("reading", "name", "it is empty", "Give one"),
            "request",
            "Failed reading name: it is empty. Give one.",
        ),
        (errors.RecordError("restoring as", "r", "it differs"), "record", "it differs."),
        (errors.BackupNotFoundError("reading", "b", "none"), "storage", "Failed reading b: none."),
        (errors.StorageAccessError("listing", "s3://b", "denied"), "storage", "denied."),
        (errors.TruncatedArchiveError("reading", "a", "cut"), "archive", "cut."),
        (errors.ClusterConfigError("reading", "kubeconfig", "no"), "cluster_config", "no."),
        (
            errors.ConnectionFailedError("connecting", "https://x", "refused"),
            "connection",
            "refused. Check the address, the proxy options and the network.",
        ),
        (
            errors.ForbiddenError("listing", "pods", **FORBIDDEN),
            "rights",
            "no. Grant the user of this task the missing right, or use another user.",
        ),
        (errors.InvalidError("creating", "x", **FORBIDDEN), "api", "Failed creating x: no."),
        (errors.MissingLibraryError("boto3", "S3"), "library", "This is required for S3."),
        (errors.VeleroCoreError("working"), "other", "Failed working."),
    ],
)
def test_errors_become_messages(error: Any, kind: str, message: str) -> None:
    values = failure(error)
    assert values["error"]["kind"] == kind
    assert message in values["msg"]
    assert set(values["error"]) == {"kind", "doing", "target", "why", "hint"}


def test_the_task_fails_without_a_traceback() -> None:
    def work(params: dict[str, Any], check_mode: bool, diff: bool) -> dict[str, Any]:
        raise errors.RequestError("reading", "name", "it is empty")

    with pytest.raises(Ended) as ended:
        run_module(FakeModule({}, check_mode=False, diff=False), work)  # type: ignore[arg-type]
    assert ended.value.values["failed"] is True
    assert "exception" not in ended.value.values


def test_warnings_are_shown() -> None:
    with pytest.raises(Ended) as ended:
        run_module(
            FakeModule({}, check_mode=False, diff=False),  # type: ignore[arg-type]
            lambda params, check_mode, diff: {"changed": True, "warnings": ["lost"]},
        )
    assert ended.value.values["warnings"] == ["lost"]


KUBECONFIG = {
    "clusters": [{"name": "c", "cluster": {"server": "https://x", "certificate-authority": "/a"}}],
    "contexts": [{"name": "default", "context": {"cluster": "c", "user": "u"}}],
    "users": [
        {"name": "u", "user": {"token": "t-1", "client-key-data": "k-1", "client-key": "/key.pem"}},
        {
            "name": "v",
            "user": {
                "password": "p-1",
                "tokenFile": "/var/token",
                "auth-provider": {"name": "oidc", "config": {"refresh-token": "t-2"}},
                "exec": {"command": "get", "env": [{"name": "CLIENT_SECRET", "value": "e-1"}]},
            },
        },
    ],
}
SECRETS = {"t-1", "k-1", "p-1", "t-2", "e-1"}


def test_only_the_secrets_of_a_kubeconfig_are_masked() -> None:
    assert set(ansible_secrets.secrets_of_kubeconfig(KUBECONFIG)) == SECRETS
    assert set(ansible_secrets.secrets_of_kubeconfig("/home/me/.kube/config")) == set()
    text = ansible_secrets.secrets_of_kubeconfig("users:\n- user:\n    token: t-3\n")
    assert "t-3" in set(text)


def test_what_was_masked_as_a_whole_is_narrowed_down() -> None:
    given = {
        "kubeconfig": KUBECONFIG,
        "api_key": "default",
        "proxy": "http://user:pw@proxy:3128",
        "proxy_headers": {"basic_auth": "a:b"},
    }
    module = FakeModule(parsed(AUTH, given), check_mode=False, diff=False)
    module.no_log_values = {"https://x", "c", "default", "t-1", "u"}
    ansible_secrets.hide_secrets(module)  # type: ignore[arg-type]
    assert module.no_log_values == SECRETS | {"default", "pw", "a:b"}


def test_only_the_values_of_a_secret_are_masked() -> None:
    applied = {"kubectl.kubernetes.io/last-applied-configuration": "l-1", "other": "x"}
    secret = {
        "kind": "Secret",
        "metadata": {"name": "n", "annotations": applied},
        "data": {"a": "d-1"},
        "stringData": {"b": "s-1"},
    }
    assert set(ansible_secrets.secrets_of_item(secret)) == {"d-1", "s-1", "l-1"}
    assert set(ansible_secrets.secrets_of_item({**secret, "kind": "ConfigMap"})) == set()
    assert set(ansible_secrets.secrets_of_item({"kind": "Secret", "metadata": 1})) == set()
    assert set(ansible_secrets.secrets_of_item(None)) == set()
