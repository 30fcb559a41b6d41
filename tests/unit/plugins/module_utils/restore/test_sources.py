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
    assert source.volume_methods("any") == {}
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


@pytest.mark.parametrize(
    ("snapshots", "rows", "methods"),
    [
        ([], [], {}),
        (["pv"], [], {"pv": "NativeSnapshot"}),
        ([], [("pv", "CSISnapshot")], {"pv": "CSISnapshot"}),
        (["pv"], [("pv", "PodVolumeBackup")], {"pv": "PodVolumeBackup"}),
        (["pv"], [("pv", "")], {}),
        ([], [("", "CSISnapshot")], {}),
        ([], [("pv", "CSISnapshot"), ("pv", "PodVolumeBackup")], {"pv": "PodVolumeBackup"}),
    ],
    ids=["none", "snapshot", "info", "info-wins", "skipped-volume", "no-name", "last-wins"],
)
def test_4_2_volume_methods(
    snapshots: list[str], rows: list[tuple[str, str]], methods: dict[str, str]
) -> None:
    info: list[Any] = [{"pvName": name, "backupMethod": method} for name, method in rows]
    store = add_backup(MemoryStore(), [], volumes=info)
    native = [{"spec": {"persistentVolumeName": name}} for name in snapshots]
    packed = gzip.compress(json.dumps(native).encode())
    store.files["backups/b1/b1-volumesnapshots.json.gz"] = packed
    assert BackupSource(store=store).volume_methods("b1") == methods
