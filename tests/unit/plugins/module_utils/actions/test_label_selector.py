# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Label selectors in text form."""

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.label_selector import (
    LabelSelectorError,
    parse_label_selector,
)

LABELS = {"app": "shop", "tier": "web", "empty": "", "level": "7"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("  ", True),
        ("app", True),
        ("gone", False),
        ("!gone", True),
        ("!app", False),
        ("app=shop", True),
        ("app == shop", True),
        ("app=blog", False),
        ("app!=blog", True),
        ("gone!=x", True),
        ("empty=", True),
        ("app=", False),
        ("app in (blog, shop)", True),
        ("app in (blog)", False),
        ("app notin (blog)", True),
        ("gone notin (blog)", True),
        ("empty in (,x)", True),
        ("empty in (x,)", True),
        ("in in (a)", False),
        ("level>6", True),
        ("level > 7", False),
        ("level<8", True),
        ("app>1", False),
        ("app=shop,tier=web", True),
        ("app=shop,tier=db", False),
        ("example.org/app", False),
    ],
)
def test_matching(text: str, expected: bool) -> None:
    assert parse_label_selector(text)(LABELS) is expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("a,", "found '', expected: identifier after ','"),
        (",a", "found ',', expected: !, identifier, or 'end of string'"),
        ("=a", "found '=', expected: !, identifier, or 'end of string'"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
        ("a==!", "unable to parse requirement: found '!', expected: identifier"),
    ],
)
def test_texts_of_kubernetes(text: str, message: str) -> None:
    with pytest.raises(LabelSelectorError) as caught:
        parse_label_selector(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["a in ()", "a>b", "-a", "a=-", f"a={'x' * 64}", "A_/b", "a/"])
def test_refused(text: str) -> None:
    with pytest.raises(LabelSelectorError, match="Invalid value"):
        parse_label_selector(text)
