# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.model.glob import glob_matches
from tests.support.builders import examples


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        pytest.param("shop", "shop", True, id="literal"),
        pytest.param("shop", "shop2", False, id="anchored-at-the-end"),
        pytest.param("shop", "ashop", False, id="anchored-at-the-start"),
        pytest.param("Shop", "shop", False, id="case-counts"),
        pytest.param("", "", True, id="empty"),
        pytest.param("", "a", False, id="empty-matches-nothing-else"),
        pytest.param("*", "", True, id="star-empty"),
        pytest.param("*", "a.b/c", True, id="star-everything"),
        pytest.param("sh*", "shop", True, id="prefix"),
        pytest.param("*op", "shop", True, id="suffix"),
        pytest.param("s*p", "shop", True, id="middle"),
        pytest.param("*.example.io", "foos.bars.example.io", True, id="star-crosses-dots"),
        pytest.param("**", "a.b", True, id="two-stars"),
        pytest.param("?", "a", True, id="one-character"),
        pytest.param("?", "", False, id="exactly-one"),
        pytest.param("?", ".", True, id="question-mark-takes-a-dot"),
        pytest.param("*", "a\nb", True, id="line-feed"),
        pytest.param("[abc]x", "bx", True, id="list"),
        pytest.param("[abc]x", "dx", False, id="not-in-the-list"),
        pytest.param("[a-c]x", "bx", True, id="range"),
        pytest.param("[a-c]x", "dx", False, id="outside-the-range"),
        pytest.param("[!a]x", "bx", True, id="negated-list"),
        pytest.param("[!a]x", "ax", False, id="negated-list-excludes"),
        pytest.param("[!a-c]x", "dx", True, id="negated-range"),
        pytest.param("[!a-c]x", "bx", False, id="negated-range-excludes"),
        pytest.param("[^a]", "^", True, id="caret-is-a-character"),
        pytest.param("{a,b}", "a", True, id="first-alternative"),
        pytest.param("{a,b}", "b", True, id="second-alternative"),
        pytest.param("{a,b}", "c", False, id="no-alternative"),
        pytest.param("{a*,?b}x", "aaax", True, id="patterns-as-alternatives"),
        pytest.param("{a,}x", "x", True, id="empty-alternative"),
        pytest.param("{a,{b,c}d}", "cd", True, id="nested"),
        pytest.param("a,b", "a,b", True, id="comma-outside-of-braces"),
        pytest.param("a}", "a}", True, id="closing-brace-alone"),
        pytest.param("\\*", "*", True, id="escaped-star"),
        pytest.param("\\*", "a", False, id="escaped-star-is-no-star"),
        pytest.param("\\{a\\}", "{a}", True, id="escaped-braces"),
        pytest.param("a.b", "axb", False, id="dot-is-a-dot"),
        pytest.param("a+(b)$", "a+(b)$", True, id="no-regular-expression"),
    ],
)
def test_2_4_matches(pattern: str, text: str, matched: bool) -> None:
    assert glob_matches(pattern, text) is matched


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        ("*", "pods", True),
        ("*", "deployments.apps", False),
        ("*.apps", "deployments.apps", True),
        ("*.apps", "a.b.apps", False),
        ("*.*", "deployments.apps", True),
        ("*.*", "pods", False),
        ("*.*", "ingresses.networking.k8s.io", False),
        ("*.networking.k8s.io", "ingresses.networking.k8s.io", True),
        ("**", "ingresses.networking.k8s.io", True),
        ("***", "a.b.c", True),
        ("**.apps", "a.b.apps", True),
        ("pods?", "pods.", False),
        ("pods[.]x", "pods.x", True),
        ("pods[!a]x", "pods.x", True),
        ("{pods,*.apps}", "jobs.apps", True),
        ("{pods,*.apps}", "a.b.apps", False),
    ],
)
def test_a_separator_is_crossed_by_two_stars_only(pattern: str, text: str, matched: bool) -> None:
    assert glob_matches(pattern, text, ".") is matched


@pytest.mark.parametrize("pattern", ["[", "[]", "[a", "[!]", "[c-a]", "{a", "{a,b", "a\\", "[a-]"])
def test_2_4_what_does_not_compile(pattern: str) -> None:
    assert glob_matches(pattern, "a") is None


# A second matcher, on a parsed pattern and by search instead of regular expressions.

Node = tuple[str, object]
ALPHABET = "ab.*?[]{},!-^\\"


def nodes(depth: int = 2) -> st.SearchStrategy[list[Node]]:
    characters = st.characters(codec="ascii", categories=("Ll", "Nd", "Po", "Pd", "Ps", "Pe"))
    simple = st.one_of(
        characters.map(lambda char: ("char", char)),
        st.just(("star", None)),
        st.just(("any", None)),
        st.tuples(
            st.just("range"), st.tuples(st.booleans(), st.sampled_from([("a", "c"), ("0", "9")]))
        ),
        st.tuples(
            st.just("list"), st.tuples(st.booleans(), st.sampled_from(["a", "ab", "abc", "."]))
        ),
    )
    if not depth:
        return st.lists(simple, max_size=4)
    either = st.lists(nodes(depth - 1), min_size=1, max_size=3).map(lambda some: ("either", some))
    return st.lists(st.one_of(simple, either), max_size=4)


def shown(pattern: list[Node]) -> str:
    out = ""
    for kind, value in pattern:
        if kind == "char":
            out += f"\\{value}" if value in ALPHABET else str(value)
        elif kind == "either":
            out += "{" + ",".join(shown(option) for option in value) + "}"  # type: ignore[attr-defined]
        elif kind in ("range", "list"):
            negated, inner = value  # type: ignore[misc]
            out += f"[{'!' if negated else ''}{'-'.join(inner) if kind == 'range' else inner}]"
        else:
            out += {"star": "*", "any": "?"}[kind]
    return out


def ends(pattern: list[Node], text: str, starts: set[int]) -> set[int]:
    for kind, value in pattern:
        if kind == "star":
            starts = {end for start in starts for end in range(start, len(text) + 1)}
        elif kind == "either":
            starts = {end for option in value for end in ends(option, text, starts)}  # type: ignore[attr-defined]
        else:
            starts = {at + 1 for at in starts if at < len(text) and takes(kind, value, text[at])}
    return starts


def takes(kind: str, value: object, char: str) -> bool:
    if kind == "char":
        return char == value
    if kind == "any":
        return True
    negated, inner = value  # type: ignore[misc]
    inside = inner[0] <= char <= inner[1] if kind == "range" else char in inner
    return inside is not negated


@examples(2)
@given(nodes(), st.text("abc.019{},!*?x", max_size=6))
def test_an_independent_matcher_agrees(pattern: list[Node], text: str) -> None:
    assert glob_matches(shown(pattern), text) is (len(text) in ends(pattern, text, {0}))


@examples()
@given(st.text(ALPHABET, max_size=12), st.text("ab.", max_size=4))
def test_no_pattern_is_an_accident(pattern: str, text: str) -> None:
    assert glob_matches(pattern, text) in (True, False, None)
