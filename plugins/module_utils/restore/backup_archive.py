# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The archive of a backup for the time of one restore."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.archive.catalog import SpooledCatalog
from ansible_collections.velero.core.plugins.module_utils.model.errors import ArchiveError
from ansible_collections.velero.core.plugins.module_utils.restore.context import RestoreContext


class BackupArchive:
    """Reads the archive before anything is written, and closes its spool at the end."""

    def __init__(self, context: RestoreContext) -> None:
        self._fault: ArchiveError | None = None
        self._catalog: SpooledCatalog | None = None
        try:
            self._catalog = context.source.open_catalog(context.spec.backup_name, context.settings)
        except ArchiveError as error:
            self._fault = error

    def __enter__(self) -> BackupArchive:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._catalog is not None:
            self._catalog.close()

    @property
    def readable(self) -> bool:
        """Returns whether the archive could be read."""
        return self._catalog is not None

    def open(self) -> SpooledCatalog:
        """Returns the catalog; raises the ArchiveError that reading it met."""
        if self._catalog is None:
            raise self._fault or ArchiveError("reading", "the archive")
        return self._catalog
