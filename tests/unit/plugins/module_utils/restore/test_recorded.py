# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model.items import (
    ItemKey,
    ItemOutcome,
    resource_list,
)
from ansible_collections.velero.core.plugins.module_utils.restore.recorded import outcomes_of

LISTED = {
    "apps/v1/Deployment": ["shop/web(updated)"],
    "v1/Namespace": ["shop(created)"],
    "v1/Pod": ["shop/odd(name)(failed)", "shop/web-0(skipped)"],
}


def test_items_of_a_resource_list() -> None:
    assert list(outcomes_of(LISTED))[2] == ItemOutcome(
        ItemKey("v1/Pod", "shop", "odd(name)"), "failed", "recorded"
    )


def test_there_and_back() -> None:
    assert resource_list(outcomes_of(LISTED)) == LISTED
