# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalog of an archive that was read (model/ports.py, Catalog)."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from ansible_collections.velero.core.plugins.module_utils.archive.index import (
    NOT_KEPT,
    UNREADABLE,
    Index,
)
from ansible_collections.velero.core.plugins.module_utils.archive.layout import (
    JSON_SUFFIX,
    item_path,
)
from ansible_collections.velero.core.plugins.module_utils.archive.spool import Spool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveStats:
    """What one pass over an archive saw; sizes in bytes.

    ``members`` are all entries, ``directories`` and ``ignored`` (outside of ``resources/``, or of
    a kind that is passed over) among them; ``items`` are the files of unversioned folders and
    ``version_items`` those of version folders. ``size`` is that of the decompressed stream.
    """

    members: int
    directories: int
    ignored: int
    items: int
    version_items: int
    size: int
    compressed_size: int
    spooled_size: int


class SpooledCatalog:
    """Implements Catalog over a spool; reading is safe from any number of threads.

    ``format_version`` is the content of ``metadata/version`` without its line feed, or empty.
    ``warnings`` are Velero's log texts for files that lie where none should.
    """

    def __init__(
        self, index: Index, spool: Spool, stats: ArchiveStats, format_version: str = ""
    ) -> None:
        self._index = index
        self._spool = spool
        self.stats = stats
        self.format_version = format_version
        self.warnings: tuple[str, ...] = tuple(index.warnings())

    @property
    def has_resources(self) -> bool:
        """Returns whether there is a ``resources`` directory at all."""
        return self._index.has_resources

    def group_resources(self) -> list[str]:
        """Returns the group-resource folders, sorted; also those without items."""
        return self._index.group_resources()

    def namespaces(self, gr: str, version: str = "") -> list[str]:
        """Returns the source namespaces that hold items (empty string: cluster scope), sorted."""
        return self._index.namespaces(gr, version)

    def items(self, gr: str, namespace: str, version: str = "") -> list[str]:
        """Returns the item names in the order of their file names, which is Velero's order."""
        files = sorted(self._index.files(gr, namespace, version))
        # Two files can give one name: x and x.json.
        return list(dict.fromkeys(name.removesuffix(JSON_SUFFIX) for name in files))

    def versions(self, gr: str) -> list[str]:
        """Returns the version folders of a resource (``v1``, ``v1-preferredversion``), sorted."""
        return self._index.versions(gr)

    def path(self, gr: str, namespace: str, name: str, version: str = "") -> str:
        """Returns the path of an item inside the archive, whether it is there or not."""
        return item_path(gr, namespace, name, version)

    def read(self, gr: str, namespace: str, name: str, version: str = "") -> bytes:
        """Returns the raw content.

        KeyError when the archive has no such item, which includes files without ``.json``;
        ValueError when it is in a version folder and the archive was read without those, or
        after ``close``.
        """
        span = self._index.files(gr, namespace, version).get(name + JSON_SUFFIX, UNREADABLE)
        if span == UNREADABLE:
            raise KeyError(item_path(gr, namespace, name, version))
        if span == NOT_KEPT:
            raise ValueError("the archive was read without its version folders")
        return self._spool.read(*span)

    def close(self) -> None:
        """Gives the space of the spool back; nothing can be read afterwards."""
        self._spool.close()

    def __enter__(self) -> SpooledCatalog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
