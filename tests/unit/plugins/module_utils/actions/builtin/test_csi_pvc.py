# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.csi_pvc import (
    CsiPvcAction,
)
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.data_upload_result import (
    DataUploadResult,
    ResultError,
    parse_result,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import ConnectionFailedError
from tests.conformance.item_actions.cluster import FakeCluster

RESTORE = {
    "metadata": {"name": "r1", "namespace": "velero", "uid": "u-1"},
    "spec": {"backupName": "b1", "namespaceMapping": {"shop": "shop2"}},
}
MOVED = {"velero.io/data-upload-name": "d"}
SNAPSHOT = {"velero.io/volume-snapshot-name": "vs"}


def backup(**spec):
    return {"metadata": {"name": "b1", "namespace": "velero"}, "spec": spec}


def claim(annotations=None, **spec):
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": "shop", "uid": "p-1", "annotations": annotations},
        "spec": {"volumeName": "pv", **spec},
    }


def result_map(text='{"backupStorageLocation":"main","snapshotID":"s","sourceNamespace":"shop"}'):
    labels = {
        "velero.io/pvc-namespace-name": "shop.data",
        "velero.io/restore-uid": "u-1",
        "velero.io/resource-usage": "DataUpload",
    }
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "x", "namespace": "velero", "labels": labels},
        "data": {"u-1": text},
    }


def run(item, cluster, *, restore=None, **environment):
    action = CsiPvcAction(ActionEnvironment(cluster=cluster, **environment))
    archived = {**item, "metadata": dict(item["metadata"])}
    return action.execute(
        ExecuteInput(item=item, item_from_backup=archived, restore=restore or RESTORE)
    )


def test_a_snapshot_becomes_the_source_and_comes_first():
    output = run(claim(SNAPSHOT, dataSourceRef={"kind": "x"}), FakeCluster(), backup=backup())
    spec = output.updated_item["spec"]
    assert set(spec) == {"dataSource"}
    assert len(spec["dataSource"]["name"]) == 64
    (item,) = output.additional_items
    assert item.id == "volumesnapshots.snapshot.storage.k8s.io/shop/vs"


@pytest.mark.parametrize(("namespace", "changed"), [("shop2", False), ("shop", True)])
def test_a_claim_in_the_target_namespace_is_left_alone(namespace, changed):
    there = claim()
    there["metadata"]["namespace"] = namespace
    output = run(claim(SNAPSHOT), FakeCluster([there]), backup=backup())
    assert bool(output.additional_items) is changed


def test_a_lost_connection_does_not_mean_that_the_claim_is_absent():
    class Lost(FakeCluster):
        def get(self, resource, namespace, name):
            raise ConnectionFailedError("reading", "it", "gone")

    with pytest.raises(ConnectionFailedError):
        run(claim(MOVED), Lost(), backup=backup(snapshotMoveData=True))


def test_a_data_download_is_made_in_the_target_namespace():
    cluster = FakeCluster([result_map()])
    selector = {"matchLabels": {"a": "b"}}
    data = backup(snapshotMoveData=True, csiSnapshotTimeout="90s")
    output = run(claim(MOVED, selector=selector), cluster, backup=data)
    assert output.operation_id == "dd-u-1.p-1"
    labels = output.updated_item["spec"]["selector"]["matchLabels"]
    assert labels["a"] == "b"
    assert labels["velero.io/dynamic-pv-restore"].startswith("shop2.data.")
    (made,) = cluster.created
    assert made["metadata"]["ownerReferences"][0]["uid"] == "u-1"
    assert made["spec"] == {
        "targetVolume": {"pvc": "data", "pv": "", "namespace": "shop2"},
        "backupStorageLocation": "main",
        "snapshotID": "s",
        "sourceNamespace": "shop",
        "operationTimeout": "1m30s",
    }


def test_no_owner_where_the_cluster_has_no_restore():
    cluster = FakeCluster([result_map()])
    run(claim(MOVED), cluster, backup=backup(snapshotMoveData=True), restore_in_cluster=False)
    assert "ownerReferences" not in cluster.created[0]["metadata"]


@pytest.mark.parametrize(
    ("made", "started", "count"),
    [
        pytest.param("2026-01-01T00:00:05Z", "2026-01-01T00:00:05Z", 0, id="by this restore"),
        pytest.param("2026-01-01T00:00:04Z", "2026-01-01T00:00:05Z", 1, id="by an earlier run"),
        pytest.param("", "2026-01-01T00:00:05Z", 0, id="nobody knows when"),
        pytest.param("2026-01-01T00:00:04Z", "", 0, id="without a start"),
    ],
)
def test_a_data_download_of_a_run_that_was_cut_off_is_used(made, started, count):
    before = download(phase="Accepted")
    before["metadata"]["labels"]["velero.io/async-operation-id"] = "dd-u-1.p-1"
    before["metadata"]["creationTimestamp"] = made
    cluster = FakeCluster([result_map(), before])
    restore = {**RESTORE, "status": {"startTimestamp": started}}
    output = run(claim(MOVED), cluster, restore=restore, backup=backup(snapshotMoveData=True))
    assert output.operation_id == "dd-u-1.p-1"
    assert len(cluster.created) == count
    found = CsiPvcAction(ActionEnvironment(cluster=cluster)).progress("dd-u-1.p-1", restore)
    assert found.description == ("" if count else "Accepted"), "not that of the earlier run"


@pytest.mark.parametrize(
    ("uploader", "config"),
    [
        ({}, {"WriteSparseFiles": "false"}),
        (
            {"writeSparseFiles": True, "parallelFilesDownload": 4},
            {"WriteSparseFiles": "true", "ParallelFilesDownload": "4"},
        ),
        ({"parallelFilesDownload": -1}, {"WriteSparseFiles": "false"}),
        (None, None),
    ],
)
def test_uploader_settings(uploader, config):
    cluster = FakeCluster([result_map()])
    restore = {**RESTORE, "spec": {**RESTORE["spec"], "uploaderConfig": uploader}}
    run(claim(MOVED), cluster, restore=restore, backup=backup(snapshotMoveData=True))
    assert cluster.created[0]["spec"].get("dataMoverConfig") == config


def test_a_result_of_another_restore_is_not_taken():
    other = result_map()
    other["data"] = {"u-2": "{}"}
    with pytest.raises(ActionError) as failure:
        run(claim(MOVED), FakeCluster([other]), backup=backup(snapshotMoveData=True))
    assert str(failure.value) == (
        "fail get DataUploadResult for restore: r1: "
        "no DataUpload result found with restore key u-1, restore r1"
    )


def test_results_survive_the_way_through_the_text():
    result = DataUploadResult(
        backup_storage_location="m", data_mover_result={"a": "<&>"}, snapshot_size=2**53 + 1
    )
    assert parse_result(result.to_json()) == result
    assert json.loads(result.to_json())["dataMoverResult"] == {"a": "<&>"}


@pytest.mark.parametrize(
    ("text", "snapshot"),
    [
        ('{"snapshotID":"a","SNAPSHOTID":"b"}', "b"),
        ('{"snapshotID":"a","snapshotID":null}', "a"),
        ("null", ""),
        ('{"dataMoverResult":{"k":null},"other":[1]}', ""),
    ],
)
def test_go_s_reading_of_keys(text, snapshot):
    assert parse_result(text).snapshot_id == snapshot


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{} x",
        '{"snapshotID":1}',
        '{"snapshotSize":1.0}',
        '{"snapshotSize":true}',
        '{"snapshotSize":9223372036854775808}',
        '{"snapshotSize":NaN}',
        '{"dataMoverResult":[]}',
        '{"dataMoverResult":{"a":1}}',
    ],
)
def test_results_that_velero_refuses(text):
    with pytest.raises(ResultError):
        parse_result(text)


def download(**status):
    return {
        "apiVersion": "velero.io/v2alpha1",
        "kind": "DataDownload",
        "metadata": {
            "name": "r1-x",
            "namespace": "velero",
            "labels": {"velero.io/async-operation-id": "op"},
        },
        "spec": {},
        "status": status,
    }


@pytest.mark.parametrize(
    ("phase", "completed", "error"),
    [
        ("Accepted", False, ""),
        ("Canceling", False, ""),
        ("Completed", True, ""),
        ("Canceled", True, "DataDownload is canceled"),
        ("Failed", True, "why"),
    ],
)
def test_progress(phase, completed, error):
    cluster = FakeCluster([download(phase=phase, message="why", progress={"bytesDone": 1})])
    found = CsiPvcAction(ActionEnvironment(cluster=cluster)).progress("op", RESTORE)
    assert (found.completed, found.err, found.description) == (completed, error, phase)
    assert (found.n_completed, found.n_total) == (1, 0)


@pytest.mark.parametrize(
    ("strict", "error"), [(True, ""), (False, "DataDownload r1-x has failed without a message")]
)
def test_a_failure_without_a_message(strict, error):
    cluster = FakeCluster([download(phase="Failed")])
    action = CsiPvcAction(ActionEnvironment(cluster=cluster, strict=strict))
    assert action.progress("op", RESTORE).err == error


def test_operations_that_cannot_be():
    action = CsiPvcAction(ActionEnvironment(cluster=FakeCluster()))
    with pytest.raises(ActionError, match="operation ID  is invalid"):
        action.progress("", RESTORE)
    with pytest.raises(ActionError, match="didn't find DataDownload"):
        action.cancel("op", RESTORE)


def test_cancel():
    cluster = FakeCluster([download(phase="Completed")])
    CsiPvcAction(ActionEnvironment(cluster=cluster)).cancel("op", RESTORE)
    assert cluster.updated[0]["spec"] == {"cancel": True}
