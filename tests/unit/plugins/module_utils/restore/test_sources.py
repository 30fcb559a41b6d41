# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ArchiveError,
    BackupNotFoundError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import Settings
from ansible_collections.velero.core.plugins.module_utils.model.volumes import BackupVolumes
from ansible_collections.velero.core.plugins.module_utils.restore.sources import BackupSource
from tests.support.builders import (
    MemoryCatalog,
    MemoryStore,
    add_backup,
    archive,
    backup_object,
    config_map,
)


@pytest.mark.parametrize(
    ("path", "name"),
    [("/a/b1.tar.gz", "b1"), ("b1.tgz", "b1"), ("b1", "b1"), ("", ""), ("/x/b1.tar", "b1.tar")],
)
def test_the_name_of_a_plain_archive(path: str, name: str) -> None:
    assert BackupSource(archive=path).default_backup_name == name


def test_a_plain_archive(tmp_path: Path) -> None:
    path = tmp_path / "b1.tar.gz"
    path.write_bytes(archive(MemoryCatalog([config_map()])))
    source = BackupSource(archive=str(path))
    assert source.find("any")["metadata"]["name"] == "any"
    source.check_archive("any")
    assert source.volumes("any") == BackupVolumes()
    with source.open_catalog("any", Settings()) as catalog:
        assert catalog.items("configmaps", "shop") == ["x"]
    with pytest.raises(StorageError, match="an archive holds one backup"):
        source.of_schedule("s")


def test_a_plain_archive_that_is_not_there(tmp_path: Path) -> None:
    source = BackupSource(archive=str(tmp_path / "none.tar.gz"))
    with pytest.raises(BackupNotFoundError, match="no such file"):
        source.find("none")
    with pytest.raises(StorageError, match="Failed opening"):
        source.open_catalog("none", Settings())


def test_backups_of_a_schedule() -> None:
    store = add_backup(
        MemoryStore(), [], backup_object("b1", labels={"velero.io/schedule-name": "s"})
    )
    add_backup(store, [], backup_object("b2"))
    assert [record.name for record in BackupSource(store=store).of_schedule("s")] == ["b1"]


def test_an_archive_that_is_missing_or_damaged() -> None:
    store = add_backup(MemoryStore(), [config_map()])
    source = BackupSource(store=store)
    source.check_archive("b1")
    store.files["backups/b1/b1.tar.gz"] = b"damaged"
    with pytest.raises(ArchiveError):
        source.open_catalog("b1", Settings())
    del store.files["backups/b1/b1.tar.gz"]
    with pytest.raises(BackupNotFoundError, match="incomplete"):
        source.check_archive("b1")


def test_4_2_the_records_about_volumes() -> None:
    info: list[Any] = [
        {"pvName": "pv", "backupMethod": "CSISnapshot"},
        {"pvName": "pv", "backupMethod": "PodVolumeBackup"},
        {"backupMethod": "PodVolumeBackup"},
    ]
    store = add_backup(MemoryStore(), [], volumes=info)
    rows = [{"spec": {}}]
    for kind in ("volumesnapshots", "csi-volumesnapshots", "podvolumebackups"):
        key = f"backups/b1/b1-{kind}.json.gz"
        store.files[key] = gzip.compress(json.dumps(rows).encode())
    known = BackupSource(store=store).volumes("b1")
    assert known.infos == {"pv": info[1], "": info[2]}
    assert known.snapshots == known.csi_snapshots == known.pod_volume_backups == rows


def test_a_backup_without_records_about_volumes() -> None:
    store = add_backup(MemoryStore(), [])
    assert BackupSource(store=store).volumes("b1") == BackupVolumes(
        snapshots=[], csi_snapshots=[], pod_volume_backups=[]
    )
