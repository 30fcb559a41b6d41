# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.metadata import (
    MetadataError,
    add_labels,
    reset_metadata,
    reset_metadata_and_status,
    restore_labels,
)

SERVER_SET = {
    "generateName": "x-",
    "selfLink": "/x",
    "uid": "u",
    "resourceVersion": "1",
    "generation": 2,
    "creationTimestamp": "2020-01-01T00:00:00Z",
    "deletionTimestamp": "2020-01-01T00:00:00Z",
    "deletionGracePeriodSeconds": 0,
    "ownerReferences": [{"name": "o"}],
}
KEPT: dict[str, Any] = {
    "name": "x",
    "namespace": "shop",
    "labels": {"a": "b"},
    "annotations": {},
    "finalizers": ["f"],
    "managedFields": [{"manager": "m"}],
    "whatever": 1,
}


def test_4_5_what_the_old_server_set_is_dropped_and_the_rest_kept() -> None:
    found = {"kind": "X", "metadata": {**SERVER_SET, **KEPT}, "status": {"a": 1}}
    assert reset_metadata(found) is found
    assert found == {"kind": "X", "metadata": KEPT, "status": {"a": 1}}
    assert reset_metadata_and_status(found) == {"kind": "X", "metadata": KEPT}


@pytest.mark.parametrize("name", sorted(SERVER_SET))
def test_4_5_each_field_alone(name: str) -> None:
    assert reset_metadata({"metadata": {name: SERVER_SET[name]}}) == {"metadata": {}}


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ({}, "metadata not found"),
        ({"metadata": None}, "metadata not found"),
        ({"metadata": "x"}, "metadata was of type str, expected a map"),
        ({"metadata": []}, "metadata was of type list, expected a map"),
    ],
)
def test_4_5_without_metadata(item: dict[str, Any], text: str) -> None:
    with pytest.raises(MetadataError, match=text):
        reset_metadata(item)


@pytest.mark.parametrize(
    ("present", "labels"),
    [
        (None, {"r": "1"}),
        ({}, {"r": "1"}),
        ({"a": "b"}, {"a": "b", "r": "1"}),
        ({"r": "old"}, {"r": "1"}),
        ({"a": 1, "b": "c"}, {"r": "1"}),
        (["a"], {"r": "1"}),
    ],
    ids=["none", "empty", "added", "overwritten", "not-all-texts-replaces-all", "no-map"],
)
def test_4_8_add_labels(present: Any, labels: dict[str, str]) -> None:
    item = {"metadata": {"labels": present} if present is not None else {}}
    add_labels(item, {"r": "1"})
    assert item["metadata"]["labels"] == labels


def test_4_8_restore_labels_are_at_most_63_characters() -> None:
    labels = restore_labels("b" * 70, "r1")
    assert len(labels["velero.io/backup-name"]) == 63
    assert labels["velero.io/restore-name"] == "r1"
