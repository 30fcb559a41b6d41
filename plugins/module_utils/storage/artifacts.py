# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a restore leaves in the storage: Velero's files, our record and our progress file.

Source: reference backup-storage-and-crs.md sections 1.4, 1.5 and 1.8.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ObjectNotFoundError,
    StorageAccessError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import ObjectStore
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.storage import layout
from ansible_collections.velero.core.plugins.module_utils.storage.codec import (
    compress,
    decode_json,
    decompress,
    encode_json,
)
from ansible_collections.velero.core.plugins.module_utils.storage.inputs import (
    Rows,
    read_gzipped,
    read_results,
)

_TRIES = 3
_FIRST_PAUSE = 1.0


class RestoreArtifacts:
    """The files of one restore.

    Writing raises StorageError after three tries (one when access is denied), reading raises it
    for damaged files; absent files read as empty. ``sleep`` waits for seconds.
    """

    def __init__(self, store: ObjectStore, restore: str, sleep: Callable[[float], None]) -> None:
        self._store = store
        self._restore = restore
        self._sleep = sleep

    def write_results(self, results: Results) -> None:
        """Writes the warnings and errors."""
        self._write_json(layout.restore_results(self._restore), results.to_dict())

    def read_results(self) -> Results:
        """Returns the warnings and errors."""
        return read_results(self._store, layout.restore_results(self._restore))

    def write_resource_list(self, items: Mapping[str, Sequence[str]]) -> None:
        """Writes the restored items: ``apiVersion/Kind`` to ``namespace/name(action)``."""
        rows = {kind: list(items[kind]) for kind in sorted(items)}
        self._write_json(layout.restore_resource_list(self._restore), rows)

    def read_resource_list(self) -> dict[str, list[str]]:
        """Returns the restored items."""
        return read_gzipped(self._store, layout.restore_resource_list(self._restore), {})

    def write_item_operations(self, operations: Sequence[Mapping[str, Any]]) -> None:
        """Writes the asynchronous operations."""
        self._write_json(layout.restore_item_operations(self._restore), list(operations))

    def read_item_operations(self) -> Rows:
        """Returns the asynchronous operations."""
        return read_gzipped(self._store, layout.restore_item_operations(self._restore), [])

    def write_volume_info(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Writes the RestoreVolumeInfo rows."""
        self._write_json(layout.restore_volume_info(self._restore), list(rows))

    def read_volume_info(self) -> Rows:
        """Returns the RestoreVolumeInfo rows."""
        return read_gzipped(self._store, layout.restore_volume_info(self._restore), [])

    def write_hooks(self, uid: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Writes the state of the exec hooks of the restore with this UID."""
        value = {"restore": uid, "hooks": list(rows)}
        self._write_json(layout.restore_hooks(self._restore), value)

    def read_hooks(self, uid: str) -> Rows:
        """Returns the state of the exec hooks; empty when it is that of another restore."""
        found = read_gzipped(self._store, layout.restore_hooks(self._restore), {})
        return found["hooks"] if found.get("restore") == uid else []

    def write_log(self, text: str) -> None:
        """Writes the log."""
        data = compress(text.encode("utf-8", "replace"))
        self._write(layout.restore_log(self._restore), data)

    def write_compressed_log(self, data: bytes) -> None:
        """Writes a log that is gzip-compressed already."""
        self._write(layout.restore_log(self._restore), data)

    def append_compressed_log(self, data: bytes) -> None:
        """Adds a gzip-compressed part to the log; readers take both for one."""
        key = layout.restore_log(self._restore)
        try:
            before = self._store.read(key)
        except ObjectNotFoundError:
            before = b""
        self._write(key, before + data)

    def read_log(self) -> str:
        """Returns the log."""
        key = layout.restore_log(self._restore)
        try:
            return decompress(self._store.read(key)).decode("utf-8", "replace")
        except ObjectNotFoundError:
            return ""
        except ValueError as error:
            raise self._damaged(key, error) from error

    def write_record(self, restore: Mapping[str, Any]) -> None:
        """Writes the record, a Restore object, as JSON for people."""
        self._write(layout.restore_record(self._restore), _indented(restore))

    def read_record(self) -> dict[str, Any] | None:
        """Returns the record, or None when there is none."""
        return self._read_plain(layout.restore_record(self._restore))

    def write_progress(self, progress: Mapping[str, Any]) -> None:
        """Writes the progress file."""
        data = encode_json(progress)
        self._write(layout.restore_progress(self._restore), data)

    def read_progress(self) -> dict[str, Any] | None:
        """Returns the progress file's content, or None when there is none."""
        return self._read_plain(layout.restore_progress(self._restore))

    def delete_all(self) -> list[str]:
        """Deletes every file of the restore, the record last, and returns the deleted keys."""
        record = layout.restore_record(self._restore)
        keys = self._store.keys(layout.restore_folder(self._restore))
        keys.sort(key=lambda key: key == record)
        for key in keys:
            self._store.delete(key)
        return keys

    def _read_plain(self, key: str) -> dict[str, Any] | None:
        try:
            value = decode_json(self._store.read(key))
            if not isinstance(value, dict):
                raise ValueError("it is no JSON object")
        except ObjectNotFoundError:
            return None
        except ValueError as error:
            raise self._damaged(key, error) from error
        return value

    def _write_json(self, key: str, value: Any) -> None:
        self._write(key, compress(encode_json(value)))

    def _write(self, key: str, data: bytes) -> None:
        for left in reversed(range(_TRIES)):
            try:
                self._store.write(key, data)
                return
            except StorageAccessError:
                raise
            except StorageError:
                if not left:
                    raise
                self._sleep(_FIRST_PAUSE * 2 ** (_TRIES - 1 - left))

    def _damaged(self, key: str, error: ValueError) -> StorageError:
        return StorageError("reading", self._store.location(key), str(error))


def _indented(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True) + "\n").encode()
