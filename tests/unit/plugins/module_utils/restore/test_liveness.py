# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.restore.liveness import LivenessProbe
from tests.support.builders import SERVED, STATUS_REQUESTS, Manifest, api_of, obj
from tests.support.fake_cluster import FakeCluster, api_error

SERVER = obj("Deployment", "velero", "velero", api="apps/v1", status={"availableReplicas": 1})
DOWN = obj("Deployment", "velero", "velero", api="apps/v1", status={})
GR = "serverstatusrequests.velero.io"


def probe(*objects: Manifest, requests: bool = True) -> tuple[FakeCluster, LivenessProbe]:
    api = api_of(*SERVED, STATUS_REQUESTS) if requests else api_of()
    cluster = FakeCluster(obj("Namespace", "velero"), *objects, api=api)
    return cluster, LivenessProbe(cluster, cluster.clock, cluster.api, "velero")


def test_an_available_deployment_is_enough() -> None:
    cluster, asking = probe(SERVER)
    assert asking.is_live()
    assert asking.is_live()
    assert cluster.said("get", "create") == ["get deployments.apps/velero/velero"], "asked once"


@pytest.mark.parametrize("objects", [[], [DOWN]], ids=["no-deployment", "down"])
def test_nobody_answers(objects: list[Manifest]) -> None:
    cluster, asking = probe(*objects)
    assert not asking.is_live()
    assert [call.verb for call in cluster.writes] == ["create", "delete"], "nothing is left"
    assert sum(cluster.clock.slept) == pytest.approx(1.5, abs=0.11)


def test_a_server_outside_of_the_cluster_answers() -> None:
    cluster, asking = probe()

    def answer() -> None:
        for (gr, _namespace, _name), item in cluster.objects.items():
            if gr == GR:
                item["status"] = {"phase": "Processed"}

    cluster.clock.on_sleep = answer
    assert asking.is_live()
    assert [call.verb for call in cluster.writes] == ["create", "delete"]


def test_without_the_kind_of_request_nothing_is_written() -> None:
    cluster, asking = probe(requests=False)
    assert not asking.is_live()
    assert not cluster.writes


@pytest.mark.parametrize("verb", ["create", "get", "delete"])
def test_who_may_not_ask_takes_it_for_no_server(verb: str) -> None:
    cluster, asking = probe()
    cluster.fail(verb, GR, error=api_error("Forbidden"))
    assert not asking.is_live()
