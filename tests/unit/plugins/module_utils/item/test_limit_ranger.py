# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.limit_ranger import limited_fields


@pytest.mark.parametrize(
    ("note", "fields"),
    [
        ("", []),
        ("written by somebody", []),
        ("LimitRanger plugin set: nothing at all", []),
        (
            "LimitRanger plugin set: cpu request for container a.b",
            [("containers", "a.b", "resources", "requests", "cpu")],
        ),
        (
            "LimitRanger plugin set: cpu, memory limit for init container a; "
            "cpu request for container b",
            [
                ("initContainers", "a", "resources", "limits", "cpu"),
                ("initContainers", "a", "resources", "limits", "memory"),
                ("containers", "b", "resources", "requests", "cpu"),
            ],
        ),
    ],
)
def test_what_the_note_says(note: str, fields: list[tuple[str, ...]]) -> None:
    assert list(limited_fields(note)) == fields
