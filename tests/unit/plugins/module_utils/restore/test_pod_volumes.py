# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole restores of pods with volumes, in memory; node agents are played by a small controller."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.request import Settings
from ansible_collections.velero.core.plugins.module_utils.restore.deletion import delete_restore
from ansible_collections.velero.core.plugins.module_utils.restore.pod_volumes import timeout_of
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from tests.support.builders import Manifest, MemoryStore, add_backup, backup_object, obj
from tests.support.builders_pod_volumes import (
    WAIT_IMAGE,
    agent_pod,
    cluster_with,
    daemon_set,
    pod_volume_backup,
    pod_with,
    repository,
)
from tests.support.builders_run import Killed, Restoring, fates, move_data
from tests.support.fake_cluster import FakeCluster
from tests.support.played_node_agent import CANCELLED, FAILS, NEVER_ENDS, PlayedNodeAgent

PVRS = "podvolumerestores.velero.io"
PODS_AND_VOLUMES = {"included_resources": ["pods", "persistentvolumes", "persistentvolumeclaims"]}


def restoring(
    *items: Manifest,
    backups: Sequence[Manifest] = (pod_volume_backup("data"),),
    cluster: FakeCluster | None = None,
    script: Mapping[str, Sequence[str]] | None = None,
    scheduled: str = "node-1",
    **settings: Any,
) -> Restoring:
    """A restore of `items`; while it waits, pods are scheduled and a node agent is played."""
    cluster = cluster or cluster_with()
    store = add_backup(
        MemoryStore(),
        items or [pod_with("data")],
        backup_object(spec={"storageLocation": "default"}),
        podvolumebackups=list(backups),
    )
    made = Restoring(store=store, cluster=cluster, **settings)
    agent = PlayedNodeAgent(cluster, script or {})

    def play() -> None:
        for (gr, namespace, _name), item in list(cluster.objects.items()):
            if gr == "pods" and namespace != "velero" and scheduled:
                item["spec"]["nodeName"] = scheduled
                item["status"] = {"phase": "Pending"}
        agent.turn()

    cluster.clock.on_sleep = play
    return made


def made_for(cluster: FakeCluster) -> list[Manifest]:
    return [item for (gr, _ns, _name), item in cluster.objects.items() if gr == PVRS]


def init_containers(cluster: FakeCluster, name: str = "web") -> list[str]:
    spec = cluster.see("pods", "shop", name)["spec"]
    return [container["name"] for container in spec.get("initContainers") or []]


def errors(report: RestoreReport) -> list[str]:
    found = report.results.errors
    return [*found.velero, *(text for texts in found.namespaces.values() for text in texts)]


# ------------------------------------------------------------------ the way it should go


@pytest.mark.parametrize("compatibility", ["safe", "strict"])
def test_a_pod_waits_for_its_volumes_and_they_are_filled(compatibility: str) -> None:
    cluster = cluster_with(*([pod_volume_backup("data")] if compatibility == "strict" else []))
    made = restoring(cluster=cluster, compatibility=compatibility)
    report = made.run()
    assert report.phase == "Completed"
    assert init_containers(cluster) == ["restore-wait"]
    (restored,) = made_for(cluster)
    restore, pod = (
        cluster.see("restores.velero.io", "velero", "r1"),
        cluster.see("pods", "shop", "web"),
    )
    uid = restore["metadata"]["uid"]
    (container,) = pod["spec"]["initContainers"]
    assert container["args"] == [uid]
    assert restored["metadata"]["generateName"] == "r1-"
    assert restored["metadata"]["labels"] == {
        "velero.io/restore-name": "r1",
        "velero.io/restore-uid": uid,
        "velero.io/pod-uid": pod["metadata"]["uid"],
    }
    assert restored["metadata"]["ownerReferences"] == [
        {
            "apiVersion": "velero.io/v1",
            "kind": "Restore",
            "name": "r1",
            "uid": uid,
            "controller": True,
        }
    ]
    assert restored["spec"] == {
        "pod": {
            "kind": "Pod",
            "namespace": "shop",
            "name": "web",
            "uid": pod["metadata"]["uid"],
        },
        "volume": "data",
        "snapshotID": "k1",
        "snapshotSize": 100,
        "backupStorageLocation": "default",
        "repoIdentifier": "",
        "uploaderType": "kopia",
        "sourceNamespace": "shop",
    }


def test_the_claim_of_a_volume_is_named_in_a_label() -> None:
    claim = obj("PersistentVolumeClaim", "claim-a", "shop", spec={"storageClassName": "fast"})
    made = restoring(claim, pod_with("claim-a", "data"), backups=[pod_volume_backup("claim-a")])
    assert made.run().phase == "Completed"
    (restored,) = made_for(made.cluster)
    found = made.cluster.see("persistentvolumeclaims", "shop", "claim-a")
    assert restored["metadata"]["labels"]["velero.io/pvc-uid"] == found["metadata"]["uid"]


def test_another_namespace_has_its_data_from_the_old_one() -> None:
    made = restoring()
    assert made.run(namespace_mapping={"shop": "shop2"}).phase == "Completed"
    (restored,) = made_for(made.cluster)
    assert restored["spec"]["pod"]["namespace"] == "shop2"
    assert restored["spec"]["sourceNamespace"] == "shop"


def test_settings_of_the_uploader_are_handed_on() -> None:
    made = restoring()
    made.run(uploader_config={"writeSparseFiles": True, "parallelFilesDownload": 3})
    (restored,) = made_for(made.cluster)
    assert restored["spec"]["uploaderSettings"] == {
        "WriteSparseFiles": "true",
        "ParallelFilesDownload": "3",
    }


def test_pod_volume_backups_are_looked_for_in_the_cluster_when_the_storage_has_none() -> None:
    cluster = cluster_with(pod_volume_backup("data"), pod_volume_backup("other", pod="other"))
    made = restoring(backups=[], cluster=cluster)
    assert made.run().phase == "Completed"
    assert [item["spec"]["volume"] for item in made_for(cluster)] == ["data"]


def test_without_velero_s_deployment_the_image_is_that_of_the_node_agents() -> None:
    made = restoring()
    made.run()
    (container,) = made.cluster.see("pods", "shop", "web")["spec"]["initContainers"]
    assert container["image"] == WAIT_IMAGE


def test_what_was_restored_is_in_the_volume_information() -> None:
    claim = obj("PersistentVolumeClaim", "claim-a", "shop", spec={"storageClassName": "fast"})
    made = restoring(claim, pod_with("claim-a"), backups=[pod_volume_backup("claim-a")])
    made.run()
    (row,) = made.store.json("restores/r1/r1-volumeinfo.json.gz")
    assert row["restoreMethod"] == "PodVolumeRestore"
    assert (row["pvcNamespace"], row["pvcName"]) == ("shop", "claim-a")


def test_existing_pods_are_left_alone() -> None:
    made = restoring(cluster=cluster_with(pod_with("data")))
    made.run()
    assert made_for(made.cluster) == []


# ------------------------------------------------------------------ what is missing


def no_agents() -> FakeCluster:
    return cluster_with(repository("shop"), agents=False)


def no_repository() -> FakeCluster:
    return cluster_with(daemon_set(), agent_pod(), agents=False)


def repository_in(phase: str, message: str = "") -> FakeCluster:
    state = repository("shop", phase, message=message)
    return cluster_with(daemon_set(), agent_pod(), state, agents=False)


def two_repositories() -> FakeCluster:
    return cluster_with(repository("shop", name="another"))


REFUSED = [
    (no_agents, {}, {}, "node_agent_missing", "node agent does not run: daemonset not found"),
    (no_repository, {}, {}, "repository_not_ready", "shop in default: backup repository not found"),
    (
        lambda: repository_in("New"),
        {},
        {},
        "repository_not_ready",
        "backup repository not provisioned",
    ),
    (
        lambda: repository_in("NotReady", "no access"),
        {},
        {},
        "repository_not_ready",
        "backup repository is not ready: no access",
    ),
    (
        two_repositories,
        {},
        {},
        "repository_not_ready",
        'more than one BackupRepository found for workload namespace "shop"',
    ),
    (cluster_with, {"record": "storage"}, {}, "no_restore_object", "the record is not kept"),
    (
        cluster_with,
        {},
        {"excluded_resources": ["persistentvolumes"]},
        "volume_data_lost",
        "this restore leaves persistentvolumes out",
    ),
    (
        cluster_with,
        {},
        {"included_resources": ["pods"]},
        "volume_data_lost",
        "this restore leaves persistentvolumeclaims out",
    ),
]


@pytest.mark.parametrize(("cluster", "settings", "spec", "reason", "why"), REFUSED)
def test_what_nobody_fills_is_an_error_and_no_pod_waits_for_it(
    cluster: Any, settings: dict[str, Any], spec: dict[str, Any], reason: str, why: str
) -> None:
    made = restoring(cluster=cluster(), **settings)
    report = made.run(**spec)
    assert fates(report)["v1/Pod/shop/web"] == ("created", reason)
    (text,) = errors(report)
    assert text.startswith("the data of the volumes data of pod web is not restored: ")
    assert why in text
    assert init_containers(made.cluster) == []
    assert made_for(made.cluster) == []


@pytest.mark.parametrize(("cluster", "settings", "spec", "reason", "why"), REFUSED)
def test_the_plan_says_what_is_missing_and_writes_nothing(
    cluster: Any, settings: dict[str, Any], spec: dict[str, Any], reason: str, why: str
) -> None:
    made = restoring(cluster=cluster(), **settings)
    report = made.run(check_mode=True, **spec)
    entry = next(entry for entry in report.plan or [] if entry["id"] == "v1/Pod/shop/web")
    assert (entry["action"], entry["reason"]) == ("blocked", reason)
    assert made.cluster.writes == []
    if reason != "volume_data_lost":
        (row,) = report.volumes or []
        assert row["blocked"]
        assert any("node agent" in text or why in text for text in row["missing"])


def test_a_plan_of_what_can_be_restored_is_not_blocked() -> None:
    made = restoring()
    report = made.run(check_mode=True)
    entry = next(entry for entry in report.plan or [] if entry["id"] == "v1/Pod/shop/web")
    assert entry["action"] == "create"
    assert [row["blocked"] for row in report.volumes or []] == [False]
    assert made.cluster.writes == []


def test_surprise_29_no_pod_waits_for_data_that_is_left_out() -> None:
    """In Velero it does."""
    for compatibility, waits in (("safe", []), ("strict", ["restore-wait"])):
        cluster = cluster_with(pod_volume_backup("data"))
        made = restoring(cluster=cluster, compatibility=compatibility)
        report = made.run(included_resources=["pods"])
        assert init_containers(cluster) == waits
        assert report.results.errors.count == (compatibility == "safe")


@pytest.mark.parametrize("compatibility", ["safe", "strict"])
def test_a_live_server_is_asked_for_a_repository(compatibility: str) -> None:
    server = obj(
        "Deployment",
        "velero",
        "velero",
        api="apps/v1",
        spec={"template": {"spec": {"containers": [{"name": "velero", "image": "v/v:1"}]}}},
        status={"availableReplicas": 1},
    )
    cluster = no_repository()
    cluster.put(pod_volume_backup("data"))
    made = restoring(cluster=cluster, compatibility=compatibility)
    cluster.put(server)
    play = cluster.clock.on_sleep

    def serve() -> None:
        for (gr, _namespace, _name), item in list(cluster.objects.items()):
            if gr == "backuprepositories.velero.io":
                item["status"] = {"phase": "Ready"}
        play()

    cluster.clock.on_sleep = serve
    report = made.run()
    assert errors(report) == []
    found = cluster.see("backuprepositories.velero.io", "velero", "shop-default-kopia")
    assert found["spec"] == {
        "volumeNamespace": "shop",
        "backupStorageLocation": "default",
        "repositoryType": "kopia",
        "maintenanceFrequency": "0s",
    }
    assert [item["status"]["phase"] for item in made_for(cluster)] == ["Completed"]


def test_strict_tells_in_velero_s_words_what_is_missing() -> None:
    cluster = no_agents()
    cluster.put(pod_volume_backup("data"))
    made = restoring(cluster=cluster, compatibility="strict")
    report = made.run()
    assert report.results.errors.velero == ["error to check node agent status: daemonset not found"]
    assert init_containers(cluster) == ["restore-wait"]


def test_a_pod_without_the_container_is_not_restored_into() -> None:
    """A PodVolumeRestore is worked on only while its pod waits."""
    made = restoring()
    create = made.cluster.create

    def without_init_containers(*args: Any, **kwargs: Any) -> Manifest:
        made_object = create(*args, **kwargs)
        made_object.get("spec", {}).pop("initContainers", None)
        return made_object

    made.cluster.create = without_init_containers  # type: ignore[method-assign]
    report = made.run()
    assert fates(report)["v1/Pod/shop/web"] == ("created", "volume_data_lost")
    assert made_for(made.cluster) == []


# ------------------------------------------------------------------ how it can end


@pytest.mark.parametrize(
    ("phases", "text"),
    [
        (FAILS, "pod volume restore failed: played: failed"),
        (CANCELLED, "pod volume restore canceled: played: canceled"),
        (NEVER_ENDS, "timed out waiting for all PodVolumeRestores to complete: b of pod shop/web"),
    ],
)
def test_a_volume_that_is_not_filled_is_an_error(phases: Sequence[str], text: str) -> None:
    made = restoring(
        pod_with("a", "b"),
        backups=[pod_volume_backup("a"), pod_volume_backup("b")],
        script={"b": phases},
    )
    report = made.run()
    assert report.results.errors.velero == [text]
    assert report.phase == "PartiallyFailed"
    assert [item["spec"].get("cancel") for item in made_for(made.cluster)] == [None, None]


def test_a_pod_on_a_node_without_an_agent() -> None:
    made = restoring(scheduled="node-2")
    report = made.run()
    assert report.results.errors.velero == [
        "node-agent pod is not running in node node-2: daemonset pod not found in running state in "
        "node node-2"
    ]


def test_a_missing_agent_concerns_the_pod_on_its_node() -> None:
    made = restoring(
        pod_with("data"),
        pod_with("data", name="db"),
        backups=[pod_volume_backup("data"), pod_volume_backup("data", pod="db")],
        scheduled="",
    )
    play = made.cluster.clock.on_sleep
    nodes = {"web": "node-2", "db": "node-1"}

    def schedule() -> None:
        for name, node in nodes.items():
            pod = made.cluster.objects.get(("pods", "shop", name))
            if pod:
                pod["spec"]["nodeName"], pod["status"] = node, {"phase": "Pending"}
        play()

    made.cluster.clock.on_sleep = schedule
    report = made.run()
    assert report.results.errors.count == 1
    (row,) = [item for item in made_for(made.cluster) if item["spec"]["pod"]["name"] == "db"]
    assert row["status"]["phase"] == "Completed"


def test_a_pod_that_is_never_scheduled_is_waited_for_until_the_deadline() -> None:
    made = restoring(scheduled="", script={"data": NEVER_ENDS}, fs_backup_timeout=3600.0)
    report = made.run()
    (text,) = report.results.errors.velero
    assert text.startswith("timed out waiting")
    log = gzip.decompress(made.store.read("restores/r1/restore-r1-logs.gz")).decode()
    assert log.count("Restoring pod is not scheduled until timeout or cancel, disengage") == 1


def test_surprise_30_the_time_runs_from_the_start_of_the_run() -> None:
    made = restoring(script={"data": NEVER_ENDS}, fs_backup_timeout=100.0)
    began = made.clock.monotonic()
    made.run()
    assert made.clock.monotonic() - began == 100.0


@pytest.mark.parametrize(
    ("annotation", "seconds", "lines"),
    [
        (None, 14400.0, []),
        ("", 14400.0, []),
        ("90s", 90.0, []),
        ("1h30m", 5400.0, []),
        (
            "soon",
            14400.0,
            [("error", "Unable to parse pod volume timeout annotation soon, using server value.")],
        ),
    ],
)
def test_the_time_for_all_volumes(
    annotation: str | None, seconds: float, lines: list[tuple[str, str]]
) -> None:
    annotations = {} if annotation is None else {"velero.io/pod-volume-timeout": annotation}
    told: list[tuple[str, str]] = []
    restore = {"metadata": {"annotations": annotations}}
    assert timeout_of(restore, Settings(), lambda *line: told.append(line)) == seconds
    assert told == lines


# ------------------------------------------------------------------ cut off and run again


@pytest.mark.parametrize("writes", range(12))
def test_a_run_that_was_killed_anywhere_is_gone_on_with(writes: int) -> None:
    made = restoring(pod_with("a", "b"), backups=[pod_volume_backup("a"), pod_volume_backup("b")])
    made.kill_at(writes)
    try:
        made.run()
    except Killed:
        made.revive()
    report = made.run()
    assert report.phase == "Completed"
    assert sorted(item["spec"]["volume"] for item in made_for(made.cluster)) == ["a", "b"]
    assert {item["status"]["phase"] for item in made_for(made.cluster)} == {"Completed"}
    uid = made.cluster.see("restores.velero.io", "velero", "r1")["metadata"]["uid"]
    assert {
        item["metadata"]["labels"]["velero.io/restore-uid"] for item in made_for(made.cluster)
    } == {uid}


# ------------------------------------------------------------------ beside the restore


def test_progress_of_the_volumes_is_in_the_progress_file() -> None:
    made = restoring(script={"data": NEVER_ENDS}, fs_backup_timeout=30.0)
    made.run()
    progress = made.store.json("restores/r1/restore-r1-progress.json")
    assert progress["podVolumes"] == {
        "volumesDone": 0,
        "volumesTotal": 1,
        "bytesDone": 50,
        "totalBytes": 100,
    }
    assert progress["itemsRestored"] == progress["totalItems"] == 2


def killed_while_waiting() -> Restoring:
    made = restoring(
        pod_with("a", "b"),
        backups=[pod_volume_backup("a"), pod_volume_backup("b")],
        script={"b": NEVER_ENDS},
    )
    play = made.cluster.clock.on_sleep

    def die() -> None:
        play()
        if made.clock.monotonic() > 60:
            raise Killed

    made.cluster.clock.on_sleep = die
    with pytest.raises(Killed):
        made.run()
    return made


def test_removing_an_unfinished_restore_cancels_what_node_agents_still_do() -> None:
    made = killed_while_waiting()
    found = delete_restore("r1", made.ports(), made.settings)
    assert found.changed
    cancelled = {
        item["spec"]["volume"]: item["spec"].get("cancel") for item in made_for(made.cluster)
    }
    assert cancelled == {"a": None, "b": True}


def test_removing_in_check_mode_cancels_nothing() -> None:
    made = killed_while_waiting()
    delete_restore("r1", made.ports(), made.settings, check_mode=True)
    assert not any(item["spec"].get("cancel") for item in made_for(made.cluster))


def test_removing_a_finished_restore_asks_for_nothing() -> None:
    made = restoring(script={"data": NEVER_ENDS}, fs_backup_timeout=30.0)
    made.run()
    delete_restore("r1", made.ports(), made.settings)
    assert not any(item["spec"].get("cancel") for item in made_for(made.cluster))


def test_the_rights_that_are_needed_in_velero_s_namespace() -> None:
    made = restoring()
    report = made.run(check_mode=True, review_access=True)
    asked = {
        (entry["resource"], entry["verb"])
        for entry in report.access
        if entry["group"] == "velero.io"
    }
    assert {("podvolumerestores", "create"), ("backuprepositories", "list")} <= asked


@pytest.mark.parametrize(
    ("cluster", "why"),
    [
        (no_agents, "Velero's node agent does not run: daemonset not found"),
        (no_repository, "the BackupRepository of shop in default: backup repository not found"),
    ],
)
@pytest.mark.parametrize("mover", ["", "velero", "vendor"])
def test_moved_data_that_nobody_brings_is_an_error(cluster: Any, why: str, mover: str) -> None:
    """A claim would wait for ever; other data movers have their own ways."""
    upload = obj(
        "DataUpload",
        "b1-abc",
        "velero",
        api="velero.io/v2alpha1",
        spec={"sourceNamespace": "shop", "sourcePVC": "data", "datamover": mover},
        status={"phase": "Completed", "snapshotID": "s"},
    )
    claim = obj(
        "PersistentVolumeClaim",
        "data",
        "shop",
        annotations={"velero.io/data-upload-name": "b1-abc"},
        meta={"uid": "p-1"},
        spec={},
    )
    backup = backup_object(spec={"snapshotMoveData": True, "storageLocation": "default"})
    made = Restoring(
        store=add_backup(MemoryStore(), [upload, claim], backup),
        cluster=cluster(),
        features=frozenset({"EnableCSI"}),
        item_operation_sync_frequency=1.0,
    )
    move_data(made.cluster)
    report = made.run()
    downloads = [gr for gr, _ns, _name in made.cluster.objects if gr == "datadownloads.velero.io"]
    if mover == "vendor":
        assert (errors(report), len(downloads)) == ([], 1)
        return
    (text,) = errors(report)
    assert text.endswith(f"the data of the claim cannot be restored: {why}")
    assert downloads == []
    assert ("persistentvolumeclaims", "shop", "data") not in made.cluster.objects
