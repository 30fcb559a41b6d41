# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole restores that ask a real plugin process (tests/testbed/plugins)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.plugin_binaries import (
    PluginBinaries,
    plugin_actions,
    plugin_command,
)
from ansible_collections.velero.core.plugins.module_utils.restore import item_actions
from tests.support.backups import BackupBuilder
from tests.support.engine import Job, actions
from tests.support.plugged import NAMESPACE, config_map
from tests.testbed.build import plugin_binaries

if TYPE_CHECKING:
    from tests.testbed.cluster import Cluster

pytest.importorskip("grpc")


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """Restores of this test use the test plugin besides the built-in actions; gives its log."""
    binary = str(plugin_binaries() / "testplugin")
    log: list[tuple[str, str]] = []
    with PluginBinaries([plugin_command(binary)], lambda *line: log.append(line)) as running:
        builtin = item_actions.builtin_actions
        monkeypatch.setattr(
            item_actions,
            "builtin_actions",
            lambda environment: plugin_actions(running, builtin(environment)),
        )
        yield log


def job_of(cluster: Cluster, folder: Path, items: Iterable[dict[str, Any]], **options: Any) -> Job:
    """A restore of a backup that holds the config maps."""
    builder = BackupBuilder(NAMESPACE)
    for item in items:
        builder.add("configmaps", item)
    builder.write(folder / "storage")
    return Job(
        kubeconfig=cluster.kubeconfig(),
        artifacts=folder / "artifacts",
        backups=folder / "storage",
        backup=NAMESPACE,
        **options,
    )


def test_restore(cluster: Cluster, tmp_path: Path, plugged: list[tuple[str, str]]) -> None:
    items = (
        config_map("edited", "labels", "v1-labels"),
        config_map("echoed", "plain", "v1-echo"),
        config_map("refused", "fails"),
        config_map("skipped", "skips"),
        config_map("panicked", "panics"),
        config_map("needs", "waits", needs="needed,missing"),
        config_map("needs-never", "waits", needs="never", ready_timeout="1500ms"),
        config_map("needs-broken", "waits", needs="broken"),
        config_map("needed"),
        config_map("never"),
        config_map("broken"),
        config_map("operated", "operates"),
        *(config_map(f"many-{number}", "labels") for number in range(50)),
    )
    job = job_of(cluster, tmp_path, items, settings={"record": "storage"})
    report = job.run()

    def live(name: str) -> dict[str, Any] | None:
        answer = cluster.request("GET", f"/api/v1/namespaces/plugged/configmaps/{name}")
        return answer.body if answer.ok else None

    assert (live("edited") or {})["metadata"]["labels"]["edited-by"] == "example.test_labels"
    for name in ("echoed", "needs", "needs-never", "needs-broken", "needed", "operated"):
        assert live(name), name
    for number in range(50):
        labels = (live(f"many-{number}") or {})["metadata"]["labels"]
        assert labels["edited-by"] == "example.test_labels"
    for name in ("refused", "skipped", "panicked"):
        assert live(name) is None, name

    results = job.artifact("results")
    errors = sorted(results["errors"]["namespaces"]["plugged"])
    prefix = "error preparing configmaps/plugged/"
    ready = "error verifying additional items are ready to use: "
    assert errors == [
        f"{prefix}panicked: rpc error: code = Aborted desc = plugin panicked: no such luck",
        f"{prefix}refused: rpc error: code = Unknown desc = this item cannot be restored",
        f"{ready}context deadline exceeded",
        f"{ready}rpc error: code = Unknown desc = what this item needs is broken",
    ]
    assert actions(report)["v1/ConfigMap/plugged/skipped"] == "skipped"
    operations = job.artifact("itemoperations")
    assert [one["spec"]["operationID"] for one in operations] == ["operation-operated"]
    assert (report.restore or {})["status"]["phase"] == "PartiallyFailed"

    # What is to be waited for is there before the item is created.
    log = job.artifact("logs")
    steps = [
        "Waiting for additional items of configmaps/plugged/needs to be ready",
        "Additional items of configmaps/plugged/needs are ready",
    ]
    assert log.index(steps[0]) < log.index(steps[1])


def test_a_crash_costs_the_item_that_met_it(
    cluster: Cluster, tmp_path: Path, plugged: list[tuple[str, str]]
) -> None:
    items = [
        config_map("a-crash", "crash", mark=str(tmp_path / "mark")),
        *(config_map(f"many-{number}", "labels") for number in range(30)),
    ]
    job = job_of(cluster, tmp_path, items, settings={"record": "storage", "concurrency": 1})
    job.run()
    (error,) = job.artifact("results")["errors"]["namespaces"]["plugged"]
    assert error.startswith(
        "error preparing configmaps/plugged/a-crash: rpc error: code = Unavailable desc = "
    )
    assert error.endswith("(the plugin process ended: exit status 3)")
    found = cluster.request("GET", "/api/v1/namespaces/plugged/configmaps").body["items"]
    assert len([one for one in found if one["metadata"]["name"].startswith("many-")]) == 30
    assert [text for level, text in plugged if "restarting" in text]
    job.name = "again"
    job.run()
    assert not job.artifact("results")["errors"]


def test_check_mode_leaves_plugins_alone(
    cluster: Cluster, tmp_path: Path, plugged: list[tuple[str, str]]
) -> None:
    report = job_of(cluster, tmp_path, [config_map("crashed", "crash")], check_mode=True).run()
    assert report.changed
    assert not [text for level, text in plugged if level != "debug"]


def test_operations_of_a_whole_restore(
    cluster: Cluster, tmp_path: Path, plugged: list[tuple[str, str]]
) -> None:
    """One that takes a while, one that fails and one that never ends."""
    never, fails = tmp_path / "never", tmp_path / "fails"
    fails.write_text("no luck")
    job = job_of(
        cluster,
        tmp_path,
        [
            config_map("a-slow", "operates"),
            config_map("b-fails", "operates", follow=str(fails)),
            config_map("c-never", "operates", follow=str(never)),
        ],
        spec={"itemOperationTimeout": "15s"},
        settings={"record": "storage", "concurrency": 1},
    )
    report = job.run()
    assert report.phase == "PartiallyFailed"
    ended = {
        row["spec"]["resourceIdentifier"]["Name"]: (
            row["status"]["phase"],
            row["status"].get("error", ""),
        )
        for row in job.artifact("itemoperations")
    }
    assert ended == {
        "a-slow": ("Completed", ""),
        "b-fails": ("Failed", "no luck"),
        "c-never": ("Failed", "Asynchronous action timed out"),
    }
    assert sorted(job.artifact("results")["errors"]["velero"]) == [
        "error from restore item operation: Asynchronous action timed out",
        "error from restore item operation: no luck",
    ]
    assert (tmp_path / "never.canceled").exists()
    assert not (tmp_path / "fails.canceled").exists()
    status = report.restore["status"]
    assert status["restoreItemOperationsAttempted"] == 3
    assert status["restoreItemOperationsCompleted"] == 1
    assert status["restoreItemOperationsFailed"] == 2
    (slow, _fails, _never) = job.artifact("itemoperations")
    assert slow["status"]["nCompleted"] == slow["status"]["nTotal"] == 100
    log = job.artifact("logs")
    assert log.index("restore completed") < log.index("Waiting for operation operation-a-slow")


def test_operations_that_a_later_task_follows(
    cluster: Cluster, tmp_path: Path, plugged: list[tuple[str, str]]
) -> None:
    mark = tmp_path / "mark"
    job = job_of(
        cluster,
        tmp_path,
        [config_map("followed", "operates", follow=str(mark))],
        name="later",
        settings={"record": "storage", "wait": False},
    )
    first = job.run()
    assert (first.phase, first.changed) == ("WaitingForPluginOperations", True)
    second = job.run()
    assert (second.phase, second.changed) == ("WaitingForPluginOperations", False)
    mark.touch()
    job.settings["wait"] = True
    third = job.run()
    assert (third.phase, third.changed) == ("Completed", True)
    assert third.restore["status"]["restoreItemOperationsCompleted"] == 1
