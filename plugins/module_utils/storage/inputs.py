# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The optional files beside the archive of a backup.

An absent file counts as empty, and so does ``null``; a damaged one is an error (reference
backup-storage-and-crs.md sections 1.5 and 1.6). All functions raise StorageError naming the key.
"""

from __future__ import annotations

from typing import Any, TypeVar

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ObjectNotFoundError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import ObjectStore
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.storage import layout
from ansible_collections.velero.core.plugins.module_utils.storage.codec import (
    decode_json,
    decompress,
)

Rows = list[dict[str, Any]]
_OTHER_SHAPE = "it has another shape than Velero's"
Shape = TypeVar("Shape", list[Any], dict[str, Any])


def volume_snapshots(store: ObjectStore, backup: str) -> Rows:
    """Returns the native snapshots."""
    return read_gzipped(store, layout.backup_volume_snapshots(backup), [])


def csi_volume_snapshots(store: ObjectStore, backup: str) -> Rows:
    """Returns the CSI VolumeSnapshots; only Velero before 1.17 wrote them."""
    return read_gzipped(store, layout.backup_csi_volume_snapshots(backup), [])


def volume_info(store: ObjectStore, backup: str) -> Rows:
    """Returns the BackupVolumeInfo rows."""
    return read_gzipped(store, layout.backup_volume_info(backup), [])


def pod_volume_backups(store: ObjectStore, backup: str) -> Rows:
    """Returns the PodVolumeBackups; they have no ``apiVersion`` and ``kind``."""
    return read_gzipped(store, layout.backup_pod_volume_backups(backup), [])


def item_operations(store: ObjectStore, backup: str) -> Rows:
    """Returns the backup item operations."""
    return read_gzipped(store, layout.backup_item_operations(backup), [])


def resource_list(store: ObjectStore, backup: str) -> dict[str, list[str]]:
    """Returns the backed-up items: ``apiVersion/Kind`` to ``namespace/name`` or ``name``."""
    return read_gzipped(store, layout.backup_resource_list(backup), {})


def results(store: ObjectStore, backup: str) -> Results:
    """Returns the warnings and errors of the backup."""
    return read_results(store, layout.backup_results(backup))


def read_results(store: ObjectStore, key: str) -> Results:
    """Returns the warnings and errors under ``key``, empty ones when it is absent."""
    try:
        return Results.from_dict(read_gzipped(store, key, {}))
    except (AttributeError, TypeError):
        raise _damaged(store, key, _OTHER_SHAPE) from None


def read_gzipped(store: ObjectStore, key: str, empty: Shape) -> Shape:
    """Returns the JSON under ``key``, or ``empty`` when the object is absent or ``null``.

    Raises StorageError when it is damaged or of another shape (list, map) than ``empty``.
    """
    try:
        data = store.read(key)
    except ObjectNotFoundError:
        return empty
    try:
        value = decode_json(decompress(data))
        if value is None:
            return empty
    except ValueError as error:
        raise _damaged(store, key, str(error)) from error
    if not isinstance(value, type(empty)):
        raise _damaged(store, key, _OTHER_SHAPE)
    if isinstance(value, list) and not all(isinstance(row, dict) for row in value):
        raise _damaged(store, key, _OTHER_SHAPE)
    return value


def _damaged(store: ObjectStore, key: str, why: str) -> StorageError:
    hint = "The file is damaged: restore its content"
    return StorageError("reading", store.location(key), why, hint)
