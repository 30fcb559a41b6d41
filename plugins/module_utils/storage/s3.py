# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backup storage in a bucket of S3 or of a server that speaks its protocol.

Source: reference backup-storage-and-crs.md sections 1.1, 1.6 and 3.3.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, TypeVar

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ObjectNotFoundError,
    StorageAccessError,
    StorageError,
    VeleroCoreError,
)
from ansible_collections.velero.core.plugins.module_utils.storage.s3_checksum import (
    checksum_arguments,
)
from ansible_collections.velero.core.plugins.module_utils.storage.s3_client import (
    S3Connection,
    connect,
)
from ansible_collections.velero.core.plugins.module_utils.storage.s3_config import S3Config
from ansible_collections.velero.core.plugins.module_utils.storage.s3_errors import (
    is_denied,
    translated,
)
from ansible_collections.velero.core.plugins.module_utils.storage.s3_stream import (
    Body,
    ResumingStream,
)

_BUFFER_SIZE = 1024 * 1024
_CUSTOMER_ALGORITHM = "AES256"

Answer = TypeVar("Answer")


class S3Store:
    """Implements ObjectStore over a bucket; requests are retried by botocore.

    Raises as ``connect`` does when it is made.
    """

    def __init__(self, config: S3Config, connection: S3Connection | None = None) -> None:
        self._config = config
        self._root = f"{config.prefix}/" if config.prefix else ""
        self._connection = connection or connect(config)
        self._client = self._connection.client
        self._customer_key: dict[str, Any] = {}
        if config.customer_key:
            self._customer_key = {
                "SSECustomerAlgorithm": _CUSTOMER_ALGORITHM,
                "SSECustomerKey": config.customer_key,
            }

    def location(self, key: str = "") -> str:
        """Returns the URL of ``key`` (``s3://bucket/prefix/key``)."""
        return f"s3://{self._config.bucket}/{self._root}{key}".rstrip("/")

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        """Opens an object; ObjectNotFoundError, StorageAccessError, StorageError."""
        answer = self._call("reading", key, lambda: self._get(key))
        tag = str(answer.get("ETag") or "")

        def reopen(offset: int) -> Body:
            condition = {"IfMatch": tag} if tag else {}
            part = {"Range": f"bytes={offset}-", **condition}
            again = self._call("reading", key, lambda: self._get(key, **part))
            body: Body = again["Body"]
            return body

        def fault(error: Exception) -> VeleroCoreError:
            return self._fault(error, "reading", key)

        stream = ResumingStream(answer["Body"], reopen, fault, self._read_errors())
        return io.BufferedReader(stream, _BUFFER_SIZE)

    def read(self, key: str) -> bytes:
        """Returns the whole object; errors as ``open``."""
        with self.open(key) as stream:
            return stream.read()

    def write(self, key: str, data: bytes) -> None:
        """Writes an object by one PutObject, which is atomic."""
        checksum = checksum_arguments(self._config.checksum_algorithm, data)
        options: dict[str, Any] = {**self._config.upload, **self._customer_key, **checksum}
        target = self._target(key)
        self._call("writing", key, lambda: self._client.put_object(Body=data, **target, **options))

    def exists(self, key: str) -> bool:
        """Returns whether there is an object under ``key``.

        Raises StorageAccessError where S3 answers 403; its text tells about s3:ListBucket, without
        which an absent object cannot be told from a forbidden one.
        """
        target = self._target(key)
        try:
            self._client.head_object(**target, **self._customer_key)
        except Exception as error:
            fault = self._fault(error, "looking for", key)
            if isinstance(fault, (ObjectNotFoundError, StorageAccessError)):
                return self._confirmed_absent(key, fault)
            raise fault from error
        return True

    def _confirmed_absent(self, key: str, fault: StorageError) -> bool:
        """Returns False when the list of keys shows that there is no such object.

        The answer to HEAD has no reason in it: 404 may be the bucket, and some servers say 404 of
        an unknown access key; 403 may be the permission to know that the object is absent.
        """
        full = self._root + key
        bucket = self._config.bucket
        try:
            found = self._client.list_objects_v2(Bucket=bucket, Prefix=full, MaxKeys=1)
        except Exception as error:
            if isinstance(fault, ObjectNotFoundError) and is_denied(error):
                return False
            raise self._fault(error, "looking for", key) from error
        if any(entry.get("Key") == full for entry in found.get("Contents", [])):
            if isinstance(fault, ObjectNotFoundError):
                return True
            raise fault
        return False

    def keys(self, prefix: str) -> list[str]:
        """Returns all keys that begin with ``prefix``, sorted."""
        pages = self._call("listing", prefix, lambda: list(self._pages(prefix)))
        found = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        return sorted(key[len(self._root) :] for key in found)

    def folders(self, prefix: str) -> list[str]:
        """Returns the names of the folders directly below ``prefix``, sorted."""
        folder = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        pages = self._call("listing", folder, lambda: list(self._pages(folder, Delimiter="/")))
        found = [entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", [])]
        return sorted(name[len(self._root) + len(folder) :].rstrip("/") for name in found)

    def delete(self, key: str) -> None:
        """Deletes one object; an absent one is no error."""
        target = self._target(key)
        try:
            self._call("deleting", key, lambda: self._client.delete_object(**target))
        except ObjectNotFoundError:
            return

    def _target(self, key: str) -> dict[str, Any]:
        return {"Bucket": self._config.bucket, "Key": self._root + key}

    def _get(self, key: str, **part: str) -> Any:
        options: dict[str, Any] = {**self._target(key), **self._customer_key, **part}
        return self._client.get_object(**options)

    def _pages(self, prefix: str, **options: Any) -> Any:
        paginator = self._client.get_paginator("list_objects_v2")
        return paginator.paginate(Bucket=self._config.bucket, Prefix=self._root + prefix, **options)

    def _call(self, doing: str, key: str, request: Callable[[], Answer]) -> Answer:
        try:
            return request()
        except Exception as error:
            raise self._fault(error, doing, key) from error

    def _fault(self, error: Exception, doing: str, key: str) -> VeleroCoreError:
        """Returns the client's error in our words; raises what is none of its errors again."""
        if not isinstance(error, self._connection.errors):
            raise error
        if self._customer_key and not hasattr(error, "response"):
            # A message about the request could quote the key.
            return StorageError(doing, self.location(key), type(error).__name__)
        return translated(error, doing, self.location(key), self._connection.endpoint)

    def _read_errors(self) -> tuple[type[Exception], ...]:
        from urllib3.exceptions import HTTPError

        # Newer botocore wraps what a body raises, older passes some of it through.
        return (*self._connection.errors, HTTPError, OSError)
