# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.go_values import AccessorError
from ansible_collections.velero.core.plugins.module_utils.item.completion import is_completed


@pytest.mark.parametrize(
    ("gr", "status", "completed"),
    [
        ("pods", {"phase": "Failed"}, True),
        ("pods", {"phase": "Succeeded"}, True),
        ("pods", {"phase": "Running"}, False),
        ("pods", {"phase": ""}, False),
        ("pods", {}, False),
        ("pods", None, False),
        ("jobs.batch", {"completionTime": "2020-01-01T00:00:00Z"}, True),
        ("jobs.batch", {"completionTime": ""}, False),
        ("jobs.batch", {"failed": 1}, False),
        ("jobs", {"completionTime": "2020-01-01T00:00:00Z"}, False),
        ("configmaps", {"phase": "Succeeded"}, False),
        ("configmaps", "text", False),
    ],
)
def test_4_1_completed(gr: str, status: Any, completed: bool) -> None:
    assert is_completed({"status": status}, gr) is completed


@pytest.mark.parametrize(
    ("gr", "status", "text"),
    [
        (
            "pods",
            "text",
            ".status.phase accessor error: text is of the type string, expected "
            "map[string]interface{}",
        ),
        (
            "pods",
            {"phase": 1},
            ".status.phase accessor error: 1 is of the type int64, expected string",
        ),
        (
            "jobs.batch",
            {"completionTime": 1.5},
            ".status.completionTime accessor error: 1.5 is of the type float64, expected string",
        ),
        (
            "pods",
            {"phase": True},
            ".status.phase accessor error: true is of the type bool, expected string",
        ),
        (
            "jobs.batch",
            {"completionTime": {"a": [None]}},
            ".status.completionTime accessor error: map[a:[<nil>]] is of the type "
            "map[string]interface {}, expected string",
        ),
        (
            "pods",
            [],
            ".status.phase accessor error: [] is of the type []interface {}, expected "
            "map[string]interface{}",
        ),
    ],
)
def test_4_1_a_field_of_another_type(gr: str, status: Any, text: str) -> None:
    with pytest.raises(AccessorError) as raised:
        is_completed({"status": status}, gr)
    assert str(raised.value) == text
