# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.restore.deletion import delete_restore
from tests.support.builders import RESTORES, SERVED, api_of, config_map, obj
from tests.support.builders_run import Restoring
from tests.support.fake_cluster import FakeCluster


def finished() -> Restoring:
    cluster = FakeCluster(obj("Namespace", "velero"), api=api_of(*SERVED, RESTORES))
    restoring = Restoring([config_map()], cluster=cluster)
    restoring.run()
    restoring.forget_calls()
    return restoring


def test_record_and_artifacts_go_and_the_objects_stay() -> None:
    restoring = finished()
    report = delete_restore("r1", restoring.ports(), restoring.settings)
    assert report.changed
    assert restoring.cluster.said() == ["delete restores.velero.io/velero/r1"]
    assert not restoring.store.keys("restores/")
    assert restoring.store.keys("backups/b1/")
    assert restoring.cluster.see("configmaps", "shop", "x")
    assert restoring.store.writes[-1] == "restores/r1/velero-restore.json", "the record is last"


def test_again_changes_nothing() -> None:
    restoring = finished()
    delete_restore("r1", restoring.ports(), restoring.settings)
    restoring.forget_calls()
    assert not delete_restore("r1", restoring.ports(), restoring.settings).changed
    assert not restoring.cluster.writes
    assert not restoring.store.writes


@pytest.mark.parametrize(("name", "changed"), [("r1", True), ("other", False)])
def test_check_mode(name: str, changed: bool) -> None:
    restoring = finished()
    report = delete_restore(name, restoring.ports(), restoring.settings, check_mode=True)
    assert report.changed is changed
    assert not restoring.cluster.writes
    assert not restoring.store.writes


def test_what_is_not_ours_stays() -> None:
    restoring = finished()
    restoring.cluster.see("restores.velero.io", "velero", "r1")["metadata"]["labels"] = {}
    with pytest.raises(RequestError):
        delete_restore("r1", restoring.ports(), restoring.settings)
    assert restoring.store.keys("restores/r1/")
    assert not restoring.cluster.writes


def test_only_the_cluster_where_there_is_no_storage() -> None:
    restoring = finished()
    ports = restoring.ports(artifacts=False)
    assert delete_restore("r1", ports, restoring.settings).changed
    assert restoring.store.keys("restores/r1/")
