# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.plan.filters import (
    IncludesExcludes,
    list_errors,
    resource_filter,
)
from tests.support.builders import api_of, examples

ONLY_STAR = "includes list must either contain '*' only, or a non-empty list of items"
NO_STAR = "excludes list cannot contain '*'"
TWICE = "excludes list cannot contain an item in the includes list: "


@pytest.mark.parametrize(
    ("includes", "excludes", "text", "passes"),
    [
        pytest.param(None, None, "a", True, id="no-lists"),
        pytest.param([], [], "a", True, id="empty-lists"),
        pytest.param(["*"], [], "a", True, id="star"),
        pytest.param(["a"], [], "a", True, id="included"),
        pytest.param(["a"], [], "b", False, id="not-included"),
        pytest.param([], ["a"], "a", False, id="excluded"),
        pytest.param([], ["a"], "b", True, id="not-excluded"),
        pytest.param(["a"], ["a"], "a", False, id="excludes-win"),
        pytest.param(["*"], ["a*"], "ab", False, id="excluded-by-a-glob"),
        pytest.param(["a*", "b"], [], "ax", True, id="included-by-a-glob"),
        pytest.param(["*", "zz"], [], "a", True, id="star-among-others"),
        pytest.param(["["], [], "a", False, id="bad-include-lets-nothing-pass"),
        pytest.param([], ["["], "a", False, id="bad-exclude-lets-nothing-pass"),
        pytest.param(["a", "["], [], "a", False, id="bad-include-is-sorted-first"),
        pytest.param(["a", "{"], [], "a", True, id="bad-include-is-sorted-later"),
        pytest.param(["[", "*"], [], "a", True, id="star-beside-a-bad-include"),
    ],
)
def test_2_4_should_include(
    includes: list[str] | None, excludes: list[str] | None, text: str, passes: bool
) -> None:
    chosen = IncludesExcludes.of(includes, excludes)
    assert chosen.should_include(text) is passes
    assert chosen.should_include(text) is passes, "the memory says the same"


@pytest.mark.parametrize(
    ("includes", "excludes", "everything"),
    [
        ([], [], True),
        (["*"], [], True),
        (["*", "*"], [], True),
        (["*", "a"], [], False),
        (["a"], [], False),
        ([], ["a"], False),
        (["*"], ["a"], False),
    ],
)
def test_2_4_include_everything(includes: list[str], excludes: list[str], everything: bool) -> None:
    assert IncludesExcludes.of(includes, excludes).include_everything is everything


def test_nothing_includes_nothing() -> None:
    nothing = IncludesExcludes(nothing=True)
    assert not nothing.should_include("a")
    assert not nothing.include_everything


@pytest.mark.parametrize(
    ("includes", "excludes", "want_includes", "want_excludes"),
    [
        pytest.param(["po"], ["deploy"], ("pods",), ("deployments.apps",), id="resolved"),
        pytest.param(["*"], ["*", "svc"], ("*",), ("services",), id="star-excluded-is-ignored"),
        pytest.param(["foos", "po*"], [], ("foos", "po*"), (), id="unresolvable-stays-literal"),
        pytest.param(["po", "pod", "pods"], None, ("pods",), (), id="a-set"),
    ],
)
def test_2_5_resource_filter(
    includes: list[str],
    excludes: list[str] | None,
    want_includes: tuple[str, ...],
    want_excludes: tuple[str, ...],
) -> None:
    chosen = resource_filter(includes, excludes, api_of().resolve_group_resource)
    assert (chosen.includes, chosen.excludes) == (want_includes, want_excludes)


@pytest.mark.parametrize(
    ("includes", "excludes", "errors"),
    [
        pytest.param(None, None, [], id="none"),
        pytest.param(["*"], ["a"], [], id="star-alone"),
        pytest.param(["*", "a"], [], [ONLY_STAR], id="star-and-more"),
        pytest.param(["*", "*"], [], [], id="lists-are-sets"),
        pytest.param([], ["*"], [NO_STAR], id="star-excluded"),
        pytest.param(["b", "a"], ["b", "a", "c"], [f"{TWICE}a", f"{TWICE}b"], id="duplicates"),
        pytest.param(["*"], ["*"], [NO_STAR, f"{TWICE}*"], id="star-twice"),
        pytest.param(
            ["*", "a"],
            ["*", "a"],
            [ONLY_STAR, NO_STAR, f"{TWICE}*", f"{TWICE}a"],
            id="all-of-them",
        ),
    ],
)
def test_list_errors(
    includes: list[str] | None, excludes: list[str] | None, errors: list[str]
) -> None:
    assert list_errors(includes, excludes) == errors


NAMES = st.sampled_from(["a", "b", "ab", "ba", "abc"])
LISTS = st.lists(st.sampled_from(["a", "b", "ab", "*"]), max_size=3)


@examples()
@given(LISTS, LISTS, NAMES)
def test_filter_algebra(includes: list[str], excludes: list[str], name: str) -> None:
    chosen = IncludesExcludes.of(includes, excludes)
    wanted = not includes or "*" in includes or name in includes
    kept_out = "*" in excludes or name in excludes
    assert chosen.should_include(name) is (wanted and not kept_out)
    if chosen.include_everything:
        assert chosen.should_include(name)
