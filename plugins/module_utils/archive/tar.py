# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Streaming tar reader: entries in order of appearance, each with its content.

It exists because tarfile takes four times as long for members of half a kilobyte, and does not
tell a truncated archive from a complete one.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.velero.core.plugins.module_utils.archive import faults
from ansible_collections.velero.core.plugins.module_utils.archive.headers import (
    BLOCK,
    GNU_LONG_LINK,
    GNU_LONG_NAME,
    PAX,
    Extension,
    Header,
    extended,
    parse_header,
    parse_pax,
)

_ZEROS = bytes(BLOCK)
_MAX_EXTENSION_SIZE = 1024 * 1024


class TarReader:
    """Reads the entries of a tar stream that comes in chunks.

    After each ``next_header`` the content must be taken by ``read`` or passed by ``skip``.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._buffer = b""
        self._position = 0

    def next_header(self, *, need_end: bool = True) -> Header | None:
        """Returns the next entry with its extended headers applied, or None at the end.

        Two blocks of zeros end an archive; ``need_end`` says whether they must be there (Velero
        takes the end of the stream between two entries for the end of the archive). Raises
        TruncatedArchiveError, CorruptArchiveError.
        """
        extension = Extension()
        while True:
            block = self._header_block(need_end or extension != Extension())
            if block is None:
                return None
            header = parse_header(block)
            if header.kind == PAX:
                extension = parse_pax(self._extension_data(header))
            elif header.kind == GNU_LONG_NAME:
                name = self._extension_data(header).split(b"\0", 1)[0]
                extension = extension._replace(name=name)
            elif header.kind == GNU_LONG_LINK:
                self.skip(header.size)
            else:
                return extended(header, extension)

    def read(self, size: int) -> bytes:
        """Returns the content of an entry of ``size`` bytes."""
        padded = -(-size // BLOCK) * BLOCK
        data = self._take(padded)
        return data if padded == size else data[:size]

    def skip(self, size: int) -> None:
        """Passes over the content of an entry of ``size`` bytes."""
        left = -(-size // BLOCK) * BLOCK
        while left:
            left -= len(self._take(min(left, max(1, len(self._buffer) - self._position))))

    def drain(self) -> None:
        """Reads what follows the end of the archive, so that the last checksum is verified."""
        for unused in self._chunks:
            del unused

    def _extension_data(self, header: Header) -> bytes:
        if header.size > _MAX_EXTENSION_SIZE:
            raise faults.corrupt("archive/tar: header field too long")
        return self.read(header.size)

    def _header_block(self, need_end: bool) -> bytes | None:
        if self._at_end():
            if need_end:
                raise faults.truncated()
            return None
        block = self._take(BLOCK)
        if block != _ZEROS:
            return block
        if not self._at_end() and self._take(BLOCK) != _ZEROS:
            raise faults.bad_tar_header()
        return None

    def _at_end(self) -> bool:
        while self._position == len(self._buffer):
            chunk = next(self._chunks, None)
            if chunk is None:
                return True
            self._buffer, self._position = chunk, 0
        return False

    def _take(self, size: int) -> bytes:
        end = self._position + size
        if end > len(self._buffer):
            self._fill(size)
            end = size
        data = self._buffer[self._position : end]
        self._position = end
        return data

    def _fill(self, size: int) -> None:
        parts = [self._buffer[self._position :]]
        missing = size - len(parts[0])
        while missing > 0:
            chunk = next(self._chunks, None)
            if chunk is None:
                raise faults.truncated()
            parts.append(chunk)
            missing -= len(chunk)
        self._buffer, self._position = b"".join(parts), 0
