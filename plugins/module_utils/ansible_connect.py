# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From parameters to the cluster and the stores that they mean."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.archive.limits import Limits
from ansible_collections.velero.core.plugins.module_utils.cluster.client import ApiCluster
from ansible_collections.velero.core.plugins.module_utils.cluster.config import connect
from ansible_collections.velero.core.plugins.module_utils.cluster.options import ConnectionOptions
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    NotFoundError,
    RequestError,
    VeleroCoreError,
    cause_text,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import SECRETS
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest, ObjectStore
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource
from ansible_collections.velero.core.plugins.module_utils.storage.location import (
    StorageLocation,
    from_backup_storage_location,
)
from ansible_collections.velero.core.plugins.module_utils.storage.registry import open_store

Params = dict[str, Any]

_LOCATIONS = ApiResource(
    "velero.io", "v1", "backupstoragelocations", "BackupStorageLocation", namespaced=True
)
_TEXT_OPTIONS = (
    "context",
    "host",
    "api_key",
    "username",
    "password",
    "client_cert",
    "client_key",
    "ca_cert",
    "tls_server_name",
    "proxy",
    "no_proxy",
    "impersonate_user",
)
_CUSTOMER_KEY = "customerKeyEncryptionSecret"


class Access:
    """The outside world as the parameters of a task describe it; opened when it is needed."""

    def __init__(self, params: Params) -> None:
        self._params = params
        self._cluster: ApiCluster | None = None

    @property
    def cluster(self) -> ApiCluster:
        """Returns the cluster; raises ClusterConfigError. Nothing is sent."""
        if self._cluster is None:
            connection = connect(connection_options(self._params))
            self._cluster = ApiCluster(connection, qps=_requests_per_second(self._params))
        return self._cluster

    def backups(self) -> ObjectStore | None:
        """Returns the store of ``storage`` or ``storage_location``, or None without them."""
        if self._params.get("storage"):
            return open_store(self._given(self._params["storage"]))
        if self._params.get("storage_location"):
            return open_store(self._location_in_cluster(self._params["storage_location"]))
        return None

    def artifacts(self, backups: ObjectStore | None) -> ObjectStore | None:
        """Returns the store of ``artifacts``, or ``backups`` without that option."""
        given = self._params.get("artifacts")
        return open_store(self._given(given)) if given else backups

    def close(self) -> None:
        """Closes what was opened."""
        if self._cluster is not None:
            self._cluster.close()

    def _given(self, given: Params) -> StorageLocation:
        location = storage_location(given)
        secret = str(location.config.get(_CUSTOMER_KEY) or "")
        if not secret:
            return location
        name, _slash, key = secret.partition("/")
        try:
            return storage_location(given, customer_key=self._secret(name, key))
        except KeyError:
            why = f"the Secret has no key {key!r}"
            raise RequestError("reading", f"{_CUSTOMER_KEY} {secret}", why) from None

    def _location_in_cluster(self, name: str) -> StorageLocation:
        namespace = self._params["velero_namespace"]
        try:
            found = self.cluster.get(_LOCATIONS, namespace, name)
        except NotFoundError as error:
            raise RequestError(
                "reading backup storage location",
                f"{namespace}/{name}",
                cause_text(error),
                "Check storage_location and velero_namespace, or use storage instead",
            ) from error
        return from_backup_storage_location(found, self._secret)

    def _secret(self, name: str, key: str) -> bytes:
        namespace = self._params["velero_namespace"]
        secret = self.cluster.get(SECRETS, namespace, name)
        return _decoded(secret, f"{namespace}/{name}", key)


def connection_options(params: Params) -> ConnectionOptions:
    """Returns how the cluster is reached."""
    headers = params.get("proxy_headers") or {}
    return ConnectionOptions(
        kubeconfig=params["kubeconfig"],
        validate_certs=params["validate_certs"],
        persist_config=bool(params["persist_config"]),
        impersonate_groups=tuple(params["impersonate_groups"] or ()),
        proxy_headers={name: value for name, value in headers.items() if value},
        **{name: params[name] or "" for name in _TEXT_OPTIONS},
    )


def storage_location(given: Params, *, customer_key: bytes = b"") -> StorageLocation:
    """Returns the location that the option ``storage`` or ``artifacts`` describes."""
    return StorageLocation(
        provider=given["provider"],
        path=given["path"] or "",
        bucket=given["bucket"] or "",
        prefix=given["prefix"],
        config=_config(given["config"]),
        credentials_file=given["credentials_file"] or "",
        ca_cert=given["ca_cert"] or "",
        customer_key=customer_key,
    )


def archive_limits(params: Params) -> Limits:
    """Returns the limits for an archive; what is not given keeps its default."""
    given = {
        name: value for name, value in (params["archive_limits"] or {}).items() if value is not None
    }
    for name, value in given.items():
        if value <= 0:
            raise RequestError("reading", f"archive_limits.{name}", "it is not more than 0")
    return Limits(**given)


def _config(given: Mapping[str, Any]) -> dict[str, str | bool]:
    config: dict[str, str | bool] = {}
    for key, value in given.items():
        if not isinstance(value, (str, bool, int)):
            why = f"the value is of type {type(value).__name__}, not a text"
            raise RequestError("reading", f"storage configuration {key}", why)
        config[key] = value if isinstance(value, bool) else str(value)
    return config


def _decoded(secret: Manifest, name: str, key: str) -> bytes:
    value = (secret.get("data") or {})[key]
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise VeleroCoreError("reading secret", name, f"{key} is not base64") from None


def _requests_per_second(params: Params) -> float:
    value = params.get("api_qps")
    if value is None:
        return 0.0
    if value <= 0:
        raise RequestError("reading", "api_qps", "it is not more than 0", "Leave it out for none")
    return float(value)
