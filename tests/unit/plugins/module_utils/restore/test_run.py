# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    BackupNotFoundError,
    ConnectionFailedError,
    RecordError,
    RequestError,
    RunAbortedError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.restore.sources import BackupSource
from tests.support.builders import (
    RESTORES,
    SERVED,
    MemoryCatalog,
    MemoryStore,
    api_of,
    archive,
    config_map,
    crd,
    obj,
)
from tests.support.builders_run import Restoring, fates
from tests.support.fake_clock import START
from tests.support.fake_cluster import FakeCluster, api_error

ITEMS = [
    obj("Namespace", "shop", labels={"team": "x"}),
    config_map("a"),
    config_map("b"),
    obj("ServiceAccount", "sa", "shop"),
]
RECORD = "restores/r1/velero-restore.json"


def with_crd(*objects: dict[str, Any]) -> FakeCluster:
    return FakeCluster(*objects, api=api_of(*SERVED, RESTORES))


def test_a_restore_from_beginning_to_end() -> None:
    restoring = Restoring(ITEMS)
    report = restoring.run()
    assert report.phase == "Completed"
    assert report.changed
    assert not report.warnings
    assert fates(report) == {
        "v1/Namespace/shop": ("created", "namespace_created"),
        "v1/ServiceAccount/shop/sa": ("created", "created"),
        "v1/ConfigMap/shop/a": ("created", "created"),
        "v1/ConfigMap/shop/b": ("created", "created"),
    }
    assert report.restore["status"] == {
        "phase": "Completed",
        "startTimestamp": "2026-01-02T03:04:05Z",
        "completionTimestamp": "2026-01-02T03:04:05Z",
        "progress": {"totalItems": 4, "itemsRestored": 4},
        "hookStatus": {},
    }
    stored = restoring.cluster.see("configmaps", "shop", "a")
    assert stored["metadata"]["labels"] == {
        "velero.io/backup-name": "b1",
        "velero.io/restore-name": "r1",
    }
    assert restoring.cluster.see("namespaces", "", "shop")["metadata"]["labels"] == {"team": "x"}


def test_the_artifacts_and_their_order() -> None:
    restoring = Restoring(ITEMS)
    restoring.run()
    written = list(dict.fromkeys(key for key in restoring.store.writes if "progress" not in key))
    assert written == [
        RECORD,
        "restores/r1/restore-r1-logs.gz",
        "restores/r1/restore-r1-results.gz",
        "restores/r1/restore-r1-resource-list.json.gz",
        "restores/r1/restore-r1-itemoperations.json.gz",
        "restores/r1/r1-volumeinfo.json.gz",
    ]
    store = restoring.store
    assert store.json("restores/r1/restore-r1-results.gz") == {"errors": {}, "warnings": {}}
    assert store.json("restores/r1/restore-r1-resource-list.json.gz") == {
        "v1/ConfigMap": ["shop/a(created)", "shop/b(created)"],
        "v1/Namespace": ["shop(created)"],
        "v1/ServiceAccount": ["shop/sa(created)"],
    }
    log = gzip.decompress(store.read("restores/r1/restore-r1-logs.gz")).decode()
    for text in (
        'level=info msg="starting restore" restore=velero/r1',
        'msg="Starting restore of backup velero/b1"',
        "msg=\"Resource 'configmaps' will be restored into namespace 'shop'\"",
        'msg="Attempting to restore ConfigMap: a."',
        "Restored 4 items out of an estimated total of",
        'msg="restore completed"',
    ):
        assert text in log
    assert log.rstrip().endswith('msg="restore completed" restore=velero/r1')


# ------------------------------------------------------------------ the record


def test_the_same_again_is_the_recorded_outcome() -> None:
    restoring = Restoring(ITEMS)
    first = restoring.run()
    restoring.forget_calls()
    again = restoring.run()
    assert not again.changed
    assert again.restore == first.restore
    assert {key: action for key, (action, _reason) in fates(again).items()} == {
        key: action for key, (action, _reason) in fates(first).items()
    }
    assert not restoring.cluster.writes
    assert not restoring.store.writes


def test_the_derived_name_is_the_same_for_the_same_task() -> None:
    restoring = Restoring(ITEMS)
    first, again = restoring.run(name=""), restoring.run(name="")
    name = first.restore["metadata"]["name"]
    assert name.startswith("b1-")
    assert len(name) == len("b1-") + 10
    assert again.restore["metadata"]["name"] == name
    assert (
        restoring.run(name="", existing_resource_policy="none").restore["metadata"]["name"] != name
    )


def test_the_same_name_with_another_spec_is_refused_and_names_the_fields() -> None:
    restoring = Restoring(ITEMS)
    restoring.run()
    restoring.forget_calls()
    with pytest.raises(RecordError, match=r"another includedNamespaces, restorePVs\. Choose"):
        restoring.run(included_namespaces=["shop"], restore_pvs=True)
    assert not restoring.cluster.writes
    assert not restoring.store.writes


@pytest.mark.parametrize("phase", ["Completed", "PartiallyFailed", "Failed", "FailedValidation"])
@pytest.mark.parametrize("rerun", ["never", "on_failure", "always"])
def test_rerun(phase: str, rerun: str) -> None:
    restoring = Restoring(ITEMS, rerun=rerun)
    report = restoring.run()
    set_phase(restoring, phase)
    restoring.cluster.objects.pop(("configmaps", "shop", "a"))
    restoring.forget_calls()
    report = restoring.run()
    runs = rerun == "always" or (rerun == "on_failure" and phase != "Completed")
    assert report.changed is runs
    assert restoring.cluster.said() == (["create configmaps/shop/a"] if runs else [])
    assert report.phase == ("Completed" if runs else phase)


def set_phase(restoring: Restoring, phase: str) -> None:
    record = json.loads(restoring.store.files[RECORD])
    record["status"]["phase"] = phase
    restoring.store.files[RECORD] = json.dumps(record).encode()


@pytest.mark.parametrize("rerun", ["never", "on_failure", "always"])
def test_items_that_are_not_done_are_always_resumed(rerun: str) -> None:
    restoring = Restoring(ITEMS, rerun=rerun)
    first = restoring.run()
    set_phase(restoring, "InProgress")
    restoring.clock.advance(60)
    restoring.cluster.objects.pop(("configmaps", "shop", "a"))
    report = restoring.run()
    assert report.phase == "Completed"
    assert report.restore["status"]["startTimestamp"] == first.restore["status"]["startTimestamp"]
    assert report.restore["metadata"]["uid"] == first.restore["metadata"]["uid"]
    assert fates(report)["v1/ConfigMap/shop/a"] == ("created", "created")
    assert fates(report)["v1/ConfigMap/shop/b"] == ("created", "created_before_resume")


@pytest.mark.parametrize(
    ("phase", "end"),
    [
        ("WaitingForPluginOperations", "Completed"),
        ("WaitingForPluginOperationsPartiallyFailed", "PartiallyFailed"),
        ("Finalizing", "Completed"),
        ("FinalizingPartiallyFailed", "PartiallyFailed"),
    ],
)
@pytest.mark.parametrize("rerun", ["never", "on_failure", "always"])
def test_what_is_left_after_the_items_goes_on_without_them(
    phase: str, end: str, rerun: str
) -> None:
    restoring = Restoring(ITEMS, rerun=rerun)
    first = restoring.run()
    set_phase(restoring, phase)
    restoring.cluster.objects.pop(("configmaps", "shop", "a"))
    restoring.forget_calls()
    planned = restoring.run(check_mode=True)
    assert (planned.changed, planned.phase, planned.plan) == (True, phase, [])
    assert not restoring.store.writes
    report = restoring.run()
    assert (report.changed, report.phase) == (True, end)
    assert not restoring.cluster.writes
    assert report.restore["metadata"] == first.restore["metadata"]
    assert {key: action for key, (action, _reason) in fates(report).items()} == {
        key: action for key, (action, _reason) in fates(first).items()
    }
    if rerun == "never":
        assert restoring.run().changed is False


def test_rerun_always_on_an_unchanged_cluster_writes_nothing_to_it() -> None:
    restoring = Restoring(ITEMS, rerun="always", cluster=cluster_with_namespace())
    restoring.run()
    restoring.forget_calls()
    report = restoring.run()
    assert not report.changed
    assert not restoring.cluster.writes
    assert {action for action, _reason in fates(report).values()} <= {"unchanged", "skipped"}


# ------------------------------------------------------------------ refusals


@pytest.mark.rule("C5")
def test_1_5_a_request_that_velero_refuses_is_a_report() -> None:
    restoring = Restoring(ITEMS)
    before = dict(restoring.store.files)
    report = restoring.run(existing_resource_policy="maybe", backup_name="b2")
    assert report.phase == "FailedValidation"
    assert report.restore["status"]["validationErrors"] == [
        "Invalid ExistingResourcePolicy: maybe",
        'Error retrieving backup: can\'t find backup velero/b2: Backup.velero.io "b2" not found',
    ]
    assert not report.changed
    assert restoring.store.files == before, "it is not recorded"
    assert not restoring.cluster.writes
    assert not restoring.cluster.calls
    assert not restoring.store.writes


def test_a_backup_without_its_archive_is_refused() -> None:
    restoring = Restoring(ITEMS)
    del restoring.store.files["backups/b1/b1.tar.gz"]
    with pytest.raises(BackupNotFoundError, match="is missing"):
        restoring.run()
    assert not restoring.cluster.writes


def test_an_archive_needs_a_place_for_its_artifacts(tmp_path: Any) -> None:
    path = tmp_path / "b1.tar.gz"
    path.write_bytes(archive(MemoryCatalog(ITEMS)))
    restoring = Restoring()
    ports = restoring.ports(artifacts=False)
    ports.source = BackupSource(archive=str(path))
    restoring.ports = lambda artifacts=True: ports  # type: ignore[method-assign]
    with pytest.raises(RequestError, match="Give artifacts"):
        restoring.run()
    report = restoring.run(check_mode=True)
    assert report.plan is not None
    assert len(report.plan) == len(ITEMS)
    ports.artifacts = MemoryStore()
    assert restoring.run().phase == "Completed"
    assert not restoring.cluster.said("delete")


# ------------------------------------------------------------------ check mode


@pytest.mark.parametrize("record", ["auto", "storage"])
@pytest.mark.parametrize(
    "existing",
    [[], ITEMS, [config_map("a", data={"a": "2"})]],
    ids=["empty", "all-there", "one-differs"],
)
def test_check_mode_writes_nothing_anywhere(record: str, existing: list[Any]) -> None:
    restoring = Restoring([*ITEMS, crd()], cluster=with_crd(*existing), record=record)
    report = restoring.run(check_mode=True, existing_resource_policy="update", review_access=True)
    assert report.plan is not None
    assert not restoring.cluster.writes
    assert not restoring.store.writes
    assert report.access


def test_check_mode_of_a_finished_restore_has_an_empty_plan() -> None:
    restoring = Restoring(ITEMS)
    restoring.run()
    restoring.forget_calls()
    report = restoring.run(check_mode=True)
    assert (report.plan, report.changed, report.phase) == ([], False, "Completed")
    assert not restoring.store.writes


def test_check_mode_beside_an_unfinished_restore_plans_the_rest() -> None:
    restoring = Restoring(ITEMS)
    restoring.run()
    set_phase(restoring, "InProgress")
    restoring.cluster.objects.pop(("configmaps", "shop", "a"))
    restoring.forget_calls()
    report = restoring.run(check_mode=True)
    assert report.plan is not None
    assert {"id": "v1/ConfigMap/shop/a", "action": "create", "reason": "created"} in report.plan
    assert not restoring.cluster.writes
    assert not restoring.store.writes


# ------------------------------------------------------------------ faults


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (api_error("Unauthorized", "expired"), RunAbortedError),
        (ConnectionFailedError("creating", "x", "reset"), ConnectionFailedError),
    ],
)
def test_what_stops_the_run_leaves_a_record_that_is_resumed(
    error: Exception, kind: type[Exception]
) -> None:
    restoring = Restoring(ITEMS)
    restoring.cluster.fail("create", "configmaps", "b", error=error, times=1)
    with pytest.raises(kind):
        restoring.run()
    assert restoring.store.json(RECORD)["status"]["phase"] == "InProgress"
    assert restoring.store.exists("restores/r1/restore-r1-logs.gz")
    report = restoring.run()
    assert report.phase == "Completed"
    assert fates(report)["v1/ConfigMap/shop/a"] == ("created", "created_before_resume")
    assert fates(report)["v1/Namespace/shop"] == ("created", "namespace_created")


def test_a_record_that_cannot_be_written_stops_before_the_first_write() -> None:
    restoring = Restoring(ITEMS)

    def fail(key: str) -> None:
        raise StorageError("writing", key, "disk full")

    restoring.store.before_write = fail
    with pytest.raises(StorageError, match="disk full"):
        restoring.run()
    assert not restoring.cluster.writes


@pytest.mark.parametrize("lost", ["results.gz", "resource-list.json.gz", "volumeinfo.json.gz"])
def test_a_lost_upload_is_told_and_changes_nothing_else(lost: str) -> None:
    restoring = Restoring(ITEMS)

    def fail(key: str) -> None:
        if key.endswith(lost):
            raise StorageError("writing", key, "disk full")

    restoring.store.before_write = fail
    report = restoring.run()
    assert report.phase == "Completed"
    assert len(report.warnings) == 1
    assert lost in report.warnings[0]


def test_1_8_a_lost_log_counts_as_an_error() -> None:
    restoring = Restoring(ITEMS)

    def fail(key: str) -> None:
        if key.endswith("logs.gz"):
            raise StorageError("writing", key, "disk full")

    restoring.store.before_write = fail
    report = restoring.run()
    assert report.phase == "PartiallyFailed"
    assert report.restore["status"]["errors"] == 1
    assert report.results.errors.velero[0].startswith(
        "error uploading log file to backup storage: "
    )


# ------------------------------------------------------------------ the record in the cluster


def in_cluster(restoring: Restoring) -> dict[str, Any] | None:
    return restoring.cluster.objects.get(("restores.velero.io", "velero", "r1"))


def velero(available: int = 1) -> dict[str, Any]:
    return obj(
        "Deployment", "velero", "velero", api="apps/v1", status={"availableReplicas": available}
    )


def cluster_with_namespace(*objects: dict[str, Any]) -> FakeCluster:
    return with_crd(obj("Namespace", "velero"), *objects)


@pytest.mark.parametrize(
    ("record", "objects", "phases"),
    [
        pytest.param("auto", [], ["InProgress", "Completed"], id="auto"),
        pytest.param("cluster", [], ["InProgress", "Completed"], id="cluster"),
        pytest.param("storage", [], [], id="storage"),
        pytest.param("auto", [velero()], ["Completed"], id="auto-beside-a-live-server"),
        pytest.param("auto", [velero(0)], ["InProgress", "Completed"], id="server-that-is-down"),
    ],
)
def test_phases_seen_in_the_cluster(
    record: str, objects: list[dict[str, Any]], phases: list[str]
) -> None:
    restoring = Restoring(ITEMS, cluster=cluster_with_namespace(*objects), record=record)
    restoring.run()
    seen = [
        call.body["status"]["phase"]
        for call in restoring.cluster.writes
        if call.gr == "restores.velero.io" and "phase" in call.body["status"]
    ]
    assert seen == phases, "never a phase that a server takes over"
    found = in_cluster(restoring)
    assert (found is not None) is bool(phases)
    if found:
        assert found["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "velero.core"}
        assert found["status"]["phase"] == "Completed"


@pytest.mark.parametrize(
    ("cluster", "text"),
    [
        (FakeCluster(), "restores.velero.io is not installed"),
        (cluster_with_namespace(velero()), "a Velero server works there"),
    ],
    ids=["no-crd", "live-server"],
)
def test_record_cluster_is_refused(cluster: FakeCluster, text: str) -> None:
    restoring = Restoring(ITEMS, cluster=cluster, record="cluster")
    with pytest.raises(RequestError, match=text):
        restoring.run()
    assert not restoring.store.writes


def test_a_restore_of_a_server_that_still_runs_is_not_taken() -> None:
    theirs = obj("Restore", "r1", "velero", api="velero.io/v1", spec={}, status={"phase": "New"})
    restoring = Restoring(ITEMS, cluster=cluster_with_namespace(theirs))
    with pytest.raises(RecordError, match="in phase New"):
        restoring.run()


def test_the_record_of_the_cluster_counts_where_the_storage_has_none() -> None:
    restoring = Restoring(ITEMS, cluster=cluster_with_namespace())
    restoring.run()
    for key in restoring.store.keys("restores/"):
        del restoring.store.files[key]
    restoring.forget_calls()
    report = restoring.run()
    assert report.phase == "Completed"
    assert not report.changed
    assert not restoring.cluster.writes


def test_a_record_that_the_cluster_refuses_is_told() -> None:
    restoring = Restoring(ITEMS, cluster=cluster_with_namespace())
    restoring.cluster.fail("create", "restores.velero.io", error=api_error("Forbidden", "no"))
    report = restoring.run()
    assert report.phase == "Completed"
    assert report.warnings
    assert all("could not be written to the cluster: no" in text for text in report.warnings)


def test_start_is_by_the_clock_of_the_server() -> None:
    restoring = Restoring(ITEMS)
    assert restoring.run().restore["status"]["startTimestamp"] == "2026-01-02T03:04:05Z"
    assert restoring.cluster.server_time == START
