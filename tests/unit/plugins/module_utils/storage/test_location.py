# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    NotFoundError,
    RequestError,
)
from ansible_collections.velero.core.plugins.module_utils.storage.directory import DirectoryStore
from ansible_collections.velero.core.plugins.module_utils.storage.location import (
    StorageLocation,
    from_backup_storage_location,
)
from ansible_collections.velero.core.plugins.module_utils.storage.registry import open_store

SECRETS = {
    ("cloud", "cloud"): b"[default]\nx=hidden\n",
    ("sse", "key"): b"k" * 32,
    ("ca", "pem"): b"PEM",
}


def secret(name: str, key: str) -> bytes:
    if name not in {known for known, _key in SECRETS}:
        raise NotFoundError(
            "reading",
            f"secret {name}",
            code=404,
            reason="NotFound",
            message=f'Secret "{name}" not found',
        )
    return SECRETS[(name, key)]


def bsl(**spec: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {"provider": "aws", "objectStorage": {"bucket": "b"}}
    return {"metadata": {"name": "default"}, "spec": {**whole, **spec}}


def test_all_fields() -> None:
    found = from_backup_storage_location(
        bsl(
            provider="velero.io/aws",
            objectStorage={
                "bucket": "b",
                "prefix": "p",
                "caCert": base64.b64encode(b"PEM").decode(),
            },
            config={"region": "r", "customerKeyEncryptionSecret": "sse/key"},
            credential={"name": "cloud", "key": "cloud"},
            accessMode="ReadOnly",
        ),
        secret,
    )
    assert found == StorageLocation(
        provider="velero.io/aws",
        bucket="b",
        prefix="p",
        config={"region": "r", "customerKeyEncryptionSecret": "sse/key"},
        credentials_data=SECRETS[("cloud", "cloud")],
        ca_cert="PEM",
        customer_key=b"k" * 32,
        access_mode="ReadOnly",
        name="default",
    )
    assert found.read_only
    assert "hidden" not in repr(found)
    assert "kkk" not in repr(found)


def test_ca_cert_of_a_secret() -> None:
    storage = {"bucket": "b", "caCertRef": {"name": "ca", "key": "pem"}}
    assert from_backup_storage_location(bsl(objectStorage=storage), secret).ca_cert == "PEM"
    storage = {"bucket": "b", "caCertRef": {"name": "none", "key": "pem", "optional": True}}
    assert from_backup_storage_location(bsl(objectStorage=storage), secret).ca_cert == ""


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"objectStorage": None}, "backup storage location does not use object storage"),
        ({"provider": ""}, "object storage provider name must not be empty"),
        (
            {"objectStorage": {"bucket": "b", "caCert": "eA==", "caCertRef": {"name": "x"}}},
            "cannot specify both caCert and caCertRef in objectStorage",
        ),
        ({"objectStorage": {"bucket": "b", "caCert": "!"}}, "caCert is not base64"),
        (
            {"credential": {"name": "cloud", "key": "other"}},
            "unable to get credentials: unable to get key for secret: "
            '"cloud" secret is missing data for key "other"',
        ),
        (
            {"credential": {"name": "none", "key": "cloud"}},
            'unable to get credentials: unable to get key for secret: Secret "none" not found',
        ),
        ({"config": {"customerKeyEncryptionSecret": "sse"}}, "must be secretName/key"),
    ],
)
def test_refused(spec: dict[str, Any], text: str) -> None:
    with pytest.raises(RequestError) as caught:
        from_backup_storage_location(bsl(**spec), secret)
    assert text in str(caught.value)
    assert "default" in str(caught.value)


def test_registry() -> None:
    store = open_store(StorageLocation(provider="directory", path="/tmp", prefix="x"))
    assert isinstance(store, DirectoryStore)
    assert store.location("k").endswith("/x/k")
    with pytest.raises(RequestError, match=r"'azure'.*Known providers are: aws, directory"):
        open_store(StorageLocation(provider="azure"))
