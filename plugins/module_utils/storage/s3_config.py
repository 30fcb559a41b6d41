# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration of an S3 storage: Velero's keys, checked and typed.

Source: reference backup-storage-and-crs.md sections 1.1, 3.3 and 3.4, object_store.go of the AWS
plugin.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.storage.location import StorageLocation

_VALID_KEYS = frozenset(
    (
        "bucket",
        "caCert",
        "checksumAlgorithm",
        "credentialsFile",
        "customerKeyEncryptionFile",
        "customerKeyEncryptionSecret",
        "enableSharedConfig",
        "insecureSkipTLSVerify",
        "kmsKeyId",
        "prefix",
        "profile",
        "publicUrl",
        "region",
        "s3ForcePathStyle",
        "s3Url",
        "serverSideEncryption",
        "signatureVersion",
        "tagging",
    )
)
_ENCRYPTION_KEYS = ("kmsKeyId", "customerKeyEncryptionFile", "customerKeyEncryptionSecret")
_TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False", ""))
_CUSTOMER_KEY_LENGTH = 32
_MAX_TAGS = 10
_DEFAULT_CHECKSUM = "CRC32"


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Config:
    """A checked configuration; times in seconds.

    ``prefix`` has no slashes at its ends, ``ca_cert`` is PEM text or a path, ``upload`` holds
    further arguments of PutObject. An empty ``checksum_algorithm`` means no checksum, an empty
    ``profile`` and no credentials mean boto3's own chain.
    """

    bucket: str
    prefix: str = ""
    region: str = ""
    url: str = ""
    path_style: bool = False
    verify_tls: bool = True
    ca_cert: str = field(default="", repr=False)
    profile: str = ""
    credentials_file: str = ""
    credentials_data: bytes = field(default=b"", repr=False)
    customer_key: bytes = field(default=b"", repr=False)
    upload: Mapping[str, str] = field(default_factory=dict)
    checksum_algorithm: str = _DEFAULT_CHECKSUM
    attempts: int = 5
    connect_timeout: float = 10.0
    read_timeout: float = 60.0


def s3_config(location: StorageLocation) -> S3Config:
    """Returns the configuration of ``location``; RequestError with Velero's texts."""
    config = location.config
    invalid = sorted(set(config) - _VALID_KEYS)
    if invalid:
        valid = " ".join(sorted(_VALID_KEYS))
        raise _refused(f"config has invalid keys [{' '.join(invalid)}]; valid keys are [{valid}]")
    url = _text(config, "s3Url")
    _check_url(url)
    _check_url(_text(config, "publicUrl"))
    return S3Config(
        bucket=_bucket(location.bucket),
        prefix=_prefix(location.prefix),
        region=_text(config, "region"),
        url=url,
        path_style=_boolean(config, "s3ForcePathStyle"),
        verify_tls=not _boolean(config, "insecureSkipTLSVerify"),
        ca_cert=location.ca_cert or _text(config, "caCert"),
        profile=_text(config, "profile"),
        credentials_file=location.credentials_file or _text(config, "credentialsFile"),
        credentials_data=location.credentials_data,
        customer_key=_customer_key(location),
        upload=_upload(config),
        checksum_algorithm=str(config.get("checksumAlgorithm", _DEFAULT_CHECKSUM)),
    )


def shown_url(url: str) -> str:
    """Returns ``url`` without user and password."""
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}"


def _bucket(value: str) -> str:
    bucket = value.strip("/")
    if not bucket:
        raise _refused("backup storage location's bucket name must not be empty")
    if "/" in bucket and not bucket.startswith("arn:aws:s3:"):
        raise _refused(
            f"backup storage location's bucket name \"{bucket}\" must not contain a '/' "
            "(if using a prefix, put it in the 'Prefix' field instead)"
        )
    return bucket


def _prefix(value: str) -> str:
    prefix = value.strip("/")
    return posixpath.normpath(prefix).strip("/") if prefix not in ("", ".") else ""


def _text(config: Mapping[str, str | bool], key: str) -> str:
    return str(config.get(key) or "").strip()


def _boolean(config: Mapping[str, str | bool], key: str) -> bool:
    value = config.get(key, False)
    if isinstance(value, bool):
        return value
    if value in _TRUE:
        return True
    if value not in _FALSE:
        raise _refused(f"could not parse {key} (expected bool)")
    return False


def _check_url(url: str) -> None:
    if not url:
        return
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise _refused(
            f"Invalid s3 url {shown_url(url)}, URL must be valid according to "
            "https://golang.org/pkg/net/url/#Parse and start with http:// or https://"
        )


def _customer_key(location: StorageLocation) -> bytes:
    chosen = [key for key in _ENCRYPTION_KEYS if location.config.get(key)]
    if len(chosen) > 1:
        raise _refused(
            "you can only use one of: kmsKeyId, customerKeyEncryptionFile, or "
            "customerKeyEncryptionSecret"
        )
    file = _text(location.config, "customerKeyEncryptionFile")
    data = location.customer_key
    if file:
        try:
            with open(file, "rb") as stream:
                data = stream.read(_CUSTOMER_KEY_LENGTH + 1)
        except OSError as error:
            raise _refused(f"cannot read customerKeyEncryptionFile: {error.strerror}") from error
    elif "customerKeyEncryptionSecret" not in chosen:
        return b""
    if len(data) != _CUSTOMER_KEY_LENGTH:
        raise _refused(f"the key of {chosen[0]} is not exactly 32 bytes long")
    return data


def _upload(config: Mapping[str, str | bool]) -> dict[str, str]:
    out: dict[str, str] = {}
    if config.get("kmsKeyId"):
        out = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": _text(config, "kmsKeyId")}
    elif config.get("serverSideEncryption") and not any(map(config.get, _ENCRYPTION_KEYS)):
        out = {"ServerSideEncryption": _text(config, "serverSideEncryption")}
    tagging = _text(config, "tagging")
    if tagging:
        if "&" not in tagging:
            raise _refused("Tags are not seperated with an &")
        if tagging.count("&") >= _MAX_TAGS:
            raise _refused(f"there are more than {_MAX_TAGS} tags in tagging")
        out["Tagging"] = tagging
    return out


def _refused(why: str) -> RequestError:
    return RequestError("reading the configuration of the backup storage", "", why)
