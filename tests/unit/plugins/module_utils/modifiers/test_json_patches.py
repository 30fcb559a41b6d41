# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference restore-item-actions.md section 5.6: how values become JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.model.modifier_rules import (
    JsonOperation,
    Match,
)
from ansible_collections.velero.core.plugins.module_utils.modifiers.errors import RuleError
from ansible_collections.velero.core.plugins.module_utils.modifiers.json_patches import (
    match_tests,
    operations,
    pasted_operation,
    unquoted,
)
from tests.support.builders import examples

CONTAINER = '{"name": "nginx", "ports": [{"containerPort": 80}]}'
BROKEN = "error in decoding json patch invalid state detected"


@pytest.mark.parametrize(
    ("patch", "text"),
    [
        (
            JsonOperation("test", "/spec/replicas", value="1"),
            '"from": "", "path": "/spec/replicas", "value": 1',
        ),
        (
            JsonOperation("replace", "/spec/replicas", value="2"),
            '"path": "/spec/replicas", "value": 2',
        ),
        (
            JsonOperation("replace", "/ports", value='[{"containerPort": 80}]'),
            '"value": [{"containerPort": 80}]',
        ),
        (JsonOperation("replace", "/ports", value="null"), '"value": null'),
        (JsonOperation("add", "/c/0", value=CONTAINER), f'"value": {CONTAINER}'),
        (JsonOperation("remove", "/c/0"), '"from": "", "path": "/c/0", "value": ""'),
        (JsonOperation("move", "/c/1", "/c/0"), '"from": "/c/0", "path": "/c/1", "value": ""'),
        (JsonOperation("copy", "/c/1", "/c/0"), '"from": "/c/0", "path": "/c/1", "value": ""'),
    ],
)
def test_an_operation_is_pasted_together(patch: JsonOperation, text: str) -> None:
    pasted = pasted_operation(patch)
    assert pasted.startswith(f'{{"op": "{patch.operation}", "from": ')
    assert pasted.endswith(f"{text}}}")


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("", ""),
        ("premium", "premium"),
        ("1", 1),
        ("-1.5", -1.5),
        ("1e3", 1000),
        ("2.0", 2),
        ("true", True),
        ("null", None),
        ("Null", "Null"),
        ("1e999", "1e999"),
        ("yes", "yes"),
        ('"true"', "true"),
        ('"1"', "1"),
        ('"', ""),
        ('""', ""),
        ("[]", []),
        ('{"a": 1.0}', {"a": 1}),
        (" {}", " {}"),
        (r"a\"b", 'a"b'),
        (r"\u00e4", "ä"),
    ],
)
def test_what_a_value_means(value: str, meant: Any) -> None:
    (found,) = operations((JsonOperation("add", "/x", value=value),), strict=True)
    assert found["value"] == meant
    assert type(found["value"]) is type(meant)


@pytest.mark.parametrize(
    "value",
    ["True", "FALSE", "NaN", "inf", "0x1p4", "+1", ".5", "5.", "0123", "1_000"]
    + ['say "hi"', "a\\d", "line\nfeed", "{", "[1", '{"a": NaN}'],
)
def test_what_is_no_json(value: str) -> None:
    with pytest.raises(RuleError) as caught:
        operations((JsonOperation("add", "/x", value=value),), strict=True)
    assert str(caught.value) == BROKEN


def test_one_operation_spoils_all() -> None:
    with pytest.raises(RuleError):
        operations((JsonOperation("remove", "/x"), JsonOperation("remove", '/"')), strict=True)


def test_the_case_of_an_operation_counts_and_its_value_is_not_shown() -> None:
    with pytest.raises(RuleError) as caught:
        operations((JsonOperation("Replace", "/x", value="hidden"),), strict=True)
    text = str(caught.value)
    assert text.startswith("error in decoding json patch invalid operation {")
    assert text.endswith(": unsupported operation")
    assert "hidden" not in text


@pytest.mark.parametrize("operation", ["add", "replace"])
@pytest.mark.parametrize("path", ["/metadata/labels/a", "/metadata/annotations/a~1b"])
@pytest.mark.parametrize(
    ("value", "safe", "strict"),
    [
        ("1", "1", 1),
        ("1.50", "1.50", 1.5),
        ("true", "true", True),
        ("yes", "yes", "yes"),
        ('"1"', "1", "1"),
        ("null", None, None),
        ("[]", [], []),
    ],
)
def test_d2_labels_and_annotations_are_texts(
    operation: str, path: str, value: str, safe: Any, strict: Any
) -> None:
    patch = (JsonOperation(operation, path, value=value),)
    assert operations(patch, strict=False)[0]["value"] == safe
    assert operations(patch, strict=True)[0]["value"] == strict


@pytest.mark.parametrize(
    ("operation", "path"),
    [("test", "/metadata/labels/a"), ("add", "/metadata/labels"), ("add", "/data/labels/a")],
)
def test_d2_is_about_setting_one_label(operation: str, path: str) -> None:
    (found,) = operations((JsonOperation(operation, path, value="1"),), strict=False)
    assert found["value"] == 1


def test_matches_are_tests() -> None:
    assert match_tests((Match("/a", "1"), Match("/b", "x"))) == [
        {"op": "test", "from": "", "path": "/a", "value": 1},
        {"op": "test", "from": "", "path": "/b", "value": "x"},
    ]


def test_a_match_needs_a_path() -> None:
    with pytest.raises(RuleError, match=r"^path is required for match rule$"):
        match_tests((Match("/a", "1"), Match("", "x")))


@examples()
@given(st.text())
def test_a_text_stays_a_text_when_it_is_quoted_and_escaped(text: str) -> None:
    escaped = json.dumps(text)
    (found,) = operations((JsonOperation("add", "/x", value=escaped),), strict=True)
    assert found["value"] == text
    assert unquoted(escaped)[1]


@examples()
@given(st.recursive(st.none() | st.booleans() | st.integers(), st.lists))
def test_json_stays_what_it_is(value: Any) -> None:
    (found,) = operations((JsonOperation("add", "/x", value=json.dumps(value)),), strict=True)
    assert found["value"] == value
