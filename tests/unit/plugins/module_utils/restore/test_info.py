# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import json

import pytest

from ansible_collections.velero.core.plugins.module_utils.restore.info import restore_info
from tests.support.builders import RESTORES, SERVED, MemoryStore, api_of, config_map, obj
from tests.support.builders_run import Restoring
from tests.support.fake_cluster import FakeCluster, api_error


def finished() -> Restoring:
    theirs = obj(
        "Restore",
        "theirs",
        "velero",
        api="velero.io/v1",
        status={"phase": "InProgress", "progress": {"totalItems": 9, "itemsRestored": 1}},
    )
    restoring = Restoring(
        [config_map()], cluster=FakeCluster(theirs, api=api_of(*SERVED, RESTORES))
    )
    restoring.run()
    restoring.forget_calls()
    return restoring


def test_all_restores_of_both_places_by_name() -> None:
    restoring = finished()
    found = restore_info(restoring.store, restoring.cluster)
    assert [(info.name, info.found_in, info.phase) for info in found] == [
        ("r1", ["storage", "cluster"], "Completed"),
        ("theirs", ["cluster"], "InProgress"),
    ]
    ours, theirs = found
    assert ours.resource_list == {
        "v1/ConfigMap": ["shop/x(created)"],
        "v1/Namespace": ["shop(created)"],
    }
    assert ours.progress == {"totalItems": 2, "itemsRestored": 2}
    assert ours.artifacts["log"] == "memory:/restores/r1/restore-r1-logs.gz"
    assert ours.results.empty
    assert theirs.progress == {"totalItems": 9, "itemsRestored": 1}
    assert not restoring.cluster.writes
    assert not restoring.store.writes


@pytest.mark.parametrize(("name", "found"), [("r1", ["r1"]), ("nothing", [])])
def test_one_by_its_name(name: str, found: list[str]) -> None:
    restoring = finished()
    listed = restore_info(restoring.store, restoring.cluster, name=name)
    assert [info.name for info in listed] == found


def test_either_place_may_be_missing() -> None:
    restoring = finished()
    assert [info.name for info in restore_info(restoring.store, None)] == ["r1"]
    in_cluster = restore_info(None, restoring.cluster)
    assert [info.name for info in in_cluster] == ["r1", "theirs"]
    assert restore_info(None, FakeCluster()) == []
    assert restore_info(MemoryStore(), None) == []


def test_a_damaged_artifact_is_a_problem_of_that_restore() -> None:
    restoring = finished()
    restoring.store.files["restores/r1/restore-r1-results.gz"] = b"damaged"
    restoring.store.files["restores/r2/velero-restore.json"] = b"{"
    found = restore_info(restoring.store, None)
    assert [(info.name, len(info.problems)) for info in found] == [("r1", 1), ("r2", 1)]


def test_progress_while_it_runs_is_that_of_the_file() -> None:
    store = MemoryStore()
    store.files["restores/r1/velero-restore.json"] = b'{"status": {"phase": "InProgress"}}'
    store.files["restores/r1/restore-r1-progress.json"] = b'{"totalItems": 7, "itemsRestored": 3}'
    (info,) = restore_info(store, None)
    assert info.progress == {"totalItems": 7, "itemsRestored": 3}


def test_a_refused_list_is_an_error_and_a_missing_kind_is_not() -> None:
    restoring = finished()
    restoring.cluster.fail("list", error=api_error("Forbidden", "no"))
    with pytest.raises(Exception, match="no"):
        restore_info(None, restoring.cluster)
    other = finished()
    other.cluster.fail("list", error=api_error("NotFound"))
    assert restore_info(None, other.cluster) == []


def test_9_3_volume_information_is_returned_where_there_is_some() -> None:
    restoring = finished()
    rows = [{"pvName": "pv", "restoreMethod": "NativeSnapshot", "snapshotDataMoved": False}]
    key = "restores/r1/r1-volumeinfo.json.gz"
    restoring.store.files[key] = gzip.compress(json.dumps(rows).encode())
    assert restore_info(restoring.store, None)[0].volumes == rows
    del restoring.store.files[key]
    (info,) = restore_info(restoring.store, None)
    assert (info.volumes, info.problems) == ([], [])
