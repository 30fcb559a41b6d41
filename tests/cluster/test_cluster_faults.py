# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real API server behind a network that misbehaves."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.client import ApiCluster
from ansible_collections.velero.core.plugins.module_utils.cluster.config import connect
from ansible_collections.velero.core.plugins.module_utils.cluster.errors import UnknownOutcomeError
from ansible_collections.velero.core.plugins.module_utils.cluster.options import ConnectionOptions
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    AlreadyExistsError,
    ApiError,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource
from tests.support import proxy as faults

NAMESPACES = ApiResource("", "v1", "namespaces", "Namespace", False)
MAPS = ApiResource("", "v1", "configmaps", "ConfigMap", True)


@pytest.fixture
def proxy(shared_cluster, proxy_factory):
    return proxy_factory(shared_cluster)


@pytest.fixture
def used(shared_cluster, proxy):
    path = shared_cluster.kubeconfig(server=proxy.url)
    client = ApiCluster(connect(ConnectionOptions(kubeconfig=str(path)), {}))
    yield client
    client.close()


@pytest.fixture
def space(used):
    name = f"faults-{uuid.uuid4().hex[:8]}"
    used.create(NAMESPACES, "", {"metadata": {"name": name}})
    yield name
    used.delete(NAMESPACES, "", name)


def body(name):
    labels = {"velero.io/restore-name": "r"}
    return {"metadata": {"name": name, "labels": labels}, "data": {"k": "v"}}


@pytest.mark.parametrize(
    "fault",
    [
        faults.too_many_requests(retry_after=1),
        faults.unavailable(),
        faults.reset_before(),
        faults.reset_after(),
        faults.truncate(10),
    ],
    ids=lambda fault: fault.name,
)
def test_create_survives(used, space, proxy, fault):
    proxy.add(fault, method="POST", path=r"/configmaps", times=1)
    made = used.create(MAPS, space, body("a"))
    assert made["metadata"]["uid"]
    assert len(list(used.list(MAPS, space, "velero.io/restore-name=r"))) == 1
    assert used.stats.retries == 1


def test_lost_create_of_what_was_there(shared_cluster, used, space, proxy):
    direct = ApiCluster(connect(ConnectionOptions(kubeconfig=str(shared_cluster.kubeconfig())), {}))
    direct.create(MAPS, space, {"metadata": {"name": "a"}, "data": {"k": "other"}})
    proxy.add(faults.reset_after(), method="POST", path=r"/configmaps", times=1)
    with pytest.raises(AlreadyExistsError):
        used.create(MAPS, space, body("a"))


def test_lost_create_of_a_generated_name(used, space, proxy):
    proxy.add(faults.reset_after(), method="POST", path=r"/configmaps", times=1)
    generated = {"metadata": {"generateName": "a-", "labels": {"x": "y"}}}
    with pytest.raises(UnknownOutcomeError):
        used.create(MAPS, space, generated)
    assert len(list(used.list(MAPS, space, "x=y"))) == 1


def test_lost_create_only_apply(used, space, proxy):
    proxy.add(faults.reset_after(), method="PATCH", times=1)
    named = {"apiVersion": "v1", "kind": "ConfigMap", **body("a")}
    made, new = used.apply(MAPS, space, "a", named, field_manager="m", create_only=True)
    assert new
    assert made["metadata"]["uid"]


def test_internal_errors_are_final(used, space, proxy):
    proxy.add(faults.internal_error(), method="POST", path=r"/configmaps", times=1)
    with pytest.raises(ApiError, match="injected by the test"):
        used.create(MAPS, space, body("a"))
    assert used.stats.retries == 0


def test_many_workers_and_a_shaky_network(used, space, proxy):
    for skip in range(5, 200, 20):
        proxy.add(faults.reset_after(), method="POST", path=r"/configmaps", skip=skip, times=1)
        proxy.add(
            faults.too_many_requests(1), method="POST", path=r"/configmaps", skip=skip + 7, times=1
        )
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: used.create(MAPS, space, body(f"m{n}")), range(200)))
    assert len({one["metadata"]["uid"] for one in made}) == 200
    assert len(list(used.list(MAPS, space, "velero.io/restore-name=r"))) == 200
