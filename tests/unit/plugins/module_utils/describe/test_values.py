# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.describe.values import (
    shown_any_selector,
    shown_selector,
    shown_time,
)


def expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": operator, "values": list(values)}


# k8s.io/apimachinery pkg/apis/meta/v1/helpers.go, FormatLabelSelector
@pytest.mark.parametrize(
    ("selector", "text"),
    [
        (None, "<none>"),
        ({}, "<none>"),
        ({"matchLabels": {"b": "2", "a": "1"}}, "a=1,b=2"),
        ({"matchLabels": {"a": ""}}, "a="),
        ({"matchExpressions": [expression("a", "In", "y", "x")]}, "a in (x,y)"),
        ({"matchExpressions": [expression("a", "In", "x")]}, "a in (x)"),
        ({"matchExpressions": [expression("a", "NotIn", "x")]}, "a notin (x)"),
        (
            {
                "matchExpressions": [expression("z", "Exists"), expression("b", "DoesNotExist")],
                "matchLabels": {"c": "1"},
            },
            "!b,c=1,z",
        ),
        ({"matchExpressions": [expression("a", "Like", "x")]}, "<error>"),
        ({"matchExpressions": [expression("a", "In")]}, "<error>"),
        ({"matchExpressions": [expression("a", "Exists", "x")]}, "<error>"),
        ({"matchLabels": {"no good": "1"}}, "<error>"),
        ({"matchLabels": {"a": "no good"}}, "<error>"),
    ],
)
def test_selectors(selector: dict[str, Any] | None, text: str) -> None:
    assert shown_selector(selector) == text


@pytest.mark.parametrize(
    ("selectors", "text"),
    [
        (None, "<none>"),
        ([], "<none>"),
        ([{"matchLabels": {"a": "1"}}, {"matchLabels": {"b": "2"}}], "a=1 or b=2"),
        ([{}, {"matchLabels": {"b": "2"}}], "<none> or b=2"),
    ],
)
def test_any_selector(selectors: list[dict[str, Any]] | None, text: str) -> None:
    assert shown_any_selector(selectors) == text


@pytest.mark.parametrize(
    ("stamp", "text"),
    [
        (None, "<n/a>"),
        ("", "<n/a>"),
        ("2026-11-21T08:50:46Z", "2026-11-21 08:50:46 +0000 UTC"),
    ],
)
def test_times(stamp: str | None, text: str) -> None:
    assert shown_time(stamp) == text
