# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.items import (
    CREATED,
    FAILED,
    SKIPPED,
    UNCHANGED,
    UPDATED,
    ItemKey,
    ItemOutcome,
    resource_list,
)


def outcome(kind: str, where: str, action: str, **more: object) -> ItemOutcome:
    namespace, _slash, name = where.rpartition("/")
    return ItemOutcome(ItemKey(kind, namespace, name), action, **more)  # type: ignore[arg-type]


def test_resource_list_is_sorted_and_in_the_words_of_velero() -> None:
    listed = resource_list(
        [
            outcome("v1/Pod", "shop/web-1", FAILED),
            outcome("v1/Pod", "shop/web-0", CREATED),
            outcome("apps/v1/Deployment", "shop/web", UPDATED),
            outcome("v1/PersistentVolume", "pvc-1f", SKIPPED),
            outcome("v1/Namespace", "shop", CREATED),
            outcome("v1/Secret", "shop/key", UNCHANGED),
        ]
    )
    assert listed == {
        "apps/v1/Deployment": ["shop/web(updated)"],
        "v1/Namespace": ["shop(created)"],
        "v1/PersistentVolume": ["pvc-1f(skipped)"],
        "v1/Pod": ["shop/web-0(created)", "shop/web-1(failed)"],
        "v1/Secret": ["shop/key(skipped)"],
    }
    assert list(listed) == sorted(listed)


def test_resource_list_has_the_name_that_the_server_gave() -> None:
    assert resource_list([outcome("v1/Pod", "a/p", CREATED, created_name="p-x7f")]) == {
        "v1/Pod": ["a/p-x7f(created)"]
    }


def test_resource_list_leaves_out_what_is_not_listed() -> None:
    assert resource_list([outcome("v1/Pod", "a/p", SKIPPED, listed=False)]) == {}


@pytest.mark.parametrize(
    ("where", "identity"), [("a/p", "v1/Pod/a/p"), ("p", "v1/Pod/p")], ids=["namespaced", "cluster"]
)
def test_to_dict(where: str, identity: str) -> None:
    item = outcome("v1/Pod", where, UNCHANGED, reason="equal")
    assert item.to_dict() == {"id": identity, "action": "unchanged", "reason": "equal"}
    assert item.velero_action == SKIPPED
