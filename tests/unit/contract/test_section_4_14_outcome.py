# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference sections 4.14 and 4.15: the action of an item, and the restored resource list."""

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
)
from ansible_collections.velero.core.plugins.module_utils.model.items import (
    ItemKey,
    ItemOutcome,
    resource_list,
)
from tests.support.builders import config_map, obj, owner
from tests.support.builders_actions import Action, wants
from tests.support.contract import both_modes, restore
from tests.support.fake_cluster import FakeCluster, api_error, obj_namespace

X = config_map("x")
OTHER = config_map("x", data={"a": "2"})


@both_modes
def test_4_14_row_created(mode: str) -> None:
    assert restore([X], mode=mode).listed == {"v1/ConfigMap": ["shop/x(created)"]}


@both_modes
def test_4_14_row_updated(mode: str) -> None:
    seen = restore([X], mode=mode, existing=[OTHER], existing_resource_policy="update")
    assert seen.listed == {"v1/ConfigMap": ["shop/x(updated)"]}


@both_modes
def test_4_14_row_not_set_without_messages_is_skipped(mode: str) -> None:
    """Velero's list says skipped; the item itself is reported as unchanged."""
    seen = restore([X], mode=mode, existing=[X])
    assert seen.listed == {"v1/ConfigMap": ["shop/x(skipped)"]}
    assert seen.fates == {"v1/ConfigMap/shop/x": ("unchanged", "equal")}


@both_modes
def test_4_14_row_not_set_with_a_warning_is_failed(mode: str) -> None:
    seen = restore([X], mode=mode, existing=[OTHER])
    assert seen.listed == {"v1/ConfigMap": ["shop/x(failed)"]}
    assert seen.warnings
    assert not seen.errors


@both_modes
def test_4_14_row_not_set_with_an_error_is_failed(mode: str) -> None:
    cluster = FakeCluster(obj_namespace("shop"))
    cluster.fail("create", "configmaps", error=api_error("Forbidden", "no"))
    seen = restore([X], mode=mode, cluster=cluster)
    assert seen.listed == {"v1/ConfigMap": ["shop/x(failed)"]}
    assert seen.errors


@both_modes
def test_4_14_an_equal_item_whose_additional_item_warned_is_failed(mode: str) -> None:
    seen = restore([X], mode=mode, existing=[X], actions=[Action(wants("secrets/far/s"))])
    assert seen.listed == {"v1/ConfigMap": ["shop/x(failed)"]}


@both_modes
def test_4_14_a_created_item_with_an_error_stays_created(mode: str) -> None:
    cluster = FakeCluster(obj_namespace("shop"))
    cluster.fail("patch", error=api_error("Forbidden", "no"))
    item = config_map("x", meta={"managedFields": [owner("a"), owner("b")]})
    seen = restore([item], mode=mode, cluster=cluster)
    assert seen.errors
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}


@both_modes
def test_4_14_completed_excluded_and_homeless_items_are_absent(mode: str) -> None:
    cluster = FakeCluster(obj_namespace("shop"))
    cluster.fail("create", "namespaces", error=api_error("Forbidden", "no"))
    seen = restore(
        [
            config_map("x", labels={"in": "yes"}),
            obj("Pod", "done", "shop", labels={"in": "yes"}, status={"phase": "Succeeded"}),
            obj("Secret", "s", "shop"),
            config_map("y", "far", labels={"in": "yes"}),
        ],
        mode=mode,
        cluster=cluster,
        actions=[Action(wants("secrets/shop/s"))],
        label_selector={"matchLabels": {"in": "yes"}},
        excluded_resources=["secrets"],
    )
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}


# ------------------------------------------------------------------ 4.15


def test_4_15_the_format_of_the_list() -> None:
    def outcome(kind: str, space: str, name: str, action: str, created: str = "") -> ItemOutcome:
        return ItemOutcome(ItemKey(kind, space, name), action, created_name=created)

    assert resource_list(
        [
            outcome("v1/Pod", "shop", "web-1", "failed"),
            outcome("v1/Pod", "shop", "web-0", "created", "web-0"),
            outcome("apps/v1/Deployment", "shop", "web", "updated"),
            outcome("v1/PersistentVolume", "", "pvc-1f", "skipped"),
            outcome("v1/Namespace", "", "shop", "created"),
            outcome("v1/ConfigMap", "shop", "cm", "unchanged"),
            outcome("v1/Secret", "shop", "s", "created", "s-x7"),
        ]
    ) == {
        "apps/v1/Deployment": ["shop/web(updated)"],
        "v1/ConfigMap": ["shop/cm(skipped)"],
        "v1/Namespace": ["shop(created)"],
        "v1/PersistentVolume": ["pvc-1f(skipped)"],
        "v1/Pod": ["shop/web-0(created)", "shop/web-1(failed)"],
        "v1/Secret": ["shop/s-x7(created)"],
    }


@both_modes
def test_4_15_the_namespace_is_the_target(mode: str) -> None:
    seen = restore([X], mode=mode, namespace_mapping={"shop": "near"})
    assert seen.listed == {
        "v1/ConfigMap": ["near/x(created)"],
        "v1/Namespace": ["near(created)"],
    }


@both_modes
def test_4_15_the_key_is_that_of_the_backup(mode: str) -> None:
    def secret(given: ExecuteInput) -> ExecuteOutput:
        return ExecuteOutput(updated_item={**given.item, "kind": "Secret"})

    seen = restore([X], mode=mode, actions=[Action(secret)])
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}


@both_modes
@pytest.mark.parametrize("name", ["a(b)", "(created)"])
def test_4_15_the_last_parentheses_hold_the_action(mode: str, name: str) -> None:
    seen = restore([config_map(name)], mode=mode)
    assert seen.listed == {"v1/ConfigMap": [f"shop/{name}(created)"]}
