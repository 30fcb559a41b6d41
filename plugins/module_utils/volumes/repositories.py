# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""BackupRepositories: where the data of volumes of one namespace is kept.

An existing one that is ready is used. Only a Velero server makes one ready: where one is to be
made, this waits for the server.
Source: pkg/repository/ensurer.go, pkg/repository/backup_repo_op.go.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    AlreadyExistsError,
    ApiError,
)
from ansible_collections.velero.core.plugins.module_utils.model.names import label_value
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource
from ansible_collections.velero.core.plugins.module_utils.waits.polling import poll

REPOSITORIES = ApiResource(
    "velero.io", "v1", "backuprepositories", "BackupRepository", namespaced=True
)
KOPIA = "kopia"
_NAMESPACE_LABEL = "velero.io/volume-namespace"
_LOCATION_LABEL = "velero.io/storage-location"
_TYPE_LABEL = "velero.io/repository-type"
_NOT_FOUND = "backup repository not found"
_NOT_PROVISIONED = "backup repository not provisioned"
_PAUSE = 0.5


class RepositoryKey(NamedTuple):
    """Which repository: of the volumes of a source namespace, in a BackupStorageLocation."""

    volume_namespace: str
    location: str


class BackupRepositories:
    """The repositories of one Velero namespace; threads may ask, each is answered once."""

    def __init__(self, cluster: Cluster, clock: Clock, namespace: str, timeout: float) -> None:
        self._cluster = cluster
        self._clock = clock
        self._namespace = namespace
        self._timeout = timeout
        self._lock = threading.Lock()
        self._locks: dict[RepositoryKey, threading.Lock] = {}
        self._answers: dict[RepositoryKey, str] = {}

    def why_not_ready(self, key: RepositoryKey) -> str:
        """Returns why the repository cannot be used as it is now; empty when it is ready."""
        return self._look(key)[1]

    def ensure(self, key: RepositoryKey) -> str:
        """Returns why the repository cannot be used, in Velero's words; empty when it is ready.

        An absent one is created; whether it becomes ready is up to the Velero server.
        """
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._answers:
                self._answers[key] = self._ensure(key)
            return self._answers[key]

    def _ensure(self, key: RepositoryKey) -> str:
        if not all(key):
            return (
                f'wrong parameters, namespace "{key.volume_namespace}", backup storage location '
                f'"{key.location}", repository type "{KOPIA}"'
            )
        why = self._look(key)[1]
        if why == _NOT_FOUND:
            try:
                self._cluster.create(REPOSITORIES, self._namespace, self._new(key))
            except AlreadyExistsError:
                pass
            except ApiError as error:
                return f"unable to create backup repository resource: {error.message}"
        return self._wait(key)

    def _wait(self, key: RepositoryKey) -> str:
        last = [""]

        def is_decided() -> bool:
            may_change, last[0] = self._look(key)
            return not may_change

        if poll(
            self._clock, is_decided, self._timeout, first_pause=_PAUSE, longest_pause=2 * _PAUSE
        ):
            return last[0]
        return f"failed to wait BackupRepository, timeout exceeded: {last[0]}"

    def _look(self, key: RepositoryKey) -> tuple[bool, str]:
        """Returns whether waiting may help, and why the repository cannot be used now."""
        selector = ",".join(f"{label}={value}" for label, value in _labels(key).items())
        try:
            found = list(self._cluster.list(REPOSITORIES, self._namespace, selector))
        except ApiError as error:
            return False, f"error getting backup repository list: {error.message}"
        if not found:
            return True, _NOT_FOUND
        if len(found) > 1:
            return False, (
                "more than one BackupRepository found for workload namespace "
                f'"{key.volume_namespace}", backup storage location "{key.location}", '
                f'repository type "{KOPIA}"'
            )
        status = found[0].get("status") or {}
        phase = status.get("phase") or "New"
        if phase == "NotReady":
            return False, f"backup repository is not ready: {status.get('message') or ''}"
        return (True, _NOT_PROVISIONED) if phase == "New" else (False, "")

    def _new(self, key: RepositoryKey) -> Manifest:
        return {
            "apiVersion": REPOSITORIES.api_version,
            "kind": REPOSITORIES.kind,
            "metadata": {
                "namespace": self._namespace,
                "name": f"{key.volume_namespace}-{key.location}-{KOPIA}",
                "labels": _labels(key),
            },
            "spec": {
                "volumeNamespace": key.volume_namespace,
                "backupStorageLocation": key.location,
                "repositoryType": KOPIA,
            },
        }


def _labels(key: RepositoryKey) -> dict[str, str]:
    return {
        _NAMESPACE_LABEL: label_value(key.volume_namespace),
        _LOCATION_LABEL: label_value(key.location),
        _TYPE_LABEL: KOPIA,
    }
