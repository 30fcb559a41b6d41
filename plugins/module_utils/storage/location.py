# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a backup storage is and how it is reached, as plain data.

Source: reference backup-storage-and-crs.md sections 1.1, 3.1 and 3.4.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    NotFoundError,
    RequestError,
    VeleroCoreError,
    cause_text,
)

READ_WRITE = "ReadWrite"
READ_ONLY = "ReadOnly"

# Returns the value of a key of a Secret in Velero's namespace. Raises KeyError when the Secret
# has no such key and any VeleroCoreError (NotFoundError: no such Secret) otherwise.
SecretReader = Callable[[str, str], bytes]

_CUSTOMER_KEY_SECRET = "customerKeyEncryptionSecret"


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageLocation:
    """One backup storage.

    ``path`` is for provider ``directory``, ``bucket`` for object stores; ``config`` has the
    provider's keys. ``credentials_file`` and ``credentials_data`` are the path or content of a
    file in the provider's format, ``ca_cert`` is PEM text or the path of a PEM file, and
    ``customer_key`` the 32 bytes that ``customerKeyEncryptionSecret`` names. ``name`` is that of
    the BackupStorageLocation, if there is one.
    """

    provider: str
    path: str = ""
    bucket: str = ""
    prefix: str = ""
    config: Mapping[str, str | bool] = field(default_factory=dict)
    credentials_file: str = ""
    credentials_data: bytes = field(default=b"", repr=False)
    ca_cert: str = field(default="", repr=False)
    customer_key: bytes = field(default=b"", repr=False)
    access_mode: str = READ_WRITE
    name: str = ""

    @property
    def read_only(self) -> bool:
        """Returns whether the location is meant for reading only."""
        return self.access_mode == READ_ONLY


def from_backup_storage_location(
    obj: Mapping[str, Any], secret_reader: SecretReader
) -> StorageLocation:
    """Returns the location that a BackupStorageLocation object describes, with its secrets.

    Raises RequestError with Velero's texts when the object is incomplete or a Secret or one of
    its keys is missing.
    """
    name = str((obj.get("metadata") or {}).get("name") or "")
    spec = obj.get("spec") or {}
    storage = spec.get("objectStorage")
    if not storage:
        raise _refused(name, "backup storage location does not use object storage")
    if not spec.get("provider"):
        raise _refused(name, "object storage provider name must not be empty")
    config = dict(spec.get("config") or {})
    return StorageLocation(
        provider=str(spec["provider"]),
        path=str(config.pop("path", "")) if spec["provider"] == "directory" else "",
        bucket=str(storage.get("bucket") or ""),
        prefix=str(storage.get("prefix") or ""),
        config=config,
        credentials_data=_credentials(name, spec, secret_reader),
        ca_cert=_ca_cert(name, storage, secret_reader),
        customer_key=_customer_key(name, config, secret_reader),
        access_mode=str(spec.get("accessMode") or READ_WRITE),
        name=name,
    )


def _credentials(name: str, spec: Mapping[str, Any], secret_reader: SecretReader) -> bytes:
    selector = spec.get("credential")
    if not selector:
        return b""
    doing = "unable to get credentials: unable to get key for secret"
    return _secret(name, selector, secret_reader, doing)


def _ca_cert(name: str, storage: Mapping[str, Any], secret_reader: SecretReader) -> str:
    inline, reference = storage.get("caCert"), storage.get("caCertRef")
    if inline and reference:
        raise _refused(name, "cannot specify both caCert and caCertRef in objectStorage")
    if inline:
        try:
            return base64.b64decode(inline, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise _refused(name, "caCert is not base64 of PEM text") from None
    if not reference:
        return ""
    doing = "error getting CA certificate from secret"
    return _secret(name, reference, secret_reader, doing).decode("utf-8", "replace")


def _customer_key(name: str, config: Mapping[str, Any], secret_reader: SecretReader) -> bytes:
    value = str(config.get(_CUSTOMER_KEY_SECRET) or "")
    if not value:
        return b""
    secret, slash, key = value.partition("/")
    if not slash or not secret or not key or "/" in key:
        raise _refused(name, f"{_CUSTOMER_KEY_SECRET} must be secretName/key")
    doing = f"unable to get the key of {_CUSTOMER_KEY_SECRET}"
    return _secret(name, {"name": secret, "key": key}, secret_reader, doing)


def _secret(
    name: str, selector: Mapping[str, Any], secret_reader: SecretReader, doing: str
) -> bytes:
    secret, key = str(selector.get("name") or ""), str(selector.get("key") or "")
    try:
        return secret_reader(secret, key)
    except KeyError:
        if selector.get("optional"):
            return b""
        why = f'"{secret}" secret is missing data for key "{key}"'
        raise _refused(name, f"{doing}: {why}") from None
    except VeleroCoreError as error:
        if selector.get("optional") and isinstance(error, NotFoundError):
            return b""
        raise _refused(name, f"{doing}: {cause_text(error)}") from error


def _refused(name: str, why: str) -> RequestError:
    return RequestError("reading backup storage location", name, why)
