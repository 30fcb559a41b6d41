# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making the boto3 client of an S3 storage.

Source: reference backup-storage-and-crs.md sections 3.3 and 3.4.
"""

from __future__ import annotations

import os
import ssl
import tempfile
import traceback
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    MissingLibraryError,
    RequestError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.storage.aws_session import (
    AwsCredentials,
    open_session,
)
from ansible_collections.velero.core.plugins.module_utils.storage.s3_config import (
    S3Config,
    shown_url,
)
from ansible_collections.velero.core.plugins.module_utils.storage.s3_errors import translated

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_s3 import S3Client

_OPENING = "opening the backup storage"
# Any region answers which region a bucket is in.
_ASKED_REGION = "us-east-1"
_POOL_SIZE = 32
_PEM_MARK = "-----BEGIN"


@dataclass(frozen=True, slots=True)
class S3Connection:
    """A client that may be used from several threads at once.

    ``endpoint`` is for people, ``errors`` are the exceptions its calls raise; ``files`` keeps
    temporary files alive that the client still needs.
    """

    client: S3Client
    endpoint: str
    errors: tuple[type[Exception], ...]
    files: list[Any] = field(default_factory=list, repr=False)


def connect(config: S3Config) -> S3Connection:
    """Returns a connection; asks for the bucket's region when neither it nor a URL is given.

    Raises MissingLibraryError, RequestError (files that cannot be read), StorageAccessError
    (credentials) or StorageError (region, endpoint).
    """
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as error:
        raise MissingLibraryError(
            "boto3", "backup storage in S3", traceback.format_exc()
        ) from error
    errors = (BotoCoreError, ClientError)
    target = f"s3://{config.bucket}"
    files: list[Any] = []
    with ExitStack() as scratch:
        try:
            session = _session(config, scratch)
            verify = _verify(config, files)
            region = config.region or _region(session, config, verify)
            client = _client(session, config, verify, region)
        except errors as error:
            raise translated(error, _OPENING, target, shown_url(config.url)) from error
        except ImportError as error:
            raise MissingLibraryError(
                "boto3", "backup storage in S3", traceback.format_exc()
            ) from error
        except ValueError as error:
            raise StorageError(_OPENING, target, str(error)) from error
    endpoint = shown_url(config.url) or client.meta.endpoint_url
    return S3Connection(client, endpoint, errors, files)


def _session(config: S3Config, scratch: ExitStack) -> Session:
    credentials = AwsCredentials(
        profile=config.profile, file=config.credentials_file, data=config.credentials_data
    )
    return open_session(credentials, scratch, doing=_OPENING, target=f"s3://{config.bucket}")


def _verify(config: S3Config, files: list[Any]) -> bool | str | None:
    """Returns botocore's ``verify``: no, a bundle of the system's CAs and ours, or its default."""
    if not config.verify_tls:
        return False
    if not config.ca_cert:
        return None
    bundle = tempfile.NamedTemporaryFile(prefix="velero-core-ca-", suffix=".pem")  # noqa: SIM115
    files.append(bundle)
    bundle.write(_system_cas() + b"\n" + _ca_pem(config.ca_cert))
    bundle.flush()
    return bundle.name


def _ca_pem(text_or_path: str) -> bytes:
    if _PEM_MARK in text_or_path:
        return text_or_path.encode()
    try:
        with open(text_or_path, "rb") as stream:
            return stream.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is neither PEM text nor a file"
        raise RequestError("reading the CA certificate of the storage", "", reason) from None


def _system_cas() -> bytes:
    from botocore.httpsession import get_cert_path

    # The library's own bundle where the system has none.
    for path in (ssl.get_default_verify_paths().cafile, get_cert_path(True)):
        if path and os.path.isfile(path):
            with open(path, "rb") as stream:
                return stream.read()
    return b""


def _region(session: Session, config: S3Config, verify: bool | str | None) -> str:
    """Returns the bucket's region; with a URL of its own the session's, or any."""
    if config.url:
        return str(session.get_config_variable("region") or _ASKED_REGION)
    from botocore.exceptions import ClientError

    client = _client(session, config, verify, _ASKED_REGION)
    try:
        answer: Any = client.head_bucket(Bucket=config.bucket)
    except ClientError as error:
        answer = error.response
    headers = (answer.get("ResponseMetadata") or {}).get("HTTPHeaders") or {}
    region = str(headers.get("x-amz-bucket-region") or "")
    if not region:
        raise StorageError(
            _OPENING,
            f"s3://{config.bucket}",
            f"unable to determine bucket's region, bucket: {config.bucket}",
            "Check the bucket's name and the credentials, or set config key region",
        )
    return region


def _client(session: Session, config: S3Config, verify: bool | str | None, region: str) -> S3Client:
    from boto3.session import Session as BotoSession
    from botocore.config import Config

    options: dict[str, Any] = {
        "connect_timeout": config.connect_timeout,
        "read_timeout": config.read_timeout,
        "max_pool_connections": _POOL_SIZE,
        "retries": {"mode": "standard", "total_max_attempts": config.attempts},
        "s3": {"addressing_style": "path" if config.path_style else "auto"},
    }
    # botocore before 1.36 does not know the option and sends no checksum unasked.
    if not config.checksum_algorithm and "request_checksum_calculation" in Config.OPTION_DEFAULTS:
        options["request_checksum_calculation"] = "when_required"
    return BotoSession(botocore_session=session).client(
        "s3",
        region_name=region,
        endpoint_url=config.url or None,
        verify=verify,
        config=Config(**options),
    )
