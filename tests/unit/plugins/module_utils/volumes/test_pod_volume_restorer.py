# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The facts of Velero's TestRestorePodVolumes, and what it does not look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.pod_volumes import (
    volume_snapshots,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ConnectionFailedError,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.data_plane import DataPlane
from ansible_collections.velero.core.plugins.module_utils.volumes.node_agents import NodeAgents
from ansible_collections.velero.core.plugins.module_utils.volumes.pod_volume_restorer import (
    PodVolumeInput,
    PodVolumeRestorer,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.pod_volume_watch import (
    VolumeProgress,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.repositories import (
    BackupRepositories,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.tracker import VolumeTracker
from tests.support.builders import Manifest, obj
from tests.support.builders_pod_volumes import (
    agent_pod,
    cluster_with,
    daemon_set,
    pod_volume_backup,
    pod_with,
    repository,
)
from tests.support.fake_cluster import FakeCluster, api_error
from tests.support.played_node_agent import DONE, FAILS, NEVER_ENDS, PlayedNodeAgent

PVRS = "podvolumerestores.velero.io"
RESTORE = {"metadata": {"name": "r1", "namespace": "velero", "uid": "u-1"}, "spec": {}}


class Restoring:
    """A restorer of the volumes of pods in namespace `shop`."""

    def __init__(self, cluster: FakeCluster, *backups: Manifest, **given: Any) -> None:
        self.cluster = cluster
        self.log: list[tuple[str, str]] = []
        self.progress: list[VolumeProgress] = []
        self.tracker = VolumeTracker()
        values = {
            "location": "default",
            "timeout": 60.0,
            "resumes": False,
            "strict": True,
            "restore": RESTORE,
            "log": lambda *line: self.log.append(line),
            "on_progress": self.progress.append,
            **given,
        }
        clock = cluster.clock
        self.plane = DataPlane(
            NodeAgents(cluster, "velero"),
            BackupRepositories(cluster, clock, "velero", 1.0),
            owned=True,
            is_live=lambda: False,
            asks=False,
        )
        self.restorer = PodVolumeRestorer(
            PodVolumeInput(backups=backups, **values), cluster, clock, self.plane, self.tracker
        )

    def run(self, pod: Manifest) -> list[str]:
        self.restorer.start(self.cluster.put(pod), "shop")
        return self.restorer.wait()

    def made(self) -> list[Manifest]:
        return [item for (gr, _ns, _name), item in self.cluster.objects.items() if gr == PVRS]


def scheduled(*volumes: str, node: str = "node-1", phase: str = "Running") -> Manifest:
    pod = pod_with(*volumes)
    pod["spec"]["nodeName"], pod["status"] = node, {"phase": phase}
    return pod


def played(cluster: FakeCluster, **script: Sequence[str]) -> FakeCluster:
    agent = PlayedNodeAgent(cluster, script)
    cluster.clock.on_sleep = agent.turn
    return cluster


CLAIM = obj("PersistentVolumeClaim", "claim-1", "shop", spec={})
NOT_FOUND = "error getting persistent volume claim for volume: "


# ------------------------------------------------------------------ Velero's facts


def test_no_volume_to_restore() -> None:
    restoring = Restoring(cluster_with())
    assert restoring.run(pod_with("a")) == []
    assert restoring.made() == []


def test_a_pod_without_saved_volumes_asks_the_cluster_nothing() -> None:
    cluster = cluster_with()
    restoring = Restoring(cluster, pod_volume_backup("a"))
    cluster.calls.clear()
    assert restoring.restorer.to_fill(pod_with("a", name="other"), "shop") == {}
    assert not cluster.calls
    assert not cluster.clock.slept


def test_node_agent_is_not_running() -> None:
    restoring = Restoring(
        cluster_with(agents=False), pod_volume_backup("a"), pod_volume_backup("b")
    )
    assert restoring.run(pod_with("a", "b")) == [
        "error to check node agent status: daemonset not found"
    ]


def test_ensure_repo_fails() -> None:
    backups = [pod_volume_backup("a"), pod_volume_backup("b")]
    for backup in backups:
        backup["spec"]["backupStorageLocation"] = ""
    restoring = Restoring(cluster_with(), *backups, location="")
    assert restoring.run(pod_with("a", "b")) == [
        'wrong parameters, namespace "shop", backup storage location "", repository type "kopia"'
    ]


def test_getting_claims_fails() -> None:
    backups = [pod_volume_backup("claim-1"), pod_volume_backup("claim-2")]
    errors = Restoring(cluster_with(), *backups).run(pod_with("claim-1", "claim-2"))
    assert [text[: len(NOT_FOUND)] for text in errors] == [NOT_FOUND] * 2


def test_the_time_is_over() -> None:
    restoring = Restoring(cluster_with(CLAIM), pod_volume_backup("claim-1"))
    assert restoring.run(pod_with("claim-1")) == [
        "timed out waiting for all PodVolumeRestores to complete"
    ]
    assert restoring.tracker.pod_volumes() == []


def test_a_restore_failed() -> None:
    cluster = played(cluster_with(CLAIM), **{"claim-1": FAILS})
    restoring = Restoring(cluster, pod_volume_backup("claim-1"))
    assert restoring.run(pod_with("claim-1")) == ["pod volume restore failed: played: failed"]
    assert len(restoring.tracker.pod_volumes()) == 1


@pytest.mark.parametrize("agents", [[], [agent_pod("node-2")], [agent_pod("node-1", "Pending")]])
def test_node_agent_pod_is_not_running(agents: list[Manifest]) -> None:
    cluster = cluster_with(daemon_set(), repository("shop"), CLAIM, *agents, agents=False)
    restoring = Restoring(cluster, pod_volume_backup("claim-1"))
    assert restoring.run(scheduled("claim-1")) == [
        "node-agent pod is not running in node node-1: daemonset pod not found in running state in "
        "node node-1"
    ]


def test_complete() -> None:
    restoring = Restoring(played(cluster_with(CLAIM)), pod_volume_backup("claim-1"))
    assert restoring.run(scheduled("claim-1")) == []
    assert len(restoring.tracker.pod_volumes()) == 1


# ------------------------------------------------------------------ more


def test_one_volume_that_cannot_be_begun_does_not_stop_the_others() -> None:
    backups = [pod_volume_backup("claim-1"), pod_volume_backup("claim-2")]
    restoring = Restoring(played(cluster_with(CLAIM)), *backups)
    assert len(restoring.run(scheduled("claim-1", "claim-2"))) == 1
    assert [item["status"]["phase"] for item in restoring.made()] == ["Completed"]


def test_the_server_refuses_to_create_one() -> None:
    cluster = cluster_with()
    cluster.fail("create", PVRS, error=api_error("Forbidden", "not you"))
    assert Restoring(cluster, pod_volume_backup("a")).run(pod_with("a")) == ["not you"]


def test_a_node_is_looked_at_until_the_pod_is_scheduled() -> None:
    cluster = cluster_with()
    agent = PlayedNodeAgent(cluster, {"a": (*["InProgress"] * 1, "Completed")})
    restoring = Restoring(cluster, pod_volume_backup("a"))

    def schedule() -> None:
        if cluster.clock.monotonic() > 5:
            pod = cluster.see("pods", "shop", "web")
            pod["spec"]["nodeName"], pod["status"] = "node-1", {"phase": "Pending"}
            agent.turn()

    cluster.clock.on_sleep = schedule
    assert restoring.run(pod_with("a")) == []


def test_a_pod_that_cannot_be_read_is_waited_for_all_the_same() -> None:
    cluster = played(cluster_with(), a=DONE)
    cluster.fail("get", "pods", error=api_error("Forbidden", "not you"))
    restoring = Restoring(cluster, pod_volume_backup("a"))
    assert restoring.run(pod_with("a")) == []
    text = "Failed to check node-agent pod status, disengage: shop/web: not you"
    assert restoring.log.count(("error", text)) == 1


def test_a_list_that_fails_is_made_again_and_told_once() -> None:
    cluster = played(cluster_with())
    cluster.fail("list", PVRS, times=3)
    restoring = Restoring(cluster, pod_volume_backup("a"))
    assert restoring.run(scheduled("a")) == []
    told = [text for level, text in restoring.log if level == "warning"]
    assert told == ["PodVolumeRestores cannot be listed: internal error"]


def test_a_lost_connection_ends_the_run() -> None:
    cluster = cluster_with()
    cluster.fail("list", PVRS, error=ConnectionFailedError("asking", "the cluster", "gone"))
    with pytest.raises(ConnectionFailedError):
        Restoring(cluster, pod_volume_backup("a")).run(pod_with("a"))


def test_a_resumed_run_makes_no_second_one() -> None:
    cluster = cluster_with()
    first = Restoring(cluster, pod_volume_backup("a"))
    pod = cluster.put(scheduled("a"))
    first.restorer.start(pod, "shop")
    played(cluster)
    second = Restoring(cluster, pod_volume_backup("a"), resumes=True)
    second.restorer.start(pod, "shop")
    assert second.restorer.wait() == []
    assert len(second.made()) == 1
    assert len(second.tracker.pod_volumes()) == 1


def test_a_resumed_run_that_cannot_look_makes_none() -> None:
    cluster = cluster_with()
    cluster.fail("list", PVRS)
    restoring = Restoring(cluster, pod_volume_backup("a"), resumes=True)
    assert restoring.run(pod_with("a")) == ["PodVolumeRestores cannot be listed: internal error"]
    assert restoring.made() == []


def test_progress_is_told_of_this_run_only_and_when_it_changes() -> None:
    cluster = cluster_with()
    old = obj(
        "PodVolumeRestore",
        "old",
        "velero",
        api="velero.io/v1",
        labels={"velero.io/restore-uid": "u-1"},
        spec={"volume": "a"},
        status={"phase": "Completed", "progress": {"totalBytes": 7, "bytesDone": 7}},
    )
    cluster.put(old)
    played(cluster, a=DONE, b=NEVER_ENDS)
    backups = [pod_volume_backup("a"), pod_volume_backup("b", size=40)]
    restoring = Restoring(cluster, *backups)
    restoring.run(scheduled("a", "b"))
    assert restoring.progress[0] == VolumeProgress(0, 2, 0, 140)
    assert restoring.progress[-1] == VolumeProgress(1, 2, 120, 140)
    assert len(restoring.progress) <= 6


def test_the_message_of_the_deadline_names_all_volumes_that_are_late() -> None:
    cluster = played(cluster_with(), a=DONE, b=NEVER_ENDS, c=NEVER_ENDS)
    backups = [pod_volume_backup(volume) for volume in "abc"]
    restoring = Restoring(cluster, *backups, strict=False)
    assert restoring.run(scheduled("a", "b", "c")) == [
        "timed out waiting for all PodVolumeRestores to complete: b, c of pod shop/web"
    ]


@pytest.mark.parametrize(
    ("excluded", "left_out"),
    [
        ((), ""),
        (("persistentvolumes",), "persistentvolumes"),
        (("persistentvolumeclaims",), "persistentvolumeclaims"),
        (("pods",), ""),
    ],
)
def test_claims_and_volumes_have_to_be_included(excluded: Sequence[str], left_out: str) -> None:
    restoring = Restoring(cluster_with(), pod_volume_backup("a"))
    restoring.restorer.begin(lambda resource: resource not in excluded)
    assert restoring.restorer.left_out() == left_out
    assert bool(restoring.restorer.to_fill(pod_with("a"), "shop")) is not bool(left_out)


# ------------------------------------------------------------------ which volumes


@pytest.mark.parametrize(
    ("volumes", "annotations", "found"),
    [
        ([{"name": "a", "emptyDir": {}}], {}, {"a": "k1"}),
        ([], {}, {"a": "k1"}),
        ([{"name": "a", "projected": {}}], {}, {}),
        ([{"name": "a", "downwardAPI": {}}], {}, {}),
        ([{"name": "a", "projected": {}}], {"snapshot.velero.io/b": "old"}, {"b": "old"}),
        ([], {"snapshot.velero.io/b": "old"}, {"a": "k1"}),
    ],
)
def test_which_volumes(
    volumes: list[Manifest], annotations: dict[str, str], found: dict[str, str]
) -> None:
    pod = obj("Pod", "web", "shop", annotations=annotations, spec={"volumes": volumes})
    backups = [
        pod_volume_backup("a"),
        pod_volume_backup("none", snapshot=""),
        pod_volume_backup("x", pod="other"),
        pod_volume_backup("y", namespace="other"),
    ]
    snapshots = volume_snapshots(backups, pod, "shop")
    assert {name: one.snapshot_id for name, one in snapshots.items()} == found
