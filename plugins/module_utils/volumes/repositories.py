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
from contextlib import suppress
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


class _Unusable(Exception):
    """Why it cannot be told which repository it is."""


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
        try:
            if self._find(key) is None:
                self._create(key)
        except _Unusable as why:
            return str(why)
        return self._wait(key, self._timeout)

    def is_made_ready(self, key: RepositoryKey, patience: float) -> bool:
        """Returns whether a server makes the repository ready within ``patience`` seconds.

        One that was created to find that out, and that nobody cared for, is deleted again.
        """
        try:
            made = self._find(key) is None and self._create(key)
        except _Unusable:
            return False
        if not self._wait(key, patience):
            return True
        if made and self.look(key) == (True, _NOT_PROVISIONED):
            with suppress(ApiError):
                self._cluster.delete(REPOSITORIES, self._namespace, _name(key))
        return False

    def _create(self, key: RepositoryKey) -> bool:
        """Returns whether it was created here; another one may have been faster."""
        try:
            self._cluster.create(REPOSITORIES, self._namespace, self._new(key))
        except AlreadyExistsError:
            return False
        except ApiError as error:
            text = "unable to create backup repository resource"
            raise _Unusable(f"{text}: {error.message}") from error
        return True

    def _wait(self, key: RepositoryKey, timeout: float) -> str:
        last = [""]

        def is_decided() -> bool:
            may_change, last[0] = self.look(key)
            return not may_change

        if poll(self._clock, is_decided, timeout, first_pause=_PAUSE, longest_pause=_PAUSE):
            early = "failed to wait BackupRepository, errored early: "
            return f"{early}{last[0]}" if last[0] else ""
        return f"failed to wait BackupRepository, timeout exceeded: {last[0]}"

    def look(self, key: RepositoryKey) -> tuple[bool, str]:
        """Returns whether waiting for a server may help, and why it cannot be used now.

        The reason is empty when the repository is ready.
        """
        try:
            found = self._find(key)
        except _Unusable as why:
            return False, str(why)
        if found is None:
            return True, _NOT_FOUND
        status = found.get("status") or {}
        phase = status.get("phase") or "New"
        if phase == "NotReady":
            return False, f"backup repository is not ready: {status.get('message') or ''}"
        return (True, _NOT_PROVISIONED) if phase == "New" else (False, "")

    def _find(self, key: RepositoryKey) -> Manifest | None:
        selector = ",".join(f"{label}={value}" for label, value in _labels(key).items())
        try:
            found = list(self._cluster.list(REPOSITORIES, self._namespace, selector))
        except ApiError as error:
            raise _Unusable(f"error getting backup repository list: {error.message}") from error
        if len(found) > 1:
            raise _Unusable(
                "more than one BackupRepository found for workload namespace "
                f'"{key.volume_namespace}", backup storage location "{key.location}", '
                f'repository type "{KOPIA}"'
            )
        return found[0] if found else None

    def _new(self, key: RepositoryKey) -> Manifest:
        return {
            "apiVersion": REPOSITORIES.api_version,
            "kind": REPOSITORIES.kind,
            "metadata": {
                "namespace": self._namespace,
                "name": _name(key),
                "labels": _labels(key),
            },
            "spec": {
                "volumeNamespace": key.volume_namespace,
                "backupStorageLocation": key.location,
                "repositoryType": KOPIA,
                # The server replaces it by its own.
                "maintenanceFrequency": "0s",
            },
        }


def _name(key: RepositoryKey) -> str:
    return f"{key.volume_namespace}-{key.location}-{KOPIA}"


def _labels(key: RepositoryKey) -> dict[str, str]:
    return {
        _NAMESPACE_LABEL: label_value(key.volume_namespace),
        _LOCATION_LABEL: label_value(key.location),
        _TYPE_LABEL: KOPIA,
    }
