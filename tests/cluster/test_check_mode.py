# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check mode on a real API server: it writes nothing, and its plan is what the run then does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.restore.planning import plan_entries
from tests.support.compare import served_resources
from tests.support.engine import WRITES, Job
from tests.testbed.cluster import Cluster, ClusterOptions, start_cluster

MERGE = "application/merge-patch+json"
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
# Written by the servers themselves at any time.
_UNSTEADY = {"leases", "events", "componentstatuses"}


def versions(cluster: Cluster) -> dict[str, str]:
    """The resource version of every object."""
    found: dict[str, str] = {}
    for resource in served_resources(cluster):
        if "list" not in resource.verbs or resource.name in _UNSTEADY:
            continue
        answer = cluster.request("GET", f"{resource.path}/{resource.name}")
        for item in answer.body.get("items", []) if answer.ok else []:
            metadata = item["metadata"]
            where = f"{resource.path}/{resource.name} {metadata.get('namespace')}"
            found[f"{where}/{metadata['name']}"] = metadata["resourceVersion"]
    return found


@pytest.fixture(scope="module")
def used_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One namespace of the backup is there: changed, incomplete, and with labels of another
    restore.
    """
    options = ClusterOptions(controllers=("namespace-controller",), narrow_namespace=None)
    with start_cluster(options) as cluster:
        report = Job(
            kubeconfig=cluster.kubeconfig(),
            artifacts=tmp_path_factory.mktemp("first"),
            backup="shop-full",
            name="first",
            spec={"includedNamespaces": ["billing"]},
            settings={"record": "storage"},
        ).run()
        assert report.outcomes
        maps = "/api/v1/namespaces/billing/configmaps"
        names = [item["metadata"]["name"] for item in cluster.request("GET", maps).body["items"]]
        changed = {"data": {"added": "by somebody"}}
        path = f"{maps}/{names[0]}"
        assert cluster.request("PATCH", path, changed, content_type=MERGE).ok
        assert cluster.request("DELETE", f"{maps}/{names[1]}").ok
        yield cluster


@pytest.mark.parametrize("policy", ["none", "update"])
def test_the_plan_is_what_the_run_does(
    used_cluster: Cluster, proxy_factory: Any, tmp_path: Path, policy: str
) -> None:
    proxy = proxy_factory(used_cluster)
    job = Job(
        kubeconfig=used_cluster.kubeconfig(server=proxy.url),
        artifacts=tmp_path / "artifacts",
        backup="shop-full",
        name=f"checked-{policy}",
        spec={
            "existingResourcePolicy": policy,
            "namespaceMapping": {"shop": "shop-copy"},
            # Whether the server lets these be changed cannot be told without asking it to.
            "excludedResources": ["pods", "jobs"] if policy == "update" else [],
        },
        settings={"record": "auto"},
        check_mode=True,
        review_access=True,
    )
    before = versions(used_cluster)
    planned = job.run()
    assert versions(used_cluster) == before
    assert list(job.artifacts.iterdir()) == []
    writes = {(one.method, one.path) for one in proxy.records if one.method in WRITES}
    # A dry run of the server stores nothing.
    assert {one for one in writes if "dryRun=All" not in one[1]} == {("POST", REVIEWS)}
    assert planned.plan and planned.changed
    fates = {(entry["action"], entry["reason"]) for entry in planned.plan}
    # With the policy update an equal object gets the labels of this restore.
    equal = ("update", "labels_updated") if policy == "update" else ("unchanged", "equal")
    assert equal in fates
    assert ("update" if policy == "update" else "create") in {action for action, _why in fates}

    job.check_mode = False
    report = job.run()
    done = plan_entries(report.outcomes, set())
    assert [(one["id"], one["action"], one["reason"]) for one in done] == [
        (one["id"], one["action"], one["reason"]) for one in planned.plan
    ]
    assert report.changed


def test_a_plan_of_what_is_there_already_changes_nothing(
    used_cluster: Cluster, proxy_factory: Any, tmp_path: Path
) -> None:
    job = Job(
        kubeconfig=used_cluster.kubeconfig(),
        artifacts=tmp_path / "artifacts",
        backup="bulk2k",
        spec={"includedNamespaces": ["bulk-00"]},
        settings={"record": "storage"},
    )
    assert job.run().changed
    proxy = proxy_factory(used_cluster)
    job.kubeconfig = used_cluster.kubeconfig(server=proxy.url)
    job.settings["rerun"] = "always"
    job.check_mode = True
    planned = job.run()
    assert planned.plan and not planned.changed
    assert {entry["action"] for entry in planned.plan} <= {"unchanged", "skip"}
    job.check_mode = False
    assert not job.run().changed
    assert [one for one in proxy.records if one.method in WRITES] == []
