# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of whole restores: wrap-up tasks, their messages, crashes between them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

from ansible_collections.velero.core.plugins.module_utils.finalize.contract import FinalizeInput
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ConnectionFailedError,
)
from ansible_collections.velero.core.plugins.module_utils.model.results import Messages, Results
from ansible_collections.velero.core.plugins.module_utils.restore import finalizing
from tests.support.builders import Manifest, config_map, obj
from tests.support.builders_run import Killed, Restoring
from tests.support.fake_cluster import api_error

RECORD = "restores/r1/velero-restore.json"
RESULTS = "restores/r1/restore-r1-results.gz"
STATUS = ("phase", "warnings", "errors", "hookStatus")


class Task:
    """Tells what it is given; ``seen`` are its inputs."""

    name = "testing"

    def __init__(self, *errors: str, warnings: tuple[str, ...] = (), **status: Any) -> None:
        self.errors = errors
        self.warnings = warnings
        self.status = status
        self.seen: list[FinalizeInput] = []

    def run(self, given: FinalizeInput) -> Results:
        self.seen.append(given)
        given.status.update(self.status)
        return Results(
            warnings=Messages(cluster=list(self.warnings)),
            errors=Messages(namespaces={"shop": list(self.errors)} if self.errors else {}),
        )


@pytest.fixture
def tasks() -> Iterator[list[Any]]:
    found: list[Any] = []
    with mock.patch.object(finalizing, "finalize_tasks", lambda hooks, **options: tuple(found)):
        yield found


def restoring(**settings: Any) -> Restoring:
    return Restoring([config_map("a"), config_map("b")], **settings)


def status(found: Restoring) -> dict[str, Any]:
    record = json.loads(found.store.files[RECORD])
    return {key: record["status"][key] for key in STATUS if key in record["status"]}


@pytest.mark.parametrize(
    ("given", "end"),
    [
        (
            [Task()],
            {"phase": "Completed", "hookStatus": {}},
        ),
        (
            [Task(warnings=("w",))],
            {"phase": "Completed", "warnings": 1, "hookStatus": {}},
        ),
        (
            [Task("e"), Task("f", warnings=("w",))],
            {"phase": "PartiallyFailed", "warnings": 1, "errors": 2, "hookStatus": {}},
        ),
        (
            [Task(hookStatus={"hooksAttempted": 2})],
            {"phase": "Completed", "hookStatus": {"hooksAttempted": 2}},
        ),
    ],
    ids=["nothing", "warning", "errors", "hooks"],
)
def test_the_end_of_a_restore(tasks: list[Any], given: list[Task], end: dict[str, Any]) -> None:
    tasks.extend(given)
    found = restoring()
    report = found.run()
    assert status(found) == end
    assert found.store.json(RESULTS) == report.results.to_dict()
    results_written = found.store.writes.count(RESULTS)
    has_messages = "errors" in end or "warnings" in end
    assert results_written == (2 if has_messages else 1), "rewritten only when there is something"


def test_an_error_of_an_item_stays(tasks: list[Any]) -> None:
    tasks.append(Task(warnings=("w",)))
    found = restoring()
    found.cluster.fail("create", "configmaps", "b", times=1)
    report = found.run()
    assert status(found)["phase"] == "PartiallyFailed"
    assert report.results.errors.count == 1
    assert report.results.warnings.cluster == ["w"]


def test_what_a_task_is_given(tasks: list[Any]) -> None:
    task = Task()
    tasks.append(task)
    row = {"pvName": "pv", "pvcNamespace": "shop", "pvcName": "data"}
    claim = obj("PersistentVolumeClaim", "data", "shop", spec={})
    found = Restoring([claim, config_map("a")], volumes=[row], resource_timeout=7)
    found.run(namespace_mapping={"shop": "other"})
    (given,) = task.seen
    assert given.name == "r1"
    assert given.restore["status"]["phase"] == "Finalizing"
    assert given.created_claims == {"other/data"}
    assert list(given.backup_volumes) == [row]
    assert "v1/ConfigMap" in given.restored_items
    assert given.resource_timeout == 7
    assert given.target_namespace("shop") == "other"
    assert not given.strict


# ------------------------------------------------------------------ runs that were cut off


@pytest.mark.parametrize("moment", range(14))
def test_messages_are_told_once_whenever_the_run_was_cut_off(tasks: list[Any], moment: int) -> None:
    def fresh() -> Restoring:
        found = restoring()
        found.cluster.fail("create", "configmaps", "b", error=api_error("Invalid", "bad"))
        return found

    tasks.append(Task("e", "e", warnings=("w",), hookStatus={"hooksAttempted": 2}))
    undisturbed = fresh()
    undisturbed.run()
    found = fresh()
    found.kill_at(moment)
    try:
        found.run()
    except Killed:
        pass
    else:
        pytest.skip("there are not so many writes")
    found.revive()
    found.run()
    assert found.store.json(RESULTS) == undisturbed.store.json(RESULTS)
    assert status(found) == status(undisturbed)
    assert not found.run().changed


def test_a_lost_connection_leaves_a_record_that_goes_on(tasks: list[Any]) -> None:
    class Lost(Task):
        def run(self, given: FinalizeInput) -> Results:
            if not self.seen:
                self.seen.append(given)
                raise ConnectionFailedError("asking", "the server", "reset")
            return super().run(given)

    tasks.extend([Task(warnings=("w",)), Lost("e")])
    found = restoring()
    with pytest.raises(ConnectionFailedError, match="the restore goes on where it stopped"):
        found.run()
    assert status(found)["phase"] == "Finalizing"
    found.forget_calls()
    report = found.run()
    assert status(found)["phase"] == "PartiallyFailed"
    assert report.results.warnings.cluster == ["w"]
    assert report.results.errors.namespaces == {"shop": ["e"]}
    assert not found.cluster.writes


# ------------------------------------------------------------------ with the real tasks


def test_a_volume_that_is_provisioned_anew_gets_its_labels_back() -> None:
    row = {
        "backupMethod": "PodVolumeBackup",
        "pvName": "old",
        "pvcNamespace": "shop",
        "pvcName": "data",
        "pvInfo": {"reclaimPolicy": "Retain", "labels": {"team": "x"}},
    }
    claim = obj("PersistentVolumeClaim", "data", "shop", spec={})
    found = Restoring([claim], volumes=[row])

    def provision() -> None:
        bound: Manifest = {**claim, "spec": {"volumeName": "new"}, "status": {"phase": "Bound"}}
        found.cluster.put(bound)
        found.cluster.put(
            obj(
                "PersistentVolume",
                "new",
                spec={"claimRef": {"namespace": "shop", "name": "data"}},
                status={"phase": "Bound"},
                labels={"provisioner": "y"},
            )
        )

    found.clock.on_sleep = provision
    assert found.run().phase == "Completed"
    volume = found.cluster.see("persistentvolumes", "", "new")
    assert volume["metadata"]["labels"] == {"team": "x", "provisioner": "y"}
    assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
