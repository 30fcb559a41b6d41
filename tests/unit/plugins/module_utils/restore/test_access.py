# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model.items import (
    ItemKey,
    ItemOutcome,
)
from ansible_collections.velero.core.plugins.module_utils.restore.access import needed_access
from tests.support.fake_cluster import FakeCluster

CREATED = ItemOutcome(ItemKey("v1/ConfigMap", "a", "x"), "created", "created")
CREATED_TOO = ItemOutcome(ItemKey("v1/ConfigMap", "b", "x"), "created", "created")
EQUAL = ItemOutcome(ItemKey("apps/v1/Deployment", "a", "x"), "unchanged", "equal")
LABELS = ItemOutcome(ItemKey("apps/v1/Deployment", "a", "y"), "updated", "labels_updated")
UNKNOWN = ItemOutcome(ItemKey("g.io/v1/Foo", "a", "x"), "created", "created")
VOLUME = ItemOutcome(ItemKey("v1/PersistentVolume", "", "pv"), "skipped", "mirror_pod")


def asked(*outcomes: ItemOutcome, allowed: bool = True, inside: str = "") -> list[str]:
    cluster = FakeCluster()
    cluster.allowed = lambda verb, group, plural, namespace: allowed or namespace == inside != ""
    return [
        " ".join(
            [str(entry["verb"]), str(entry["resource"]), str(entry["namespace"] or "-")]
            + ([] if entry["allowed"] else ["NO"])
        )
        for entry in needed_access(outcomes, cluster)
        if entry["resource"] != "namespaces"
    ]


def test_verbs_by_what_is_planned() -> None:
    assert asked(CREATED) == [f"{verb} configmaps -" for verb in ("create", "get", "list", "patch")]
    assert asked(EQUAL) == ["get deployments -", "list deployments -"]
    assert asked(LABELS) == ["get deployments -", "list deployments -", "patch deployments -"]
    assert asked(UNKNOWN) == []


def test_what_is_not_allowed_everywhere_is_asked_by_namespace() -> None:
    found = asked(CREATED, CREATED_TOO, allowed=False, inside="a")
    assert found[:2] == ["create configmaps a", "create configmaps b NO"]
    assert len(found) == 8


def test_cluster_scope_is_asked_once() -> None:
    assert asked(VOLUME, allowed=False) == [
        "get persistentvolumes - NO",
        "list persistentvolumes - NO",
    ]


def test_target_namespaces_are_looked_at_and_may_have_to_be_made() -> None:
    found = needed_access([CREATED], FakeCluster())
    asked_for = [entry["verb"] for entry in found if entry["resource"] == "namespaces"]
    assert asked_for == ["create", "get"]
