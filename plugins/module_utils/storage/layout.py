# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys in the backup storage, relative to its prefix.

Source: reference backup-storage-and-crs.md sections 1.2 to 1.4,
pkg/persistence/object_store_layout.go.
"""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError

BACKUPS = "backups/"
RESTORES = "restores/"
TOP_LEVEL_FOLDERS = frozenset(("backups", "restores", "restic", "metadata", "plugins", "kopia"))
_SHOWN_FOLDERS = 3


def backup_folder(backup: str) -> str:
    """Returns the folder of a backup, with a trailing slash; RequestError for a bad name."""
    return f"{BACKUPS}{_checked(backup, 'backup')}/"


def backup_metadata(backup: str) -> str:
    """Returns the key of the Backup object (JSON)."""
    return backup_folder(backup) + "velero-backup.json"


def backup_archive(backup: str) -> str:
    """Returns the key of the archive (tar.gz)."""
    return _backup_file(backup, ".tar.gz")


def backup_log(backup: str) -> str:
    """Returns the key of the backup's log (gzip)."""
    return _backup_file(backup, "-logs.gz")


def backup_volume_snapshots(backup: str) -> str:
    """Returns the key of the native snapshots (gzip, JSON list)."""
    return _backup_file(backup, "-volumesnapshots.json.gz")


def backup_csi_volume_snapshots(backup: str) -> str:
    """Returns the key of the CSI VolumeSnapshots (gzip, JSON list; before 1.17)."""
    return _backup_file(backup, "-csi-volumesnapshots.json.gz")


def backup_volume_info(backup: str) -> str:
    """Returns the key of the volume information (gzip, JSON list)."""
    return _backup_file(backup, "-volumeinfo.json.gz")


def backup_pod_volume_backups(backup: str) -> str:
    """Returns the key of the PodVolumeBackups (gzip, JSON list)."""
    return _backup_file(backup, "-podvolumebackups.json.gz")


def backup_item_operations(backup: str) -> str:
    """Returns the key of the backup item operations (gzip, JSON list)."""
    return _backup_file(backup, "-itemoperations.json.gz")


def backup_resource_list(backup: str) -> str:
    """Returns the key of the backed-up items (gzip, JSON map)."""
    return _backup_file(backup, "-resource-list.json.gz")


def backup_results(backup: str) -> str:
    """Returns the key of the backup's warnings and errors (gzip, JSON map)."""
    return _backup_file(backup, "-results.gz")


def restore_folder(restore: str) -> str:
    """Returns the folder of a restore, with a trailing slash; RequestError for a bad name."""
    return f"{RESTORES}{_checked(restore, 'restore')}/"


def restore_log(restore: str) -> str:
    """Returns the key of the restore's log (gzip)."""
    return _restore_file(restore, "-logs.gz")


def restore_results(restore: str) -> str:
    """Returns the key of the restore's warnings and errors (gzip, JSON map)."""
    return _restore_file(restore, "-results.gz")


def restore_resource_list(restore: str) -> str:
    """Returns the key of the restored items (gzip, JSON map)."""
    return _restore_file(restore, "-resource-list.json.gz")


def restore_item_operations(restore: str) -> str:
    """Returns the key of the restore item operations (gzip, JSON list)."""
    return _restore_file(restore, "-itemoperations.json.gz")


def restore_volume_info(restore: str) -> str:
    """Returns the key of the volume information (gzip, JSON list); no ``restore-`` in its name."""
    return f"{restore_folder(restore)}{restore}-volumeinfo.json.gz"


def restore_record(restore: str) -> str:
    """Returns the key of our record: the Restore object (JSON)."""
    return restore_folder(restore) + "velero-restore.json"


def restore_hooks(restore: str) -> str:
    """Returns the key of our list of exec hooks and how they ended (gzip, JSON map)."""
    return _restore_file(restore, "-hooks.json.gz")


def restore_progress(restore: str) -> str:
    """Returns the key of our progress file (JSON)."""
    return _restore_file(restore, "-progress.json")


def invalid_folders(folders: Iterable[str]) -> str:
    """Returns Velero's message about top-level folders that no backup storage has, or empty."""
    invalid = sorted(set(folders) - TOP_LEVEL_FOLDERS)
    if not invalid:
        return ""
    shown = " ".join(invalid[:_SHOWN_FOLDERS])
    if len(invalid) > _SHOWN_FOLDERS:
        count = len(invalid)
        return f"Backup store contains {count} invalid top-level directories: [{shown} ...]"
    return f"Backup store contains invalid top-level directories: [{shown}]"


def _backup_file(backup: str, suffix: str) -> str:
    return f"{backup_folder(backup)}{backup}{suffix}"


def _restore_file(restore: str, suffix: str) -> str:
    return f"{restore_folder(restore)}restore-{restore}{suffix}"


def _checked(name: str, what: str) -> str:
    if not name or name in (".", "..") or "/" in name or "\0" in name:
        raise RequestError(
            "reading", f"{what} name {name!r}", "it cannot be the name of a folder in the storage"
        )
    return name
