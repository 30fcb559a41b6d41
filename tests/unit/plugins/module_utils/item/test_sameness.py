# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the server is asked whether an object would stay as it is, and what its answer means."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.sameness import would_stay_the_same
from tests.support.builders import DEPLOYMENTS, Manifest, config_map, obj
from tests.support.fake_cluster import FakeCluster, api_error


def deployment(**spec: object) -> Manifest:
    return obj("Deployment", "x", "shop", api="apps/v1", spec=spec)


def judge(
    found: Manifest,
    desired: Manifest,
    stored_form: Callable[[Manifest], Manifest] = lambda item: item,
    refusal: str = "",
) -> tuple[bool, int]:
    """The verdict, and how often the server was asked."""
    cluster = FakeCluster(found)
    cluster.stored_form = stored_form
    if refusal:
        cluster.fail("preview", error=api_error(refusal))
    resource = cluster.resource_of(found)
    same = would_stay_the_same(cluster, resource, copy.deepcopy(found), desired, "7")
    assert not cluster.writes
    for call in cluster.calls:
        assert call.body["metadata"]["resourceVersion"] == "7"
    return same, len(cluster.calls)


def with_default(item: Manifest) -> Manifest:
    return {**item, "spec": {"progressDeadlineSeconds": 600, **item["spec"]}}


def test_equal_objects_ask_nobody() -> None:
    assert judge(deployment(replicas=1), deployment(replicas=1)) == (True, 0)


def test_what_the_server_fills_in_is_no_difference() -> None:
    found = deployment(replicas=1, progressDeadlineSeconds=600)
    assert judge(found, deployment(replicas=1), with_default) == (True, 1)


def test_another_value_than_the_default_is_one() -> None:
    found = deployment(replicas=1, progressDeadlineSeconds=30)
    assert judge(found, deployment(replicas=1), with_default) == (False, 1)


@pytest.mark.parametrize("refusal", ["Invalid", "Forbidden", "NotFound", "Conflict"])
def test_what_the_server_refuses_is_a_difference(refusal: str) -> None:
    assert judge(deployment(replicas=1), deployment(replicas=2), refusal=refusal) == (False, 1)


@pytest.mark.parametrize(
    "found",
    [
        config_map(data={"a": "2"}),
        config_map(data={"a": "1", "b": ""}),
        config_map(binaryData={"a": "Yg=="}),
        config_map(labels={"mine": ""}),
        config_map(annotations={"mine": "1"}),
        config_map(meta={"finalizers": ["example.test/mine"]}),
    ],
    ids=["data", "key", "binary", "label", "annotation", "finalizer"],
)
def test_what_no_server_rewrites_is_not_asked_about(found: Manifest) -> None:
    assert judge(found, config_map()) == (False, 0)
    assert judge(config_map(), found) == (False, 0)


def test_the_status_does_not_count() -> None:
    found = deployment(replicas=1)
    cluster = FakeCluster({**found, "status": {"replicas": 5}})
    cluster.stored_form = with_default
    live = {**found, "spec": {"replicas": 1, "progressDeadlineSeconds": 600}}
    assert would_stay_the_same(cluster, DEPLOYMENTS, live, found, "1")
