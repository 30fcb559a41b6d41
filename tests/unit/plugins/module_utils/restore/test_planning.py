# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.items import (
    ItemKey,
    ItemOutcome,
)
from ansible_collections.velero.core.plugins.module_utils.restore.planning import (
    plan_entries,
    would_change,
)


def outcome(action: str, reason: str = "", kind: str = "v1/Pod") -> ItemOutcome:
    return ItemOutcome(ItemKey(kind, "shop", "x"), action, reason)


@pytest.mark.parametrize(
    ("action", "reason", "planned", "changes"),
    [
        ("created", "created", "create", True),
        ("updated", "updated", "update", True),
        ("unchanged", "equal", "unchanged", False),
        ("updated", "labels_updated", "update", True),
        ("skipped", "mirror_pod", "skip", False),
        ("failed", "exists_different", "skip", False),
        ("failed", "mapped_namespace_collision", "skip", False),
        ("failed", "create_failed", "blocked", False),
        ("failed", "kind_unknown", "blocked", False),
    ],
)
def test_actions(action: str, reason: str, planned: str, changes: bool) -> None:
    entries = plan_entries([outcome(action, reason)], ())
    assert entries == [{"id": "v1/Pod/shop/x", "action": planned, "reason": reason}]
    assert would_change([outcome(action, reason)]) is changes


def test_assumed_kinds() -> None:
    entries = plan_entries(
        [outcome("created", kind="g.io/v1/Foo"), outcome("created")], {"g.io/v1/Foo"}
    )
    assert [entry.get("assumed", False) for entry in entries] == [True, False]
