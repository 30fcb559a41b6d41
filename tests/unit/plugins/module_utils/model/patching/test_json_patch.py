# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.model.patching.json_patch import (
    apply_json_patch,
)
from ansible_collections.velero.core.plugins.module_utils.model.patching.values import (
    PatchError,
    TestFailedError,
)
from tests.support.builders import examples

DOCUMENT: dict[str, Any] = {"a": {"b": 1, "c/d": 2, "e~f": 3}, "list": [1, 2, 3], "n": None}


@pytest.mark.parametrize(
    ("operation", "path", "wanted"),
    [
        ({"op": "add", "path": "/a/x", "value": {"y": []}}, ("a", "x"), {"y": []}),
        ({"op": "add", "path": "/a/b", "value": 9}, ("a", "b"), 9),
        ({"op": "add", "path": "/list/1", "value": 9}, ("list",), [1, 9, 2, 3]),
        ({"op": "add", "path": "/list/3", "value": 9}, ("list",), [1, 2, 3, 9]),
        ({"op": "add", "path": "/list/-", "value": 9}, ("list",), [1, 2, 3, 9]),
        ({"op": "add", "path": "/list/-1", "value": 9}, ("list",), [1, 2, 3, 9]),
        ({"op": "add", "path": "/list/01", "value": 9}, ("list",), [1, 9, 2, 3]),
        ({"op": "add", "path": "/list/-4", "value": 9}, ("list",), [9, 1, 2, 3]),
        ({"op": "replace", "path": "/a/c~1d", "value": 9}, ("a", "c/d"), 9),
        ({"op": "replace", "path": "/a/e~0f", "value": 9}, ("a", "e~f"), 9),
        ({"op": "replace", "path": "/list/-1", "value": 9}, ("list",), [1, 2, 9]),
        ({"op": "replace", "path": "/n", "value": 9}, ("n",), 9),
        ({"op": "remove", "path": "/list/0"}, ("list",), [2, 3]),
        ({"op": "remove", "path": "/list/-1"}, ("list",), [1, 2]),
        ({"op": "move", "from": "/a/b", "path": "/b"}, ("b",), 1),
        ({"op": "move", "from": "/list/0", "path": "/list/2"}, ("list",), [2, 3, 1]),
        ({"op": "copy", "from": "/list", "path": "/a/b"}, ("a", "b"), [1, 2, 3]),
        ({"op": "test", "path": "/list", "value": [1, 2, 3]}, ("n",), None),
        ({"op": "test", "path": "/missing", "value": None}, ("n",), None),
        ({"op": "test", "path": "/a/b", "value": 1.0}, ("n",), None),
    ],
)
def test_operations(operation: dict[str, Any], path: tuple[str, ...], wanted: Any) -> None:
    before = copy.deepcopy(DOCUMENT)
    found = apply_json_patch(DOCUMENT, [operation])
    for step in path:
        found = found[step]
    assert found == wanted
    assert before == DOCUMENT


def test_the_whole_document() -> None:
    assert apply_json_patch({"a": 1}, [{"op": "replace", "path": "", "value": 2}]) == 2
    assert apply_json_patch({"a": 1}, [{"op": "copy", "from": "", "path": "/b"}]) == {
        "a": 1,
        "b": {"a": 1},
    }


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        ({"op": "Replace", "path": "/a"}, "unsupported operation Replace"),
        ({"op": "add", "path": "/a/x"}, "has no value"),
        ({"op": "add", "path": "a", "value": 1}, "no valid path"),
        ({"op": "add", "path": "/x/y", "value": 1}, 'doc is missing path: "/x/y": missing value'),
        ({"op": "add", "path": "/a/b/x", "value": 1}, "doc is missing path"),
        ({"op": "add", "path": "/list/5", "value": 1}, "invalid index: 5"),
        ({"op": "add", "path": "/list/-5", "value": 1}, "invalid index: -5"),
        ({"op": "add", "path": "/list/x", "value": 1}, "no proper array index: 'x'"),
        (
            {"op": "replace", "path": "/x", "value": 1},
            "replace operation does not apply: doc is missing key: /x: missing value",
        ),
        (
            {"op": "replace", "path": "/list/3", "value": 1},
            "replace operation does not apply: doc is missing key: /list/3: missing value",
        ),
        (
            {"op": "replace", "path": "/x/y", "value": 1},
            "replace operation does not apply: doc is missing path: /x/y: missing value",
        ),
        (
            {"op": "remove", "path": "/x"},
            "error in remove for path: '/x': unable to remove nonexistent key: x: missing value",
        ),
        (
            {"op": "remove", "path": "/x/y"},
            'remove operation does not apply: doc is missing path: "/x/y": missing value',
        ),
        ({"op": "move", "from": "", "path": "/y"}, "unable to move entire document"),
        (
            {"op": "move", "from": "/n/x", "path": "/y"},
            "move operation does not apply: doc is missing from path: /n/x: missing value",
        ),
        (
            {"op": "copy", "from": "/x", "path": "/y"},
            "error in copy for from: '/x': unable to get nonexistent key: x: missing value",
        ),
        (
            {"op": "copy", "from": "/a", "path": "/list/7"},
            "error while adding value during copy: Unable to access invalid index: 7: invalid",
        ),
        (
            {"op": "test", "path": "/list/x", "value": 1},
            """error in test for path: '/list/x': strconv.Atoi: parsing "x": invalid syntax""",
        ),
        ({"op": "remove", "path": "/list/3"}, "invalid index: 3"),
        ({"op": "move", "from": "/x", "path": "/y"}, "missing value"),
        ({"op": "move", "from": "/a", "path": "/a/b"}, "missing destination path: /a/b: missing"),
        ({"op": "copy", "path": "/y"}, "no valid from"),
        (
            {"op": "test", "path": "/x/y", "value": 1},
            "operation does not apply: is missing path: /x/y: missing value",
        ),
        ({"op": "test", "path": "/list/3", "value": 1}, "invalid index: 3"),
    ],
)
def test_faults(operation: dict[str, Any], why: str) -> None:
    with pytest.raises(PatchError) as caught:
        apply_json_patch(DOCUMENT, [operation])
    assert why.replace("no proper", "not a proper") in str(caught.value)
    assert not isinstance(caught.value, TestFailedError)


@pytest.mark.parametrize(
    ("path", "value"), [("/a/b", True), ("/a/b", "1"), ("/a/b", None), ("/list", [1, 2]), ("/n", 0)]
)
def test_a_failed_test_changes_nothing(path: str, value: Any) -> None:
    patch = [
        {"op": "add", "path": "/a/x", "value": 1},
        {"op": "test", "path": path, "value": value},
    ]
    with pytest.raises(TestFailedError):
        apply_json_patch(DOCUMENT, patch)
    assert "x" not in DOCUMENT["a"]


def test_a_patch_stays_apart_from_the_document() -> None:
    value: dict[str, Any] = {"x": []}
    made = apply_json_patch({}, [{"op": "add", "path": "/a", "value": value}])
    made["a"]["x"].append(1)
    assert value == {"x": []}


LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab/~", max_size=2)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("ab/~", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)


@examples()
@given(before=st.dictionaries(st.sampled_from("abc"), JSON, max_size=3), after=JSON)
def test_patches_of_the_library_lead_where_they_should(before: Any, after: Any) -> None:
    patch = list(jsonpatch.make_patch(before, {"a": after}))
    assert apply_json_patch(before, patch) == {"a": after}
