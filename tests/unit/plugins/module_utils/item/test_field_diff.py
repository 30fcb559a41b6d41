# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.item.field_diff import (
    field_diff,
    masked,
)
from tests.support.builders import Manifest, config_map, examples, obj

KEY = b"0123456789abcdef"
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({}, {}, []),
        ({"data": {"a": "2"}}, {}, [{"path": "data.a", "before": "2", "after": "1"}]),
        (
            {"data": {"a": "1", "b": "2"}},
            {"data": {"a": "1", "c": "3"}},
            [{"path": "data.b", "before": "2"}, {"path": "data.c", "after": "3"}],
        ),
        (
            {"spec": {"l": [1]}},
            {"spec": {"l": [2]}},
            [{"path": "spec.l", "before": [1], "after": [2]}],
        ),
        ({}, {"labels": {"a": "b"}}, [{"path": "metadata.labels", "after": {"a": "b"}}]),
        ({"meta": {"uid": "1", "resourceVersion": "2", "managedFields": []}}, {}, []),
    ],
)
def test_changes(before: Manifest, after: Manifest, changes: list[Any]) -> None:
    assert field_diff(config_map(**before), config_map(**after), "configmaps", KEY) == changes


def test_long_values_are_cut() -> None:
    before, after = config_map(data={"a": "x" * 500}), config_map(data={"a": "y"})
    (change,) = field_diff(before, after, "configmaps", KEY)
    assert change["before"] == "x" * 200 + "… (500 characters)"


def test_equal_secret_values_have_equal_hashes_under_one_key_only() -> None:
    before = obj("Secret", data={"a": "old", "b": "old", "c": "same"})
    after = obj("Secret", data={"a": "new", "b": "newer", "c": "same"})
    first, second = field_diff(before, after, "secrets", KEY)
    assert first["path"] == "data.a"
    assert first["before"] == second["before"] != first["after"]
    assert first["before"].startswith("hmac-sha256:")
    assert field_diff(before, after, "secrets", b"another key")[0]["before"] != first["before"]


SECRET = "hunter2-the-secret"
PLACES: list[dict[str, Any]] = [
    {"data": {"p": SECRET}},
    {"data": {"p": base64.b64encode(SECRET.encode()).decode()}},
    {"stringData": {"p": SECRET}},
    {"data": None},
    {"data": SECRET},
    {"data": [SECRET]},
    {"annotations": {APPLIED: json.dumps({"stringData": {"p": SECRET}})}},
    {"annotations": {"other": "x", APPLIED: SECRET}},
    {"annotations": None},
    {},
]


@examples()
@given(st.sampled_from(PLACES), st.sampled_from(PLACES), st.booleans(), st.booleans())
def test_no_secret_value_ever_appears(
    before: dict[str, Any], after: dict[str, Any], first_bare: bool, second_bare: bool
) -> None:
    one, other = obj("Secret", "s", "shop", **before), obj("Secret", "s", "shop", **after)
    for item, bare in ((one, first_bare), (other, second_bare)):
        if bare and not before.get("annotations"):
            item["metadata"] = {"name": "s"}
    shown = json.dumps(field_diff(one, other, "secrets", KEY))
    assert SECRET not in shown
    assert base64.b64encode(SECRET.encode()).decode() not in shown


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_secret_is_masked_when_all_metadata_is_new(side: str) -> None:
    full: Manifest = obj("Secret", annotations={APPLIED: SECRET})
    bare: Manifest = {"kind": "Secret"}
    pair = (full, bare) if side == "before" else (bare, full)
    assert SECRET not in json.dumps(field_diff(*pair, "secrets", KEY))


def test_a_whole_secret_is_masked_and_nothing_else() -> None:
    secret = obj("Secret", data={"a": "old"}, stringData={"b": "old"}, annotations={APPLIED: "{}"})
    shown = masked(secret, KEY)
    assert shown["data"]["a"] == shown["stringData"]["b"] != "old"
    assert shown["metadata"]["annotations"][APPLIED].startswith("hmac-sha256:")
    assert secret["data"] == {"a": "old"}
    assert masked(config_map(), KEY) == config_map()
    assert masked(obj("Secret", data=None), KEY)["kind"] == "Secret"
