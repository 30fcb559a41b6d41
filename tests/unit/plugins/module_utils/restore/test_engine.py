# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stages of the engine: reference sections 2, 3.3, 4.1, 5 and 11."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import (
    MemoryCatalog,
    MemoryStore,
    add_backup,
    config_map,
    crd,
    obj,
)
from tests.support.builders_run import Restoring, fates
from tests.support.fake_cluster import FakeCluster, api_error


def test_2_3_no_resources_is_a_warning_and_completed() -> None:
    report = Restoring([]).run()
    assert report.phase == "Completed"
    assert report.results.warnings.velero == [
        'zero items to be restored: directory "resources": does not exist'
    ]
    assert "progress" not in report.restore["status"]


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (
            {"included_namespaces": ["a**"]},
            "error expanding wildcard patterns in namespace includes/excludes: wildcard pattern "
            "contains consecutive asterisks (only single * allowed)",
        ),
        (
            {"label_selector": {"matchExpressions": [{"key": "a", "operator": "Like"}]}},
            '"Like" is not a valid label selector operator',
        ),
        (
            {"or_label_selectors": [{"matchExpressions": [{"key": "a", "operator": "In"}]}]},
            "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty",
        ),
    ],
    ids=["2.6", "2.1-selector", "2.1-or-selectors"],
)
def test_2_1_what_ends_the_engine_early(spec: dict[str, Any], text: str) -> None:
    restoring = Restoring([config_map()])
    report = restoring.run(**spec)
    assert report.phase == "PartiallyFailed"
    assert report.results.errors.velero == [text]
    assert not restoring.cluster.writes


def test_2_7_the_versions_cannot_be_chosen() -> None:
    restoring = Restoring([config_map()], features=frozenset({"EnableAPIGroupVersions"}))
    restoring.cluster.fail(
        "get", "configmaps", "enableapigroupversions", error=api_error("Forbidden", "no")
    )
    report = restoring.run()
    assert report.results.errors.velero == [
        "choosing API version to restore: retrieving enableapigroupversion config map: no"
    ]


def test_2_7_the_users_choice_of_versions() -> None:
    first = config_map("x", data={"v": "1"})
    second = {**config_map("x", data={"v": "2"})}
    catalog = MemoryCatalog(
        [first],
        versions={
            ("configmaps", "v1-preferredversion", "shop", "x"): first,
            ("configmaps", "v2", "shop", "x"): second,
        },
    )
    restoring = Restoring(catalog, features=frozenset({"EnableAPIGroupVersions"}))
    restoring.run()
    assert restoring.cluster.see("configmaps", "shop", "x")["data"] == {"v": "1"}


def test_2_9_definitions_first_then_discovery_then_their_objects() -> None:
    item = obj("Foo", "f", "shop", api="example.io/v1")
    restoring = Restoring([item, crd()])
    report = restoring.run()
    assert report.phase == "Completed"
    assert fates(report)["example.io/v1/Foo/shop/f"] == ("created", "created")
    discovered = [
        index for index, call in enumerate(restoring.cluster.calls) if call.verb == "discover"
    ]
    made = restoring.cluster.calls.index(
        next(c for c in restoring.cluster.calls if c.verb == "create" and "custom" in c.gr)
    )
    assert discovered[-1] > made


def test_2_9_a_failed_refresh_is_a_warning() -> None:
    restoring = Restoring([crd(), config_map()])
    real, count = restoring.cluster.discover, [0]

    def discover() -> Any:
        count[0] += 1
        if count[0] == 2:
            raise api_error("InternalError", "down")
        return real()

    restoring.cluster.discover = discover  # type: ignore[method-assign]
    report = restoring.run()
    assert report.results.warnings.cluster == ["refresh discovery after restoring CRDs: down"]
    assert fates(report)["v1/ConfigMap/shop/x"] == ("created", "created")


HOOKED = obj(
    "Pod",
    "p",
    "shop",
    annotations={
        "init.hook.restore.velero.io/container-image": "tools:1",
        "init.hook.restore.velero.io/container-name": "hook",
        "init.hook.restore.velero.io/command": '["/bin/true"]',
    },
    spec={"containers": [{"name": "c", "image": "i:1"}]},
)


@pytest.mark.rule("C1")
def test_10_hooks_that_run_at_the_start_are_no_difference_of_a_pod_that_is_there() -> None:
    restoring = Restoring([HOOKED], cluster=FakeCluster(HOOKED))
    report = restoring.run()
    assert fates(report)["v1/Pod/shop/p"] == ("unchanged", "equal")
    assert not restoring.cluster.writes


SERVICE = obj("Service", "s", "shop", spec={"ports": [{"port": 80}]})


@pytest.mark.rule("C9")
@pytest.mark.parametrize(
    ("compatibility", "fate", "warnings"),
    [("safe", ("unchanged", "equal"), 0), ("strict", ("failed", "exists_different"), 1)],
)
def test_15_objects_that_actions_have_seen_are_still_equal(
    compatibility: str, fate: tuple[str, str], warnings: int
) -> None:
    restoring = Restoring([SERVICE], cluster=FakeCluster(SERVICE), compatibility=compatibility)
    report = restoring.run()
    assert fates(report)["v1/Service/shop/s"] == fate
    assert report.results.warnings.count == warnings


@pytest.mark.rule("C6")
@pytest.mark.parametrize(
    ("compatibility", "phase"), [("safe", "Completed"), ("strict", "PartiallyFailed")]
)
def test_11_0_without_the_deployment_of_velero(compatibility: str, phase: str) -> None:
    restoring = Restoring([config_map()], compatibility=compatibility)
    restoring.cluster.objects.pop(("deployments.apps", "velero", "velero"), None)
    report = restoring.run()
    assert report.phase == phase
    assert ("v1/ConfigMap/shop/x" in fates(report)) is (phase == "Completed")


def test_2_3_an_item_that_cannot_be_decoded_is_one_error_and_the_rest_goes_on() -> None:
    catalog = MemoryCatalog([config_map("good")], raw={("configmaps", "shop", "bad"): b"{"})
    restoring = Restoring(catalog)
    report = restoring.run()
    assert report.phase == "PartiallyFailed"
    assert report.results.errors.count == 1
    assert fates(report)["v1/ConfigMap/shop/good"] == ("created", "created")


def test_5_a_restore_that_selects_nothing_has_progress_without_numbers() -> None:
    restoring = Restoring([config_map()])
    report = restoring.run(label_selector={"matchLabels": {"a": "b"}})
    assert report.restore["status"]["progress"] == {}
    record = restoring.store.json("restores/r1/velero-restore.json")
    assert record["status"]["progress"] == {}


def test_5_progress_counts_created_namespaces() -> None:
    report = Restoring([config_map("a"), config_map("b")]).run()
    assert report.restore["status"]["progress"] == {"totalItems": 3, "itemsRestored": 3}


def test_a_group_that_is_down_is_told_and_the_rest_goes_on() -> None:
    cluster = FakeCluster()
    cluster.api.failed_groups["metrics.k8s.io/v1"] = "no endpoints"
    restoring = Restoring([config_map()], cluster=cluster)
    assert restoring.run().phase == "Completed"


@pytest.mark.parametrize(
    ("method", "reason", "phase"),
    [
        ("", "created", "Completed"),
        ("CSISnapshot", "volume_reprovisioned", "Completed"),
        ("NativeSnapshot", "volume_not_restored", "PartiallyFailed"),
    ],
)
def test_volumes_are_judged_one_by_one(method: str, reason: str, phase: str) -> None:
    volume = obj("PersistentVolume", "pv", spec={"persistentVolumeReclaimPolicy": "Retain"})
    rows = [{"pvName": "pv", "backupMethod": method}]
    store = add_backup(MemoryStore(), [volume], volumes=rows)
    report = Restoring(store=store).run()
    assert fates(report)["v1/PersistentVolume/pv"][1] == reason
    assert report.phase == phase


def test_a_new_namespace_is_not_searched() -> None:
    restoring = Restoring([config_map(name) for name in "abcd"])
    restoring.run()
    assert not [call for call in restoring.cluster.said("list", "get") if "configmaps/shop" in call]


def test_an_existing_namespace_costs_one_list() -> None:
    restoring = Restoring(
        [config_map(name) for name in "abcd"], cluster=FakeCluster(config_map("a"))
    )
    restoring.run()
    asked = [call for call in restoring.cluster.said("list", "get") if "configmaps/shop" in call]
    assert asked == ["list configmaps/shop"]


POD_VOLUME = {
    "metadata": {"name": "b1-p", "annotations": {"velero.io/pvc-name": "data"}},
    "spec": {"pod": {"namespace": "shop", "name": "web"}, "volume": "v"},
    "status": {"snapshotID": "k1"},
}
EMPTY = (
    "persistent volume claim shop/data is empty: its data was backed up through pod shop/web, "
    "which was not created"
)


@pytest.mark.parametrize("legacy", [True, False])
@pytest.mark.parametrize(
    ("spec", "settings", "told"),
    [
        ({}, {}, False),
        ({"label_selector": {"matchLabels": {"a": "b"}}}, {}, True),
        ({"label_selector": {"matchLabels": {"a": "b"}}, "restore_pvs": False}, {}, False),
        ({"label_selector": {"matchLabels": {"a": "b"}}}, {"compatibility": "strict"}, False),
    ],
    ids=["with its pod", "without", "on purpose", "strict"],
)
def test_c10_a_claim_whose_pod_is_left_out(
    spec: dict[str, Any], settings: dict[str, Any], told: bool, legacy: bool
) -> None:
    reference = {"namespace": "shop", "name": "data"}
    items = [
        obj("PersistentVolume", "pv", labels={"a": "b"}, spec={"claimRef": reference}),
        obj("PersistentVolumeClaim", "data", "shop", labels={"a": "b"}, spec={"volumeName": "pv"}),
        obj("Pod", "web", "shop", spec={"containers": []}),
    ]
    info: dict[str, Any] = {"podNamespace": "shop", "podName": "web"}
    rows = [{"pvName": "pv", "backupMethod": "PodVolumeBackup", "pvbInfo": info}]
    backups = [POD_VOLUME] if legacy else []
    store = add_backup(
        MemoryStore(), items, volumes=[] if legacy else rows, podvolumebackups=backups
    )
    report = Restoring(store=store, **settings).run(**spec)
    assert (EMPTY in report.results.errors.namespaces.get("shop", [])) is told
    planned = Restoring(store=store, **settings).run(check_mode=True, name="r2", **spec)
    assert [row["blocked"] for row in planned.volumes if EMPTY in row["missing"]] == [True] * told
