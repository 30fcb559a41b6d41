# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import VolumeError
from ansible_collections.velero.core.plugins.module_utils.volumes.in_cluster import is_absent
from tests.support.builders import Manifest, obj
from tests.support.fake_cluster import FakeCluster, api_error

PREFIX = "error waiting on in-cluster persistentvolume pv: "
DELETED = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
CLAIM = {"claimRef": {"namespace": "shop", "name": "data"}}


def volume(**fields: Any) -> Manifest:
    return obj("PersistentVolume", "pv", **{"spec": CLAIM, **fields})


def claim(**meta: str) -> Manifest:
    return obj("PersistentVolumeClaim", "data", "shop", meta=meta)


def namespace(phase: str = "Active", **meta: str) -> Manifest:
    return obj("Namespace", "shop", meta=meta, status={"phase": phase})


@pytest.mark.parametrize(
    ("objects", "absent"),
    [
        ([], True),
        ([volume(), namespace(), claim()], False),
        ([volume(spec={})], False),
        ([volume(status={"phase": "Available"}, spec={})], False),
    ],
    ids=["absent", "healthy", "unclaimed", "available"],
)
def test_4_3_what_is_known_at_once(objects: list[Manifest], absent: bool) -> None:
    cluster = FakeCluster(*objects)
    assert is_absent(cluster, cluster.clock, "pv", 60) is absent
    assert cluster.clock.slept == []


@pytest.mark.parametrize(
    "objects",
    [
        [volume(status={"phase": "Released"}), namespace(), claim()],
        [volume(meta=DELETED), namespace(), claim()],
        [volume(), namespace()],
        [volume(), namespace(), claim(**DELETED)],
        [volume(), namespace("Terminating"), claim()],
        [volume(), namespace(**DELETED), claim()],
    ],
    ids=["released", "deleted", "claim gone", "claim deleted", "terminating", "namespace deleted"],
)
@pytest.mark.parametrize("goes", [True, False])
def test_4_3_what_is_waited_for(objects: list[Manifest], goes: bool) -> None:
    cluster = FakeCluster(*objects)

    def later() -> None:
        if goes and len(cluster.clock.slept) == 3:
            cluster.objects.pop(("persistentvolumes", "", "pv"), None)

    cluster.clock.on_sleep = later
    if goes:
        assert is_absent(cluster, cluster.clock, "pv", 60)
        assert cluster.clock.slept == [1, 1, 1]
    else:
        with pytest.raises(VolumeError) as raised:
            is_absent(cluster, cluster.clock, "pv", 60)
        assert raised.value.message == PREFIX + "context deadline exceeded"
        assert sum(cluster.clock.slept) == 60


def test_4_3_a_volume_that_becomes_healthy() -> None:
    cluster = FakeCluster(volume(), namespace())
    cluster.clock.on_sleep = lambda: cluster.put(claim()) and None
    assert not is_absent(cluster, cluster.clock, "pv", 60)


@pytest.mark.parametrize(
    ("gr", "text"),
    [
        ("persistentvolumes", "could not retrieve in-cluster copy of PV pv: no"),
        ("persistentvolumeclaims", "error getting claim data for persistent volume: no"),
        ("namespaces", "error getting namespace shop associated with PV pv: no"),
    ],
)
def test_4_3_refusals_end_the_wait(gr: str, text: str) -> None:
    cluster = FakeCluster(volume(), namespace(), claim())
    cluster.fail("get", gr, error=api_error("Forbidden", "no"))
    with pytest.raises(VolumeError) as raised:
        is_absent(cluster, cluster.clock, "pv", 60)
    assert raised.value.message == PREFIX + text
    assert cluster.clock.slept == []
