# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.storage import layout


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (layout.backup_metadata, "backups/x/velero-backup.json"),
        (layout.backup_archive, "backups/x/x.tar.gz"),
        (layout.backup_log, "backups/x/x-logs.gz"),
        (layout.backup_volume_snapshots, "backups/x/x-volumesnapshots.json.gz"),
        (layout.backup_csi_volume_snapshots, "backups/x/x-csi-volumesnapshots.json.gz"),
        (layout.backup_volume_info, "backups/x/x-volumeinfo.json.gz"),
        (layout.backup_pod_volume_backups, "backups/x/x-podvolumebackups.json.gz"),
        (layout.backup_item_operations, "backups/x/x-itemoperations.json.gz"),
        (layout.backup_resource_list, "backups/x/x-resource-list.json.gz"),
        (layout.backup_results, "backups/x/x-results.gz"),
        (layout.restore_log, "restores/x/restore-x-logs.gz"),
        (layout.restore_results, "restores/x/restore-x-results.gz"),
        (layout.restore_resource_list, "restores/x/restore-x-resource-list.json.gz"),
        (layout.restore_item_operations, "restores/x/restore-x-itemoperations.json.gz"),
        (layout.restore_volume_info, "restores/x/x-volumeinfo.json.gz"),
        (layout.restore_record, "restores/x/velero-restore.json"),
        (layout.restore_progress, "restores/x/restore-x-progress.json"),
    ],
)
def test_keys(key: Callable[[str], str], expected: str) -> None:
    assert key("x") == expected
    for name in ("", ".", "..", "a/b", "a\0"):
        with pytest.raises(RequestError, match="name of a folder"):
            key(name)


@pytest.mark.parametrize(
    ("folders", "message"),
    [
        ([], ""),
        (["backups", "restores", "restic", "metadata", "plugins", "kopia"], ""),
        (["b", "a"], "Backup store contains invalid top-level directories: [a b]"),
        (list("abcd"), "Backup store contains 4 invalid top-level directories: [a b c ...]"),
    ],
)
def test_invalid_folders(folders: list[str], message: str) -> None:
    assert layout.invalid_folders(folders) == message
