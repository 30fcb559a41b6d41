# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference section 4.9 from "Compare" on: objects that exist already."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Manifest, config_map, labelled, obj, owner
from tests.support.contract import STRICT, Seen, both_modes, restore
from tests.support.fake_cluster import FakeCluster, api_error, obj_namespace

X = config_map("x")
OLD = labelled(X, "r0", "b0")
BOTH_LABELS = {"velero.io/backup-name": "b1", "velero.io/restore-name": "r1"}
NEW_LABELS = {"metadata": {"labels": BOTH_LABELS}}
DIFFERENT = (
    "already exists. Warning: the in-cluster version is different than the backed-up version"
)
every_policy = pytest.mark.parametrize("policy", ["", "none", "update"])


def met(item: Manifest, existing: Manifest, *, policy: str = "", **options: Any) -> Seen:
    """A restore of ``item`` that meets ``existing``; ``patch_error`` refuses patches."""
    cluster = FakeCluster(obj_namespace("shop"), existing)
    for times, error in options.pop("patch_errors", []):
        cluster.fail("patch", error=error, times=times)
    return restore([item], cluster=cluster, actions=[], existing_resource_policy=policy, **options)


# ------------------------------------------------------------------ what is equal


@pytest.mark.parametrize(
    ("item", "existing", "equal"),
    [
        pytest.param(X, X, True, id="equal"),
        pytest.param(X, OLD, True, id="other-restore-labels"),
        pytest.param(X, {**X, "status": {"a": 1}}, True, id="status"),
        pytest.param(X, config_map("x", meta={"generation": 7}), True, id="server-set"),
        pytest.param(X, config_map("x", labels={"a": "b"}), False, id="label"),
        pytest.param(X, config_map("x", meta={"finalizers": ["f"]}), False, id="finalizer"),
        pytest.param(X, config_map("x", meta={"managedFields": [owner()]}), False, id="owners"),
        pytest.param(X, {**X, "immutable": False}, False, id="present-and-missing"),
        pytest.param(X, {**X, "binaryData": {}}, False, id="empty-and-missing"),
        pytest.param({**X, "n": 1}, {**X, "n": 1.0}, False, id="integer-and-float"),
        pytest.param({**X, "n": None}, {**X, "n": {}}, False, id="null-and-empty"),
        pytest.param({**X, "n": None}, {**X, "n": None}, True, id="null-and-null"),
        pytest.param({**X, "n": [1, 2]}, {**X, "n": [2, 1]}, False, id="order-of-a-list"),
    ],
)
def test_4_9_what_velero_counts_as_equal(item: Manifest, existing: Manifest, equal: bool) -> None:
    """What is equal by default is in the unit tests of item/equality.py (rules C1 and C9)."""
    seen = met(item, existing, mode=STRICT)
    assert seen.listed == {"v1/ConfigMap": [f"shop/x({'skipped' if equal else 'failed'})"]}
    assert bool(seen.warnings) is not equal
    assert not seen.writes


@both_modes
@pytest.mark.parametrize("policy", ["", "none"])
def test_4_9_equal_without_update_writes_nothing(mode: str, policy: str) -> None:
    seen = met(X, OLD, policy=policy, mode=mode)
    assert not seen.writes
    assert seen.silent
    assert seen.fates == {"v1/ConfigMap/shop/x": ("unchanged", "equal")}
    assert seen.listed == {"v1/ConfigMap": ["shop/x(skipped)"]}
    assert (
        "Restore of configmaps/shop/x skipped: it already exists in the cluster and is the same "
        "as the backed up version" in seen.log
    )


@both_modes
def test_4_9_equal_with_update_patches_the_labels_only(mode: str) -> None:
    seen = met(X, OLD, policy="update", mode=mode)
    assert seen.bodies("patch") == [NEW_LABELS]
    assert seen.listed == {"v1/ConfigMap": ["shop/x(skipped)"]}, "never updated"
    assert seen.fates == {"v1/ConfigMap/shop/x": ("updated", "labels_updated")}
    assert seen.silent


@both_modes
def test_4_9_equal_with_update_and_a_refused_label_patch_is_an_error(mode: str) -> None:
    error = api_error("Forbidden", "you may not")
    seen = met(X, OLD, policy="update", mode=mode, patch_errors=[(9, error)])
    assert seen.errors == {"namespaces": {"shop": ["you may not"]}}
    assert not seen.warnings
    assert seen.listed == {"v1/ConfigMap": ["shop/x(failed)"]}


# ------------------------------------------------------------------ different


@both_modes
@pytest.mark.parametrize(
    ("policy", "text"),
    [
        ("", f"could not restore, ConfigMap:x {DIFFERENT}"),
        ("none", f'could not restore, ConfigMap "x" {DIFFERENT}'),
    ],
    ids=["row-unset", "row-none"],
)
def test_4_9_different_is_a_warning(mode: str, policy: str, text: str) -> None:
    seen = met(
        X,
        config_map("x", "near", data={"a": "2"}),
        policy=policy,
        mode=mode,
        namespace_mapping={"shop": "near"},
    )
    assert seen.warnings == {"namespaces": {"near": [text]}}
    assert not seen.errors
    assert not seen.writes
    assert seen.fates == {"v1/ConfigMap/near/x": ("failed", "exists_different")}
    assert seen.listed == {"v1/ConfigMap": ["near/x(failed)"]}
    assert seen.phase == "Completed"


@both_modes
@pytest.mark.parametrize(
    ("policy", "text"),
    [
        ("", f"could not restore, ClusterRole:x {DIFFERENT}"),
        ("none", f'could not restore, ClusterRole "x" {DIFFERENT}'),
    ],
)
def test_4_9_different_at_cluster_scope_warns_of_the_cluster(
    mode: str, policy: str, text: str
) -> None:
    role = obj("ClusterRole", "x", api="rbac.authorization.k8s.io/v1", rules=[])
    seen = met(role, {**role, "rules": [{"verbs": ["get"]}]}, policy=policy, mode=mode)
    assert seen.warnings == {"cluster": [text]}


def test_4_9_different_with_update_patches_all_of_it() -> None:
    """Row update: maps are merged, lists and other types replaced, keys of the cluster go."""
    existing = labelled(
        obj(
            "ConfigMap",
            "x",
            "shop",
            data={"a": "0", "gone": "x", "same": "s"},
            deep={"inner": {"a": 1, "b": 2}},
            list=[1, 2],
            kind_of=[1],
            immutable=True,
        )
    )
    item = obj(
        "ConfigMap",
        "x",
        "shop",
        data={"a": "1", "same": "s"},
        deep={"inner": {"a": 1, "b": 3}},
        list=[2],
        kind_of={"a": 1},
    )
    seen = met(item, existing, policy="update", mode=STRICT)
    assert seen.bodies("patch") == [
        {
            "data": {"a": "1", "gone": None},
            "deep": {"inner": {"b": 3}},
            "list": [2],
            "kind_of": {"a": 1},
            "immutable": None,
            **NEW_LABELS,
        }
    ], "both labels are always in it"
    assert seen.fates == {"v1/ConfigMap/shop/x": ("updated", "updated")}
    assert seen.listed == {"v1/ConfigMap": ["shop/x(updated)"]}
    assert "ConfigMap configmaps/shop/x successfully updated" in seen.log
    assert seen.silent


def test_4_9_update_replaces_owners_and_finalizers() -> None:
    item = config_map("x", meta={"finalizers": ["b"], "managedFields": [owner("backup")]})
    existing = config_map(
        "x",
        data={"a": "0"},
        meta={"finalizers": ["c"], "managedFields": [owner("cluster")]},
    )
    seen = met(item, existing, policy="update", mode=STRICT)
    (patch,) = seen.bodies("patch")
    assert patch["metadata"] == {
        "finalizers": ["b"],
        "managedFields": [owner("backup")],
        "labels": BOTH_LABELS,
    }


@both_modes
def test_4_9_a_refused_update_is_a_warning_and_then_patches_the_labels(mode: str) -> None:
    seen = met(
        X,
        config_map("x", data={"a": "0"}),
        policy="update",
        mode=mode,
        patch_errors=[(1, api_error("Invalid", "immutable"))],
    )
    assert seen.warnings == {"namespaces": {"shop": ["immutable"]}}
    assert not seen.errors
    assert seen.bodies("patch")[1] == NEW_LABELS
    assert seen.fates == {"v1/ConfigMap/shop/x": ("failed", "update_failed")}
    assert seen.listed == {"v1/ConfigMap": ["shop/x(failed)"]}


@both_modes
def test_4_9_a_refused_update_and_refused_labels_are_both_told(mode: str) -> None:
    seen = met(
        X,
        config_map("x", data={"a": "0"}),
        policy="update",
        mode=mode,
        patch_errors=[(1, api_error("Invalid", "first")), (9, api_error("Forbidden", "second"))],
    )
    assert seen.warnings == {"namespaces": {"shop": ["first"]}}
    assert seen.errors == {"namespaces": {"shop": ["second"]}}
    assert seen.listed == {"v1/ConfigMap": ["shop/x(failed)"]}


@both_modes
def test_4_9_a_cluster_copy_without_metadata_is_a_warning(mode: str) -> None:
    """No server sends one; a list does, here."""
    cluster = FakeCluster(obj_namespace("shop"))
    cluster.get = lambda resource, namespace, name: (  # type: ignore[method-assign]
        {"kind": "ConfigMap"}
        if resource.plural == "configmaps" and namespace == "shop"
        else FakeCluster.get(cluster, resource, namespace, name)
    )
    seen = restore([X], mode=mode, cluster=cluster)
    assert seen.warnings == {"namespaces": {"shop": ["metadata not found"]}}
    assert seen.fates == {"v1/ConfigMap/shop/x": ("failed", "existing_not_readable")}
    assert not seen.writes


# ------------------------------------------------------------------ service accounts


def account(**fields: Any) -> Manifest:
    return obj("ServiceAccount", "sa", "shop", **fields)


@both_modes
@every_policy
def test_4_9_service_account_step_1_what_only_the_backup_has_is_added(
    mode: str, policy: str
) -> None:
    existing = account(
        labels={"both": "cluster", "own": "1"},
        annotations={"both": "cluster"},
        secrets=[{"name": "a"}],
        imagePullSecrets=[{"name": "p"}],
        automountServiceAccountToken=True,
    )
    item = account(
        labels={"both": "backup", "new": "1"},
        annotations={"both": "backup", "new": "2"},
        secrets=[{"name": "a", "kind": "other"}, {"name": "b"}],
        imagePullSecrets=[{"name": "q"}],
        automountServiceAccountToken=False,
    )
    seen = met(item, existing, policy=policy, mode=mode)
    assert seen.bodies("patch") == [
        {
            "metadata": {"labels": {"new": "1"}, "annotations": {"new": "2"}},
            "secrets": [{"name": "a"}, {"name": "b"}],
            "imagePullSecrets": [{"name": "p"}, {"name": "q"}],
        }
    ]
    merged = seen.cluster.see("serviceaccounts", "shop", "sa")
    assert merged["automountServiceAccountToken"] is True


@both_modes
@every_policy
def test_4_9_service_account_step_2_no_difference_ends(mode: str, policy: str) -> None:
    existing = account(secrets=[{"name": "a"}, {"name": "b"}])
    seen = met(account(secrets=[{"name": "a"}]), existing, policy=policy, mode=mode)
    assert not seen.writes
    assert seen.silent
    assert seen.listed == {"v1/ServiceAccount": ["shop/sa(skipped)"]}


@both_modes
@every_policy
def test_4_9_service_account_step_3_merged_without_restore_labels(mode: str, policy: str) -> None:
    seen = met(account(secrets=[{"name": "b"}]), account(), policy=policy, mode=mode)
    assert seen.bodies("patch") == [{"secrets": [{"name": "b"}]}]
    assert "labels" not in seen.cluster.see("serviceaccounts", "shop", "sa")["metadata"]
    assert seen.fates == {"v1/ServiceAccount/shop/sa": ("updated", "service_account_merged")}
    assert seen.listed == {"v1/ServiceAccount": ["shop/sa(updated)"]}
    assert "ServiceAccount serviceaccounts/shop/sa successfully updated" in seen.log
    assert seen.silent


@both_modes
@every_policy
def test_4_9_service_account_step_4_a_refused_patch_is_a_warning(mode: str, policy: str) -> None:
    seen = met(
        account(secrets=[{"name": "b"}]),
        account(),
        policy=policy,
        mode=mode,
        patch_errors=[(1, api_error("Forbidden", "no"))],
    )
    assert seen.warnings == {"namespaces": {"shop": ["no"]}}
    assert seen.bodies("patch")[1:] == ([NEW_LABELS] if policy == "update" else [])
    assert seen.listed == {"v1/ServiceAccount": ["shop/sa(failed)"]}


# ------------------------------------------------------------------ the end


@both_modes
@every_policy
def test_4_9_nothing_follows_for_an_object_that_was_there(mode: str, policy: str) -> None:
    pod = obj("Pod", "p", "shop", status={"phase": "Running"}, meta={"managedFields": [owner("a")]})
    seen = met(
        pod,
        obj("Pod", "p", "shop", spec={"a": 1}),
        policy=policy,
        mode=mode,
        restore_status={"includedResources": ["*"]},
    )
    assert "put_status pods/shop/p" not in seen.writes
    assert len(seen.writes) == (1 if policy == "update" else 0)
