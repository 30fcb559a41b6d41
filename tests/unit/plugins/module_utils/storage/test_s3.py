# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import builtins
import socket
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    MissingLibraryError,
    RequestError,
    StorageAccessError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.storage.s3 import S3Store
from ansible_collections.velero.core.plugins.module_utils.storage.s3_checksum import (
    checksum_arguments,
)
from ansible_collections.velero.core.plugins.module_utils.storage.s3_config import S3Config

pytest.importorskip("boto3")
from botocore.stub import ANY, Stubber

KEYS = b"[default]\naws_access_key_id=AK\naws_secret_access_key=hidden\n"


def make(**options: Any) -> S3Store:
    values: dict[str, Any] = {
        "bucket": "b",
        "prefix": "p",
        "url": "http://127.0.0.1:1",
        "credentials_data": KEYS,
        "attempts": 1,
        **options,
    }
    return S3Store(S3Config(**values))


def stubbed(store: S3Store) -> Stubber:
    stubber = Stubber(store._client)
    stubber.activate()
    return stubber


def test_location_and_region() -> None:
    store = make()
    assert store.location("backups/x") == "s3://b/p/backups/x"
    assert store.location() == "s3://b/p"
    assert store._client.meta.region_name == "us-east-1"
    assert make(region="eu-west-1")._client.meta.region_name == "eu-west-1"


@pytest.mark.parametrize(
    ("algorithm", "arguments"),
    [
        ("CRC32", {"ChecksumCRC32": "jNwWgw=="}),
        ("SHA1", {"ChecksumSHA1": "EfatjsUqKYSrqv18O1FlA3hcIHI="}),
        ("SHA256", {"ChecksumSHA256": "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE="}),
        ("", {}),
    ],
)
def test_upload_arguments(algorithm: str, arguments: dict[str, str]) -> None:
    store = make(upload={"ServerSideEncryption": "AES256"}, checksum_algorithm=algorithm)
    expected = {
        "Bucket": "b",
        "Key": "p/k",
        "Body": b"x",
        "ServerSideEncryption": "AES256",
        **arguments,
    }
    with stubbed(store) as stubber:
        stubber.add_response("put_object", {}, expected)
        store.write("k", b"x")
        stubber.assert_no_pending_responses()


def test_other_checksums_are_left_to_botocore() -> None:
    assert checksum_arguments("CRC32C", b"x") == {"ChecksumAlgorithm": "CRC32C"}


def test_customer_key_goes_with_every_request() -> None:
    store = make(customer_key=b"k" * 32, checksum_algorithm="")
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": ANY}
    target = {"Bucket": "b", "Key": "p/k", **key}
    with stubbed(store) as stubber:
        stubber.add_response("put_object", {}, {**target, "Body": b"x"})
        stubber.add_response("head_object", {}, target)
        store.write("k", b"x")
        assert store.exists("k")
        stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("listed", "expected"),
    [({}, False), ({"Contents": [{"Key": "p/kk"}]}, False), ({"Contents": [{"Key": "p/k"}]}, None)],
)
def test_403_for_head_asks_the_list(listed: dict[str, Any], expected: bool | None) -> None:
    store = make()
    with stubbed(store) as stubber:
        stubber.add_client_error("head_object", "403", "Forbidden", 403)
        stubber.add_response("list_objects_v2", listed)
        if expected is None:
            with pytest.raises(StorageAccessError, match="s3:GetObject"):
                store.exists("k")
        else:
            assert store.exists("k") is expected


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchBucket"])
def test_404_for_head_is_confirmed(code: str) -> None:
    store = make()
    with stubbed(store) as stubber:
        stubber.add_client_error("head_object", "404", "Not Found", 404)
        stubber.add_client_error("list_objects_v2", code)
        if code == "AccessDenied":
            assert not store.exists("k")
        else:
            with pytest.raises(StorageError, match=code):
                store.exists("k")


def test_403_without_list_permission() -> None:
    store = make()
    with stubbed(store) as stubber:
        stubber.add_client_error("head_object", "403", "Forbidden", 403)
        stubber.add_client_error("list_objects_v2", "AccessDenied", "Access Denied", 403)
        with pytest.raises(StorageAccessError, match="s3:ListBucket is missing"):
            store.exists("k")


def test_unreachable_endpoint() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        store = make(url=url, connect_timeout=2)
        with pytest.raises(StorageError, match=url) as caught:
            store.read("k")
    assert "s3Url" in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_environment_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "other")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "other")
    credentials = make()._client._request_signer._credentials  # type: ignore[attr-defined]
    assert credentials.access_key == "AK"


def test_credentials_of_a_profile(tmp_path: Path) -> None:
    file = tmp_path / "cloud"
    file.write_bytes(KEYS.replace(b"default", b"other"))
    store = make(credentials_data=b"", credentials_file=str(file), profile="other")
    assert store._client._request_signer._credentials.access_key == "AK"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"profile": "other"}, StorageAccessError, "other"),
        (
            {"credentials_data": b"[default]\n"},
            StorageAccessError,
            "has no keys in profile default",
        ),
        ({"credentials_data": b"hidden\n"}, StorageError, "opening the backup storage"),
        ({"credentials_data": b"", "credentials_file": "/absent"}, RequestError, "/absent"),
        ({"ca_cert": "/absent.pem"}, RequestError, "CA certificate"),
    ],
)
def test_bad_options(options: dict[str, Any], kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text) as caught:
        make(**options)
    assert "hidden" not in str(caught.value)


def test_ca_is_added_to_those_of_the_system(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("-----BEGIN OURS-----\n")
    for ca in (str(file), file.read_text()):
        store = make(ca_cert=ca)
        bundle = Path(store._connection.files[0].name)
        text = bundle.read_text()
        assert text.endswith("-----BEGIN OURS-----\n")
        assert "-----BEGIN CERTIFICATE-----" in text
        assert bundle.stat().st_mode & 0o077 == 0
        del store
        assert not bundle.exists()


def test_missing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name.startswith("botocore"):
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingLibraryError, match="boto3"):
        make()
