# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference section 4.9 from "Compare" on."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.comparison import (
    ExistingObjectHandler,
)
from ansible_collections.velero.core.plugins.module_utils.item.work import ItemWork
from ansible_collections.velero.core.plugins.module_utils.model.names import RESTORE_NAME_LABEL
from tests.support.builders import Manifest, config_map, labelled, obj, owner
from tests.support.builders_item import LABELS, fate, logged, notes, work_on
from tests.support.fake_cluster import FakeCluster, api_error

WARNING = "already exists. Warning: the in-cluster version is different than the backed-up version"
NEW_LABELS = {"metadata": {"labels": LABELS}}


class Comparing:
    """A cluster object met by one of the backup."""

    def __init__(
        self,
        existing: Manifest,
        wanted: Manifest,
        *,
        policy: str = "",
        strict: bool = False,
        keep_owners: bool = True,
        collides: bool = False,
    ) -> None:
        self.cluster = FakeCluster(existing)
        self._handler = ExistingObjectHandler(
            self.cluster,
            LABELS,
            policy=policy,
            strict=strict,
            keep_owners=keep_owners,
            diff_key=b"k" * 16,
        )
        self.work = work_on(labelled(wanted))
        self.work.collides = collides

    def __call__(self) -> ItemWork:
        resource = self.work.resource
        assert resource is not None
        found = self.cluster.see(resource.group_resource, self.work.namespace, self.work.name)
        self._handler.handle(self.work, resource, copy.deepcopy(found))
        return self.work

    @property
    def patches(self) -> list[Any]:
        return [call.body for call in self.cluster.writes]


OLD = config_map(labels={RESTORE_NAME_LABEL: "r0", "velero.io/backup-name": "b0"})


@pytest.mark.parametrize("policy", ["", "none"])
@pytest.mark.parametrize("existing", [config_map(), OLD], ids=["unlabelled", "other-labels"])
def test_4_9_equal_without_update_writes_nothing(policy: str, existing: Manifest) -> None:
    comparing = Comparing(existing, config_map(), policy=policy)
    work = comparing()
    assert fate(work) == ("unchanged", "equal")
    assert work.outcome.exists
    assert not comparing.patches
    assert not notes(work)
    assert logged(work) == [
        "Restore of configmaps/shop/x skipped: it already exists in the cluster and is the same "
        "as the backed up version"
    ]


def test_4_9_equal_with_update_patches_the_labels() -> None:
    comparing = Comparing(OLD, config_map(), policy="update")
    work = comparing()
    assert comparing.patches == [NEW_LABELS]
    assert fate(work) == ("updated", "labels_updated")
    assert work.outcome.velero_action == "skipped"


def test_4_9_equal_with_update_and_right_labels_writes_nothing() -> None:
    comparing = Comparing(labelled(config_map()), config_map(), policy="update")
    assert fate(comparing()) == ("unchanged", "equal")
    assert not comparing.patches


def test_4_9_equal_with_update_and_a_failing_label_patch_is_an_error() -> None:
    comparing = Comparing(OLD, config_map(), policy="update")
    comparing.cluster.fail("patch", error=api_error("Forbidden", "you may not"))
    work = comparing()
    assert notes(work) == [("error", "shop", "you may not")]
    assert work.outcome.action != "unchanged"
    assert work.outcome.reason == "update_failed"


@pytest.mark.parametrize(
    ("existing", "kind", "bucket", "name"),
    [
        (config_map(data={"a": "2"}), "ConfigMap", "shop", "x"),
        (obj("PersistentVolume", "pv", spec={"a": 1}), "PersistentVolume", "", "pv"),
    ],
    ids=["namespaced", "cluster"],
)
@pytest.mark.parametrize(
    ("policy", "text"),
    [
        ("", "could not restore, {kind}:{name} " + WARNING),
        ("none", 'could not restore, {kind} "{name}" ' + WARNING),
    ],
)
def test_4_9_different_is_left_alone_with_a_warning(
    existing: Manifest, kind: str, bucket: str, name: str, policy: str, text: str
) -> None:
    wanted = copy.deepcopy(existing)
    wanted["data"] = {"other": "1"}
    comparing = Comparing(existing, wanted, policy=policy)
    work = comparing()
    assert notes(work) == [("warning", bucket, text.format(kind=kind, name=name))]
    assert fate(work) == ("", "exists_different"), "the exit rule makes it failed"
    assert not comparing.patches


def test_4_9_update_patches_all_differences_and_always_both_labels() -> None:
    existing = labelled(config_map(data={"a": "0", "gone": "x"}, immutable=True))
    comparing = Comparing(existing, config_map(), policy="update")
    work = comparing()
    patch = comparing.patches[0]
    assert patch == {
        "data": {"a": "1", "gone": None},
        "immutable": None,
        "metadata": {"labels": LABELS},
    }
    assert fate(work) == ("updated", "updated")
    assert not notes(work)
    assert work.report.diffs[0]["id"] == "configmaps/shop/x"
    assert {change["path"] for change in work.report.diffs[0]["changes"]} == {
        *("data.a", "data.gone", "immutable")
    }
    assert "ConfigMap configmaps/shop/x successfully updated" in logged(work)
    assert comparing.cluster.see("configmaps", "shop", "x")["data"] == {"a": "1"}


def test_4_9_update_gives_the_owners_of_the_backup() -> None:
    wanted = config_map(meta={"managedFields": [owner("backup")]})
    comparing = Comparing(
        config_map(data={"a": "0"}, meta={"managedFields": [owner("cluster")]}),
        wanted,
        policy="update",
    )
    comparing()
    assert comparing.patches[0]["metadata"]["managedFields"] == [owner("backup")]


def test_managed_fields_drop_leaves_the_owners_of_the_cluster() -> None:
    wanted = config_map(meta={"managedFields": [owner("backup")]})
    existing = config_map(data={"a": "0"}, meta={"managedFields": [owner("cluster")]})
    comparing = Comparing(existing, wanted, policy="update", keep_owners=False)
    comparing()
    assert "managedFields" not in comparing.patches[0]["metadata"]


def test_4_9_failing_update_is_a_warning_and_then_patches_the_labels() -> None:
    comparing = Comparing(config_map(data={"a": "0"}), config_map(), policy="update")
    comparing.cluster.fail("patch", error=api_error("Invalid", "immutable"), times=1)
    work = comparing()
    assert notes(work) == [("warning", "shop", "immutable")]
    assert fate(work) == ("", "update_failed")
    assert comparing.patches[1] == NEW_LABELS


def test_4_9_failing_update_and_failing_label_patch() -> None:
    comparing = Comparing(config_map(data={"a": "0"}), config_map(), policy="update")
    comparing.cluster.fail("patch", error=api_error("Forbidden", "no"))
    assert notes(comparing()) == [("warning", "shop", "no"), ("error", "shop", "no")]


# ------------------------------------------------------------------ service accounts


def account(**fields: Any) -> Manifest:
    return obj("ServiceAccount", "sa", "shop", **fields)


@pytest.mark.parametrize("policy", ["", "none", "update"])
def test_4_9_service_account_is_merged_under_every_policy(policy: str) -> None:
    comparing = Comparing(
        account(secrets=[{"name": "a"}]), account(secrets=[{"name": "b"}]), policy=policy
    )
    work = comparing()
    assert comparing.patches == [{"secrets": [{"name": "a"}, {"name": "b"}]}], "no labels in it"
    assert fate(work) == ("updated", "service_account_merged")
    assert work.report.diffs
    assert "ServiceAccount serviceaccounts/shop/sa successfully updated" in logged(work)


@pytest.mark.parametrize("policy", ["", "none", "update"])
def test_4_9_service_account_that_lacks_nothing(policy: str) -> None:
    comparing = Comparing(account(secrets=[{"name": "a"}, {"name": "b"}]), account(), policy=policy)
    work = comparing()
    assert fate(work) == ("unchanged", "equal")
    assert not comparing.patches


@pytest.mark.parametrize(("policy", "patches"), [("", 1), ("none", 1), ("update", 2)])
def test_4_9_service_account_that_cannot_be_merged(policy: str, patches: int) -> None:
    comparing = Comparing(account(), account(secrets=[{"name": "b"}]), policy=policy)
    comparing.cluster.fail("patch", error=api_error("Forbidden", "no"), times=1)
    work = comparing()
    assert notes(work) == [("warning", "shop", "no")]
    assert len(comparing.patches) == patches
    assert comparing.patches[1:] == [NEW_LABELS][: patches - 1]
    assert work.outcome.reason == "update_failed"
    assert not work.outcome.action


# ------------------------------------------------------------------ other


@pytest.mark.parametrize("policy", ["", "none", "update"])
@pytest.mark.parametrize(("data", "reason"), [("1", "equal"), ("2", "mapped_namespace_collision")])
def test_7_a_collision_is_compared_and_never_written(policy: str, data: str, reason: str) -> None:
    comparing = Comparing(config_map(), config_map(data={"a": data}), policy=policy, collides=True)
    work = comparing()
    assert work.outcome.reason == reason
    assert not comparing.patches
    assert bool(notes(work)) is (data == "2")


@pytest.mark.parametrize(
    ("strict", "action"), [(False, "unchanged"), (True, "")], ids=["safe", "strict"]
)
def test_15_owners_count_only_when_strict(strict: bool, action: str) -> None:
    existing = config_map(meta={"managedFields": [owner("cluster")]})
    assert Comparing(existing, config_map(), strict=strict)().outcome.action == action


def test_4_9_a_cluster_object_without_metadata_is_a_warning() -> None:
    comparing = Comparing(config_map(), config_map())
    work = comparing.work
    assert work.resource is not None
    comparing._handler.handle(work, work.resource, {"kind": "ConfigMap"})
    assert notes(work) == [("warning", "shop", "metadata not found")]
    assert work.outcome.reason == "existing_not_readable"


def test_a_secret_never_shows_its_values() -> None:
    comparing = Comparing(
        obj("Secret", "s", "shop", data={"p": "b2xk"}),
        obj("Secret", "s", "shop", data={"p": "bmV3"}),
        policy="update",
    )
    work = comparing()
    text = str(work.report.diffs) + str(logged(work))
    assert work.report.diffs
    assert "b2xk" not in text
    assert "bmV3" not in text
