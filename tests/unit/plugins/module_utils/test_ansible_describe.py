# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.ansible_describe import description
from ansible_collections.velero.core.plugins.module_utils.describe.data import describe_data
from ansible_collections.velero.core.plugins.module_utils.describe.facts import RestoreFacts
from ansible_collections.velero.core.plugins.module_utils.describe.text import describe_text
from ansible_collections.velero.core.plugins.module_utils.model.results import Messages, Results

WRITERS = {"describe": describe_text, "json": describe_data}


def facts(size: int) -> RestoreFacts:
    messages = Messages(
        velero=["v" * 200] * size, namespaces={f"ns-{at % 3}": ["n" * 90] * size for at in range(3)}
    )
    return RestoreFacts(
        restore={
            "metadata": {"name": "r1", "namespace": "velero"},
            "status": {
                "phase": "PartiallyFailed",
                "errors": messages.count,
                "warnings": messages.count,
                "restoreItemOperationsAttempted": size,
            },
        },
        results=Results(errors=messages, warnings=messages),
        resource_list={
            kind: [f"shop/{kind}-{at}(created)" for at in range(size)] for kind in ("v1/B", "v1/A")
        },
        item_operations=[{"spec": {"operationID": f"op-{at}"}, "status": {}} for at in range(size)],
        volume_info=[],
    )


@pytest.mark.parametrize("form", WRITERS)
def test_what_fits_is_complete(form: str) -> None:
    whole = facts(20)
    assert description(whole, form, 360_000) == (WRITERS[form](whole), {})


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("size", [20_000, 360_000])
def test_the_largest_restore_stays_in_its_room(form: str, size: int) -> None:
    value, left_out = description(facts(5_000), form, size)
    # The sections around the lists come on top.
    assert len(json.dumps(value)) < size + 4_000
    assert 9_900 < left_out["resource_list"] <= 10_000
    assert 19_900 < left_out["warnings"] <= 20_000


def test_errors_come_first_and_the_text_goes_on_after_what_was_cut() -> None:
    text, left_out = description(facts(100), "describe", 80_000)
    assert left_out.keys() == {"warnings", "item_operations", "resource_list"}
    assert text.count("n" * 90) == 300
    assert "CSI Snapshot Restores: <none included>\n" in text
    assert "Resource List:\n" in text


def test_items_are_kept_in_the_order_of_the_text() -> None:
    given = RestoreFacts(restore={}, resource_list={"v1/B": ["b(created)"], "v1/A": ["a(created)"]})
    value, left_out = description(given, "json", 30)
    assert value["resourceList"] == {"v1/A": ["a(created)"]}
    assert left_out == {"resource_list": 1}


@pytest.mark.parametrize("size", [0, -5])
def test_without_room_the_sections_are_there(size: int) -> None:
    value: Any
    value, left_out = description(facts(3), "json", size)
    assert value["errors"]["count"] == 12
    assert left_out == {"errors": 12, "warnings": 12, "item_operations": 3, "resource_list": 6}
