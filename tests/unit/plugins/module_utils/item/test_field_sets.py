# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.item.field_sets import (
    covers,
    extract,
    owns_only,
)
from tests.support.builders import examples

PORTS = [{"port": 80, "protocol": "TCP", "name": "http"}, {"port": 443, "protocol": "TCP"}]
BY_PORT = 'k:{"port":80,"protocol":"TCP"}'


@pytest.mark.parametrize(
    ("value", "fields", "covered", "owned"),
    [
        pytest.param({"a": {"b": 1}}, {}, True, {"a": {"b": 1}}, id="empty-set-owns-all"),
        pytest.param({"a": 1}, {"f:a": {}}, True, {"a": 1}, id="f"),
        pytest.param({"a": 1, "b": 2}, {"f:a": {}}, False, {"a": 1}, id="f-not-all"),
        pytest.param({"a": 1}, {"f:a": {}, "f:gone": {}}, True, {"a": 1}, id="f-of-nothing"),
        pytest.param(
            {"a": {"b": 1, "c": 2}}, {"f:a": {"f:b": {}}}, False, {"a": {"b": 1}}, id="f-nested"
        ),
        pytest.param({"a": {}}, {"f:a": {".": {}}}, True, {"a": {}}, id="dot-owns-the-container"),
        pytest.param(
            {"a": {"b": 1}}, {"f:a": {".": {}}}, False, {"a": {}}, id="dot-owns-no-content"
        ),
        pytest.param({"a": 1}, {"f:a": {".": {}}}, False, {"a": 1}, id="dot-of-a-plain-value"),
        pytest.param({"a.b/c": 1}, {"f:a.b/c": {}}, True, {"a.b/c": 1}, id="key-with-dots"),
        pytest.param(
            {"ports": PORTS},
            {"f:ports": {BY_PORT: {".": {}, "f:port": {}, "f:protocol": {}, "f:name": {}}}},
            False,
            {"ports": [PORTS[0]]},
            id="k",
        ),
        pytest.param(
            {"ports": PORTS[:1]},
            {"f:ports": {BY_PORT: {"f:name": {}}}},
            False,
            {"ports": [PORTS[0]]},
            id="k-always-has-its-keys",
        ),
        pytest.param(
            {"ports": PORTS[:1]}, {"f:ports": {BY_PORT: {}}}, True, {"ports": PORTS[:1]}, id="k-all"
        ),
        pytest.param(
            {"finalizers": ["a", "b"]},
            {"f:finalizers": {".": {}, 'v:"b"': {}}},
            False,
            {"finalizers": ["b"]},
            id="v",
        ),
        pytest.param(
            {"l": [1, 2]}, {"f:l": {"v:1": {}, "v:2": {}}}, True, {"l": [1, 2]}, id="v-numbers"
        ),
        pytest.param({"l": ["a"]}, {"f:l": {}}, True, {"l": ["a"]}, id="list-as-a-whole"),
        pytest.param({"l": [{"a": 1}]}, {"f:l": {"f:a": {}}}, False, {"l": []}, id="f-of-a-list"),
    ],
)
def test_covers_and_extract(
    value: dict[str, Any], fields: dict[str, Any], covered: bool, owned: dict[str, Any]
) -> None:
    assert covers(value, fields) is covered
    assert extract(value, fields) == owned


@pytest.mark.parametrize(
    ("fields", "only"),
    [
        ({"f:status": {"f:a": {}}}, True),
        ({"f:status": {}, ".": {}}, True),
        ({}, True),
        ({"f:spec": {}}, False),
        ({"f:status": {}, "f:metadata": {}}, False),
    ],
)
def test_owns_only(fields: dict[str, Any], only: bool) -> None:
    assert owns_only(fields, "status") is only


KEYS = st.sampled_from(["a", "b", "name"])
LEAVES = st.sampled_from([0, 1, "x", "", None, True])


def values(depth: int = 3) -> st.SearchStrategy[Any]:
    if not depth:
        return LEAVES
    inner = values(depth - 1)
    named = st.lists(st.sampled_from("pqr"), unique=True, max_size=3).flatmap(
        lambda names: st.tuples(
            *(inner.map(lambda value, name=name: {"name": name, "v": value}) for name in names)
        ).map(list)
    )
    texts = st.lists(st.sampled_from("pqr"), unique=True, max_size=3)
    return LEAVES | st.dictionaries(KEYS, inner, max_size=3) | named | texts


@st.composite
def parts(draw: st.DrawFn, value: Any) -> dict[str, Any]:
    """A field set of some part of ``value``; never empty unless it owns all of it."""
    if draw(st.booleans()) or not isinstance(value, (dict, list)) or not value:
        return {}
    fields: dict[str, Any] = {".": {}}
    if isinstance(value, dict):
        for key in value:
            if draw(st.booleans()):
                fields[f"f:{key}"] = draw(parts(value[key]))
        return fields
    for element in value:
        if draw(st.booleans()):
            if isinstance(element, dict):
                member = "k:" + json.dumps({"name": element["name"]})
                inner = draw(parts(element))
                fields[member] = {**inner, "f:name": {}} if inner else {}
            else:
                fields["v:" + json.dumps(element)] = {}
    return fields


@st.composite
def objects_and_parts(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    item = draw(st.dictionaries(KEYS, values(), max_size=3))
    return item, draw(parts(item))


def within(part: Any, whole: Any) -> bool:
    """Whether ``part`` is a part of ``whole``: an independent reading of "subset"."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and within(part[key], whole[key]) for key in part)
    if isinstance(part, list) and isinstance(whole, list):
        return all(any(within(one, other) for other in whole) for one in part)
    return bool(part == whole)


def filled(value: Any) -> Any:
    """Without nulls and empty structs, which nobody need own."""
    if isinstance(value, dict):
        inner = {key: filled(child) for key, child in value.items()}
        return {key: child for key, child in inner.items() if child not in (None, {})}
    return [filled(one) for one in value] if isinstance(value, list) else value


@examples(2)
@given(objects_and_parts())
def test_what_is_extracted_is_a_part_and_covered(
    case: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    item, fields = case
    found = extract(item, fields)
    assert within(found, item)
    assert covers(found, fields)
    assert extract(found, fields) == found
    assert covers(item, fields) or found != item
    assert not covers(item, fields) or filled(found) == filled(item)
