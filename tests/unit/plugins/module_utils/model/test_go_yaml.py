# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.model.go_yaml import (
    GoYamlError,
    as_json,
    load_as_json,
    load_strict,
    scalar_text,
)
from tests.support.builders import examples


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("y", True),
        ("No", False),
        ("on", True),
        ("~", None),
        ("", None),
        ("2020-01-01", "2020-01-01"),
        ("12:30:45", "12:30:45"),
        ("1e3", 1000.0),
        ("1.50", 1.5),
        (".5", 0.5),
        ("08", 8.0),
        ("010", 8),
        ("0o10", 8),
        ("0x1F", 31),
        ("1_000", 1000),
        ("-.inf", float("-inf")),
        ("'1'", "1"),
        ("!!str 5", "5"),
        ("!!float 5", 5.0),
        ("!unknown x", "x"),
        ("nope", "nope"),
    ],
)
def test_scalars_as_go_reads_them(text: str, value: Any) -> None:
    found = load_strict(f"a: {text}")["a"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_texts() -> None:
    assert load_strict("1: a\ntrue: b\n1.5: c\nyes: d") == {"1": "a", "true": "d", "1.5": "c"}


def test_anchors_and_merges() -> None:
    text = "a: &x {b: 1}\nc: {<<: *x, d: 2}"
    assert load_strict(text) == {"a": {"b": 1}, "c": {"b": 1, "d": 2}}


def test_only_the_first_document_counts() -> None:
    assert load_strict("---\na: 1\n---\nb: [") == {"a": 1}
    with pytest.raises(GoYamlError, match="more than one document"):
        load_strict("a: 1\n---\nb: 2", only=True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("version: v1\nr: [oops\n", "yaml: line 2: did not find expected ',' or ']'"),
        ("a: {b: c\n", "yaml: line 1: did not find expected ',' or '}'"),
        ("a: {b: c", "yaml: line 1: did not find expected ',' or '}'"),
        ("not: [valid", "yaml: line 1: did not find expected ',' or ']'"),
        ("a: 1\nb: [x", "yaml: line 2: did not find expected ',' or ']'"),
        ("a: b:", "yaml: mapping values are not allowed in this context"),
        ("a: 1\n b: 2", "yaml: line 2: mapping values are not allowed in this context"),
        ("- a\nb: c", "yaml: line 1: did not find expected '-' indicator"),
        ("a:\n- b\nc", "yaml: line 3: could not find expected ':'"),
        ("a: @x", "yaml: found character that cannot start any token"),
        ("*a", "yaml: unknown anchor 'a' referenced"),
        ("a: !!int x", "yaml: cannot decode !!str `x` as a !!int"),
        ("a: 'x", "yaml: found unexpected end of stream"),
        ("\x07", "yaml: control characters are not allowed"),
        ("~: 1", "unsupported map key of type: NoneType"),
        (
            "a: 1\nb: {c: 1, c: 2}\na: 2",
            "yaml: unmarshal errors:\n"
            '  line 2: key "c" already set in map\n  line 3: key "a" already set in map',
        ),
    ],
)
def test_errors_in_the_words_of_go(text: str, why: str) -> None:
    with pytest.raises(GoYamlError) as caught:
        load_strict(text)
    assert str(caught.value) == why


def test_as_json_is_lenient_and_has_whole_numbers() -> None:
    assert load_as_json("a: 1\na: 2.0\nb: !!binary aGk=") == {"a": 2, "b": "hi"}
    with pytest.raises(GoYamlError, match="unsupported value: NaN"):
        load_as_json("a: .nan")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (2, "2"),
        (1e6, "1e+06"),
        ("x", "x"),
        ([], None),
        (None, None),
    ],
)
def test_the_text_of_a_scalar(value: Any, text: str | None) -> None:
    assert scalar_text(value) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text("ab: -#'\n", max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)


@examples()
@given(JSON)
def test_json_is_read_as_what_it_is(value: Any) -> None:
    import json

    assert load_as_json(json.dumps(value)) == value == as_json(value)


@examples()
@given(st.text("ab:-?&*!|>%@'\"[]{}#,. \n\t019e", max_size=16))
def test_no_text_is_an_accident(text: str) -> None:
    try:
        load_strict(text)
    except GoYamlError:
        return
