# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.plan.wildcards import (
    WildcardError,
    expand,
    should_expand,
)

BAD_CHARACTERS = "wildcard pattern contains unsupported characters: |, (, ), !, {, }, ,"
TWO_STARS = "wildcard pattern contains consecutive asterisks (only single * allowed)"
EMPTY = "wildcard pattern contains empty bracket pattern '[]'"
UNCLOSED = "wildcard pattern contains unclosed bracket '['"
UNMATCHED = "wildcard pattern contains unmatched closing bracket ']'"


@pytest.mark.parametrize(
    ("includes", "excludes", "expands"),
    [
        ([], [], False),
        ([], ["a*"], False),
        (["*"], ["a*"], False),
        (["*", "a*"], [], False),
        (["a"], ["b"], False),
        (["a*"], [], True),
        (["a"], ["b*"], True),
        (["a?"], [], True),
        (["[a]"], [], True),
        (["a]"], [], False),
        (["a"], ["*"], True),
    ],
)
def test_2_6_should_expand(includes: list[str], excludes: list[str], expands: bool) -> None:
    assert should_expand(includes, excludes) is expands


@pytest.mark.parametrize(
    ("includes", "excludes", "want_includes", "want_excludes"),
    [
        (["app-*"], [], ["app-1", "app-2"], []),
        (["app-*"], ["*-2"], ["app-1", "app-2"], ["app-2"]),
        (["gone", "app-1"], ["b?"], ["app-1", "gone"], ["b1"]),
        (["[ab]*"], [], ["app-1", "app-2", "b1"], []),
        (["app-[0-1]"], [], ["app-1"], []),
        (["no-*"], ["no-*"], [], []),
        (["app-*", "app-1"], [], ["app-1", "app-2"], []),
    ],
    ids=["star", "excludes-too", "literals-stay", "brackets", "range", "nothing", "a-set"],
)
def test_2_6_expand(
    includes: list[str], excludes: list[str], want_includes: list[str], want_excludes: list[str]
) -> None:
    found = expand({"b1", "app-2", "app-1"}, includes, excludes)
    assert found == (want_includes, want_excludes)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        *[(f"a{char}*", BAD_CHARACTERS) for char in "|()!{},"],
        ("a**", TWO_STARS),
        ("a[]*", EMPTY),
        ("a[b*", UNCLOSED),
        ("a]b*", UNMATCHED),
        ("[a]]", UNMATCHED),
    ],
)
def test_2_6_refused_patterns(pattern: str, text: str) -> None:
    for lists in (([pattern], []), (["a"], [pattern])):
        with pytest.raises(WildcardError) as raised:
            expand([], *lists)
        assert str(raised.value) == text
