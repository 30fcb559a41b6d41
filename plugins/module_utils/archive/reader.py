# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One streaming pass over a backup archive.

Source: reference backup-storage-and-crs.md sections 2.1 and 2.2, restore-engine.md section 2.2.
Nothing of an archive can be used before all of it was read and found sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from ansible_collections.velero.core.plugins.module_utils.archive import faults
from ansible_collections.velero.core.plugins.module_utils.archive.catalog import (
    ArchiveStats,
    SpooledCatalog,
)
from ansible_collections.velero.core.plugins.module_utils.archive.headers import (
    DIRECTORY,
    REGULAR,
    SPECIAL_KINDS,
    Header,
)
from ansible_collections.velero.core.plugins.module_utils.archive.index import NOT_KEPT, Index
from ansible_collections.velero.core.plugins.module_utils.archive.inflate import Inflater
from ansible_collections.velero.core.plugins.module_utils.archive.layout import (
    ITEM,
    OUTSIDE,
    VERSION_FILE,
    Place,
    place_of_directory,
    place_of_file,
)
from ansible_collections.velero.core.plugins.module_utils.archive.limits import Limits
from ansible_collections.velero.core.plugins.module_utils.archive.paths import checked_segments
from ansible_collections.velero.core.plugins.module_utils.archive.spool import Spool
from ansible_collections.velero.core.plugins.module_utils.archive.tar import TarReader
from ansible_collections.velero.core.plugins.module_utils.model.errors import ArchiveError

_MAX_FORMAT_VERSION = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    limits: Limits
    keep_versions: bool
    allow_duplicates: bool
    ignore_special: bool
    allow_missing_end: bool


def read_archive(
    stream: BinaryIO,
    *,
    source: str = "",
    limits: Limits | None = None,
    keep_versions: bool = False,
    allow_duplicates: bool = False,
    ignore_special: bool = False,
    allow_missing_end: bool = False,
    spool_directory: str | None = None,
) -> SpooledCatalog:
    """Returns the catalog of the tar.gz in ``stream``, a context manager; memory stays flat.

    ``source`` names the archive in errors, ``spool_directory`` is where the temporary file lies.
    ``keep_versions``: the content of version folders can be read too (it doubles the spool).
    The three options after it are off because no backup of Velero has such things, and on to
    treat them as Velero does (compatibility ``strict``): of duplicate entries the last one
    counts, links, devices and the like are passed over, and the end of the stream between two
    entries ends the archive.

    Raises ArchiveError and its children: truncated, corrupt, unsafe (paths, links, devices,
    duplicates) or over a limit. Errors of the stream itself pass through.
    """
    options = _Options(
        limits=limits or Limits(),
        keep_versions=keep_versions,
        allow_duplicates=allow_duplicates,
        ignore_special=ignore_special,
        allow_missing_end=allow_missing_end,
    )
    spool = Spool(spool_directory)
    try:
        archive = _Pass(stream, spool, options)
        archive.run()
        spool.seal()
        return archive.catalog()
    except BaseException as error:
        spool.close()
        if isinstance(error, ArchiveError) and not error.target:
            error.target = source
        raise


class _Pass:
    """State of one pass."""

    def __init__(self, stream: BinaryIO, spool: Spool, options: _Options) -> None:
        self._options = options
        self._spool = spool
        self._inflater = Inflater(stream, options.limits)
        self._tar = TarReader(self._inflater.chunks())
        self._index = Index(allow_duplicates=options.allow_duplicates)
        self._format_version = ""
        self._members = 0
        self._directories = 0
        self._ignored = 0
        self._path_bytes = 0

    def run(self) -> None:
        """Reads to the end of the stream."""
        need_end = not self._options.allow_missing_end
        header = self._tar.next_header(need_end=need_end)
        while header is not None:
            self._count(header)
            self._entry(header)
            header = self._tar.next_header(need_end=need_end)
        self._tar.drain()

    def catalog(self) -> SpooledCatalog:
        """Returns what was found."""
        stats = ArchiveStats(
            members=self._members,
            directories=self._directories,
            ignored=self._ignored,
            items=self._index.items,
            version_items=self._index.version_items,
            size=self._inflater.size,
            compressed_size=self._inflater.compressed_size,
            spooled_size=self._spool.size,
        )
        return SpooledCatalog(self._index, self._spool, stats, self._format_version)

    def _count(self, header: Header) -> None:
        limits = self._options.limits
        self._members += 1
        self._path_bytes += len(header.name)
        if self._members > limits.max_members:
            raise faults.over_limit("it has too many entries", str(limits.max_members))
        if self._path_bytes > limits.max_index_size:
            raise faults.over_limit(
                "its paths are too long in all", f"{limits.max_index_size} bytes"
            )

    def _entry(self, header: Header) -> None:
        segments = checked_segments(header.name, self._options.limits)
        if header.kind == REGULAR:
            self._file(header, segments)
        elif header.kind == DIRECTORY:
            self._directories += 1
            self._index.add(place_of_directory(segments))
        else:
            self._special(header)

    def _special(self, header: Header) -> None:
        if not self._options.ignore_special:
            kind = SPECIAL_KINDS.get(header.kind, "of an unknown kind")
            name = faults.quoted(header.name.decode("utf-8", "surrogateescape"))
            raise faults.unsafe(f"the entry {name} is {kind}")
        self._ignored += 1
        self._tar.skip(header.size)

    def _file(self, header: Header, segments: tuple[str, ...]) -> None:
        limits = self._options.limits
        if header.size > limits.max_member_size:
            what = f"the entry {faults.quoted('/'.join(segments))} is too large"
            raise faults.over_limit(what, f"{limits.max_member_size} bytes")
        place = place_of_file(segments)
        if place.kind == ITEM:
            self._item(place, header.size)
            return
        if place.kind == OUTSIDE:
            self._ignored += 1
        self._index.add_other_file(segments)
        self._index.add(place)
        if segments == VERSION_FILE and header.size <= _MAX_FORMAT_VERSION:
            self._format_version = self._tar.read(header.size).decode("utf-8", "replace").strip()
        else:
            self._tar.skip(header.size)

    def _item(self, place: Place, size: int) -> None:
        if place.version and not self._options.keep_versions:
            self._tar.skip(size)
            self._index.add(place, NOT_KEPT)
            return
        data = self._tar.read(size)
        self._index.add(place, (self._spool.append(data), size))
