# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.status import (
    restore_status,
    status_wanted,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    ConflictError,
)
from ansible_collections.velero.core.plugins.module_utils.plan.filters import IncludesExcludes
from tests.support.builders import PODS, obj
from tests.support.fake_cluster import FakeCluster, api_error

ALL, NONE, ONLY_PODS = IncludesExcludes(), None, IncludesExcludes.of(["pods"], None)


@pytest.mark.parametrize(
    ("gr", "chosen", "annotation", "wanted", "warned"),
    [
        ("pods", NONE, None, False, False),
        ("pods", ALL, None, True, False),
        ("pods", ONLY_PODS, None, True, False),
        ("services", ONLY_PODS, None, False, False),
        ("pods", NONE, "true", True, False),
        ("pods", NONE, " TRUE\n", True, False),
        ("pods", ALL, "false", False, False),
        ("pods", ALL, "False ", False, False),
        ("pods", ALL, "yes", True, True),
        ("pods", NONE, "yes", False, True),
        ("pods", ALL, "", True, True),
        ("pods", NONE, "", False, True),
    ],
)
def test_4_10_decision(
    gr: str, chosen: IncludesExcludes | None, annotation: str | None, wanted: bool, warned: bool
) -> None:
    log: list[str] = []
    annotations = {} if annotation is None else {"velero.io/restore-status": annotation}
    item = obj("Pod", annotations=annotations)
    assert status_wanted(item, gr, chosen, lambda level, text: log.append(text)) is wanted
    assert bool(log) is warned
    if warned:
        assert log == [
            f"Invalid annotation value '{annotation}' on velero.io/restore-status, using restore "
            f"spec setting: {str(wanted).lower()}"
        ]


RUNNING = {**obj("Pod", "p", "shop"), "status": {"phase": "Running"}}


def test_4_10_metadata_is_that_of_the_item_and_not_what_admission_made_of_it() -> None:
    admitted = obj("Pod", "p", "shop", annotations={"mine": "changed", "admitted": "yes"})
    cluster = FakeCluster(admitted)
    created = cluster.get(PODS, "shop", "p")
    wanted = obj("Pod", "p", "shop", annotations={"mine": "1"})
    wanted["metadata"]["managedFields"] = [{"manager": "old"}]
    restore_status(cluster, cluster.clock, PODS, created, {**wanted, "status": {"phase": "Failed"}})
    (sent,) = [call.body for call in cluster.calls if call.verb == "put_status"]
    assert sent["metadata"]["annotations"] == {"mine": "1"}
    assert sent["metadata"]["resourceVersion"] == created["metadata"]["resourceVersion"]
    assert "managedFields" not in sent["metadata"]
    assert sent["status"] == {"phase": "Failed"}


@pytest.mark.parametrize("conflicts", [0, 1, 4])
def test_4_10_conflicts_are_tried_again(conflicts: int) -> None:
    cluster = FakeCluster(obj("Pod", "p", "shop"))
    cluster.fail("put_status", error=api_error("Conflict"), times=conflicts)
    created = cluster.get(PODS, "shop", "p")
    found = restore_status(cluster, cluster.clock, PODS, created, RUNNING)
    assert found["status"] == {"phase": "Running"}
    assert cluster.clock.slept == [0.01] * conflicts
    assert len(cluster.said("put_status")) == conflicts + 1


def test_4_10_another_version_is_taken_after_a_conflict() -> None:
    cluster = FakeCluster(obj("Pod", "p", "shop"))
    created = cluster.get(PODS, "shop", "p")
    cluster.merge_patch(PODS, "shop", "p", {"metadata": {"labels": {"by": "another"}}})
    found = restore_status(cluster, cluster.clock, PODS, created, RUNNING)
    assert found["metadata"]["labels"] == {"by": "another"}


def test_4_10_five_attempts_at_most() -> None:
    cluster = FakeCluster(obj("Pod", "p", "shop"))
    cluster.fail("put_status", error=api_error("Conflict"))
    with pytest.raises(ConflictError):
        restore_status(cluster, cluster.clock, PODS, cluster.get(PODS, "shop", "p"), RUNNING)
    assert len(cluster.said("put_status")) == 5


def test_4_10_other_errors_are_not_tried_again() -> None:
    cluster = FakeCluster(obj("Pod", "p", "shop"))
    cluster.fail("put_status", error=api_error("Forbidden"))
    with pytest.raises(ApiError):
        restore_status(cluster, cluster.clock, PODS, cluster.get(PODS, "shop", "p"), RUNNING)
    assert len(cluster.said("put_status")) == 1
