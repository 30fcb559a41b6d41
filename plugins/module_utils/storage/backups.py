# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups in a storage, and what Velero wrote beside their archives.

Source: reference backup-storage-and-crs.md sections 1.3, 1.5 and 1.6, restore-engine.md section
1.5 (newest completed backup).
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    BackupNotFoundError,
    ObjectNotFoundError,
    RequestError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.model.names import SCHEDULE_NAME_LABEL
from ansible_collections.velero.core.plugins.module_utils.model.ports import ObjectStore
from ansible_collections.velero.core.plugins.module_utils.storage import layout
from ansible_collections.velero.core.plugins.module_utils.storage.codec import decode_json

COMPLETED = "Completed"
_READERS = 8
_OLDEST = datetime.min.replace(tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class BackupRecord:
    """One folder below ``backups/`` with a ``velero-backup.json``.

    ``backup`` is the Backup object; it is empty when ``problem`` says why it cannot be read.
    """

    name: str
    backup: dict[str, Any] = field(default_factory=dict, repr=False)
    problem: str = ""

    @property
    def phase(self) -> str:
        """Returns ``status.phase``, empty when unset."""
        return str(_mapping(self.backup, "status").get("phase") or "")

    @property
    def schedule(self) -> str:
        """Returns the name of the schedule that made it, empty when none did."""
        labels = _mapping(_mapping(self.backup, "metadata"), "labels")
        return str(labels.get(SCHEDULE_NAME_LABEL) or "")

    @property
    def started(self) -> datetime:
        """Returns ``status.startTimestamp``; the oldest time there is when unset."""
        text = str(_mapping(self.backup, "status").get("startTimestamp") or "")
        try:
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            return _OLDEST
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def list_backups(store: ObjectStore) -> list[BackupRecord]:
    """Returns the backups of a storage, sorted by name.

    Folders without ``velero-backup.json`` (left by failed backups) are skipped; one that cannot be
    read is a record with a problem. Raises StorageError when the storage cannot be listed.
    """
    names = store.folders(layout.BACKUPS)
    with ThreadPoolExecutor(max_workers=_READERS) as pool:
        records = pool.map(lambda name: _record(store, name), names)
        return [record for record in records if record is not None]


def read_backup(store: ObjectStore, name: str) -> dict[str, Any]:
    """Returns the Backup object; BackupNotFoundError when there is none that can be read.

    Raises StorageError when the storage itself fails.
    """
    key = layout.backup_metadata(name)
    try:
        return _backup_object(store.read(key))
    except ObjectNotFoundError as error:
        raise BackupNotFoundError(
            "reading backup",
            name,
            f"there is no {store.location(key)}",
            "Check the name and the storage; the backups of a storage can be listed",
        ) from error
    except ValueError as error:
        raise BackupNotFoundError(
            "reading backup", name, f"{store.location(key)} cannot be used: {error}"
        ) from error


def newest_completed(backups: Iterable[BackupRecord], schedule: str = "") -> BackupRecord | None:
    """Returns the backup in phase Completed that started last, or None.

    With ``schedule`` only the backups of that schedule count.
    """
    found = [
        record
        for record in backups
        if record.phase == COMPLETED and (not schedule or record.schedule == schedule)
    ]
    return max(found, key=lambda record: (record.started, record.name), default=None)


def _record(store: ObjectStore, name: str) -> BackupRecord | None:
    try:
        return BackupRecord(name, read_backup(store, name))
    except BackupNotFoundError as error:
        absent = isinstance(error.__cause__, ObjectNotFoundError)
        return None if absent else BackupRecord(name, problem=str(error))
    except (StorageError, RequestError) as error:
        return BackupRecord(name, problem=str(error))


def _backup_object(data: bytes) -> dict[str, Any]:
    value = decode_json(data)
    if not isinstance(value, dict) or value.get("kind") != "Backup":
        raise ValueError("it is no Backup object")
    return value


def _mapping(parent: dict[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}
