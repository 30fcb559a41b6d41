# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.restore.owner import (
    is_owner,
    needs_owner,
    owned,
)
from tests.support.builders import Manifest, obj
from tests.support.builders_pod_volumes import api as data_plane_api
from tests.support.builders_pod_volumes import daemon_set, repository
from tests.support.builders_run import Killed, Restoring, move_data
from tests.support.fake_cluster import FakeCluster

SERVER = obj("Deployment", "velero", "velero", api="apps/v1", status={"availableReplicas": 1})
MADE = "2026-01-01T00:00:00Z"


def record(uid: str | None = None, *, of_cluster: bool = False) -> Manifest:
    meta: dict[str, Any] = {"uid": uid} if uid else {}
    if of_cluster:
        meta["creationTimestamp"] = MADE
    return obj("Restore", "r1", "velero", api="velero.io/v1", meta=meta)


@pytest.mark.parametrize(
    ("spec", "pod_volumes", "restore_pvs", "needed"),
    [
        ({}, False, None, False),
        ({}, True, None, True),
        ({}, True, False, True),
        ({"snapshotMoveData": True}, False, None, True),
        ({"snapshotMoveData": True}, False, False, False),
        ({"snapshotMoveData": False}, False, None, False),
    ],
)
def test_who_needs_an_owner(
    spec: Manifest, pod_volumes: bool, restore_pvs: bool | None, needed: bool
) -> None:
    found = needs_owner(
        {"spec": spec}, RestoreSpec(restore_pvs=restore_pvs), has_pod_volumes=pod_volumes
    )
    assert found is needed


@pytest.mark.parametrize(
    ("before", "found", "uid", "owner", "warnings"),
    [
        pytest.param(record(), record("c", of_cluster=True), "c", True, 0, id="new"),
        pytest.param(record("own"), None, "own", False, 0, id="not in the cluster"),
        pytest.param(
            record("c", of_cluster=True), record("c", of_cluster=True), "c", True, 0, id="resumed"
        ),
        pytest.param(
            record("c", of_cluster=True), record("d", of_cluster=True), "d", True, 1, id="deleted"
        ),
        pytest.param(
            record("own"), record("c", of_cluster=True), "own", False, 0, id="in the cluster later"
        ),
        pytest.param(record("c", of_cluster=True), None, "c", False, 0, id="no more"),
    ],
)
def test_the_uid(
    before: Manifest, found: Manifest | None, uid: str, owner: bool, warnings: int
) -> None:
    told: list[str] = []
    after = owned(before, found, told)
    assert after["metadata"]["uid"] == uid
    assert is_owner(after, found) is owner
    assert len(told) == warnings


def test_a_record_without_an_object_gets_a_uid_of_its_own() -> None:
    assert owned(record(), None, [])["metadata"]["uid"]


# ------------------------------------------------------------------ whole restores


def upload() -> Manifest:
    return obj(
        "DataUpload",
        "b1-abc",
        "velero",
        api="velero.io/v2alpha1",
        spec={"sourceNamespace": "shop", "sourcePVC": "data", "datamover": ""},
        status={"phase": "Completed", "snapshotID": "s"},
    )


def claim() -> Manifest:
    mark = {"velero.io/data-upload-name": "b1-abc"}
    return obj(
        "PersistentVolumeClaim", "data", "shop", annotations=mark, meta={"uid": "p-1"}, spec={}
    )


def moving(*objects: Manifest, **settings: Any) -> Restoring:
    """A backup whose data was moved, and a cluster with Velero's definitions."""
    backup = obj(
        "Backup",
        "b1",
        "velero",
        api="velero.io/v1",
        spec={"snapshotMoveData": True, "storageLocation": "default"},
        status={"phase": "Completed", "formatVersion": "1.1.0"},
    )
    cluster = FakeCluster(
        obj("Namespace", "velero"),
        *objects,
        daemon_set(),
        repository("shop"),
        api=data_plane_api(),
    )
    features = frozenset({"EnableCSI"})
    restoring = Restoring(
        [upload(), claim()], cluster=cluster, backup=backup, features=features, **settings
    )

    move_data(cluster)
    return restoring


def downloads(restoring: Restoring) -> list[Manifest]:
    return [
        item
        for place, item in restoring.cluster.objects.items()
        if place[0] == "datadownloads.velero.io"
    ]


def restore_uid(restoring: Restoring) -> str:
    found = restoring.cluster.see("restores.velero.io", "velero", "r1")
    return str(found["metadata"]["uid"])


@pytest.mark.parametrize("objects", [[], [SERVER]], ids=["alone", "beside a live server"])
def test_what_node_agents_work_on_is_owned_by_the_restore(objects: list[Manifest]) -> None:
    restoring = moving(*objects)
    report = restoring.run()
    (made,) = downloads(restoring)
    uid = restore_uid(restoring)
    assert report.restore["metadata"]["uid"] == uid
    assert made["metadata"]["labels"]["velero.io/restore-uid"] == uid
    assert made["metadata"]["ownerReferences"] == [
        {
            "apiVersion": "velero.io/v1",
            "kind": "Restore",
            "name": "r1",
            "uid": uid,
            "controller": True,
        }
    ]
    phases = {
        call.body["status"].get("phase")
        for call in restoring.cluster.writes
        if call.gr == "restores.velero.io"
    } - {None}
    assert phases <= {"InProgress", "Completed", "PartiallyFailed"}


def test_nothing_is_owned_by_a_record_that_is_not_in_the_cluster() -> None:
    restoring = moving(record="storage")
    report = restoring.run()
    (made,) = downloads(restoring)
    assert "ownerReferences" not in made["metadata"]
    uid = report.restore["metadata"]["uid"]
    assert made["metadata"]["labels"]["velero.io/restore-uid"] == uid


@pytest.mark.parametrize("moment", range(12))
def test_the_uid_survives_a_kill(moment: int) -> None:
    restoring = moving()
    restoring.kill_at(moment)
    with pytest.raises(Killed):
        restoring.run()
    restoring.revive()
    report = restoring.run()
    assert "was deleted" not in str(report.warnings)
    assert report.restore["metadata"]["uid"] == restore_uid(restoring)
    (made,) = downloads(restoring)
    assert made["metadata"]["ownerReferences"][0]["uid"] == restore_uid(restoring)
    assert not report.results.errors.count, "the result of the data mover is there once"


def test_an_object_that_was_deleted_meanwhile_is_told() -> None:
    restoring = moving()
    restoring.kill_at(6)
    with pytest.raises(Killed):
        restoring.run()
    restoring.revive()
    first = restoring.cluster.objects.pop(("restores.velero.io", "velero", "r1"))
    report = restoring.run()
    assert "was deleted while the restore was unfinished" in report.warnings[0]
    assert report.restore["metadata"]["uid"] == restore_uid(restoring)
    assert restore_uid(restoring) != first["metadata"]["uid"]


def test_a_rerun_keeps_the_uid_and_starts_new_operations() -> None:
    restoring = moving(rerun="always")
    first = restoring.run()
    restoring.cluster.objects.pop(("persistentvolumeclaims", "shop", "data"))
    restoring.clock.advance(60)
    report = restoring.run()
    assert report.restore["metadata"]["uid"] == first.restore["metadata"]["uid"]
    assert len(downloads(restoring)) == 2
