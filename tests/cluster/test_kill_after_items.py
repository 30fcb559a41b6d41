# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A restore with operations that is killed at any write to its storage comes to the same end.

The operations are those of a real plugin process. They follow files, so that they outlive it.
With VELERO_CORE_LONG=1 every write is a point.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.backups import BackupBuilder
from tests.support.engine import Job, actions
from tests.testbed.build import plugin_binaries
from tests.testbed.cluster import Cluster, ClusterOptions, start_cluster

pytest.importorskip("grpc")

NEEDS_TIME = pytest.mark.skipif(
    not os.environ.get("VELERO_CORE_LONG"), reason="set VELERO_CORE_LONG=1"
)
DOMAIN = "example.test/"
# Name and what becomes of the operation.
ITEMS = {"good": "", "bad": "no luck", "plain": None}
_NUMBERS = iter(range(90_000, 100_000))


@dataclass
class World:
    """One cluster and restores into namespaces of their own."""

    cluster: Cluster
    folder: Path
    binary: str

    def job(self, number: int, die_at: str = "") -> Job:
        storage = self.folder / f"storage-{number}"
        if not storage.exists():
            self._backup(number).write(storage)
        return Job(
            kubeconfig=self.cluster.kubeconfig(),
            artifacts=self.folder / f"artifacts-{number}",
            backups=storage,
            backup="operated",
            name="r",
            spec={"namespaceMapping": {"operated": f"operated-{number}"}},
            settings={
                "record": "storage",
                "concurrency": 1,
                "plugin_binaries": [self.binary],
                "item_operation_sync_frequency": 0.1,
            },
            die_at=die_at,
        )

    def _backup(self, number: int) -> BackupBuilder:
        builder = BackupBuilder("operated")
        for name, end in ITEMS.items():
            marks = {DOMAIN + "follow": str(self._file(number, name))}
            metadata = {
                "name": name,
                "namespace": "operated",
                "labels": {} if end is None else {DOMAIN + "operates": ""},
                "annotations": {} if end is None else marks,
            }
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
            builder.add("configmaps", {**body, "data": {"k": "v"}})
        return builder

    def _file(self, number: int, name: str) -> Path:
        return self.folder / f"operation-{number}-{name}"

    def end_operations(self, number: int) -> None:
        for name, end in ITEMS.items():
            if end is not None:
                self._file(number, name).write_text(end)

    def outcome(self, number: int) -> dict[str, Any]:
        """What is left of a restore, without times and the number."""
        job = self.job(number)
        record = job.record()
        assert record
        status = dict(record["status"])
        for moment in ("startTimestamp", "completionTimestamp"):
            status.pop(moment)
        rows = job.artifact("itemoperations")
        for row in rows:
            row["spec"].pop("restoreUID")
            row["status"].pop("created")
        listed = self.cluster.request(
            "GET", f"/api/v1/namespaces/operated-{number}/configmaps"
        ).body["items"]
        out = {
            "status": status,
            "operations": rows,
            "results": job.artifact("results"),
            "list": job.artifact("resource-list"),
            "objects": {
                one["metadata"]["name"]: one["data"]
                for one in listed
                if one["metadata"]["name"] in ITEMS
            },
        }
        found: dict[str, Any] = json.loads(json.dumps(out).replace(f"-{number}", "-N"))
        return found


@pytest.fixture(scope="module")
def operated_cluster() -> Iterator[Cluster]:
    with start_cluster(ClusterOptions()) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def world(operated_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> World:
    binary = str(plugin_binaries() / "testplugin")
    return World(operated_cluster, tmp_path_factory.mktemp("operated"), binary)


@pytest.fixture(scope="module")
def undisturbed(world: World) -> dict[str, Any]:
    number = next(_NUMBERS)
    timer = threading.Timer(0.5, world.end_operations, [number])
    timer.start()
    report = world.job(number).run()
    timer.join()
    assert report.phase == "PartiallyFailed"
    outcome = world.outcome(number)
    assert [row["status"]["phase"] for row in outcome["operations"]] == ["Failed", "Completed"]
    assert outcome["status"]["restoreItemOperationsAttempted"] == 2
    assert outcome["results"]["errors"] == {
        "velero": ["error from restore item operation: no luck"]
    }
    return outcome


CHOSEN = [f"{when} {number}" for number in range(13) for when in ("before", "after")]
# More than there are writes: those that are too many end undisturbed.
EVERY = [f"{when} {number}" for number in range(13, 30) for when in ("before", "after")]


@pytest.mark.parametrize(
    "point",
    [*CHOSEN, *(pytest.param(one, marks=[pytest.mark.long, NEEDS_TIME]) for one in EVERY)],
)
def test_a_killed_restore_is_completed(
    world: World, undisturbed: dict[str, Any], point: str
) -> None:
    number = next(_NUMBERS)
    timer = threading.Timer(0.5, world.end_operations, [number])
    with world.job(number, die_at=point).start() as process:
        timer.start()
        process.communicate(timeout=60)
    timer.join()
    if process.returncode != 0:
        assert process.returncode == -signal.SIGKILL
    report = world.job(number).run()
    assert world.outcome(number) == undisturbed
    assert report.phase == "PartiallyFailed"
    assert set(actions(report).values()) <= {"created", "skipped"}
    assert world.job(number).run().changed is False
