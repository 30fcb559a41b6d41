# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from ansible_collections.velero.core.plugins.module_utils.volumes.data_plane import DataPlane
from ansible_collections.velero.core.plugins.module_utils.volumes.node_agents import NodeAgents
from ansible_collections.velero.core.plugins.module_utils.volumes.repositories import (
    BackupRepositories,
    RepositoryKey,
)
from tests.support.builders import Manifest, obj
from tests.support.builders_pod_volumes import agent_pod, cluster_with, daemon_set, repository
from tests.support.fake_cluster import FakeCluster, api_error, merge

KEY = RepositoryKey("shop", "default")
NAME = ("backuprepositories.velero.io", "velero", "shop-default-kopia")
MANY = (
    'more than one BackupRepository found for workload namespace "shop", backup storage location '
    '"default", repository type "kopia"'
)


def cluster_of(*repositories: Manifest) -> FakeCluster:
    return cluster_with(daemon_set(), agent_pod(), *repositories, agents=False)


def repositories_of(cluster: FakeCluster, timeout: float = 60.0) -> BackupRepositories:
    return BackupRepositories(cluster, cluster.clock, "velero", timeout)


def server(cluster: FakeCluster, phase: str = "Ready", after: float = 3.0) -> Callable[[], None]:
    """A Velero server that gives a repository its phase after some seconds."""

    def work() -> None:
        if cluster.clock.monotonic() >= after and NAME in cluster.objects:
            cluster.objects[NAME]["status"] = {"phase": phase, "message": "no access"}

    return work


@pytest.mark.parametrize(
    ("found", "serves", "why"),
    [
        ([repository("shop")], "", ""),
        ([repository("shop", "New")], "Ready", ""),
        ([repository("shop", "")], "Ready", ""),
        ([], "Ready", ""),
        (
            [],
            "",
            "failed to wait BackupRepository, timeout exceeded: backup repository not provisioned",
        ),
        (
            [repository("shop", "New")],
            "",
            "failed to wait BackupRepository, timeout exceeded: backup repository not provisioned",
        ),
        (
            [repository("shop", "NotReady", message="no access")],
            "",
            "failed to wait BackupRepository, errored early: backup repository is not ready: "
            "no access",
        ),
        (
            [],
            "NotReady",
            "failed to wait BackupRepository, errored early: backup repository is not ready: "
            "no access",
        ),
        ([repository("shop"), repository("shop", name="b")], "", MANY),
        ([repository("other")], "Ready", ""),
    ],
)
def test_ensure(found: list[Manifest], serves: str, why: str) -> None:
    cluster = cluster_of(*found)
    if serves:
        cluster.clock.on_sleep = server(cluster, serves)
    assert repositories_of(cluster).ensure(KEY) == why


@pytest.mark.parametrize("key", [RepositoryKey("", "default"), RepositoryKey("shop", "")])
def test_ensure_needs_names(key: RepositoryKey) -> None:
    cluster = cluster_of()
    assert repositories_of(cluster).ensure(key) == (
        f'wrong parameters, namespace "{key.volume_namespace}", backup storage location '
        f'"{key.location}", repository type "kopia"'
    )
    assert cluster.calls == []


@pytest.mark.parametrize(
    ("verb", "text"),
    [
        ("list", "error getting backup repository list: internal error"),
        ("create", "unable to create backup repository resource: internal error"),
    ],
)
def test_ensure_tells_what_the_server_refuses(verb: str, text: str) -> None:
    cluster = cluster_of()
    cluster.fail(verb, "backuprepositories.velero.io")
    assert repositories_of(cluster).ensure(KEY) == text


def test_one_that_somebody_else_makes_at_the_same_time_is_used() -> None:
    cluster = cluster_of()
    error = api_error("AlreadyExists", "already exists")
    cluster.fail("create", "backuprepositories.velero.io", error=error)
    cluster.clock.on_sleep = lambda: cluster.put(repository("shop")) and None
    assert repositories_of(cluster).ensure(KEY) == ""


def test_threads_ask_for_one_repository_once() -> None:
    cluster = cluster_of()
    cluster.clock.on_sleep = server(cluster, after=0.0)
    known, answers = repositories_of(cluster), []
    threads = [
        threading.Thread(target=lambda: answers.append(known.ensure(KEY))) for _each in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [""] * 8
    assert cluster.said("create") == [
        "create backuprepositories.velero.io/velero/shop-default-kopia"
    ]


def plane(
    cluster: FakeCluster, *, owned: bool = True, live: bool = False, asks: bool = False
) -> DataPlane:
    agents, known = NodeAgents(cluster, "velero"), repositories_of(cluster)
    return DataPlane(agents, known, owned=owned, is_live=lambda: live, asks=asks)


@pytest.mark.parametrize(
    ("found", "live", "reason"),
    [
        ([repository("shop")], False, ""),
        ([], False, "repository_not_ready"),
        ([], True, ""),
        ([repository("shop", "New")], False, "repository_not_ready"),
        ([repository("shop", "New")], True, ""),
        # No server mends these.
        ([repository("shop", "NotReady")], True, "repository_not_ready"),
        ([repository("shop"), repository("shop", name="b")], True, "repository_not_ready"),
    ],
)
def test_obstacles(found: list[Manifest], live: bool, reason: str) -> None:
    cluster = cluster_of(*found)
    obstacle = plane(cluster, live=live).obstacle(KEY)
    assert (obstacle.reason if obstacle else "") == reason
    assert cluster.writes == []


def test_the_restore_object_is_needed_for_pods_only() -> None:
    found = plane(cluster_of(repository("shop")), owned=False)
    assert found.obstacle(KEY) is None
    missing = found.no_owner()
    assert missing is not None
    assert missing.reason == "no_restore_object"


def test_a_server_that_does_not_show_itself_is_asked_by_a_repository() -> None:
    cluster = cluster_of()
    cluster.clock.on_sleep = server(cluster)
    assert plane(cluster, asks=True).obstacle(KEY) is None
    assert cluster.objects[NAME]["status"]["phase"] == "Ready"


def test_nobody_answers_and_nothing_is_left_behind() -> None:
    cluster = cluster_of()
    asking = plane(cluster, asks=True)
    for namespace in ("shop", "other"):
        obstacle = asking.obstacle(RepositoryKey(namespace, "default"))
        assert obstacle is not None
        assert obstacle.text.endswith("backup repository not found")
    assert cluster.said() == [
        "create backuprepositories.velero.io/velero/shop-default-kopia",
        "delete backuprepositories.velero.io/velero/shop-default-kopia",
    ]


def test_a_repository_of_somebody_else_is_never_deleted() -> None:
    cluster = cluster_of(repository("shop", "New"))
    assert plane(cluster, asks=True).obstacle(KEY) is not None
    assert cluster.writes == []


# ------------------------------------------------------------------ node agents


@pytest.mark.parametrize(
    ("pods", "node", "why"),
    [
        ([agent_pod("n1")], "n1", ""),
        ([agent_pod("n1"), agent_pod("n2")], "n2", ""),
        ([agent_pod("n1")], "n2", "daemonset pod not found in running state in node n2"),
        (
            [agent_pod("n1", "Pending")],
            "n1",
            "daemonset pod not found in running state in node n1",
        ),
        (
            [merge(agent_pod("n1"), {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}})],
            "n1",
            "daemonset pod not found in running state in node n1",
        ),
        ([], "n1", "daemonset pod not found in running state in node n1"),
        ([agent_pod("n1")], "", "node name is empty"),
        (
            [obj("Pod", "x", "velero", spec={"nodeName": "n1"}, status={"phase": "Running"})],
            "n1",
            "daemonset pod not found in running state in node n1",
        ),
    ],
)
def test_agents_on_nodes(pods: list[Manifest], node: str, why: str) -> None:
    cluster = cluster_with(daemon_set(), *pods, agents=False)
    assert NodeAgents(cluster, "velero").why_not_on(node) == why


def test_the_daemon_set_is_looked_for_once() -> None:
    cluster = cluster_with(agents=False)
    agents = NodeAgents(cluster, "velero")
    assert [agents.why_missing(), agents.why_missing()] == ["daemonset not found"] * 2
    assert len(cluster.said("get")) == 1


def test_what_may_not_be_read_is_told() -> None:
    cluster = cluster_with(daemon_set(), agents=False)
    cluster.fail("get", "daemonsets.apps", error=api_error("Forbidden", "not you"))
    cluster.fail("list", "pods", error=api_error("Forbidden", "nor here"))
    agents = NodeAgents(cluster, "velero")
    assert agents.why_missing() == "not you"
    assert agents.why_not_on("n") == "failed to list node-agent pods: nor here"
    assert agents.image() == ""
