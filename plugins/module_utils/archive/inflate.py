# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Streaming gzip: members, checksums, truncation and bombs."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator
from typing import BinaryIO

from ansible_collections.velero.core.plugins.module_utils.archive import faults
from ansible_collections.velero.core.plugins.module_utils.archive.limits import Limits
from ansible_collections.velero.core.plugins.module_utils.model.errors import ArchiveError

_READ_SIZE = 64 * 1024
_CHUNK_SIZE = 256 * 1024
_GZIP_ONLY = 16 + zlib.MAX_WBITS

# What zlib says about a member's frame, and what Velero reports for it. Everything else is
# damaged compressed data.
_FRAME_FAULTS = (
    ("incorrect header check", "gzip: invalid header"),
    ("unknown compression method", "gzip: invalid header"),
    ("unknown header flags set", "gzip: invalid header"),
    ("header crc mismatch", "gzip: invalid header"),
    ("incorrect data check", "gzip: invalid checksum"),
    ("incorrect length check", "gzip: invalid checksum"),
)


class Inflater:
    """Decompresses one gzip stream of any number of members, in chunks of bounded size.

    ``compressed_size`` and ``size`` count the bytes read and produced so far.
    """

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self.compressed_size = 0
        self.size = 0

    def chunks(self) -> Iterator[bytes]:
        """Yields the content; each member's CRC and length are verified at its end.

        Raises TruncatedArchiveError, CorruptArchiveError or ArchiveLimitError. What the stream
        itself raises passes through.
        """
        data = self._read()
        if not data:
            raise faults.empty()
        while data:
            rest = yield from self._member(data)
            data = self._after_padding(rest)

    def _member(self, data: bytes) -> Generator[bytes, None, bytes]:
        member = zlib.decompressobj(_GZIP_ONLY)
        while True:
            try:
                out = member.decompress(data, _CHUNK_SIZE)
            except zlib.error as error:
                raise _fault_of(error) from error
            if out:
                self._count(len(out))
                yield out
            if member.eof:
                return member.unused_data
            data = member.unconsumed_tail
            if not data and len(out) < _CHUNK_SIZE:
                data = self._read()
                if not data:
                    raise faults.truncated()

    def _after_padding(self, data: bytes) -> bytes:
        """Returns what follows a member; padding with zeros is common and harmless."""
        data = data.lstrip(b"\0")
        while not data:
            block = self._read()
            if not block:
                return b""
            data = block.lstrip(b"\0")
        return data

    def _read(self) -> bytes:
        data = self._stream.read(_READ_SIZE)
        self.compressed_size += len(data)
        return data

    def _count(self, length: int) -> None:
        self.size += length
        limits = self._limits
        if self.size > limits.max_total_size:
            raise faults.over_limit("it is too large", f"{limits.max_total_size} bytes")
        if self.size > limits.ratio_floor and self.size > limits.max_ratio * self.compressed_size:
            raise faults.over_limit(
                "it decompresses to suspiciously many bytes", f"{limits.max_ratio:g} to 1"
            )


def _fault_of(error: zlib.error) -> ArchiveError:
    text = str(error)
    for phrase, velero_message in _FRAME_FAULTS:
        if phrase in text:
            return faults.corrupt(velero_message)
    return faults.corrupt("flate: corrupt input")
