# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults of an archive in one place, with the texts that Velero reports for them.

Source: compress/gzip, archive/tar and pkg/archive/extractor.go; reference section 2.2. The
errors carry no target: whoever knows what the archive is called fills it in.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ArchiveError,
    ArchiveLimitError,
    CorruptArchiveError,
    TruncatedArchiveError,
    UnsafeArchiveError,
)

DOING = "reading archive"
_AGAIN = "Upload the backup again or restore another one"
_FOREIGN = "Velero writes no such entry: find out who changed the archive"


def empty() -> ArchiveError:
    """Returns the error for an archive of zero bytes."""
    return TruncatedArchiveError(DOING, "", "the file is empty", _AGAIN, velero_message="EOF")


def truncated() -> ArchiveError:
    """Returns the error for an archive that ends in the middle of something."""
    why = "unexpected EOF (the archive is incomplete)"
    return TruncatedArchiveError(DOING, "", why, _AGAIN, velero_message="unexpected EOF")


def corrupt(velero_message: str) -> ArchiveError:
    """Returns the error for wrong compression, checksum or header data."""
    return CorruptArchiveError(
        DOING,
        "",
        f"{velero_message} (the archive is damaged)",
        _AGAIN,
        velero_message=velero_message,
    )


def bad_tar_header() -> ArchiveError:
    """Returns the error for a tar header that cannot be understood."""
    return corrupt("archive/tar: invalid tar header")


def unsafe(why: str) -> ArchiveError:
    """Returns the error for an entry that no backup contains."""
    return UnsafeArchiveError(DOING, "", why, _FOREIGN)


def unsafe_path(name: str, fault: str) -> ArchiveError:
    """Returns the error for an entry whose path has the given fault."""
    return unsafe(f"invalid archive path {quoted(name)}: {fault}")


def over_limit(what: str, limit: str) -> ArchiveError:
    """Returns the error for an archive that passes a limit."""
    hint = "Raise the limit only if you trust whoever wrote the archive"
    return ArchiveLimitError(DOING, "", f"{what} (limit: {limit})", hint)


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\x00"}
_QUOTED_LENGTH = 300


def quoted(text: str) -> str:
    """Returns ``text`` as Go's ``%q`` prints it; over-long texts are cut."""
    cut = text if len(text) <= _QUOTED_LENGTH else text[:_QUOTED_LENGTH] + "..."
    return f'"{"".join(_ESCAPES.get(char) or _printable(char) for char in cut)}"'


def _printable(char: str) -> str:
    code = ord(char)
    if char.isprintable():
        return char
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
