# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import VolumeError
from ansible_collections.velero.core.plugins.module_utils.model.volumes import SnapshotLocation
from ansible_collections.velero.core.plugins.module_utils.volumes.locations import (
    SnapshotLocations,
)
from tests.support.builders import SERVED, Manifest, api_of, obj, resource
from tests.support.fake_cluster import FakeCluster, api_error

API = api_of(
    *SERVED, resource("volumesnapshotlocations.velero.io", "VolumeSnapshotLocation", status=False)
)
KEY = "unable to get credentials: unable to get key for secret: "


def location(**spec: Any) -> Manifest:
    return obj("VolumeSnapshotLocation", "native", "velero", api="velero.io/v1", spec=spec)


def secret(value: str = base64.b64encode(b"keys").decode()) -> Manifest:
    return obj("Secret", "aws", "velero", data={"cloud": value})


def read(*objects: Manifest, given: tuple[SnapshotLocation, ...] = ()) -> SnapshotLocation:
    return SnapshotLocations(FakeCluster(*objects, api=API), "velero", given).read("native")


def test_4_4_a_location() -> None:
    found = read(location(provider="aws", config={"region": "x"}))
    assert found == SnapshotLocation(name="native", provider="aws", config={"region": "x"})


def test_4_4_a_location_with_credentials() -> None:
    found = read(location(provider="aws", credential={"name": "aws", "key": "cloud"}), secret())
    assert found.credentials == b"keys"
    assert "keys" not in repr(found)


def test_what_is_given_wins() -> None:
    given = SnapshotLocation(name="native", provider="other")
    assert read(location(provider="aws"), given=(given,)) == given
    assert read(given=(given,)) == given


@pytest.mark.parametrize(
    ("objects", "text"),
    [
        ([], 'volumesnapshotlocations.velero.io "native" not found (the option'),
        (
            [location(credential={"name": "aws", "key": "other"}), secret()],
            f'{KEY}"aws" secret is missing data for key "other"',
        ),
        ([location(credential={"name": "aws", "key": "cloud"})], KEY),
        (
            [location(credential={"name": "aws", "key": "cloud"}), secret("%")],
            f"{KEY}cloud of aws is not base64",
        ),
    ],
)
def test_4_4_what_is_missing(objects: list[Manifest], text: str) -> None:
    with pytest.raises(VolumeError) as raised:
        read(*objects)
    assert raised.value.message.startswith(text)


def test_4_4_a_refusal_is_told_as_it_is() -> None:
    cluster = FakeCluster(api=API)
    cluster.fail("get", error=api_error("Forbidden", "no"))
    with pytest.raises(VolumeError) as raised:
        SnapshotLocations(cluster, "velero").read("native")
    assert raised.value.message == "no"
