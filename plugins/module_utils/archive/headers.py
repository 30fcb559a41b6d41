# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tar headers: ustar, GNU long names and PAX records.

Source: POSIX ustar and pax formats as archive/tar of Go reads them.
"""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.velero.core.plugins.module_utils.archive import faults

BLOCK = 512

REGULAR = b"0"
OLD_REGULAR = b"\0"
DIRECTORY = b"5"
GNU_LONG_NAME = b"L"
GNU_LONG_LINK = b"K"
PAX = b"x"
PAX_GLOBAL = b"g"

SPECIAL_KINDS = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a character device",
    b"4": "a block device",
    b"6": "a FIFO",
    b"7": "a contiguous file",
    b"S": "a sparse file",
    PAX_GLOBAL: "a global extended header",
}
# Entries that have no content whatever their size field says.
_WITHOUT_CONTENT = frozenset((b"1", b"2", b"3", b"4", DIRECTORY, b"6"))
_CHECKSUM_SPACES = 8 * 32


class Header(NamedTuple):
    """One entry: its name as stored, the length of its content in bytes and its type flag."""

    name: bytes
    size: int
    kind: bytes


class Extension(NamedTuple):
    """What extended headers say about the entry after them; None and empty: nothing."""

    name: bytes = b""
    size: int | None = None
    sparse: bool = False


def parse_header(block: bytes) -> Header:
    """Returns the header in a block of 512 bytes whose checksum is right.

    Raises CorruptArchiveError.
    """
    _verify_checksum(block)
    name = block[:100].split(b"\0", 1)[0]
    kind = block[156:157]
    if block[257:263] == b"ustar\0" and block[345]:
        name = block[345:500].split(b"\0", 1)[0] + b"/" + name
    size = 0 if kind in _WITHOUT_CONTENT else _number(block[124:136])
    if kind == OLD_REGULAR:
        kind = DIRECTORY if name.endswith(b"/") else REGULAR
    return Header(name, size, kind)


def extended(header: Header, extension: Extension) -> Header:
    """Returns ``header`` with what its extended headers say."""
    kind = b"S" if extension.sparse else header.kind
    size = header.size
    if extension.size is not None and header.kind not in _WITHOUT_CONTENT:
        size = extension.size
    return Header(extension.name or header.name, size, kind)


def parse_pax(data: bytes) -> Extension:
    """Returns path and size of the records ``<length> <key>=<value>`` and a line feed.

    Raises CorruptArchiveError for malformed records.
    """
    name, size, sparse = b"", None, False
    while data:
        digits, blank, _rest = data.partition(b" ")
        if not blank or not digits.isdigit() or len(digits) > 9:
            raise faults.bad_tar_header()
        record, data = data[: int(digits)], data[int(digits) :]
        key, equals, value = record[len(digits) + 1 : -1].partition(b"=")
        if len(record) != int(digits) or record[-1:] != b"\n" or not equals or not key:
            raise faults.bad_tar_header()
        if key == b"path":
            name = value
        elif key == b"size":
            size = _decimal(value)
        elif key.startswith(b"GNU.sparse."):
            sparse = True
    return Extension(name, size, sparse)


def _verify_checksum(block: bytes) -> None:
    field = block[148:156]
    stored = _number(field)
    if sum(block) - sum(field) + _CHECKSUM_SPACES == stored:
        return
    # Some old writers summed signed characters.
    rest = block[:148] + block[156:]
    if sum(rest) - 256 * sum(byte > 127 for byte in rest) + _CHECKSUM_SPACES != stored:
        raise faults.bad_tar_header()


def _number(field: bytes) -> int:
    """Returns an octal field, or a GNU base-256 one for what octal digits cannot hold."""
    if field[0] & 0x80:
        if field[0] != 0x80:
            raise faults.bad_tar_header()
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0").split(b"\0", 1)[0]
    if not digits:
        return 0
    if not digits.isdigit() or b"8" in digits or b"9" in digits:
        raise faults.bad_tar_header()
    return int(digits, 8)


def _decimal(value: bytes) -> int | None:
    """Returns a PAX number; an empty value means that the ustar field counts."""
    if not value:
        return None
    if not value.isdigit() or len(value) > 19:
        raise faults.bad_tar_header()
    return int(value)
