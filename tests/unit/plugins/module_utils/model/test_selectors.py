# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.selectors import (
    SelectorError,
    compile_selector,
)

WEB, NOTHING = {"app": "web", "tier": "front"}, dict[str, str]()


def expression(operator: str, *values: str, key: str = "app") -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("selector", "web", "nothing"),
    [
        (None, True, True),
        ({}, True, True),
        ({"matchLabels": {}}, True, True),
        ({"matchLabels": None, "matchExpressions": None}, True, True),
        ({"matchLabels": {"app": "web"}}, True, False),
        ({"matchLabels": {"app": "db"}}, False, False),
        ({"matchLabels": {"app": "web", "tier": "back"}}, False, False),
        (expression("In", "web", "db"), True, False),
        (expression("In", "db"), False, False),
        (expression("NotIn", "web"), False, True),
        (expression("NotIn", "db"), True, True),
        (expression("Exists"), True, False),
        (expression("DoesNotExist"), False, True),
        ({"matchLabels": {"tier": "front"}, **expression("In", "db")}, False, False),
        ({"matchLabels": {"tier": "front"}, **expression("Exists")}, True, False),
    ],
)
def test_matches(selector: dict[str, Any] | None, web: bool, nothing: bool) -> None:
    matches = compile_selector(selector)
    assert (matches(WEB), matches(NOTHING)) == (web, nothing)


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        (expression("Like", "a"), '"Like" is not a valid label selector operator'),
        (expression(""), '"" is not a valid label selector operator'),
        (
            expression("In"),
            "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty",
        ),
        (
            expression("NotIn"),
            "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty",
        ),
        (
            expression("Exists", "a", "b"),
            'values: Invalid value: ["a", "b"]: values set must be empty for exists and does not '
            "exist",
        ),
    ],
)
def test_refused(selector: dict[str, Any], text: str) -> None:
    with pytest.raises(SelectorError) as raised:
        compile_selector(selector)
    assert str(raised.value) == text
