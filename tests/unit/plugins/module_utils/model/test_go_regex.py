# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.model.go_regex import (
    GoRegexError,
    compile_go_regex,
)
from tests.support.builders import examples


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("web", "my-web-1", True),
        ("^web$", "my-web", False),
        ("^test-.*$", "test-x", True),
        ("", "anything", True),
        ("x$", "x\n", False),
        (r"\Aweb\z", "web", True),
        ("(?i)WEB", "my-web", True),
        ("a(?i)b|c", "aB", True),
        ("a(?i)b|c", "C", True),
        ("a(?i)b|c", "Ab", False),
        ("(a(?i)b)c", "aBC", False),
        ("(?i:a)b", "Ab", True),
        ("(?i)a(?-i)b", "AB", False),
        ("(?m)^b$", "a\nb\nc", True),
        ("(?s).", "\n", True),
        ("(?P<n>a)(?<m>b)(?:c)", "abc", True),
        (r"\d+-\w", "12-a", True),
        (r"\d", "١", False),
        (r"\pL\p{Nd}", "a1", True),
        (r"[\pL-]+\d", "a-1", True),
        (r"\x41\x{42}\103", "ABC", True),
        (r"\Qa.b\E+", "a.bb", True),
        (r"\Qa.b", "a.b", True),
        (r"\.\-\_", ".-_", True),
        ("[[:alpha:]_]+[[:digit:]]", "ab_1", True),
        ("[]a]", "]", True),
        ("[^]a]", "a", False),
        ("[a&&b]", "&", True),
        ("[a-]", "-", True),
        (r"[\d-x]", "-", True),
        (r"[\]\\-a]", "^", True),
        ("a{2}", "aa", True),
        ("a{2,}", "a", False),
        ("a{1,2}?b", "aab", True),
        ("a{,2}", "a{,2}", True),
        ("a{", "a{", True),
        ("a*?", "", True),
    ],
)
def test_search(pattern: str, text: str, found: bool) -> None:
    assert bool(compile_go_regex(pattern).search(text)) is found


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("[a-z", "missing closing ]: `[a-z`"),
        ("x[", "missing closing ]: `[`"),
        ("(a", "missing closing ): `(a`"),
        ("a)", "unexpected ): `a)`"),
        ("*a", "missing argument to repetition operator: `*`"),
        ("a|+", "missing argument to repetition operator: `+`"),
        ("(?i)*", "missing argument to repetition operator: `*`"),
        ("{2}", "missing argument to repetition operator: `{2}`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a*+", "invalid nested repetition operator: `*+`"),
        ("a{2}{3}", "invalid nested repetition operator: `{2}{3}`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("a{2,1}", "invalid repeat count: `{2,1}`"),
        ("[z-a]", "invalid character class range: `z-a`"),
        ("[[:huh:]]", "invalid character class range: `[:huh:]`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?!a)", "invalid or unsupported Perl syntax: `(?!`"),
        ("(?<=a)", "invalid or unsupported Perl syntax: `(?<`"),
        ("(?>a)", "invalid or unsupported Perl syntax: `(?>`"),
        ("(?#a)", "invalid or unsupported Perl syntax: `(?#`"),
        ("(?U)a", "invalid or unsupported Perl syntax: `(?U)`"),
        (r"(a)\1", r"invalid escape sequence: `\1`"),
        (r"a\Z", r"invalid escape sequence: `\Z`"),
        ("a\\", "trailing backslash at end of expression: ``"),
    ],
)
def test_what_go_refuses(pattern: str, why: str) -> None:
    with pytest.raises(GoRegexError) as caught:
        compile_go_regex(pattern)
    assert str(caught.value) == f"error parsing regexp: {why}"


@examples()
@given(st.text(st.characters(codec="ascii"), max_size=8), st.text("ab.-", max_size=3))
def test_escaped_text_is_found_as_it_is(text: str, around: str) -> None:
    assert compile_go_regex(re.escape(text)).search(around + text + around)


@examples()
@given(st.text(r"ab(|)[]^$*+?{},12:-\\dpQEi<>=!P.", max_size=12))
def test_no_expression_is_an_accident(pattern: str) -> None:
    try:
        compile_go_regex(pattern).search("ab12")
    except GoRegexError:
        return
