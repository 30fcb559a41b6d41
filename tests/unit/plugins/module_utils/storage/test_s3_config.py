# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.storage.location import StorageLocation
from ansible_collections.velero.core.plugins.module_utils.storage.s3_config import (
    S3Config,
    s3_config,
)


def configured(*, bucket: str = "b", prefix: str = "", key: bytes = b"", **config: Any) -> S3Config:
    location = StorageLocation(
        provider="aws", bucket=bucket, prefix=prefix, config=config, customer_key=key
    )
    return s3_config(location)


def test_defaults() -> None:
    assert configured() == S3Config(bucket="b")


@pytest.mark.parametrize(
    ("bucket", "expected"),
    [("/b/", "b"), ("arn:aws:s3::1:accesspoint/x.mrap", "arn:aws:s3::1:accesspoint/x.mrap")],
)
def test_bucket(bucket: str, expected: str) -> None:
    assert configured(bucket=bucket).bucket == expected


@pytest.mark.parametrize(
    ("prefix", "expected"), [("", ""), ("/", ""), ("/a/b/", "a/b"), ("a//./b", "a/b"), (".", "")]
)
def test_prefix(prefix: str, expected: str) -> None:
    assert configured(prefix=prefix).prefix == expected


@pytest.mark.parametrize("value", [True, "true", "T", "1"])
def test_booleans(value: str | bool) -> None:
    found = configured(s3ForcePathStyle=value, insecureSkipTLSVerify=value)
    assert found.path_style
    assert not found.verify_tls
    assert not configured(s3ForcePathStyle=False, insecureSkipTLSVerify="false").path_style


@pytest.mark.parametrize(
    ("config", "upload"),
    [
        ({"kmsKeyId": "k"}, {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "k"}),
        ({"serverSideEncryption": "AES256"}, {"ServerSideEncryption": "AES256"}),
        ({"tagging": "a=b&c=d"}, {"Tagging": "a=b&c=d"}),
        ({"enableSharedConfig": "true", "signatureVersion": "4", "publicUrl": "http://p"}, {}),
    ],
)
def test_upload_arguments(config: dict[str, Any], upload: dict[str, str]) -> None:
    assert configured(**config).upload == upload


def test_customer_keys(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"k" * 32)
    found = configured(customerKeyEncryptionFile=str(file), serverSideEncryption="AES256")
    assert found.customer_key == b"k" * 32
    assert found.upload == {}
    assert "kkk" not in repr(found)
    assert configured(customerKeyEncryptionSecret="s/k", key=b"x" * 32).customer_key == b"x" * 32
    file.write_bytes(b"k" * 33)
    with pytest.raises(RequestError, match="not exactly 32 bytes"):
        configured(customerKeyEncryptionFile=str(file))


def test_checksum_can_be_switched_off() -> None:
    assert configured(checksumAlgorithm="").checksum_algorithm == ""
    assert configured(checksumAlgorithm="SHA256").checksum_algorithm == "SHA256"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"bucket": "b/c"},
            "backup storage location's bucket name \"b/c\" must not contain a '/' "
            "(if using a prefix, put it in the 'Prefix' field instead)",
        ),
        ({"bucket": "/"}, "bucket name must not be empty"),
        ({"y": "1", "x": "1"}, "config has invalid keys [x y]; valid keys are [bucket caCert "),
        ({"s3Url": "minio:9000"}, "Invalid s3 url minio:9000, URL must be valid according to"),
        ({"s3Url": "https://user:word@"}, "and start with http:// or https://"),
        ({"publicUrl": "ftp://x"}, "Invalid s3 url ftp://x"),
        ({"s3ForcePathStyle": "maybe"}, "could not parse s3ForcePathStyle (expected bool)"),
        ({"tagging": "a=b"}, "Tags are not seperated with an &"),
        ({"tagging": "&".join("abcdefghijk")}, "more than 10 tags"),
        (
            {"kmsKeyId": "k", "customerKeyEncryptionFile": "f"},
            "you can only use one of: kmsKeyId, customerKeyEncryptionFile, or "
            "customerKeyEncryptionSecret",
        ),
        ({"customerKeyEncryptionFile": "/absent"}, "cannot read customerKeyEncryptionFile"),
        ({"customerKeyEncryptionSecret": "s/k"}, "not exactly 32 bytes"),
    ],
)
def test_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(RequestError) as caught:
        configured(**options)
    assert text in str(caught.value)
    assert "word" not in str(caught.value)
