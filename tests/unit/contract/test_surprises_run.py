# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Surprises (reference section 11) about a restore as a whole: 9 to 12, 45, 54, 55, 57."""

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.ansible_request import restore_request
from ansible_collections.velero.core.plugins.module_utils.ansible_spec_restore import RESTORE
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ConnectionFailedError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import (
    HIGH_PRIORITIES,
)
from ansible_collections.velero.core.plugins.module_utils.model.spec import (
    NON_RESTORABLE_RESOURCES,
)
from tests.support.builders import MemoryCatalog, backup_object, config_map, obj
from tests.support.builders_actions import Action, wants
from tests.support.builders_run import Restoring
from tests.support.contract import both_modes, restore
from tests.support.fake_cluster import FakeCluster, obj_namespace
from tests.unit.plugins.modules.support import parsed

X = config_map("x")


@both_modes
def test_surprise_09_a_corrupt_archive_is_partially_failed(mode: str) -> None:
    restoring = Restoring([X], compatibility=mode)
    restoring.store.files["backups/b1/b1.tar.gz"] = b"no gzip"
    report = restoring.run()
    assert report.phase == "PartiallyFailed"
    assert len(report.results.errors.velero) == 1
    assert not restoring.cluster.writes


@both_modes
def test_surprise_09_an_unreadable_item_is_partially_failed(mode: str) -> None:
    seen = restore(MemoryCatalog([X], raw={("secrets", "shop", "s"): b"{"}), mode=mode)
    assert seen.phase == "PartiallyFailed"
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}


@both_modes
def test_surprise_09_an_empty_archive_is_completed_with_a_warning(mode: str) -> None:
    seen = restore([], mode=mode)
    assert seen.phase == "Completed"
    assert seen.warnings == {
        "velero": ['zero items to be restored: directory "resources": does not exist']
    }
    assert not seen.errors


@both_modes
def test_surprise_09_trouble_around_the_items_is_an_error_that_can_be_resumed(mode: str) -> None:
    """Velero calls it Failed; here the record stays InProgress, and the next run goes on."""
    restoring = Restoring([X], cluster=FakeCluster(obj_namespace("shop")), compatibility=mode)
    restoring.cluster.fail("create", error=ConnectionFailedError("creating", "x", "reset"), times=1)
    with pytest.raises(ConnectionFailedError):
        restoring.run()
    assert (
        restoring.store.json("restores/r1/velero-restore.json")["status"]["phase"] == "InProgress"
    )
    assert restoring.run().phase == "Completed"


@both_modes
@pytest.mark.parametrize("phase", ["InProgress", "PartiallyFailed", "Failed", "New", ""])
def test_surprise_10_a_named_backup_may_have_any_phase(mode: str, phase: str) -> None:
    seen = restore([X], mode=mode, backup=backup_object(status={"phase": phase}))
    assert seen.phase == "Completed"
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}


@both_modes
@pytest.mark.parametrize("phase", ["PartiallyFailed", "Failed", "InProgress"])
def test_surprise_10_a_schedule_needs_a_completed_one(mode: str, phase: str) -> None:
    backup = backup_object(status={"phase": phase}, labels={"velero.io/schedule-name": "daily"})
    report = Restoring([X], backup=backup, compatibility=mode).run(schedule_name="daily")
    assert report.phase == "FailedValidation"
    assert report.restore["status"]["validationErrors"] == [
        "No completed backups found for schedule"
    ]


@both_modes
def test_surprise_11_validation_completes_the_spec(mode: str) -> None:
    backup = backup_object(labels={"velero.io/schedule-name": "daily"})
    seen = restore([X], mode=mode, backup=backup, excluded_resources=["nodes", "pods"])
    spec = seen.report.restore["spec"]
    assert spec["excludedResources"] == ["nodes", "pods", *NON_RESTORABLE_RESOURCES[1:]]
    assert len(NON_RESTORABLE_RESOURCES) == 9
    assert spec["scheduleName"] == "daily"
    assert spec["itemOperationTimeout"] == "4h0m0s"


@both_modes
def test_surprise_11_also_when_it_fails(mode: str) -> None:
    """Returned, but not recorded (rule C5)."""
    restoring = Restoring([X], compatibility=mode)
    report = restoring.run(existing_resource_policy="odd")
    assert report.phase == "FailedValidation"
    assert report.restore["spec"]["excludedResources"] == list(NON_RESTORABLE_RESOURCES)
    assert report.restore["spec"]["itemOperationTimeout"] == "4h0m0s"
    assert not restoring.store.writes


@both_modes
def test_surprise_12_an_empty_list_of_selectors_counts(mode: str) -> None:
    report = Restoring([X], compatibility=mode).run(
        label_selector={"matchLabels": {"a": "b"}}, or_label_selectors=[]
    )
    assert report.phase == "FailedValidation"
    assert report.restore["status"]["validationErrors"] == [
        "encountered labelSelector as well as orLabelSelectors in restore spec, only one can be "
        "specified"
    ]


@both_modes
def test_surprise_45_the_key_of_the_volume_information(mode: str) -> None:
    seen = restore([X], mode=mode)
    below = {key.rpartition("/")[2] for key in seen.store.keys("restores/r1/")}
    assert "r1-volumeinfo.json.gz" in below
    assert {name for name in below if name.startswith("restore-r1-")} >= {
        "restore-r1-results.gz",
        "restore-r1-logs.gz",
        "restore-r1-resource-list.json.gz",
        "restore-r1-itemoperations.json.gz",
    }


@both_modes
def test_surprise_54_progress_counts_all_that_was_looked_at(mode: str) -> None:
    """Created namespaces, additional, skipped and failed items."""
    mirror = obj("Pod", "m", "shop", annotations={"kubernetes.io/config.mirror": "x"})
    seen = restore(
        [X, config_map("same"), config_map("other"), mirror, obj("Service", "s", "far")],
        mode=mode,
        existing=[config_map("same"), config_map("other", data={"a": "2"})],
        actions=[Action(wants("services/far/s"))],
        included_resources=["configmaps", "pods", "services"],
    )
    assert seen.listed == {
        "v1/ConfigMap": ["shop/other(failed)", "shop/same(skipped)", "shop/x(created)"],
        "v1/Namespace": ["far(created)"],
        "v1/Pod": ["shop/m(skipped)"],
        "v1/Service": ["far/s(created)"],
    }
    progress = seen.report.restore["status"]["progress"]
    assert progress == {"totalItems": 6, "itemsRestored": 6}


@both_modes
def test_surprise_55_a_last_status_that_cannot_be_written_is_made_up_for(mode: str) -> None:
    """Velero's restore is marked Failed at the next start of the server."""
    restoring = Restoring([X], compatibility=mode)
    key = "restores/r1/velero-restore.json"

    def refuse(written: str) -> None:
        if written == key and restoring.store.writes.count(key):
            raise StorageError("writing", key, "the disk is full")

    restoring.store.before_write = refuse
    report = restoring.run()
    assert any("the disk is full" in text for text in report.warnings)
    assert restoring.store.json(key)["status"]["phase"] == "InProgress"
    restoring.revive()
    again = restoring.run()
    assert again.phase == "Completed"
    assert restoring.store.json(key)["status"]["phase"] == "Completed"


def test_surprise_57_the_option_can_empty_a_list() -> None:
    given = {
        "storage": {"provider": "directory", "path": "/backups"},
        "backup_name": "b",
        "restore_resource_priorities": {"low": []},
    }
    priorities = restore_request(parsed(RESTORE, given)).settings.priorities
    assert (priorities.high, priorities.low) == (HIGH_PRIORITIES, ())
