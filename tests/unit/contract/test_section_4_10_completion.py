# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference sections 4.10, 4.11, 4.17 and 4.18: what follows the creation of an object."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
)
from tests.support.builders import (
    CRDS,
    SERVED,
    Manifest,
    api_of,
    config_map,
    crd,
    obj,
    owner,
    resource,
)
from tests.support.builders_actions import Action
from tests.support.contract import SAFE, STRICT, both_modes, restore
from tests.support.fake_clock import FakeClock
from tests.support.fake_cluster import (
    FakeCluster,
    api_error,
    established_status,
    obj_namespace,
)

CREATED = ("created", "created")
EVERY = {"includedResources": []}
NONE = None
PODS = {"includedResources": ["po"]}
NOT_PODS = {"excludedResources": ["pods"]}
OWNERS = [owner("one"), owner("two")]
GONE = "the server could not find the requested resource"


def pod(annotation: str | None = None, **fields: Any) -> Manifest:
    if annotation is not None:
        fields["annotations"] = {"velero.io/restore-status": annotation}
    return obj("Pod", "p", "shop", **{"status": {"phase": "Running"}, **fields})


# ------------------------------------------------------------------ 4.10


@both_modes
@pytest.mark.parametrize(
    ("status", "written"),
    [(NONE, False), (EVERY, True), (PODS, True), (NOT_PODS, False)],
    ids=["no-filter", "all", "included", "excluded"],
)
def test_4_10_step_1_the_filter(mode: str, status: Any, written: bool) -> None:
    seen = restore([pod()], mode=mode, actions=[], restore_status=status)
    assert ("put_status pods/shop/p" in seen.writes) is written
    assert ("status" in seen.cluster.see("pods", "shop", "p")) is written
    assert seen.silent


@both_modes
@pytest.mark.parametrize(
    ("annotation", "status", "written", "warns"),
    [
        ("true", NONE, True, False),
        (" True ", NONE, True, False),
        ("false", EVERY, False, False),
        ("FALSE", EVERY, False, False),
        ("yes", NONE, False, True),
        ("yes", EVERY, True, True),
        ("", EVERY, True, True),
        (None, EVERY, True, False),
    ],
)
def test_4_10_step_2_the_annotation(
    mode: str, annotation: str | None, status: Any, written: bool, warns: bool
) -> None:
    seen = restore([pod(annotation)], mode=mode, actions=[], restore_status=status)
    assert ("put_status pods/shop/p" in seen.writes) is written
    text = (
        f"Invalid annotation value '{annotation}' on velero.io/restore-status, using restore spec "
        f"setting: {str(written).lower()}"
    )
    assert (text in seen.log) is warns


@both_modes
def test_4_10_the_group_resource_of_the_backup_decides(mode: str) -> None:
    def change(given: ExecuteInput) -> ExecuteOutput:
        return ExecuteOutput(updated_item={**given.item, "apiVersion": "new.io/v1"})

    cluster = FakeCluster(
        obj_namespace("shop"), api=api_of(*SERVED, resource("pods.new.io", "Pod"))
    )
    seen = restore(
        [pod()],
        mode=mode,
        cluster=cluster,
        actions=[Action(change)],
        restore_status={"includedResources": ["pods"]},
    )
    assert "put_status pods.new.io/shop/p" in seen.writes


@both_modes
def test_4_10_no_status_in_the_backup(mode: str) -> None:
    bare = obj("Pod", "p", "shop")
    seen = restore([bare], mode=mode, actions=[], restore_status=EVERY)
    assert seen.writes == ["create pods/shop/p"]


@both_modes
def test_4_10_status_with_the_version_of_the_created_object(mode: str) -> None:
    seen = restore([pod()], mode=mode, actions=[], restore_status=EVERY)
    (body,) = seen.bodies("put_status")
    assert body["status"] == {"phase": "Running"}
    assert body["metadata"]["resourceVersion"]


@both_modes
@pytest.mark.parametrize(("conflicts", "told"), [(1, False), (4, False), (5, True)])
def test_4_10_conflicts_are_tried_five_times(mode: str, conflicts: int, told: bool) -> None:
    cluster = FakeCluster(obj_namespace("shop"))
    cluster.fail("put_status", error=api_error("Conflict", "changed"), times=conflicts)
    seen = restore([pod()], mode=mode, cluster=cluster, actions=[], restore_status=EVERY)
    assert seen.writes.count("put_status pods/shop/p") == min(conflicts + 1, 5)
    assert seen.warnings == ({"namespaces": {"shop": ["changed"]}} if told else {})
    assert seen.fates == {"v1/Pod/shop/p": CREATED}


@both_modes
def test_4_10_a_final_failure_is_a_warning_and_the_item_goes_on(mode: str) -> None:
    item = config_map(status={"a": 1}, meta={"managedFields": OWNERS})
    seen = restore([item], mode=mode, restore_status=EVERY)
    assert seen.warnings == {"namespaces": {"shop": [GONE]}}
    assert seen.fates == {"v1/ConfigMap/shop/x": CREATED}
    assert seen.writes[-1] == "patch configmaps/shop/x"


@both_modes
def test_4_10_an_object_that_was_there_gets_none(mode: str) -> None:
    seen = restore(
        [pod()], mode=mode, existing=[obj("Pod", "p", "shop")], actions=[], restore_status=EVERY
    )
    assert not seen.writes


# ------------------------------------------------------------------ 4.11


@both_modes
def test_4_11_owners_of_the_backup_are_patched(mode: str) -> None:
    seen = restore([config_map(meta={"managedFields": OWNERS})], mode=mode)
    assert seen.writes == ["create configmaps/shop/x", "patch configmaps/shop/x"]
    assert seen.bodies("patch") == [{"metadata": {"managedFields": OWNERS}}]
    assert "the managed fields for configmaps/shop/x is patched" in seen.log


@pytest.mark.parametrize(
    ("mode", "writes"),
    [
        (SAFE, ["create configmaps/shop/x"]),
        (STRICT, ["create configmaps/shop/x", "patch configmaps/shop/x"]),
    ],
)
def test_4_11_one_owner_needs_one_request_by_default(mode: str, writes: list[str]) -> None:
    """Rule C8."""
    seen = restore([config_map(meta={"managedFields": [owner("one")]})], mode=mode)
    assert seen.writes == writes
    (entry,) = seen.cluster.see("configmaps", "shop", "x")["metadata"]["managedFields"]
    assert entry["manager"] == "one"


@both_modes
def test_4_11_an_object_without_owners_keeps_those_of_the_server(mode: str) -> None:
    """Velero sends a patch that removes them, and the server fills them in again."""
    seen = restore([config_map()], mode=mode)
    assert seen.writes == ["create configmaps/shop/x"]
    assert len(seen.cluster.see("configmaps", "shop", "x")["metadata"]["managedFields"]) == 1


@both_modes
@pytest.mark.parametrize(
    ("reason", "severity", "fate"),
    [
        ("NotFound", "warnings", CREATED),
        ("Forbidden", "errors", ("created", "managed_fields_failed")),
        ("Conflict", "errors", ("created", "managed_fields_failed")),
    ],
)
def test_4_11_a_refused_patch(mode: str, reason: str, severity: str, fate: tuple[str, str]) -> None:
    cluster = FakeCluster(obj_namespace("shop"))
    cluster.fail("patch", error=api_error(reason, "no owners"))
    item = config_map(meta={"managedFields": OWNERS})
    seen = restore([item], mode=mode, cluster=cluster)
    assert getattr(seen, severity) == {"namespaces": {"shop": ["no owners"]}}
    assert seen.fates == {"v1/ConfigMap/shop/x": fate}
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}


@both_modes
@pytest.mark.parametrize(("reason", "waits"), [("NotFound", True), ("Forbidden", False)])
def test_4_11_an_error_ends_the_item_and_a_404_does_not(
    mode: str, reason: str, waits: bool
) -> None:
    cluster = FakeCluster(established=False)
    cluster.fail("patch", error=api_error(reason, "no owners"))
    definition = crd()
    definition["metadata"]["managedFields"] = OWNERS
    seen = restore(
        [definition], mode=mode, cluster=cluster, actions=[], settings={"resource_timeout": 2.0}
    )
    assert bool(seen.cluster.clock.slept) is waits


# ------------------------------------------------------------------ 4.17


@both_modes
def test_4_17_a_definition_is_polled_until_both_conditions_are_true(mode: str) -> None:
    clock = FakeClock()
    cluster = FakeCluster(established=False, clock=clock)
    steps = [established_status("True", "False"), established_status()]

    def move_on() -> None:
        if len(clock.slept) > 1 and steps:
            cluster.see(CRDS.group_resource, "", "foos.example.io")["status"] = steps.pop(0)

    clock.on_sleep = move_on
    seen = restore([crd()], mode=mode, cluster=cluster, actions=[])
    assert len(clock.slept) == 3
    assert seen.silent


@both_modes
def test_4_17_a_definition_that_is_not_ready_in_time_is_an_error_of_the_cluster(mode: str) -> None:
    seen = restore(
        [crd()],
        mode=mode,
        cluster=FakeCluster(established=False),
        actions=[],
        settings={"resource_timeout": 5.0},
    )
    text = "error verifying the CRD foos.example.io is ready to use: context deadline exceeded"
    assert seen.errors == {"cluster": [text]}
    (fate,) = seen.fates.values()
    assert fate == ("created", "crd_not_ready")


@both_modes
def test_4_17_a_definition_that_cannot_be_read_is_an_error_of_the_cluster(mode: str) -> None:
    cluster = FakeCluster(established=False)
    real, count = cluster.get, [0]

    def get(asked: Any, namespace: str, name: str) -> Manifest:
        if asked.plural == CRDS.plural:
            count[0] += 1
            if count[0] > 1:
                raise api_error("InternalError", "down")
        return real(asked, namespace, name)

    cluster.get = get  # type: ignore[method-assign]
    seen = restore([crd()], mode=mode, cluster=cluster, actions=[])
    assert seen.errors == {
        "cluster": ["error verifying the CRD foos.example.io is ready to use: down"]
    }


@both_modes
@pytest.mark.parametrize(
    ("version", "errors"),
    [
        ("v1beta1", {}),
        (
            "v2",
            {
                "cluster": [
                    "error verifying the CRD foos.example.io is ready to use: unable to handle "
                    "CRD with version v2"
                ]
            },
        ),
    ],
)
def test_4_17_other_versions_of_definitions(mode: str, version: str, errors: Any) -> None:
    served = resource(CRDS.group_resource, "CustomResourceDefinition", version=version)
    served = type(served)(
        **{**{f: getattr(served, f) for f in served.__dataclass_fields__}, "namespaced": False}
    )
    cluster = FakeCluster(api=api_of(*SERVED, served))
    item = {**crd(), "apiVersion": f"apiextensions.k8s.io/{version}"}
    seen = restore([item], mode=mode, cluster=cluster, actions=[])
    assert seen.errors == errors


@both_modes
def test_4_17_a_definition_that_was_there_is_not_waited_for(mode: str) -> None:
    cluster = FakeCluster(crd(), established=False)
    seen = restore([crd()], mode=mode, cluster=cluster, actions=[])
    assert not seen.cluster.clock.slept


# ------------------------------------------------------------------ 4.18


def generating(given: ExecuteInput) -> ExecuteOutput:
    metadata = {**given.item["metadata"], "name": "", "generateName": "x-"}
    return ExecuteOutput(updated_item={**given.item, "metadata": metadata})


@both_modes
def test_4_18_the_backups_generate_name_is_dropped(mode: str) -> None:
    seen = restore([config_map("x-abc12", meta={"generateName": "x-"})], mode=mode)
    (body,) = seen.bodies("create")
    assert body["metadata"]["name"] == "x-abc12"
    assert "generateName" not in body["metadata"]


@both_modes
def test_4_18_an_action_may_have_the_server_choose(mode: str) -> None:
    item = config_map(meta={"managedFields": OWNERS})
    seen = restore([item], mode=mode, actions=[Action(generating)])
    (outcome,) = seen.report.outcomes
    assert outcome.created_name.startswith("x-")
    assert seen.fates == {"v1/ConfigMap/shop/x": CREATED}, "the key keeps the backup's name"
    assert seen.listed == {"v1/ConfigMap": [f"shop/{outcome.created_name}(created)"]}
    assert seen.writes[-1] == f"patch configmaps/shop/{outcome.created_name}"
    assert seen.silent


def test_4_18_status_of_a_generated_name() -> None:
    """Velero sends the status to an empty name, which fails; here it goes to the real one."""
    seen = restore([pod()], actions=[Action(generating)], restore_status=EVERY)
    assert seen.writes[1].startswith("put_status pods/shop/x-")
    assert seen.silent
