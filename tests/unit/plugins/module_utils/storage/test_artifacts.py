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
from ansible_collections.velero.core.plugins.module_utils.model.operations import ItemOperation
from ansible_collections.velero.core.plugins.module_utils.model.results import Messages, Results
from ansible_collections.velero.core.plugins.module_utils.storage.artifacts import RestoreArtifacts
from ansible_collections.velero.core.plugins.module_utils.storage.directory import DirectoryStore

OPERATION = ItemOperation(
    action="mine/a",
    group="",
    resource="pods",
    namespace="shop",
    name="x",
    operation_id="op-1",
    created="2026-01-02T03:04:05Z",
    n_total=3,
)


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


# As Go's encoding/json writes Velero's types: reference sections 4.15, 6.1 and 7.1.
@pytest.mark.parametrize(
    ("write", "key", "wanted"),
    [
        (
            lambda files: files.write_results(Results()),
            "restore-r1-results.gz",
            '{"errors":{},"warnings":{}}\n',
        ),
        (
            lambda files: files.write_results(
                Results(
                    errors=Messages(
                        namespaces={"b": ["2"], "a": ["1", "1"]}, cluster=["c"], velero=["v"]
                    ),
                    warnings=Messages(namespaces={"a": [], "é": ['<&>"\\\n\x00\u2028']}),
                )
            ),
            "restore-r1-results.gz",
            '{"errors":{"velero":["v"],"cluster":["c"],"namespaces":{"a":["1","1"],"b":["2"]}},'
            '"warnings":{"namespaces":{"é":["\\u003c\\u0026\\u003e\\"\\\\\\n\\u0000\\u2028"]}}}\n',
        ),
        (
            lambda files: files.write_resource_list(
                {"v1/Pod": ["a/x(created)", "a/y(failed)"], "apps/v1/Deployment": ["a/x(skipped)"]}
            ),
            "restore-r1-resource-list.json.gz",
            '{"apps/v1/Deployment":["a/x(skipped)"],"v1/Pod":["a/x(created)","a/y(failed)"]}\n',
        ),
        (
            lambda files: files.write_resource_list({}),
            "restore-r1-resource-list.json.gz",
            "{}\n",
        ),
        (
            lambda files: files.write_item_operations([]),
            "restore-r1-itemoperations.json.gz",
            "[]\n",
        ),
        (
            lambda files: files.write_item_operations([OPERATION.to_dict("r1", "uid-1")]),
            "restore-r1-itemoperations.json.gz",
            '[{"spec":{"restoreName":"r1","restoreUID":"uid-1","restoreItemAction":"mine/a",'
            '"resourceIdentifier":{"Group":"","Resource":"pods","Namespace":"shop","Name":"x"},'
            '"operationID":"op-1"},"status":{"phase":"New","nTotal":3,'
            '"created":"2026-01-02T03:04:05Z"}}]\n',
        ),
        (lambda files: files.write_volume_info([]), "r1-volumeinfo.json.gz", "[]\n"),
    ],
)
def test_bytes_are_those_that_go_writes(
    artifacts: RestoreArtifacts,
    tmp_path: Path,
    write: Callable[[RestoreArtifacts], None],
    key: str,
    wanted: str,
) -> None:
    write(artifacts)
    assert gzip.decompress((tmp_path / "restores/r1" / key).read_bytes()).decode() == wanted


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
