# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions for secrets, service accounts and bindings."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ActionError
from tests.conformance.item_actions.call import environment, execute, updated

Manifest = dict[str, Any]
TOKEN = "kubernetes.io/service-account-token"


def secret(name: str, namespace: str = "shop", **more: Any) -> Manifest:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    body: Manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": TOKEN}
    return {**body, **more}


def account(name: str, namespace: str) -> Manifest:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


@pytest.mark.parametrize(
    ("item", "skipped"),
    [
        (secret("app-token-x"), True),
        (secret("app-token-"), True),
        (secret("app-token"), False),
        (secret("my-app-token-x"), False),
        (secret("app-token-x", "blog"), False),
        (secret("app-token-x", ""), True),
        (secret("app-token-x", type="Opaque"), False),
    ],
)
def test_automatic_tokens(item: Manifest, skipped: bool) -> None:
    found = execute("secret", item, known=environment(account("app", "shop")))
    assert found.skip_restore is skipped
    assert found.updated_item == item


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"token": "YQ==", "ca.crt": "YQ==", "namespace": "YQ=="}, {"namespace": "YQ=="}),
        ({"extra": "YQ=="}, {"extra": "YQ=="}),
        ({}, {}),
        (None, None),
    ],
)
def test_own_tokens(data: Manifest | None, expected: Manifest | None) -> None:
    assert updated("secret", secret("mine", data=data)) == secret("mine", data=expected)


def test_an_emptied_secret_has_no_data() -> None:
    assert updated("secret", secret("mine", data={"token": "YQ=="})) == secret("mine")


def test_annotations_of_own_tokens() -> None:
    given = secret("mine")
    given["metadata"]["annotations"] = {
        "kubernetes.io/service-account.uid": "1",
        "kubernetes.io/service-account.name": "sa",
    }
    found = updated("secret", given)
    assert found["metadata"]["annotations"] == {"kubernetes.io/service-account.name": "sa"}


def test_accounts_are_listed_again_only_when_none_fits() -> None:
    known = environment()
    cluster: Any = known.cluster
    assert not execute("secret", secret("app-token-x"), known=known).skip_restore
    cluster._objects["", "serviceaccounts", "shop", "app"] = account("app", "shop")
    assert execute("secret", secret("app-token-x"), known=known).skip_restore
    assert cluster.requests == 2
    assert execute("secret", secret("app-token-y"), known=known).skip_restore
    assert cluster.requests == 2


def test_other_secrets_cost_no_request() -> None:
    known = environment()
    execute("secret", secret("x", type="Opaque"), known=known)
    assert known.cluster.requests == 0  # type: ignore[attr-defined]


def test_refused_secret() -> None:
    prefix = "unable to convert secret from runtime.Unstructured: "
    with pytest.raises(ActionError, match=f"{prefix}cannot restore slice from int64"):
        execute("secret", secret("x", data={"a": 5}))


def references(*names: str) -> list[Manifest]:
    return [{"name": name} for name in names]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {}),
        ({"secrets": None}, {"secrets": None}),
        ({"secrets": []}, {"secrets": []}),
        ({"secrets": references("sa-token-1")}, {}),
        (
            {"secrets": references("sa-token-1", "other", "sa-token-2")},
            {"secrets": references("sa-token-1", "other")},
        ),
        ({"secrets": references("sa-token-1", "z")}, {"secrets": references("z")}),
        ({"secrets": references("other")}, {"secrets": references("other")}),
        ({"secrets": [{}, None]}, {"secrets": [{}, None]}),
        (
            {"imagePullSecrets": references("sa-token-1")},
            {"imagePullSecrets": references("sa-token-1")},
        ),
    ],
)
def test_service_account(given: Manifest, expected: Manifest) -> None:
    body = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "sa"}}
    assert updated("service-account", {**body, **given}) == {**body, **expected}


def test_service_account_without_a_name() -> None:
    given = {"kind": "ServiceAccount", "secrets": references("x", "-token-1")}
    assert updated("service-account", given)["secrets"] == references("x")


def test_refused_service_account() -> None:
    prefix = "unable to convert serviceaccount from runtime.Unstructured: "
    with pytest.raises(ActionError, match=f"{prefix}cannot restore struct from: string"):
        execute("service-account", {"kind": "ServiceAccount", "secrets": ["x"]})


MAPPING = {"shop": "shop2", "shop2": "shop3", "gone": ""}


@pytest.mark.parametrize("kind", ["RoleBinding", "ClusterRoleBinding"])
@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ({"kind": "ServiceAccount", "namespace": "shop"}, "shop2"),
        ({"kind": "User", "namespace": "shop"}, "shop2"),
        ({"kind": "ServiceAccount", "namespace": "blog"}, "blog"),
        ({"kind": "ServiceAccount", "namespace": "gone"}, None),
        ({"kind": "User"}, None),
        ({"kind": "User", "namespace": None}, None),
    ],
)
def test_bindings(kind: str, subject: Manifest, expected: str | None) -> None:
    name = "role-bindings" if kind == "RoleBinding" else "cluster-role-bindings"
    item = {"kind": kind, "subjects": [subject, None], "roleRef": {"name": "shop"}}
    found = updated(name, item, spec={"namespaceMapping": MAPPING})
    assert found["subjects"][0].get("namespace") == expected
    assert found["roleRef"] == {"name": "shop"}


@pytest.mark.parametrize("mapping", [None, {}])
def test_bindings_without_a_mapping_are_not_looked_at(mapping: Manifest | None) -> None:
    item = {"kind": "RoleBinding", "subjects": "x"}
    assert updated("role-bindings", item, spec={"namespaceMapping": mapping}) == item


@pytest.mark.parametrize("subjects", ["x", [{"namespace": 5}]])
def test_refused_bindings(subjects: Any) -> None:
    item = {"kind": "RoleBinding", "subjects": subjects}
    with pytest.raises(ActionError):
        execute("role-bindings", item, spec={"namespaceMapping": MAPPING})
