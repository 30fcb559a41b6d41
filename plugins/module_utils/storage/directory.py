# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backup storage in a folder of the machine that runs the task."""

from __future__ import annotations

import errno
import io
import os
import secrets
import stat
from contextlib import AbstractContextManager, suppress
from typing import Any, BinaryIO

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ObjectNotFoundError,
    RequestError,
    StorageAccessError,
    StorageError,
)

_BUFFER_SIZE = 256 * 1024
_TEMPORARY = ".velero-core-"
_FILE_MODE = 0o600
_FOLDER_MODE = 0o700

_HINTS = {
    errno.EACCES: "Give the user that runs this task access to it",
    errno.EPERM: "Give the user that runs this task access to it",
    errno.EROFS: "The file system is read-only: mount it writable",
    errno.ENOSPC: "Make space on the file system",
    errno.EDQUOT: "Make space on the file system, or raise the quota",
    errno.ESTALE: "Mount the file system again",
}
_ACCESS = frozenset((errno.EACCES, errno.EPERM, errno.EROFS))
_ABSENT = (FileNotFoundError, NotADirectoryError)


class DirectoryStore:
    """Implements ObjectStore over a folder; keys are paths below it.

    New files have mode 0600 and new folders 0700. The folder itself must be there: a missing one
    is more often a file system that is not mounted than a new storage.
    """

    def __init__(self, path: str, prefix: str = "") -> None:
        if not path:
            raise RequestError("opening the backup storage", "", "the path of its folder is empty")
        self._base = os.path.realpath(path)
        self._root = os.path.join(self._base, *_segments(prefix.strip("/"), allow_empty=True))

    def location(self, key: str = "") -> str:
        """Returns the path of ``key``."""
        return os.path.join(self._root, key) if key else self._root

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        """Opens an object; ObjectNotFoundError, StorageAccessError, StorageError."""
        path = self._path(key)
        try:
            return io.BufferedReader(_File(path), _BUFFER_SIZE)
        except _ABSENT as error:
            self._need_base("reading")
            raise ObjectNotFoundError("reading", path, "there is no such file") from error
        except OSError as error:
            raise _error("reading", path, error) from error

    def read(self, key: str) -> bytes:
        """Returns the whole object; errors as ``open``."""
        with self.open(key) as stream:
            return stream.read()

    def write(self, key: str, data: bytes) -> None:
        """Writes an object; other readers see the old content or the new one, never a part."""
        path = self._path(key)
        self._need_base("writing")
        try:
            _write_atomically(path, data)
        except FileNotFoundError:
            # Another process deleted the folder between making it and writing into it.
            self._write_again(path, data)
        except OSError as error:
            raise _error("writing", path, error) from error

    def _write_again(self, path: str, data: bytes) -> None:
        try:
            _write_atomically(path, data)
        except OSError as error:
            raise _error("writing", path, error) from error

    def exists(self, key: str) -> bool:
        """Returns whether there is a file under ``key``."""
        path = self._path(key)
        try:
            return stat.S_ISREG(os.stat(path).st_mode)
        except _ABSENT:
            self._need_base("reading")
            return False
        except OSError as error:
            raise _error("looking for", path, error) from error

    def keys(self, prefix: str) -> list[str]:
        """Returns all keys that begin with ``prefix``, sorted."""
        self._need_base("listing")
        folder = prefix.rpartition("/")[0]
        top = self._path(folder) if folder else self._root
        found: list[str] = []
        for where, folders, files in os.walk(top, onerror=_raise_unless_absent):
            folders.sort()
            for name in files:
                key = os.path.relpath(os.path.join(where, name), self._root).replace(os.sep, "/")
                if key.startswith(prefix) and not name.startswith(_TEMPORARY):
                    found.append(key)
        return sorted(found)

    def folders(self, prefix: str) -> list[str]:
        """Returns the names of the folders directly below ``prefix``, sorted."""
        self._need_base("listing")
        folder = prefix.strip("/")
        path = self._path(folder) if folder else self._root
        try:
            with os.scandir(path) as entries:
                return sorted(entry.name for entry in entries if entry.is_dir())
        except _ABSENT:
            return []
        except OSError as error:
            raise _error("listing", path, error) from error

    def delete(self, key: str) -> None:
        """Deletes one object, and the folders that become empty by it."""
        path = self._path(key)
        self._need_base("deleting")
        try:
            os.unlink(path)
        except _ABSENT:
            return
        except OSError as error:
            raise _error("deleting", path, error) from error
        folder = os.path.dirname(path)
        with suppress(OSError):
            while folder != self._root:
                os.rmdir(folder)
                folder = os.path.dirname(folder)

    def _path(self, key: str) -> str:
        """Returns the path of ``key``; neither ``..`` nor links lead out of the folder."""
        path = os.path.join(self._root, *_segments(key))
        real = os.path.realpath(path)
        if real != self._base and not real.startswith(self._base.rstrip(os.sep) + os.sep):
            raise StorageError(
                "finding",
                path,
                f"a symbolic link leads out of {self._base}",
                "Remove the link: everything must lie inside the backup storage",
            )
        return path

    def _need_base(self, doing: str) -> None:
        if not os.path.isdir(self._base):
            raise StorageError(
                f"{doing} the backup storage in",
                self._base,
                "there is no such folder",
                "Check the path and that its file system is mounted, or create the folder",
            )


class _File(io.FileIO):
    """A file for reading whose faults are StorageError."""

    def readinto(self, buffer: Any) -> int | None:
        """Fills ``buffer`` and returns how many bytes there were."""
        try:
            return super().readinto(buffer)
        except OSError as error:
            raise _error("reading", str(self.name), error) from error

    def readall(self) -> bytes:
        """Returns the rest of the file."""
        try:
            return super().readall() or b""
        except OSError as error:
            raise _error("reading", str(self.name), error) from error


def _segments(key: str, *, allow_empty: bool = False) -> list[str]:
    if not key and allow_empty:
        return []
    parts = key.split("/")
    if "\0" in key or any(part in ("", ".", "..") for part in parts):
        raise StorageError("finding", repr(key), "this is no key of a backup storage")
    return parts


def _write_atomically(path: str, data: bytes) -> None:
    folder = os.path.dirname(path)
    temporary = os.path.join(folder, f"{_TEMPORARY}{secrets.token_hex(8)}")
    _make_folders(folder)
    try:
        _write_file(temporary, data)
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


def _make_folders(folder: str) -> None:
    if os.path.isdir(folder):
        return
    # os.makedirs would give its mode to the last folder only.
    _make_folders(os.path.dirname(folder))
    with suppress(FileExistsError):
        os.mkdir(folder, _FOLDER_MODE)


def _write_file(path: str, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    with open(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot sync folders; the file itself is safe.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def _raise_unless_absent(error: OSError) -> None:
    if not isinstance(error, _ABSENT):
        raise _error("listing", str(error.filename), error) from error


def _error(doing: str, path: str, error: OSError) -> StorageError:
    number = error.errno or 0
    kind = StorageAccessError if number in _ACCESS else StorageError
    return kind(doing, path, error.strerror or str(error), _HINTS.get(number, ""))
