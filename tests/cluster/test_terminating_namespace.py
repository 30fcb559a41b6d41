# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A namespace that does not go away costs one wait and one error, whatever it was to hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.engine import Job
from tests.testbed.cluster import Cluster

TIMEOUT = 2.0
ERROR = (
    "timed out waiting for terminating namespace shop to disappear before restoring: "
    "context deadline exceeded"
)


@pytest.mark.rule("C2")
def test_one_wait_one_error_and_every_item_says_why(
    cluster_factory: Callable[..., Cluster], tmp_path: Path
) -> None:
    # Nobody finishes the deletion without its controller.
    cluster = cluster_factory(profile="golden", controllers=())
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    assert cluster.request("POST", "/api/v1/namespaces", space).ok
    assert cluster.request("DELETE", "/api/v1/namespaces/shop").ok
    job = Job(
        kubeconfig=cluster.kubeconfig(),
        artifacts=tmp_path,
        backup="shop-full",
        settings={"record": "storage", "terminating_resource_timeout": TIMEOUT},
    )
    report = job.run()

    assert report.results.errors.velero == [ERROR]
    assert report.restore["status"]["errors"] == 1
    assert report.restore["status"]["phase"] == "PartiallyFailed"
    lost = [one for one in report.outcomes if one.key.namespace == "shop"]
    assert len(lost) > 50
    assert {(one.action, one.reason) for one in lost} == {("failed", "namespace_not_ready")}
    there = [one for one in report.outcomes if one.key.namespace == "billing"]
    assert {one.action for one in there} == {"created"}
    listed = job.artifact("resource-list")
    assert not [text for texts in listed.values() for text in texts if text.startswith("shop/")]
