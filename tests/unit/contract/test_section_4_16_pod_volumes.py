# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference section 4.16: data of the volumes of pods, with node agents that are played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.support.builders import Manifest, MemoryStore, add_backup, backup_object, obj
from tests.support.builders_pod_volumes import (
    agent_pod,
    cluster_with,
    daemon_set,
    pod_volume_backup,
    pod_with,
    repository,
)
from tests.support.builders_run import Restoring
from tests.support.contract import SAFE, STRICT, Seen, both_modes, seen
from tests.support.fake_cluster import Call, FakeCluster, api_error
from tests.support.played_node_agent import CANCELLED, FAILS, NEVER_ENDS, PlayedNodeAgent

PVRS = "podvolumerestores.velero.io"
BACKUPS = (pod_volume_backup("data"),)
INFO = "restores/r1/r1-volumeinfo.json.gz"


class Filling:
    """A restore of pods; while it waits, pods are scheduled and a node agent is played."""

    def __init__(
        self,
        mode: str,
        *items: Manifest,
        backups: Sequence[Manifest] = BACKUPS,
        cluster: FakeCluster | None = None,
        script: Mapping[str, Sequence[str]] | None = None,
        nodes: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> None:
        self.cluster = cluster or cluster_with()
        for backup in backups if mode == STRICT else ():
            self.cluster.put(backup)  # Velero's action looks for them there
        store = add_backup(
            MemoryStore(),
            items or [pod_with("data")],
            backup_object(spec={"storageLocation": "default"}),
            podvolumebackups=list(backups),
        )
        self.restoring = Restoring(
            store=store, cluster=self.cluster, compatibility=mode, **settings
        )
        self.nodes = nodes or {}
        self.agent = PlayedNodeAgent(self.cluster, script or {})
        self.cluster.clock.on_sleep = self.play

    def play(self) -> None:
        for (gr, namespace, name), item in list(self.cluster.objects.items()):
            node = self.nodes.get(name, "node-1")
            if gr == "pods" and namespace != "velero" and node:
                item["spec"]["nodeName"], item["status"] = node, {"phase": "Pending"}
        self.agent.turn()

    def run(self, **spec: Any) -> Seen:
        self.cluster.calls.clear()
        return seen(self.restoring, self.restoring.run(**spec))

    @property
    def made(self) -> list[Manifest]:
        return [item for (gr, _ns, _name), item in self.cluster.objects.items() if gr == PVRS]

    @property
    def filled(self) -> list[tuple[str, str]]:
        """Volume and snapshot of each PodVolumeRestore."""
        return sorted((one["spec"]["volume"], one["spec"]["snapshotID"]) for one in self.made)


# ------------------------------------------------------------------ which pods and volumes


@both_modes
@pytest.mark.parametrize(
    ("resources", "starts"),
    [
        (["pods"], False),
        (["pods", "persistentvolumeclaims"], False),
        (["pods", "persistentvolumes"], False),
        (["pods", "persistentvolumeclaims", "persistentvolumes"], True),
        ([], True),
    ],
)
def test_4_16_only_with_claims_and_volumes(mode: str, resources: list[str], starts: bool) -> None:
    filling = Filling(mode)
    filling.run(included_resources=resources)
    assert bool(filling.made) is starts


@both_modes
def test_4_16_only_for_pods_that_were_just_created(mode: str) -> None:
    filling = Filling(mode, cluster=cluster_with(pod_with("data")))
    result = filling.run()
    assert filling.made == []
    assert not result.errors


@both_modes
@pytest.mark.parametrize(
    ("backups", "filled"),
    [
        ([pod_volume_backup("data", snapshot="s1")], [("data", "s1")]),
        ([pod_volume_backup("data", pod="other")], []),
        ([pod_volume_backup("data", namespace="other")], []),
        ([pod_volume_backup("data", snapshot="")], []),
        ([pod_volume_backup("token")], []),
        ([pod_volume_backup("labels")], []),
        (
            [pod_volume_backup("data"), pod_volume_backup("token")],
            [("data", "k1")],
        ),
    ],
    ids=[
        *("its own", "another pod", "another namespace", "no snapshot", "projected"),
        *("downward api", "some"),
    ],
)
def test_4_16_backups_of_the_pod(
    mode: str, backups: list[Manifest], filled: list[tuple[str, str]]
) -> None:
    pod = pod_with("data")
    pod["spec"]["volumes"] += [
        {"name": "token", "projected": {"sources": []}},
        {"name": "labels", "downwardAPI": {"items": []}},
    ]
    filling = Filling(mode, pod, backups=backups)
    result = filling.run()
    assert filling.filled == filled
    assert result.silent


@both_modes
@pytest.mark.parametrize("saved", [False, True])
def test_4_16_old_annotations_count_where_there_are_no_backups(mode: str, saved: bool) -> None:
    pod = pod_with("data", annotations={"snapshot.velero.io/data": "old"})
    filling = Filling(mode, pod, backups=BACKUPS if saved else [])
    filling.run()
    assert filling.filled == [("data", "k1" if saved else "old")]


@both_modes
def test_4_16_pods_are_filled_while_others_are_restored(mode: str) -> None:
    filling = Filling(mode, pod_with("data"), obj("Service", "later", "shop", spec={}))
    result = filling.run()
    order = [text.split("/")[0] for text in map(str, filling.cluster.calls)]
    assert order.index(f"create {PVRS}") < order.index("create services")
    assert result.silent


# ------------------------------------------------------------------ the steps for one pod


@both_modes
def test_4_16_step_1_without_node_agents(mode: str) -> None:
    filling = Filling(mode, cluster=cluster_with(repository("shop"), agents=False))
    result = filling.run()
    assert filling.made == []
    assert result.phase == "PartiallyFailed"
    if mode == STRICT:
        text = "error to check node agent status: daemonset not found"
        assert result.errors == {"velero": [text]}
    else:
        assert result.fates["v1/Pod/shop/web"] == ("created", "node_agent_missing")


@both_modes
def test_4_16_step_2_a_repository_that_is_not_ready(mode: str) -> None:
    state = repository("shop", "NotReady", message="no access")
    filling = Filling(mode, cluster=cluster_with(daemon_set(), agent_pod(), state, agents=False))
    result = filling.run()
    assert filling.made == []
    why = "backup repository is not ready: no access"
    if mode == STRICT:
        (text,) = result.errors["velero"]
        assert text == f"failed to wait BackupRepository, errored early: {why}"
    else:
        assert why in result.errors["namespaces"]["shop"][0]


@both_modes
def test_4_16_step_3_the_object(mode: str) -> None:
    claim = obj("PersistentVolumeClaim", "claim-a", "shop", spec={"storageClassName": "fast"})
    backups = [pod_volume_backup("claim-a", size=7)]
    filling = Filling(mode, claim, pod_with("claim-a"), backups=backups)
    result = filling.run(
        namespace_mapping={"shop": "near"}, uploader_config={"writeSparseFiles": True}
    )
    assert result.silent
    (made,) = filling.made
    restore = filling.cluster.see("restores.velero.io", "velero", "r1")
    pod = filling.cluster.see("pods", "near", "web")
    found = filling.cluster.see("persistentvolumeclaims", "near", "claim-a")
    metadata, uid = made["metadata"], restore["metadata"]["uid"]
    assert (metadata["namespace"], metadata["generateName"]) == ("velero", "r1-")
    assert metadata["labels"] == {
        "velero.io/restore-name": "r1",
        "velero.io/restore-uid": uid,
        "velero.io/pod-uid": pod["metadata"]["uid"],
        "velero.io/pvc-uid": found["metadata"]["uid"],
    }
    (owner,) = metadata["ownerReferences"]
    assert (owner["kind"], owner["uid"], owner["controller"]) == ("Restore", uid, True)
    assert made["spec"] == {
        "pod": {
            "kind": "Pod",
            "namespace": "near",
            "name": "web",
            "uid": pod["metadata"]["uid"],
        },
        "volume": "claim-a",
        "snapshotID": "k1",
        "snapshotSize": 7,
        "backupStorageLocation": "default",
        "repoIdentifier": "",
        "uploaderType": "kopia",
        "sourceNamespace": "shop",
        "uploaderSettings": {"WriteSparseFiles": "true"},
    }


@both_modes
def test_4_16_step_3_a_claim_that_cannot_be_read_costs_its_volume(mode: str) -> None:
    backups = [pod_volume_backup("claim-gone"), pod_volume_backup("data")]
    filling = Filling(mode, pod_with("claim-gone", "data"), backups=backups)
    result = filling.run()
    assert filling.filled == [("data", "k1")]
    text = "error getting persistent volume claim for volume: "
    assert [one[: len(text)] for one in result.errors["velero"]] == [text]


@both_modes
@pytest.mark.parametrize(("taken", "made"), [(4, 1), (5, 0)])
def test_4_16_step_3_five_names_are_tried(mode: str, taken: int, made: int) -> None:
    filling = Filling(mode)
    error = api_error("AlreadyExists", "taken")
    filling.cluster.fail("create", PVRS, error=error, times=taken)
    result = filling.run()
    assert len(filling.made) == made
    assert result.errors == ({} if made else {"velero": ["taken"]})


@both_modes
def test_4_16_step_4_a_node_without_an_agent(mode: str) -> None:
    filling = Filling(mode, nodes={"web": "node-2"}, script={"data": NEVER_ENDS})
    result = filling.run()
    assert result.errors["velero"] == [
        "node-agent pod is not running in node node-2: daemonset pod not found in running state in "
        "node node-2"
    ]
    assert sum(filling.cluster.clock.slept) < 600


@both_modes
def test_4_16_step_4_a_pod_that_is_not_scheduled_is_waited_for(mode: str) -> None:
    filling = Filling(mode, nodes={"web": ""}, script={"data": NEVER_ENDS}, fs_backup_timeout=900.0)
    result = filling.run()
    assert sum(filling.cluster.clock.slept) == 900
    (text,) = result.errors["velero"]
    assert text.startswith("timed out waiting for all PodVolumeRestores to complete")
    said = [line for line in result.log if line.startswith("Restoring pod is not scheduled until")]
    assert len(said) == 1


@both_modes
@pytest.mark.parametrize(
    ("phases", "error"),
    [
        (FAILS, "pod volume restore failed: played: failed"),
        (CANCELLED, "pod volume restore canceled: played: canceled"),
    ],
)
def test_4_16_step_5_how_it_ends(mode: str, phases: Sequence[str], error: str) -> None:
    claim = obj("PersistentVolumeClaim", "claim-a", "shop", spec={})
    filling = Filling(
        mode,
        claim,
        pod_with("claim-a", "data"),
        backups=[pod_volume_backup("claim-a"), pod_volume_backup("data")],
        script={"claim-a": phases},
    )
    result = filling.run()
    assert result.errors == {"velero": [error]}
    assert result.phase == "PartiallyFailed"
    rows = filling.restoring.store.json(INFO)
    assert [row["pvrInfo"]["volumeName"] for row in rows] == ["claim-a"], "however it has ended"


@pytest.mark.parametrize(("mode", "names"), [(SAFE, ": a, b of pod shop/web"), (STRICT, "")])
def test_4_16_step_5_the_deadline_is_told_once(mode: str, names: str) -> None:
    """Rule D24."""
    filling = Filling(
        mode,
        pod_with("a", "b"),
        backups=[pod_volume_backup("a"), pod_volume_backup("b")],
        script={"a": NEVER_ENDS, "b": NEVER_ENDS},
        fs_backup_timeout=60.0,
    )
    result = filling.run()
    text = "timed out waiting for all PodVolumeRestores to complete"
    assert result.errors == {"velero": [text + names]}
    assert sum(filling.cluster.clock.slept) == 60


@both_modes
def test_4_16_the_pod_waits_for_the_uid_of_the_restore(mode: str) -> None:
    filling = Filling(mode)
    filling.run()
    uid = filling.cluster.see("restores.velero.io", "velero", "r1")["metadata"]["uid"]
    (container,) = filling.cluster.see("pods", "shop", "web")["spec"]["initContainers"]
    assert (container["name"], container["args"]) == ("restore-wait", [uid])
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/restores/data"]


# ------------------------------------------------------------------ surprises


@both_modes
@pytest.mark.parametrize(
    "resources", [["pods"], ["pods", "persistentvolumeclaims"], ["pods", "persistentvolumes"]]
)
def test_surprise_29_who_waits_for_data_that_is_left_out(mode: str, resources: list[str]) -> None:
    filling = Filling(mode)
    result = filling.run(included_resources=resources)
    containers = filling.cluster.see("pods", "shop", "web")["spec"].get("initContainers") or []
    if mode == STRICT:
        assert [each["name"] for each in containers] == ["restore-wait"], "for ever"
        assert result.silent
    else:
        assert containers == []
        assert result.fates["v1/Pod/shop/web"] == ("created", "volume_data_lost")


@both_modes
def test_surprise_30_a_long_way_of_the_items_eats_into_the_time(mode: str) -> None:
    filling = Filling(mode, script={"data": NEVER_ENDS}, fs_backup_timeout=100.0)

    def slow(call: Call) -> None:
        if (call.verb, call.gr) == ("create", "pods"):
            filling.cluster.clock.advance(60)

    filling.cluster.before = slow
    result = filling.run()
    assert sum(filling.cluster.clock.slept) == 40
    assert result.errors["velero"][0].startswith("timed out waiting for all PodVolumeRestores")


@both_modes
def test_surprise_31_a_missing_agent_concerns_one_pod(mode: str) -> None:
    filling = Filling(
        mode,
        pod_with("data"),
        pod_with("data", name="db"),
        backups=[pod_volume_backup("data"), pod_volume_backup("data", pod="db")],
        nodes={"web": "node-2"},
    )
    assert len(filling.run().errors["velero"]) == 1
    phases = {one["spec"]["pod"]["name"]: one["status"]["phase"] for one in filling.made}
    assert phases["db"] == "Completed"


@both_modes
@pytest.mark.parametrize("nodes", [{"web": "node-2"}, {}], ids=["no agent", "too late"])
def test_surprise_44_abandoned_volumes_are_not_in_the_volume_information(
    mode: str, nodes: dict[str, str]
) -> None:
    claim = obj("PersistentVolumeClaim", "claim-a", "shop", spec={})
    filling = Filling(
        mode,
        claim,
        pod_with("claim-a"),
        backups=[pod_volume_backup("claim-a")],
        script={"claim-a": NEVER_ENDS},
        nodes=nodes,
        fs_backup_timeout=60.0,
    )
    assert filling.run().phase == "PartiallyFailed"
    assert filling.restoring.store.json(INFO) == []
