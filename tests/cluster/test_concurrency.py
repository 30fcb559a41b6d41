# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests at once, and that their number changes nothing about the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.compare import State, dump, masked, masked_text
from tests.support.engine import Job, actions
from tests.support.proxy import delay
from tests.support.states import restored_state, state_differences

# Without those that change what was restored, at their own pace.
CONTROLLERS = ("namespace-controller",)
ARTIFACTS = ("results", "resource-list", "itemoperations", "volumeinfo")


@dataclass
class Outcome:
    state: State
    artifacts: dict[str, Any]
    actions: dict[str, str]
    status: dict[str, Any]
    max_in_flight: int
    log: list[str]


def restore(
    cluster_factory: Any, proxy_factory: Any, backup: str, folder: Path, concurrency: int
) -> Outcome:
    with cluster_factory(controllers=CONTROLLERS, narrow_namespace=None) as cluster:
        base = dump(cluster).objects
        proxy = proxy_factory(cluster)
        # So long that a thread that could send a second request would be seen to do it.
        proxy.add(delay(0.003), method="POST")
        job = Job(
            kubeconfig=cluster.kubeconfig(server=proxy.url),
            artifacts=folder / str(concurrency),
            backup=backup,
            settings={"concurrency": concurrency, "record": "storage"},
        )
        report = job.run()
        status = dict(report.restore["status"])
        del status["startTimestamp"], status["completionTimestamp"]
        return Outcome(
            state=restored_state(cluster, base),
            artifacts=masked({kind: job.artifact(kind) for kind in ARTIFACTS}),
            actions=actions(report),
            status=status,
            max_in_flight=proxy.max_in_flight,
            log=[
                masked_text(line.partition(" level=")[2])
                for line in job.artifact("logs").splitlines()
            ],
        )


@pytest.mark.parametrize("backup", ["bulk2k", "shop-full"])
def test_concurrency_changes_the_speed_only(
    cluster_factory: Any, proxy_factory: Any, tmp_path: Path, backup: str
) -> None:
    one = restore(cluster_factory, proxy_factory, backup, tmp_path, 1)
    many = restore(cluster_factory, proxy_factory, backup, tmp_path, 16)

    assert one.max_in_flight == 1
    if backup == "bulk2k":
        assert many.max_in_flight >= 12
    assert state_differences(one.state, many.state) == []
    assert many.artifacts == one.artifacts
    assert list(many.actions.items()) == list(one.actions.items())
    assert many.status == one.status
    # The log is in the order of the collection, whoever was faster.
    assert many.log == one.log
