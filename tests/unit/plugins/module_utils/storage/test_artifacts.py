# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    StorageAccessError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.model.results import Messages, Results
from ansible_collections.velero.core.plugins.module_utils.storage.artifacts import RestoreArtifacts
from ansible_collections.velero.core.plugins.module_utils.storage.directory import DirectoryStore


class FlakyStore(DirectoryStore):
    """Fails the first ``failures`` writes."""

    def __init__(self, path: Path, failures: int, error: StorageError) -> None:
        super().__init__(str(path))
        self.failures = failures
        self.error = error

    def write(self, key: str, data: bytes) -> None:
        if self.failures:
            self.failures -= 1
            raise self.error
        super().write(key, data)


@pytest.fixture
def artifacts(tmp_path: Path) -> RestoreArtifacts:
    return RestoreArtifacts(DirectoryStore(str(tmp_path)), "r1", lambda seconds: None)


def test_absent_files_are_empty(artifacts: RestoreArtifacts) -> None:
    assert artifacts.read_results().empty
    assert artifacts.read_resource_list() == {}
    assert artifacts.read_item_operations() == []
    assert artifacts.read_volume_info() == []
    assert artifacts.read_log() == ""
    assert artifacts.read_record() is None
    assert artifacts.read_progress() is None
    assert artifacts.delete_all() == []


def test_what_is_written_is_read(artifacts: RestoreArtifacts, tmp_path: Path) -> None:
    results = Results(errors=Messages(velero=["a < b"]))
    artifacts.write_results(results)
    artifacts.write_resource_list({"v1/Pod": ("n/p(created)",)})
    artifacts.write_item_operations([{"spec": {}}])
    artifacts.write_volume_info([])
    artifacts.write_log("line\n")
    artifacts.write_record({"kind": "Restore"})
    artifacts.write_progress({"done": 1})
    assert artifacts.read_results() == results
    assert artifacts.read_resource_list() == {"v1/Pod": ["n/p(created)"]}
    assert artifacts.read_item_operations() == [{"spec": {}}]
    assert artifacts.read_volume_info() == []
    assert artifacts.read_log() == "line\n"
    assert artifacts.read_record() == {"kind": "Restore"}
    assert artifacts.read_progress() == {"done": 1}
    written = (tmp_path / "restores/r1/restore-r1-results.gz").read_bytes()
    assert gzip.decompress(written) == b'{"errors":{"velero":["a \\u003c b"]},"warnings":{}}\n'
    deleted = artifacts.delete_all()
    assert len(deleted) == 7
    assert deleted[-1] == "restores/r1/velero-restore.json"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("use", "key"),
    [
        (RestoreArtifacts.read_results, "restore-r1-results.gz"),
        (RestoreArtifacts.read_log, "restore-r1-logs.gz"),
        (RestoreArtifacts.read_record, "velero-restore.json"),
    ],
)
def test_damaged_files(
    artifacts: RestoreArtifacts, tmp_path: Path, use: Callable[[RestoreArtifacts], object], key: str
) -> None:
    DirectoryStore(str(tmp_path)).write(f"restores/r1/{key}", b"[")
    with pytest.raises(StorageError, match=key):
        use(artifacts)


@pytest.mark.parametrize(
    ("failures", "kind", "expected"),
    [
        (2, StorageError, [1, 2]),
        (3, StorageError, [1, 2, "raised"]),
        (1, StorageAccessError, ["raised"]),
    ],
)
def test_failed_writes_are_tried_again(
    tmp_path: Path, failures: int, kind: type[StorageError], expected: list[object]
) -> None:
    seen: list[object] = []
    store = FlakyStore(tmp_path, failures, kind("writing", "x", "broken"))
    try:
        RestoreArtifacts(store, "r1", seen.append).write_log("x")
    except kind:
        seen.append("raised")
    assert seen == expected
