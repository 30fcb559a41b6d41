# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.describe.facts import (
    NOT_FOUND,
    Absent,
    RestoreFacts,
)
from ansible_collections.velero.core.plugins.module_utils.describe.text import describe_text
from ansible_collections.velero.core.plugins.module_utils.model.names import label_value
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.restore.facts import FactFinder
from ansible_collections.velero.core.plugins.module_utils.restore.info import (
    RestoreInfo,
    restore_info,
)
from ansible_collections.velero.core.plugins.module_utils.storage.artifacts import (
    RestoreArtifacts,
)
from tests.support.builders import (
    RESTORES,
    SERVED,
    MemoryStore,
    api_of,
    config_map,
    obj,
    resource,
)
from tests.support.builders_run import Restoring
from tests.support.fake_cluster import FakeCluster, api_error

PVRS = resource("podvolumerestores.velero.io", "PodVolumeRestore", status=False)
SERVING = api_of(*SERVED, RESTORES, PVRS)


def pod_volume_restore(name: str, restore: str, namespace: str = "velero") -> dict[str, Any]:
    labels = {"velero.io/restore-name": label_value(restore)}
    return obj("PodVolumeRestore", name, namespace, api="velero.io/v1", labels=labels)


def facts_of(
    info: RestoreInfo, store: MemoryStore | None = None, cluster: FakeCluster | None = None
) -> RestoreFacts:
    return FactFinder(store, cluster, "velero").facts(info)


def test_a_restore_of_ours() -> None:
    restoring = Restoring([config_map()], cluster=FakeCluster(api=SERVING))
    restoring.run()
    restoring.forget_calls()
    (info,) = restore_info(restoring.store, restoring.cluster, name="r1")
    facts = facts_of(info, restoring.store, restoring.cluster)
    assert facts.results == Results()
    assert facts.resource_list == {
        "v1/ConfigMap": ["shop/x(created)"],
        "v1/Namespace": ["shop(created)"],
    }
    assert (facts.item_operations, facts.volume_info) == ([], [])
    assert not restoring.cluster.writes
    assert not restoring.store.writes
    text = describe_text(facts)
    assert "Phase:                       Completed\nTotal items to be restored:  2\n" in text
    assert text.endswith(
        "  v1/ConfigMap:\n    - shop/x(created)\n  v1/Namespace:\n    - shop(created)\n"
    )


@pytest.mark.parametrize(
    "name", ["r1", "a-name-of-a-restore-that-is-longer-than-labels-may-be-2026-11-21-085046"]
)
def test_pod_volume_restores_are_those_of_the_restore(name: str) -> None:
    cluster = FakeCluster(
        pod_volume_restore("mine", name),
        pod_volume_restore("other", "another"),
        pod_volume_restore("elsewhere", name, "default"),
        api=SERVING,
    )
    facts = facts_of(RestoreInfo(name=name, restore={}, found_in=["cluster"]), None, cluster)
    assert [one["metadata"]["name"] for one in facts.pod_volume_restores] == ["mine"]


@pytest.mark.parametrize("api", [api_of(*SERVED), SERVING])
def test_without_pod_volume_restores(api: Any) -> None:
    info = RestoreInfo(name="r1", restore={}, found_in=["cluster"])
    assert facts_of(info, None, FakeCluster(api=api)).pod_volume_restores == []
    assert info.problems == []


def test_a_refused_list_is_a_problem_and_no_failure() -> None:
    cluster = FakeCluster(api=SERVING)
    cluster.fail("list", error=api_error("Forbidden", "you may not"))
    info = RestoreInfo(name="r1", restore={}, found_in=["cluster"])
    assert facts_of(info, None, cluster).pod_volume_restores == []
    assert len(info.problems) == 1
    assert "you may not" in info.problems[0]


def test_volumes_that_only_the_cluster_knows_are_mentioned() -> None:
    store = MemoryStore()
    files = RestoreArtifacts(store, "r1", lambda seconds: None)
    files.write_volume_info([{"restoreMethod": "PodVolumeRestore", "pvcName": "data"}])
    info = RestoreInfo(name="r1", restore={}, found_in=["storage"])
    facts_of(info, store, FakeCluster(api=SERVING))
    assert info.problems == []
    facts_of(info, store)
    assert "which was not asked" in info.problems[0]


def test_what_is_not_there_and_what_is_damaged() -> None:
    store = MemoryStore()
    store.files["restores/r1/restore-r1-results.gz"] = b"damaged"
    facts = facts_of(RestoreInfo(name="r1", restore={}, found_in=["storage"]), store)
    assert facts.volume_info == facts.resource_list == facts.item_operations == NOT_FOUND
    assert isinstance(facts.results, Absent)
    assert "not sound gzip data" in facts.results.why


def test_without_a_storage_every_artifact_says_so() -> None:
    info = RestoreInfo(name="r1", restore={"status": {"warnings": 1}}, found_in=["cluster"])
    text = describe_text(facts_of(info, None, FakeCluster()))
    assert "<error getting warnings: no storage was asked for it>" in text
    assert "<error getting restore resource list: no storage was asked for it>" in text


def test_progress_of_a_running_restore_is_that_of_the_file() -> None:
    store = MemoryStore()
    store.files["restores/r1/velero-restore.json"] = b'{"status": {"phase": "InProgress"}}'
    store.files["restores/r1/restore-r1-progress.json"] = b'{"totalItems": 7, "itemsRestored": 3}'
    (info,) = restore_info(store, None)
    text = describe_text(facts_of(info, store))
    assert "Name:         r1\n" in text
    assert "Items restored so far:                 3\n" in text
