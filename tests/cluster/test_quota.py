# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A quota that lets only some of the objects through."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.engine import Job, actions
from tests.support.simulate import Objects
from tests.testbed.cluster import Cluster

ALLOWED = 2
MAPS = "/api/v1/namespaces/shop/configmaps"


@pytest.mark.rule("D25")
@pytest.mark.parametrize("concurrency", [1, 16])
def test_as_many_as_the_quota_allows_and_an_error_for_each_other(
    cluster_factory: Callable[..., Cluster], tmp_path: Path, concurrency: int
) -> None:
    # Without the controller that puts a config map of its own into each namespace.
    cluster = cluster_factory(profile="golden")
    objects = Objects(cluster)
    objects.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    hard = {"configmaps": str(ALLOWED)}
    objects.create(
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "few", "namespace": "shop"},
            "spec": {"hard": hard},
            "status": {"hard": hard, "used": {"configmaps": "0"}},
        }
    )
    restore = Job(
        kubeconfig=cluster.kubeconfig(),
        artifacts=tmp_path,
        backup="shop-full",
        spec={"includedNamespaces": ["shop"], "includedResources": ["configmaps"]},
        settings={"record": "storage", "concurrency": concurrency},
    )
    report = restore.run()
    made = {item["metadata"]["name"] for item in cluster.request("GET", MAPS).body["items"]}
    errors = restore.artifact("results")["errors"]["namespaces"]["shop"]
    assert report.phase == "PartiallyFailed"
    assert len(made) == ALLOWED
    assert all("exceeded quota: few" in text for text in errors)
    wanted = {one.rpartition("/")[2] for one in actions(report) if one.startswith("v1/ConfigMap/")}
    assert len(errors) == len(wanted) - ALLOWED
    if concurrency == 1:
        assert made == set(sorted(wanted)[:ALLOWED])
