# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Types that Go's decoding refuses, and values as Go prints them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ActionError
from ansible_collections.velero.core.plugins.module_utils.actions.go_values import (
    AccessorError,
    go_text,
    nested_list,
    nested_map,
    nested_string,
)
from ansible_collections.velero.core.plugins.module_utils.actions.names import refused_name
from ansible_collections.velero.core.plugins.module_utils.actions.typed import (
    ANY,
    BOOL,
    BYTES,
    INT32,
    QUANTITY,
    STRING,
    ListOf,
    MapOf,
    Shape,
    Struct,
    Text,
    check,
)


@pytest.mark.parametrize(
    ("value", "shape", "text"),
    [
        ("x", ListOf(STRING), "cannot restore slice from string"),
        ({}, ListOf(STRING), "cannot restore slice from map"),
        (5, BYTES, "cannot restore slice from int64"),
        ("?", BYTES, "error decoding from json: illegal base64 data"),
        ("x", MapOf(STRING), "cannot restore map from string"),
        ([], Struct({}), "cannot restore struct from: slice"),
        (True, Struct({}), "cannot restore struct from: bool"),
        ({"a": {"b": 1}}, Struct({"a": Struct({"b": STRING})}), "cannot convert int64 to string"),
        ({"a": 1}, MapOf(STRING), "cannot convert int64 to string"),
        (1, Text("v1.SecretType"), "cannot convert int64 to v1.SecretType"),
        (1.5, STRING, "unrecognized type: string"),
        (True, STRING, "unrecognized type: string"),
        ({}, STRING, "unrecognized type: string"),
        ("1", INT32, "unrecognized type: int32"),
        (True, INT32, "unrecognized type: int32"),
        (1.5, INT32, "cannot convert float64 to int32"),
        (float("inf"), INT32, "cannot convert float64 to int32"),
        ("true", BOOL, "unrecognized type: bool"),
        (1, BOOL, "unrecognized type: bool"),
        ("1 Gi", QUANTITY, "quantities must match the regular expression"),
        (True, QUANTITY, "quantities must match the regular expression"),
        ("1Gig", QUANTITY, "quantities must match the regular expression"),
        ("1GG", QUANTITY, "unable to parse quantity's suffix"),
    ],
)
def test_refused(value: Any, shape: Shape, text: str) -> None:
    with pytest.raises(ActionError) as caught:
        check(value, shape, "in: ")
    assert str(caught.value).startswith(f"in: {text}")


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (None, Struct({"a": STRING})),
        ({"a": None, "b": [1]}, Struct({"a": STRING})),
        ([None, "x"], ListOf(STRING)),
        (2.0, INT32),
        (2, INT32),
        (False, BOOL),
        ("", BYTES),
        ("YQ==", BYTES),
        ([97], BYTES),
        ({"x": [1]}, ANY),
        (0.5, QUANTITY),
        ("1Gi", QUANTITY),
        ("-1.5e3", QUANTITY),
        (".5", QUANTITY),
        (" 1 ", QUANTITY),
    ],
)
def test_accepted(value: Any, shape: Shape) -> None:
    check(value, shape)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "<nil>"),
        (True, "true"),
        (5, "5"),
        (0.5, "0.5"),
        ("x", "x"),
        (["x", 1, None], "[x 1 <nil>]"),
        ({"b": 1, "a": [True]}, "map[a:[true] b:1]"),
    ],
)
def test_go_text(value: Any, text: str) -> None:
    assert go_text(value) == text


def test_nested_values() -> None:
    item = {"a": {"text": "t", "list": [1], "map": {"x": 1}, "none": None}}
    assert nested_string(item, ("a", "text")) == "t"
    assert nested_string(item, ("a", "gone")) == ""
    assert nested_string(item, ("a", "none", "deeper")) == ""
    assert nested_list(item, ("a", "list")) == [1]
    assert nested_list(item, ("gone", "list")) == []
    assert nested_map(item, ("a", "map")) == {"x": 1}
    assert nested_map(item, ("a", "gone")) is None


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (("a",), ".a accessor error: 5 is of the type int64, expected string"),
        (
            ("a", "b"),
            ".a.b accessor error: 5 is of the type int64, expected map[string]interface{}",
        ),
        (("n",), ".n accessor error: <nil> is of the type <nil>, expected string"),
        (("l",), ".l accessor error: [x] is of the type []interface {}, expected string"),
        (
            ("m",),
            ".m accessor error: map[x:1] is of the type map[string]interface {}, expected string",
        ),
    ],
)
def test_nested_values_of_another_type(fields: tuple[str, ...], text: str) -> None:
    with pytest.raises(AccessorError) as caught:
        nested_string({"a": 5, "n": None, "l": ["x"], "m": {"x": 1}}, fields)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("fast", ""),
        (" fast ", ""),
        ("", "resource name may not be empty"),
        ("..", "invalid resource name \"..\": [may not be '..']"),
        ("a/b%", "invalid resource name \"a/b%\": [may not contain '/' may not contain '%']"),
    ],
)
def test_names_without_a_request(name: str, text: str) -> None:
    assert refused_name(name) == text
