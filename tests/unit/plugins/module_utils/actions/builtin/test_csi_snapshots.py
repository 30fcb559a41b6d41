# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.builtin import (
    csi_volumesnapshot,
    csi_volumesnapshotclass,
    csi_volumesnapshotcontent,
)
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)
from tests.conformance.item_actions.cluster import FakeCluster

Snapshots = csi_volumesnapshot.CsiVolumeSnapshotAction
Classes = csi_volumesnapshotclass.CsiVolumeSnapshotClassAction
Contents = csi_volumesnapshotcontent.CsiVolumeSnapshotContentAction

RESTORE = {"metadata": {"name": "r1", "namespace": "velero", "uid": "u-1"}, "spec": {}}


def given(item, archived=None, **spec):
    restore = {**RESTORE, "spec": spec}
    return ExecuteInput(item=item, item_from_backup=archived or item, restore=restore)


def snapshot(name="vs", **annotations):
    return {
        "apiVersion": "snapshot.storage.k8s.io/v1",
        "kind": "VolumeSnapshot",
        "metadata": {"name": name, "namespace": "shop", "annotations": annotations},
        "spec": {"source": {"persistentVolumeClaimName": "data"}, "volumeSnapshotClassName": "c"},
        "status": {"boundVolumeSnapshotContentName": "vsc"},
    }


def grouped(name="vs", handle="h"):
    return snapshot(
        name,
        **{
            "velero.io/csi-volumegroupsnapshot-handle": "g",
            "velero.io/csi-volumesnapshot-handle": handle,
            "velero.io/csi-driver-name": "drv",
        },
    )


def snapshots(cluster, warnings=None):
    warn = (warnings if warnings is not None else []).append
    return Snapshots(ActionEnvironment(cluster=cluster, warn=warn))


def test_snapshot_and_content_get_the_same_name():
    first = snapshots(FakeCluster()).execute(given(snapshot())).updated_item
    content = {
        "metadata": {"name": "vsc"},
        "spec": {"volumeSnapshotRef": {"name": "vs"}},
        "status": {"snapshotHandle": "h"},
    }
    contents = Contents(ActionEnvironment(cluster=FakeCluster()))
    second = contents.execute(given(content)).updated_item
    assert first["metadata"]["name"] == second["metadata"]["name"]
    assert first["spec"] == {"source": {"volumeSnapshotContentName": first["metadata"]["name"]}}


def test_a_snapshot_without_annotations_is_an_error():
    item = snapshot()
    item["metadata"]["annotations"] = None
    with pytest.raises(ActionError, match="no annotations"):
        snapshots(FakeCluster()).execute(given(item))


@pytest.mark.parametrize(
    "action",
    [Snapshots, Classes, Contents],
)
def test_without_volumes_nothing_is_restored(action):
    output = action(ActionEnvironment(cluster=FakeCluster())).execute(given({}, restorePVs=False))
    assert output.skip_restore


def test_a_stub_names_all_snapshots_of_a_group():
    cluster = FakeCluster(immutable_group_handles=False)
    action = snapshots(cluster)
    with ThreadPoolExecutor(4) as pool:
        items = [given(grouped(f"vs{number}", f"h{number}")) for number in range(8)]
        list(pool.map(action.execute, items))
    (stub,) = cluster.created
    handles = stub["spec"]["source"]["groupSnapshotHandles"]
    assert sorted(handles["volumeSnapshotHandles"]) == [f"h{number}" for number in range(8)]
    assert stub["status"] == {"volumeGroupSnapshotHandle": "g"}
    assert stub["spec"]["volumeGroupSnapshotRef"]["name"].startswith("stub-vgs-")


def test_the_deletion_secret_is_that_of_the_first_class_of_the_driver():
    prefix = "csi.storage.k8s.io/group-snapshotter-secret-"
    classes = [
        {
            "apiVersion": "groupsnapshot.storage.k8s.io/v1beta2",
            "kind": "VolumeGroupSnapshotClass",
            "metadata": {"name": name},
            "driver": driver,
            "parameters": {f"{prefix}name": name},
        }
        for name, driver in (("a", "other"), ("b", "drv"), ("c", "drv"))
    ]
    cluster = FakeCluster(classes)
    snapshots(cluster).execute(given(grouped()))
    assert cluster.created[0]["metadata"]["annotations"] == {
        "groupsnapshot.storage.kubernetes.io/deletion-secret-name": "b"
    }


def test_a_stub_that_cannot_be_made_is_a_warning():
    warnings = []
    cluster = FakeCluster(access={"user": "u", "rules": []})
    output = snapshots(cluster, warnings).execute(given(grouped()))
    assert output.additional_items
    assert len(warnings) == 1
    assert "Failed to create stub VGSC for VS shop/vs: " in warnings[0]


def test_a_group_without_driver_is_a_warning():
    warnings = []
    item = snapshot(**{"velero.io/csi-volumegroupsnapshot-handle": "g"})
    snapshots(FakeCluster(), warnings).execute(given(item))
    assert warnings == ["VS shop/vs has VolumeGroupSnapshotHandle but no SnapshotHandle annotation"]


def content(**status):
    return {
        "metadata": {
            "name": "vsc",
            "annotations": {
                "csi.storage.k8s.io/snapshotter-secret-name": "s",
                "csi.storage.k8s.io/snapshotter-secret-namespace": "n",
            },
        },
        "spec": {
            "driver": "drv",
            "source": {"volumeHandle": "v"},
            "volumeSnapshotClassName": "old",
            "volumeSnapshotRef": {"name": "vs", "namespace": "shop", "uid": "x"},
        },
        "status": status,
    }


def test_a_content_stands_for_the_kept_snapshot():
    class_of_target = {
        "apiVersion": "snapshot.storage.k8s.io/v1",
        "kind": "VolumeSnapshotClass",
        "metadata": {"name": "target"},
        "driver": "drv",
    }
    action = Contents(ActionEnvironment(cluster=FakeCluster([class_of_target])))
    output = action.execute(
        given(content(), content(snapshotHandle="h"), namespaceMapping={"shop": "q"})
    )
    spec = output.updated_item["spec"]
    name = output.updated_item["metadata"]["name"]
    assert spec == {
        "driver": "drv",
        "deletionPolicy": "Retain",
        "source": {"snapshotHandle": "h"},
        "volumeSnapshotClassName": "target",
        "volumeSnapshotRef": {"name": name, "namespace": "q"},
    }
    assert [item.id for item in output.additional_items] == ["secrets/n/s"]


def test_a_content_without_a_handle_is_an_error():
    action = Contents(ActionEnvironment(cluster=FakeCluster()))
    with pytest.raises(ActionError, match=r"snapshot handle from VSC [0-9a-f]{64} status"):
        action.execute(given(content()))


@pytest.mark.parametrize("action", [Snapshots, Classes])
def test_there_are_no_operations(action):
    made = action(ActionEnvironment(cluster=FakeCluster()))
    made.cancel("any", RESTORE)
    assert not made.progress("", RESTORE).completed
    assert made.are_additional_items_ready((), RESTORE)
