# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The restore log, in the line format that Velero's users search (reference section 6.4)."""

from __future__ import annotations

import gzip
import re
import tempfile
import threading
from typing import BinaryIO

from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock
from ansible_collections.velero.core.plugins.module_utils.model.times import timestamp

# What logrus and Go's strconv.Quote do.
_BARE = re.compile(r"[A-Za-z0-9\-._/@^+]*")
_SPECIAL = re.compile(r'[\\"\x00-\x1f\x7f-\U0010ffff]')
_ESCAPES = {
    "\\": "\\\\",
    '"': '\\"',
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}
_CHUNK = 512


class RestoreLog:
    """Lines go to an unlinked temporary file, compressed; memory stays flat."""

    def __init__(self, clock: Clock, restore: str) -> None:
        self._clock = clock
        self._suffix = f" restore={quoted(restore)}\n"
        self._lock = threading.Lock()
        self._second = -1
        self._stamp = ""
        self._waiting: list[str] = []
        # Closed by close(), which the run calls; a with block cannot span the restore's stages.
        self._file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115
        self._gzip = self._new_member()
        self._grew = False

    def line(self, level: str, text: str) -> None:
        """Writes one line; ``level`` is info, warning, error or debug."""
        self.lines([(level, text)])

    def lines(self, entries: list[tuple[str, str]]) -> None:
        """Writes several (level, text) entries, with nothing of others between them."""
        with self._lock:
            self._grew = True
            start = f'time="{self._time()}" level='
            for level, text in entries:
                self._waiting.append(f"{start}{level} msg={quoted(text)}{self._suffix}")
            # Many at once: a small write costs the compression more than its content.
            if len(self._waiting) >= _CHUNK:
                self._flush()

    def _flush(self) -> None:
        self._gzip.write("".join(self._waiting).encode())
        self._waiting.clear()

    def _time(self) -> str:
        second = int(self._clock.now())
        if second != self._second:
            self._second = second
            self._stamp = timestamp(second)
        return self._stamp

    def so_far(self) -> bytes:
        """Returns the log as it is now, gzip-compressed. Later lines follow as another member."""
        with self._lock:
            self._end_member()
            data = self._content()
            # Only now: a member writes its header at once.
            self._gzip = self._new_member()
            self._grew = False
            return data

    @property
    def grew(self) -> bool:
        """Returns whether there are lines that ``so_far`` has not returned."""
        return self._grew

    def close(self) -> bytes:
        """Ends the log and returns it, gzip-compressed; a second call returns nothing."""
        with self._lock:
            if self._file.closed:
                return b""
            self._end_member()
            data = self._content()
            self._file.close()
            return data

    def _new_member(self) -> gzip.GzipFile:
        return gzip.GzipFile(fileobj=self._file, mode="wb", compresslevel=1, mtime=0)

    def _end_member(self) -> None:
        self._flush()
        self._gzip.close()

    def _content(self) -> bytes:
        end = self._file.tell()
        self._file.seek(0)
        data = self._file.read(end)
        self._file.seek(end)
        return data


def quoted(text: str) -> str:
    """Returns the value of a field as logrus writes it: quoted as Go quotes unless it is a word.

    Nothing in it can end the line.
    """
    if _BARE.fullmatch(text):
        return text
    return f'"{_SPECIAL.sub(_escaped, text)}"'


def _escaped(found: re.Match[str]) -> str:
    char = found[0]
    if char in _ESCAPES:
        return _ESCAPES[char]
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF:
        return "\\ufffd"
    if char.isprintable():
        return char
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
