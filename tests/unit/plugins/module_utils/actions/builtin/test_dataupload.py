# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.dataupload import (
    DataUploadAction,
)
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import AlreadyExistsError
from tests.conformance.item_actions.cluster import FakeCluster

RESTORE = {
    "metadata": {"name": "r1", "namespace": "velero", "uid": "u-1"},
    "spec": {"backupName": "b1"},
}
BACKUP = {
    "apiVersion": "velero.io/v1",
    "kind": "Backup",
    "metadata": {"name": "b1", "namespace": "velero"},
    "spec": {"storageLocation": "main"},
}


def upload(**status):
    return {
        "apiVersion": "velero.io/v2alpha1",
        "kind": "DataUpload",
        "metadata": {"name": "b1-abc", "namespace": "velero"},
        "spec": {"sourceNamespace": "shop", "sourcePVC": "data", "datamover": "m&m"},
        "status": status,
    }


def run(cluster, item, **environment):
    action = DataUploadAction(ActionEnvironment(cluster=cluster, **environment))
    return action.execute(ExecuteInput(item=item, item_from_backup=item, restore=RESTORE))


def test_the_result_is_published_and_the_upload_not_restored():
    cluster = FakeCluster([BACKUP])
    output = run(cluster, upload(snapshotID="s<1>", progress={"totalBytes": 7}, nodeOS="linux"))
    assert output.skip_restore
    (made,) = cluster.created
    assert made["metadata"]["labels"]["velero.io/pvc-namespace-name"] == "shop.data"
    assert made["data"]["u-1"] == (
        '{"backupStorageLocation":"main","datamover":"m\\u0026m","snapshotID":"s\\u003c1\\u003e",'
        '"sourceNamespace":"shop","nodeOS":"linux","snapshotSize":7}'
    )


@pytest.mark.parametrize(("given", "stored"), [({}, {}), ({"b": "2", "a": "1"}, None), (None, "")])
def test_the_mover_s_own_result(given, stored):
    cluster = FakeCluster([BACKUP])
    run(cluster, upload(dataMoverResult=given))
    result = json.loads(cluster.created[0]["data"]["u-1"])
    if given is None:
        assert "dataMoverResult" not in result
    else:
        assert list(result["dataMoverResult"].items()) == sorted(given.items())


def test_a_given_backup_is_not_read_from_the_cluster():
    cluster = FakeCluster()
    run(cluster, upload(), backup={"spec": {"storageLocation": "elsewhere"}})
    result = json.loads(cluster.created[0]["data"]["u-1"])
    assert result["backupStorageLocation"] == "elsewhere"


def test_only_the_item_of_the_backup_is_checked():
    with pytest.raises(ActionError, match="unable to convert unstructured item to DataUpload"):
        run(FakeCluster([BACKUP]), {**upload(), "spec": {"sourceNamespace": 5}})


class Crowded(FakeCluster):
    """Has every name already, ``taken`` times."""

    taken = 0

    def create(self, resource, namespace, body, *, field_manager=""):
        self.taken -= 1
        if self.taken >= 0:
            raise AlreadyExistsError("a", "b", code=409, reason="AlreadyExists", message="taken")
        return super().create(resource, namespace, body, field_manager=field_manager)


@pytest.mark.parametrize("taken", [1, 4])
def test_another_name_is_tried(taken):
    cluster = Crowded([BACKUP])
    cluster.taken = taken
    run(cluster, upload())
    assert len(cluster.created) == 1


def test_five_names_are_tried():
    cluster = Crowded([BACKUP])
    cluster.taken = 5
    with pytest.raises(ActionError, match="fail to create DataUploadResult ConfigMap: taken"):
        run(cluster, upload())


def test_a_result_that_is_published_already_is_not_published_twice():
    cluster = FakeCluster([BACKUP])
    run(cluster, upload(snapshotID="s"))
    assert run(cluster, upload(snapshotID="s")).skip_restore
    assert len(cluster.created) == 1
    run(cluster, upload(snapshotID="other"))
    assert len(cluster.created) == 2
