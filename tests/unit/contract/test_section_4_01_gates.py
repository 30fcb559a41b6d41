# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference section 4.1: the gates of an item, in order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import config_map, obj
from tests.support.builders_actions import Action, wants
from tests.support.contract import SAFE, STRICT, Seen, both_modes, restore
from tests.support.fake_cluster import FakeCluster, api_error

X = config_map("x")
VOLUME = obj("PersistentVolume", "pv", spec={"persistentVolumeReclaimPolicy": "Retain"})
TERMINATING = obj("Namespace", "far", status={"phase": "Terminating"})


def asking_for(wanted: str, *items: Any, **options: Any) -> Seen:
    """A restore in which the ConfigMap x asks for another item."""
    return restore([X, *items], actions=[Action(wants(wanted))], **options)


@both_modes
def test_4_1_gate_1_excluded_resource(mode: str) -> None:
    seen = asking_for(
        "secrets/shop/s",
        obj("Secret", "s", "shop"),
        mode=mode,
        included_resources=["configmaps"],
    )
    assert seen.fates["v1/Secret/shop/s"] == ("skipped", "resource_excluded")
    assert "Not restoring item because resource is excluded" in seen.log
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}
    assert seen.writes == ["create configmaps/shop/x"]
    assert seen.silent


@both_modes
@pytest.mark.parametrize(
    ("wanted", "item"),
    [
        (
            "datauploads.velero.io/velero/u",
            obj("DataUpload", "u", "velero", api="velero.io/v2alpha1"),
        ),
        (
            "volumesnapshotcontents.snapshot.storage.k8s.io//c",
            obj("VolumeSnapshotContent", "c", api="snapshot.storage.k8s.io/v1"),
        ),
    ],
    ids=["uploads", "contents"],
)
def test_4_1_gate_1_must_have_resources_pass(mode: str, wanted: str, item: Any) -> None:
    seen = asking_for(wanted, item, mode=mode, included_resources=["configmaps"])
    assert "Not restoring item because resource is excluded" not in seen.log
    assert f"Attempting to restore {item['kind']}: {item['metadata']['name']}." in seen.log


@both_modes
def test_4_1_gate_2a_excluded_namespace_of_its_own(mode: str) -> None:
    seen = asking_for(
        "secrets/far/s",
        obj("Secret", "s", "far"),
        mode=mode,
        excluded_namespaces=["far"],
        namespace_mapping={"far": "near"},
    )
    assert seen.fates["v1/Secret/near/s"] == ("skipped", "namespace_excluded")
    assert "Not restoring item because namespace is excluded" in seen.log
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}
    assert "create namespaces/near" not in seen.writes
    assert seen.silent


@both_modes
def test_4_1_gate_2a_the_target_namespace_is_not_looked_at(mode: str) -> None:
    seen = restore([X], mode=mode, excluded_namespaces=["near"], namespace_mapping={"shop": "near"})
    assert seen.fates["v1/ConfigMap/near/x"] == ("created", "created")


@both_modes
def test_4_1_gate_2b_target_namespace_is_made(mode: str) -> None:
    seen = asking_for("services/far/s", obj("Service", "s", "far"), mode=mode)
    assert seen.fates["v1/Namespace/far"] == ("created", "namespace_created")
    assert seen.listed["v1/Namespace"] == ["far(created)"]
    assert seen.writes == [
        "create namespaces/far",
        "create services/far/s",
        "create configmaps/shop/x",
    ]


@pytest.mark.parametrize(("mode", "errors"), [(SAFE, 1), (STRICT, 2)])
def test_4_1_gate_2b_target_namespace_cannot_be_used(mode: str, errors: int) -> None:
    """The pod is asked for by x and is selected itself: two errors, one where told once (C2)."""
    seen = asking_for(
        "pods/far/p",
        obj("Pod", "p", "far"),
        mode=mode,
        existing=[TERMINATING],
        settings={"terminating_resource_timeout": 5},
    )
    text = (
        "timed out waiting for terminating namespace far to disappear before restoring: "
        "context deadline exceeded"
    )
    assert seen.errors == {"velero": [text] * errors}
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}
    assert seen.fates["v1/Pod/far/p"] == ("failed", "namespace_not_ready")
    assert seen.writes == ["create configmaps/shop/x"]
    assert seen.phase == "PartiallyFailed"


@both_modes
def test_4_1_gate_2c_cluster_scope_is_not_wanted(mode: str) -> None:
    seen = asking_for("persistentvolumes//pv", VOLUME, mode=mode, include_cluster_resources=False)
    assert seen.fates["v1/PersistentVolume/pv"] == ("skipped", "cluster_scoped")
    assert "Not restoring item because it's cluster-scoped" in seen.log
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}
    assert seen.silent


@both_modes
def test_4_1_gate_3_actions_see_the_untouched_item(mode: str) -> None:
    originals: list[Any] = []

    def note(given: Any) -> Any:
        originals.append(given.item_from_backup)
        given.item["data"] = {"a": "changed"}
        return wants()(given)

    item = config_map("x", meta={"uid": "u"}, status={"a": 1})
    restore([item], mode=mode, actions=[Action(note), Action(note, name="example.io/b")])
    assert originals == [item, item]


@both_modes
@pytest.mark.parametrize(
    ("item", "where"),
    [
        (obj("Pod", "p", "shop", status={"phase": "Failed"}), "shop/p"),
        (obj("Pod", "p", "shop", status={"phase": "Succeeded"}), "shop/p"),
        (obj("Job", "j", "shop", api="batch/v1", status={"completionTime": "2026"}), "shop/j"),
    ],
    ids=["failed-pod", "succeeded-pod", "job"],
)
def test_4_1_gate_4_completed(mode: str, item: Any, where: str) -> None:
    seen = restore([item], mode=mode, namespace_mapping={"shop": "near"})
    ((_item, action, reason),) = [one for one in seen.outcomes if "Namespace" not in one[0]]
    assert (action, reason) == ("skipped", "already_completed")
    assert f"{where} is complete - skipping" in seen.log
    assert set(seen.listed) == {"v1/Namespace"}, "it is not recorded"
    assert seen.writes == ["create namespaces/near"]
    assert seen.silent


@both_modes
@pytest.mark.parametrize(
    ("item", "text"),
    [
        (
            obj("Pod", "p", "shop", status={"phase": 1}),
            'error checking completion of "pods/near/p": .status.phase accessor error: 1 is of '
            "the type int64, expected string",
        ),
        (
            obj("Job", "j", "shop", api="batch/v1", status={"completionTime": {}}),
            'error checking completion of "jobs.batch/near/j": .status.completionTime accessor '
            "error: map[] is of the type map[string]interface {}, expected string",
        ),
    ],
    ids=["pod", "job"],
)
def test_4_1_gate_4_completion_of_another_type(mode: str, item: Any, text: str) -> None:
    seen = restore([item], mode=mode, namespace_mapping={"shop": "near"})
    assert seen.errors == {"namespaces": {"near": [text]}}
    assert set(seen.listed) == {"v1/Namespace"}


@both_modes
def test_4_1_gate_5_key_already_restored(mode: str) -> None:
    seen = asking_for("secrets/shop/s", obj("Secret", "s", "shop"), mode=mode)
    assert seen.writes == ["create secrets/shop/s", "create configmaps/shop/x"]
    assert seen.listed == {
        "v1/ConfigMap": ["shop/x(created)"],
        "v1/Secret": ["shop/s(created)"],
    }
    again = asking_for("configmaps/shop/a", config_map("a"), mode=mode)
    assert "Skipping configmaps/shop/a because it's already been restored." in again.log
    assert again.writes == ["create configmaps/shop/a", "create configmaps/shop/x"]
    assert again.silent


def test_4_1_gate_5_returns_the_recorded_existence() -> None:
    """The action waits for what is there: the refused one is not among it, the other is."""
    action = Action(wants("configmaps/shop/a", "configmaps/shop/b", wait_for_additional_items=True))
    cluster = FakeCluster(obj("Namespace", "shop"))
    cluster.fail("create", "configmaps", "b", error=api_error("Forbidden", "no"))
    restore([X, config_map("a"), config_map("b")], actions=[action], cluster=cluster)
    assert action.asked == [["configmaps/shop/a"]]


@both_modes
def test_4_1_gate_6_key_is_what_the_backup_says(mode: str) -> None:
    """The key keeps kind, version and name of the backup whatever an action makes of them."""

    def rename(given: Any) -> Any:
        output = wants()(given)
        item = {**given.item, "metadata": {**given.item["metadata"], "name": "other"}}
        return type(output)(updated_item=item)

    seen = restore([X], mode=mode, actions=[Action(rename)])
    assert seen.writes == ["create configmaps/shop/other"]
    assert seen.fates == {"v1/ConfigMap/shop/x": ("created", "created")}
    assert seen.listed == {"v1/ConfigMap": ["shop/other(created)"]}


@both_modes
def test_4_1_gate_7_mirror_pod(mode: str) -> None:
    pod = obj("Pod", "p", "shop", annotations={"kubernetes.io/config.mirror": "x"})
    seen = restore([pod], mode=mode)
    assert seen.fates == {"v1/Pod/shop/p": ("skipped", "mirror_pod")}
    assert "Not restoring pod because it's a mirror pod" in seen.log
    assert seen.listed == {"v1/Pod": ["shop/p(skipped)"]}, "it is recorded"
    assert not seen.writes
    assert seen.silent


@both_modes
def test_4_1_gate_7_an_empty_annotation_is_none(mode: str) -> None:
    pod = obj("Pod", "p", "shop", annotations={"kubernetes.io/config.mirror": ""})
    assert restore([pod], mode=mode, actions=[]).writes == ["create pods/shop/p"]


@both_modes
def test_4_1_gate_8_persistent_volumes_go_their_own_way(mode: str) -> None:
    volume = obj("PersistentVolume", "pv", spec={"persistentVolumeReclaimPolicy": "Delete"})
    claim = obj("PersistentVolumeClaim", "pv", "shop")
    seen = restore([volume, claim], mode=mode, actions=[])
    assert seen.listed == {
        "v1/PersistentVolume": ["pv(skipped)"],
        "v1/PersistentVolumeClaim": ["shop/pv(created)"],
    }


@both_modes
def test_4_1_owned_objects_are_restored(mode: str) -> None:
    owners = [{"kind": "ReplicaSet", "name": "r", "controller": True}]
    pod = obj("Pod", "p", "shop", meta={"ownerReferences": owners})
    seen = restore([pod], mode=mode, actions=[])
    assert seen.fates == {"v1/Pod/shop/p": ("created", "created")}
    assert "ownerReferences" not in seen.cluster.see("pods", "shop", "p")["metadata"]
