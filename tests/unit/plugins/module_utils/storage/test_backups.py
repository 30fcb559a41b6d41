# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    BackupNotFoundError,
    RequestError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.storage import inputs, layout
from ansible_collections.velero.core.plugins.module_utils.storage.backups import (
    BackupRecord,
    list_backups,
    newest_completed,
    read_backup,
)
from ansible_collections.velero.core.plugins.module_utils.storage.codec import (
    compress,
    encode_json,
)
from ansible_collections.velero.core.plugins.module_utils.storage.directory import DirectoryStore

STORE = DirectoryStore(str(Path(__file__).parents[4] / "data" / "backup-storage"))


def test_real_storage() -> None:
    records = {record.name: record for record in list_backups(STORE)}
    assert {"shop-full", "bulk2k", "fragile", "shop-older"} <= set(records)
    assert records["shop-full"].phase == "Completed"
    assert records["shop-full"].schedule == "shop-daily"
    newest = newest_completed(records.values(), "shop-daily")
    assert newest is not None
    assert newest.name == "shop-full"
    assert newest_completed(records.values(), "absent") is None


def test_left_overs_and_damage(tmp_path: Path) -> None:
    store = DirectoryStore(str(tmp_path))
    store.write("backups/failed/failed-logs.gz", b"")
    store.write(layout.backup_metadata("good"), b'{"kind": "Backup"}')
    store.write(layout.backup_metadata("text"), b"{")
    store.write(layout.backup_metadata("other"), b'{"kind": "Pod"}')
    records = list_backups(store)
    assert [(r.name, bool(r.problem)) for r in records] == [
        ("good", False),
        ("other", True),
        ("text", True),
    ]
    assert "no Backup object" in records[1].problem


@pytest.mark.parametrize("name", ["absent", "text"])
def test_backup_not_found(tmp_path: Path, name: str) -> None:
    store = DirectoryStore(str(tmp_path))
    store.write(layout.backup_metadata("text"), b"{")
    with pytest.raises(BackupNotFoundError, match=name):
        read_backup(store, name)
    with pytest.raises(RequestError):
        read_backup(store, "../" + name)


def record(name: str, start: str | None, phase: str = "Completed") -> BackupRecord:
    status = {"phase": phase, "startTimestamp": start}
    labels = {"velero.io/schedule-name": "s"}
    return BackupRecord(name, {"metadata": {"labels": labels}, "status": status})


def test_newest_completed() -> None:
    records = [
        record("b1", "2026-11-21T08:00:00Z"),
        record("b2", "2026-11-21T10:00:00+01:00"),
        record("b3", "2026-11-21T08:30:00Z", "PartiallyFailed"),
        record("b4", None),
        BackupRecord("b5", problem="unreadable"),
    ]
    newest = newest_completed(records)
    assert newest is not None
    assert newest.name == "b2"
    assert newest_completed([records[2], records[4]]) is None
    assert newest_completed([records[3]]) == records[3]


def test_real_inputs() -> None:
    assert inputs.volume_snapshots(STORE, "shop-full") == []
    assert inputs.csi_volume_snapshots(STORE, "shop-full") == []
    assert inputs.volume_info(STORE, "shop-full") == []
    assert inputs.pod_volume_backups(STORE, "shop-full") == []
    assert inputs.item_operations(STORE, "shop-full") == []
    assert (
        "shop/db-5b75995949"
        in inputs.resource_list(STORE, "shop-full")["apps/v1/ControllerRevision"]
    )
    assert inputs.results(STORE, "shop-full").empty


@pytest.mark.parametrize(
    "data",
    [
        b"no gzip",
        compress(b"{"),
        compress(b"{}"),
        compress(encode_json([1]))[:-4],
        compress(b"[1]"),
    ],
)
def test_damaged_input_names_its_key(tmp_path: Path, data: bytes) -> None:
    store = DirectoryStore(str(tmp_path))
    store.write(layout.backup_volume_info("b"), data)
    with pytest.raises(StorageError, match=r"backups/b/b-volumeinfo\.json\.gz"):
        inputs.volume_info(store, "b")


@pytest.mark.parametrize("data", [b'{"errors":"x"}', b'{"errors":{"velero":1}}', b"[]"])
def test_damaged_results(tmp_path: Path, data: bytes) -> None:
    store = DirectoryStore(str(tmp_path))
    store.write(layout.backup_results("b"), compress(data))
    with pytest.raises(StorageError, match="another shape"):
        inputs.results(store, "b")


def test_records_do_not_show_their_backup() -> None:
    assert json.dumps(repr(record("b", None))).count("labels") == 0
