# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.item.merge_patch import (
    create_merge_patch,
    same_value,
)
from tests.support.builders import examples
from tests.support.fake_cluster import merge


@pytest.mark.parametrize(
    ("current", "desired", "patch"),
    [
        ({}, {}, {}),
        ({"a": 1}, {"a": 1}, {}),
        ({}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {}, {"a": None}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "c": 2}}, {"a": {"b": 3}}),
        ({"a": {"b": 1}}, {"a": {}}, {"a": {"b": None}}),
        ({"a": [1, 2]}, {"a": [2]}, {"a": [2]}),
        ({"a": [1, 2]}, {"a": [1, 2]}, {}),
        ({"a": {"b": 1}}, {"a": [1]}, {"a": [1]}),
        ({"a": [1]}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": 1}, {"a": 1.0}, {"a": 1.0}),
        ({"a": 1}, {"a": True}, {"a": True}),
        ({"a": 0}, {"a": False}, {"a": False}),
        ({"a": [{"b": 1}]}, {"a": [{"b": True}]}, {"a": [{"b": True}]}),
        ({"a": None}, {"a": None}, {}),
        ({"a": ""}, {"a": None}, {"a": None}),
        ({}, {"a": {}}, {"a": {}}),
    ],
)
def test_create(current: dict[str, Any], desired: dict[str, Any], patch: dict[str, Any]) -> None:
    found = create_merge_patch(current, desired)
    assert same_value(found, patch), found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1, True),
        (1, 1.0, False),
        (1, True, False),
        (None, [], False),
        (None, None, True),
        ({}, [], False),
        ({"a": [1]}, {"a": [1]}, True),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ({"a": 1}, {"b": 1}, False),
    ],
)
def test_same_value(one: Any, other: Any, same: bool) -> None:
    for pair in ((one, other), (other, one)):
        assert same_value(*pair) is same


KEYS = st.sampled_from("abc")
SIMPLE = st.sampled_from([0, 1, 1.0, True, False, "", "x", "y"])
VALUES = st.recursive(
    SIMPLE,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=3)


@examples(2)
@given(OBJECTS, OBJECTS)
def test_a_patch_leads_to_what_is_desired(one: dict[str, Any], other: dict[str, Any]) -> None:
    before = copy.deepcopy((one, other))
    patch = create_merge_patch(one, other)
    once = merge(one, patch)
    assert same_value(once, other)
    assert same_value(merge(once, patch), once), "twice is once"
    assert create_merge_patch(once, other) == {}
    assert same_value([one, other], list(before)), "nothing given is changed"


@examples()
@given(OBJECTS)
def test_an_object_needs_no_patch_to_itself(one: dict[str, Any]) -> None:
    assert create_merge_patch(one, copy.deepcopy(one)) == {}
