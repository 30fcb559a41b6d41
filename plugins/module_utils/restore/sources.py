# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a backup comes from: a backup storage, or a plain archive file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import BinaryIO

from ansible_collections.velero.core.plugins.module_utils.archive.catalog import SpooledCatalog
from ansible_collections.velero.core.plugins.module_utils.archive.limits import Limits
from ansible_collections.velero.core.plugins.module_utils.archive.reader import read_archive
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    BackupNotFoundError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Manifest,
    ObjectStore,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import (
    ENABLE_API_GROUP_VERSIONS,
    Settings,
)
from ansible_collections.velero.core.plugins.module_utils.model.volumes import (
    BackupVolumes,
    volume_info_by_name,
)
from ansible_collections.velero.core.plugins.module_utils.storage import (
    backups,
    inputs,
    layout,
)

_ARCHIVE_SUFFIXES = (".tar.gz", ".tgz")


@dataclass(slots=True, kw_only=True)
class BackupSource:
    """A backup storage (``store``), or the path of an archive (``archive``; then no store)."""

    store: ObjectStore | None = None
    archive: str = ""
    limits: Limits = field(default_factory=Limits)

    @property
    def default_backup_name(self) -> str:
        """Returns the backup's name as the archive's file name tells it; empty for a storage."""
        name = os.path.basename(self.archive)
        for suffix in _ARCHIVE_SUFFIXES:
            name = name.removesuffix(suffix)
        return name

    def find(self, name: str) -> Manifest:
        """Returns the Backup object; raises BackupNotFoundError, StorageError."""
        if self.store is not None:
            return backups.read_backup(self.store, name)
        if not os.path.isfile(self.archive):
            raise BackupNotFoundError("reading", f"archive {self.archive}", "there is no such file")
        return {
            "apiVersion": "velero.io/v1",
            "kind": "Backup",
            "metadata": {"name": name},
            "status": {"formatVersion": "1.1.0"},
        }

    def of_schedule(self, schedule: str) -> Sequence[backups.BackupRecord]:
        """Returns the readable backups of a schedule; raises StorageError."""
        if self.store is None:
            raise StorageError(
                "listing backups of",
                f"schedule {schedule}",
                "an archive holds one backup",
                "Give backup_name, or storage instead of archive",
            )
        found = backups.list_backups(self.store)
        return [record for record in found if record.schedule == schedule]

    def check_archive(self, name: str) -> None:
        """Raises BackupNotFoundError when the storage lacks the archive of an existing backup."""
        key = layout.backup_archive(name)
        if self.store is not None and not self.store.exists(key):
            raise BackupNotFoundError(
                "reading the archive of",
                f"backup {name}",
                f"{self.store.location(key)} is missing",
                "The backup is incomplete: choose another one",
            )

    def open_catalog(self, name: str, settings: Settings) -> SpooledCatalog:
        """Returns the catalog of the backup's archive, read once; the caller closes it.

        Raises ArchiveError, StorageError.
        """
        source, opened = self._open_archive(name)
        with opened as stream:
            return read_archive(
                stream,
                source=source,
                limits=self.limits,
                keep_versions=ENABLE_API_GROUP_VERSIONS in settings.features,
                allow_duplicates=settings.strict,
                ignore_special=settings.strict,
                allow_missing_end=settings.strict,
            )

    def _open_archive(self, name: str) -> tuple[str, AbstractContextManager[BinaryIO]]:
        if self.store is not None:
            key = layout.backup_archive(name)
            return self.store.location(key), self.store.open(key)
        try:
            # The caller's with block closes it.
            return self.archive, open(self.archive, "rb")
        except OSError as error:
            raise StorageError(
                "opening", f"archive {self.archive}", error.strerror or str(error)
            ) from error

    def volumes(self, name: str) -> BackupVolumes:
        """Returns what the storage knows of the backup's volumes; nothing for an archive.

        Raises StorageError for unreadable metadata. Source: reference restore-engine.md sections
        1.8 and 9.4.
        """
        if self.store is None:
            return BackupVolumes()
        return BackupVolumes(
            infos=volume_info_by_name(inputs.volume_info(self.store, name)),
            snapshots=inputs.volume_snapshots(self.store, name),
            csi_snapshots=inputs.csi_volume_snapshots(self.store, name),
            pod_volume_backups=inputs.pod_volume_backups(self.store, name),
        )

    def volume_rows(self, name: str) -> Sequence[Manifest]:
        """Returns the rows of the backup's volume info as they are; none for an archive.

        Raises StorageError for unreadable metadata.
        """
        return inputs.volume_info(self.store, name) if self.store is not None else ()
