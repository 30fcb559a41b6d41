# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary storage of what an archive holds; objects of a backup may be secrets."""

from __future__ import annotations

import os
import tempfile

from ansible_collections.velero.core.plugins.module_utils.model.errors import ArchiveError

_WRITE_BUFFER = 1024 * 1024


class Spool:
    """An unlinked file of mode 0600 that is written once and then read from any thread.

    It has no name from the start, so that nothing is left behind however the process ends.
    ``directory`` is where it takes its space; default is the system's temporary directory.
    """

    def __init__(self, directory: str | None = None) -> None:
        try:
            # It lives as long as the spool; close() ends it.
            self._file = tempfile.TemporaryFile(  # noqa: SIM115
                buffering=_WRITE_BUFFER, prefix="velero-core-", dir=directory
            )
        except OSError as error:
            raise _failed(error, directory) from error
        self._directory = directory
        self.size = 0

    def append(self, data: bytes) -> int:
        """Writes ``data`` and returns its offset; raises ArchiveError when the disk is full."""
        try:
            self._file.write(data)
        except OSError as error:
            raise _failed(error, self._directory) from error
        offset = self.size
        self.size += len(data)
        return offset

    def seal(self) -> None:
        """Ends the writing; raises ArchiveError when the disk is full."""
        try:
            self._file.flush()
        except OSError as error:
            raise _failed(error, self._directory) from error

    def read(self, offset: int, length: int) -> bytes:
        """Returns ``length`` bytes from ``offset``; ValueError after ``close``."""
        descriptor = self._file.fileno()
        data = os.pread(descriptor, length, offset)
        while len(data) < length:
            more = os.pread(descriptor, length - len(data), offset + len(data))
            if not more:
                raise _failed(OSError("the spool file was cut"), self._directory)
            data += more
        return data

    def close(self) -> None:
        """Gives the space back."""
        try:
            self._file.close()
        except OSError:
            # What could not be flushed is thrown away with the file.
            return


def _failed(error: OSError, directory: str | None) -> ArchiveError:
    return ArchiveError(
        "spooling the archive to",
        directory or tempfile.gettempdir(),
        error.strerror or str(error),
        "Make space there or choose another temporary directory",
    )
