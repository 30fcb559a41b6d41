# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.item.merge_patch import (
    create_merge_patch,
)
from ansible_collections.velero.core.plugins.module_utils.model.patching.merge_patch import (
    apply_merge_patch,
)
from ansible_collections.velero.core.plugins.module_utils.model.patching.values import same_json
from tests.support.builders import examples


@pytest.mark.parametrize(
    ("document", "patch", "wanted"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({"a": "foo"}, "bar", "bar"),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_table_of_the_rfc(document: Any, patch: Any, wanted: Any) -> None:
    assert apply_merge_patch(document, patch) == wanted


LEAVES = st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2)
MAPS = st.recursive(
    st.dictionaries(st.sampled_from("abc"), LEAVES, max_size=3),
    lambda inner: st.dictionaries(
        st.sampled_from("abc"), inner | LEAVES | st.lists(LEAVES, max_size=2), max_size=3
    ),
    max_leaves=10,
)


@examples()
@given(before=MAPS, after=MAPS)
def test_it_takes_back_what_the_engine_makes(before: Any, after: Any) -> None:
    assert same_json(apply_merge_patch(before, create_merge_patch(before, after)), after)
