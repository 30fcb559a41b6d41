# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference section 4.8: namespace, labels and destination of an item."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
)
from tests.support.builders import SERVED, api_of, backup_object, config_map, obj, resource
from tests.support.builders_actions import Action
from tests.support.contract import both_modes, restore
from tests.support.fake_cluster import FakeCluster, obj_namespace

BOTH_LABELS = {"velero.io/backup-name": "b1", "velero.io/restore-name": "r1"}
LONG = "the-really-long-kube-service-name-that-is-much-greater-than-63-characters"


def changed_to(**fields: Any) -> Action:
    """An action that changes what an item is."""

    def execute(given: ExecuteInput) -> ExecuteOutput:
        return ExecuteOutput(updated_item={**given.item, **fields})

    return Action(execute)


@both_modes
def test_4_8_step_2_target_namespace(mode: str) -> None:
    seen = restore([config_map()], mode=mode, namespace_mapping={"shop": "near"})
    (_namespace, body) = seen.bodies("create")
    assert body["metadata"]["namespace"] == "near"
    assert seen.writes == ["create namespaces/near", "create configmaps/near/x"]
    assert seen.fates["v1/ConfigMap/near/x"] == ("created", "created")


@both_modes
def test_4_8_step_2_cluster_scope_has_none(mode: str) -> None:
    item = obj("ClusterRole", "x", api="rbac.authorization.k8s.io/v1")
    seen = restore([item], mode=mode)
    (body,) = seen.bodies("create")
    assert "namespace" not in body["metadata"]


@both_modes
@pytest.mark.parametrize(
    ("labels", "made"),
    [
        (None, BOTH_LABELS),
        ({"a": "b"}, {"a": "b", **BOTH_LABELS}),
        ({"velero.io/restore-name": "older"}, BOTH_LABELS),
        ({"a": 1, "b": "c"}, BOTH_LABELS),
    ],
    ids=["none", "own", "overwritten", "not-strings"],
)
def test_4_8_step_3_labels(mode: str, labels: Any, made: dict[str, str]) -> None:
    item = config_map(**({"labels": labels} if labels else {}))
    seen = restore([item], mode=mode)
    (body,) = seen.bodies("create")
    assert body["metadata"]["labels"] == made


def test_4_8_step_3_labels_have_at_most_63_characters() -> None:
    seen = restore([config_map()], backup=backup_object(LONG), backup_name=LONG)
    (body,) = seen.bodies("create")
    assert body["metadata"]["labels"]["velero.io/backup-name"] == (
        "the-really-long-kube-service-name-that-is-much-greater-th8a11b3"
    )


@both_modes
def test_4_8_step_4_another_group(mode: str) -> None:
    api = api_of(*SERVED, resource("configmaps.new.io", "ConfigMap"))
    seen = restore(
        [config_map()],
        mode=mode,
        cluster=FakeCluster(obj_namespace("shop"), api=api),
        actions=[changed_to(apiVersion="new.io/v1")],
    )
    assert "create configmaps.new.io/shop/x" in seen.writes
    assert "Resource to be restored changed from configmaps to configmaps.new.io" in seen.log
    assert seen.fates == {"v1/ConfigMap/shop/x": ("created", "created")}


@both_modes
def test_4_8_step_4_another_kind(mode: str) -> None:
    seen = restore([config_map()], mode=mode, actions=[changed_to(kind="Secret")])
    assert seen.writes == ["create secrets/shop/x"]
    assert "Resource kind changed from ConfigMap to Secret" in seen.log
    assert "Resource to be restored changed from configmaps to secrets" in seen.log
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}


@both_modes
def test_4_8_step_4_a_kind_that_nobody_serves(mode: str) -> None:
    seen = restore(
        [config_map()], mode=mode, actions=[changed_to(kind="Odd", apiVersion="o.io/v1")]
    )
    assert seen.errors == {
        "namespaces": {
            "shop": [
                'error getting GVR for o.io/v1, Kind=Odd: no matches for kind "Odd" in version '
                '"o.io/v1"'
            ]
        }
    }
    assert seen.fates == {"v1/ConfigMap/shop/x": ("failed", "kind_unknown")}
    assert not seen.writes


@both_modes
def test_4_8_step_5_no_client_can_fail(mode: str) -> None:
    """Velero's warning "error getting updated resource client" has no counterpart: what discovery
    does not know is asked for all the same, and the server says what it thinks of it."""
    seen = restore([config_map()], mode=mode, actions=[changed_to(apiVersion="o.io/v1")])
    assert seen.errors == {
        "namespaces": {
            "shop": [
                "error restoring configmaps/shop/x: the server could not find the requested "
                "resource"
            ]
        }
    }
    assert seen.fates == {"v1/ConfigMap/shop/x": ("failed", "create_failed")}


@both_modes
def test_4_8_says_what_it_attempts(mode: str) -> None:
    assert "Attempting to restore ConfigMap: x." in restore([config_map()], mode=mode).log
