# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference section 4.5: what belongs to the old object is dropped."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import MemoryCatalog, config_map, obj, owner
from tests.support.contract import both_modes, restore

DROPPED = {
    "generateName": "x-",
    "selfLink": "/api",
    "uid": "u",
    "resourceVersion": "7",
    "generation": 3,
    "creationTimestamp": "2020-01-01T00:00:00Z",
    "deletionTimestamp": "2020-01-01T00:00:00Z",
    "deletionGracePeriodSeconds": 30,
    "ownerReferences": [{"name": "o"}],
}


@both_modes
@pytest.mark.parametrize("field", DROPPED)
def test_4_5_dropped_metadata(mode: str, field: str) -> None:
    seen = restore([config_map(meta={field: DROPPED[field]})], mode=mode)
    (body,) = seen.bodies("create")
    assert set(body["metadata"]) == {"name", "namespace", "labels"}
    assert seen.fates == {"v1/ConfigMap/shop/x": ("created", "created")}


@both_modes
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("annotations", {"a": "b"}),
        ("finalizers", ["f.io/x"]),
        ("unknown", {"any": "thing"}),
    ],
)
def test_4_5_kept_metadata(mode: str, field: str, value: Any) -> None:
    seen = restore([config_map(meta={field: value})], mode=mode)
    (body,) = seen.bodies("create")
    assert body["metadata"][field] == value


@both_modes
def test_4_5_kept_labels(mode: str) -> None:
    seen = restore([config_map(labels={"a": "b"})], mode=mode)
    (body,) = seen.bodies("create")
    assert body["metadata"]["labels"]["a"] == "b"


@both_modes
def test_4_5_kept_managed_fields(mode: str) -> None:
    owners = [owner("one"), owner("two")]
    seen = restore([config_map(meta={"managedFields": owners})], mode=mode)
    assert seen.cluster.see("configmaps", "shop", "x")["metadata"]["managedFields"] == owners


@both_modes
def test_4_5_status_is_dropped(mode: str) -> None:
    seen = restore([obj("Pod", "x", "shop", status={"phase": "Running"})], mode=mode, actions=[])
    (body,) = seen.bodies("create")
    assert "status" not in body


@both_modes
def test_4_5_missing_metadata(mode: str) -> None:
    catalog = MemoryCatalog(
        raw={("configmaps", "shop", "x"): b'{"apiVersion": "v1", "kind": "ConfigMap"}'}
    )
    seen = restore(catalog, mode=mode)
    assert seen.errors == {"namespaces": {"shop": ["metadata not found"]}}
    assert not seen.writes
    assert [(action, reason) for _item, action, reason in seen.outcomes] == [
        ("failed", "item_unreadable")
    ]
