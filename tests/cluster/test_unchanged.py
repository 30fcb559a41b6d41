# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An object that is as the backup has it is unchanged; one that somebody changed never is."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.client import ApiCluster
from ansible_collections.velero.core.plugins.module_utils.item.metadata import (
    reset_metadata_and_status,
)
from ansible_collections.velero.core.plugins.module_utils.item.sameness import would_stay_the_same
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from tests.support.engine import WRITES, Job, api_cluster
from tests.testbed.cluster import Cluster, start_cluster

SHOP = "shop-full"
DIFFERS = "already exists. Warning: the in-cluster version is different than the backed-up version"
JSON_PATCH = "application/json-patch+json"
# What is compared by name, or would be another object.
IDENTITY = ("apiVersion", "kind", "metadata.name", "metadata.namespace")


@dataclass
class World:
    """A cluster into which the fixture was restored once; `writes` counts those of the last run."""

    cluster: Cluster
    folder: Path
    runs: int = 0
    writes: int = 0

    def restore(self, backup: str = SHOP, **spec: Any) -> RestoreReport:
        self.runs += 1
        job = Job(
            kubeconfig=self.cluster.kubeconfig(),
            artifacts=self.folder,
            backup=backup,
            name=f"r{self.runs}",
            spec=spec,
            settings={"record": "storage"},
        )
        with api_cluster(self.cluster.kubeconfig()) as api:
            report = job.run_with(api)
            self.writes = sum(api.stats.requests.get(verb, 0) for verb in WRITES)
        return report

    def patch(self, path: str, patch: list[Manifest]) -> None:
        answer = self.cluster.request("PATCH", path, patch, content_type=JSON_PATCH)
        assert answer.ok, answer


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with start_cluster(profile="golden") as cluster:
        world = World(cluster, tmp_path_factory.mktemp("storage"))
        assert world.restore().restore["status"]["phase"] == "Completed"
        yield world


def fates(report: RestoreReport) -> Counter[str]:
    return Counter(f"{one.action} {one.reason}" for one in report.outcomes)


def ids(report: RestoreReport, action: str) -> list[str]:
    return [one.to_dict()["id"] for one in report.outcomes if one.action == action]


@pytest.mark.rule("C1")
@pytest.mark.parametrize("policy", ["", "none"])
def test_a_second_run_changes_nothing_and_warns_of_nothing(world: World, policy: str) -> None:
    report = world.restore(**({"existingResourcePolicy": policy} if policy else {}))
    assert world.writes == 0
    assert report.results.warnings.count == report.results.errors.count == 0
    assert fates(report) == {
        "unchanged equal": 80,
        "skipped already_completed": 3,
        "skipped namespace_exists": 2,
        "skipped mirror_pod": 1,
    }
    assert not report.changed


@pytest.mark.parametrize("backup", ["bulk2k", "fragile"])
def test_other_backups_twice(world: World, backup: str) -> None:
    world.restore(backup)
    second = world.restore(backup)
    assert world.writes == 0
    assert second.results.warnings.count == 0
    assert set(fates(second)) == {"unchanged equal", "skipped namespace_exists"}


def test_update_gives_unchanged_objects_new_labels_only(world: World) -> None:
    before = world.cluster.request("GET", "/api/v1/namespaces/shop/services").body["items"]
    report = world.restore(
        existingResourcePolicy="update", includedNamespaces=["shop"], includedResources=["services"]
    )
    assert report.results.warnings.count == 0
    assert set(fates(report)) == {"updated labels_updated"}
    assert {one.velero_action for one in report.outcomes} == {"skipped"}
    after = world.cluster.request("GET", "/api/v1/namespaces/shop/services").body["items"]
    for one, other in zip(before, after, strict=True):
        assert one["spec"] == other["spec"]
        labels = {**one["metadata"]["labels"], "velero.io/restore-name": f"r{world.runs}"}
        assert other["metadata"]["labels"] == labels
    again = world.restore(
        existingResourcePolicy="update", includedNamespaces=["shop"], includedResources=["services"]
    )
    assert set(fates(again)) == {"updated labels_updated"}, "it has another name"


POD_TEMPLATE = "/spec/template/spec/containers"


def add(path: str, value: Any) -> list[Manifest]:
    return [{"op": "add", "path": path, "value": value}]


@dataclass(frozen=True)
class Drift:
    """Something that a user changes in an object of the given collection."""

    what: str
    collection: str
    patch: list[Manifest]


_CORE = "/api/v1/namespaces/shop"
_APPS = "/apis/apps/v1/namespaces/shop"
DRIFTS = [
    Drift("label", f"{_CORE}/configmaps", add("/metadata/labels/mine", "1")),
    Drift("empty label", f"{_CORE}/configmaps", add("/metadata/labels/mine", "")),
    Drift("annotation", f"{_CORE}/secrets", add("/metadata/annotations", {"mine": "1"})),
    Drift("data key", f"{_CORE}/configmaps", add("/data/mine", "1")),
    Drift("empty data key", f"{_CORE}/configmaps", add("/data/mine", "")),
    Drift("secret key", f"{_CORE}/secrets", add("/data/mine", "")),
    Drift("replicas", f"{_APPS}/deployments", add("/spec/replicas", 7)),
    Drift("paused", f"{_APPS}/deployments", add("/spec/paused", True)),
    Drift(
        "environment", f"{_APPS}/deployments", add(f"{POD_TEMPLATE}/0/env", [{"name": "NEW_ONE"}])
    ),
    Drift(
        "container",
        f"{_APPS}/statefulsets",
        add(f"{POD_TEMPLATE}/-", {"name": "added", "image": "registry.example.test/added:1"}),
    ),
    Drift("image", f"{_CORE}/pods", add("/spec/containers/0/image", "registry.example.test/x:2")),
    Drift("port", f"{_CORE}/services", add("/spec/ports/0/port", 9999)),
    Drift("selector", f"{_CORE}/services", add("/spec/selector/mine", "1")),
    Drift("parallelism", "/apis/batch/v1/namespaces/shop/jobs", add("/spec/parallelism", 9)),
]


@pytest.mark.parametrize("drift", DRIFTS, ids=lambda drift: drift.what)
def test_what_a_user_changed_is_told_in_velero_s_words(world: World, drift: Drift) -> None:
    items = world.cluster.request("GET", drift.collection).body["items"]
    found = _drifting(items, drift)
    if found is None:
        pytest.skip("the backup has no such object")
    name, plural = found["metadata"]["name"], drift.collection.rpartition("/")[2]
    path = f"{drift.collection}/{name}"
    world.patch(path, drift.patch)
    wanted = {"includedNamespaces": ["shop"], "includedResources": [plural]}
    report = world.restore(**wanted)
    assert len(ids(report, "failed")) == 1
    ((text,),) = report.results.warnings.namespaces.values()
    assert text.startswith("could not restore, ")
    assert text.endswith(f":{name} {DIFFERS}")

    updated = world.restore(**wanted, existingResourcePolicy="update")
    assert updated.results.warnings.count == updated.results.errors.count == 0
    assert fates(updated)["updated updated"] == 1
    assert set(fates(world.restore(**wanted))) <= {
        "unchanged equal",
        "skipped already_completed",
        "skipped mirror_pod",
    }


def _drifting(items: list[Manifest], drift: Drift) -> Manifest | None:
    parents = drift.patch[0]["path"].split("/")[1:-1]
    for item in items:
        if item["metadata"]["labels"].get("velero.io/backup-name") is None:
            continue
        if (item.get("status") or {}).get("completionTime"):
            continue
        at: Any = item
        for step in parents:
            at = at[int(step)] if isinstance(at, list) else (at or {}).get(step)
        if at is not None:
            return item
    return None


def test_every_changed_leaf_is_a_difference(world: World) -> None:
    """Whatever is compared, one value that differs makes the object a different one."""
    judged, equal = 0, []
    with api_cluster(world.cluster.kubeconfig()) as api:
        for resource, live in _restored(api):
            version = live["metadata"]["resourceVersion"]
            found = reset_metadata_and_status(copy.deepcopy(live))
            assert would_stay_the_same(api, resource, found, copy.deepcopy(found), version)
            for path in _leaves(found):
                changed = copy.deepcopy(found)
                if not _change(changed, path):
                    continue
                judged += 1
                if would_stay_the_same(api, resource, found, changed, version):
                    equal.append(f"{resource.plural} {live['metadata']['name']} {path}")
    assert equal == []
    assert judged > 1000


def _restored(api: ApiCluster) -> Iterator[tuple[ApiResource, Manifest]]:
    for resource in api.discover().resources:
        if {"list", "create", "update"} <= set(resource.verbs) and "/" not in resource.plural:
            for item in api.list(resource, "", "velero.io/backup-name=shop-full"):
                yield resource, item


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if ".".join(map(str, path)) in IDENTITY or path == ("metadata", "managedFields"):
        return
    # An old name of serviceAccountName, which the server overwrites with that.
    if path and path[-1] == "serviceAccount":
        return
    if isinstance(value, dict) and value:
        for key, member in value.items():
            yield from _leaves(member, (*path, key))
    elif isinstance(value, list) and value:
        for at, member in enumerate(value):
            yield from _leaves(member, (*path, at))
    elif path:
        yield path


def _change(obj: Any, path: tuple[Any, ...]) -> bool:
    """Changes one value to another of its type; returns whether it has another."""
    for step in path[:-1]:
        obj = obj[step]
    value = obj[path[-1]]
    if isinstance(value, bool):
        obj[path[-1]] = not value
    elif isinstance(value, int | float):
        obj[path[-1]] = value + 1
    elif isinstance(value, str):
        obj[path[-1]] = f"{value}a" if value else "a"
    else:
        return False
    return True
