# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference section 1.5, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    BackupNotFoundError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import Settings
from ansible_collections.velero.core.plugins.module_utils.model.spec import (
    NON_RESTORABLE_RESOURCES,
    RestoreSpec,
)
from ansible_collections.velero.core.plugins.module_utils.restore.validation import (
    Validated,
    validate,
)
from ansible_collections.velero.core.plugins.module_utils.storage.backups import BackupRecord
from tests.support.builders import Manifest, backup_object

SOURCE = "Either a backup or schedule must be specified as a source for the restore, but not both"
BOTH = (
    "encountered labelSelector as well as orLabelSelectors in restore spec, only one can be "
    "specified"
)
INIT = "invalid InitContainer in restore hook, it doesn't have Command, Name or Image field"
MISSING = (
    'Error retrieving backup: can\'t find backup velero/gone: Backup.velero.io "gone" not found'
)
TWICE = "excludes list cannot contain an item in the includes list: "


class Finder:
    """Backups by name; a schedule's are those with its label."""

    def __init__(self, *backups: Manifest, broken: bool = False) -> None:
        self._backups = {item["metadata"]["name"]: item for item in backups}
        self._broken = broken

    def find(self, name: str) -> Manifest:
        if name not in self._backups:
            raise BackupNotFoundError("reading backup", name)
        return self._backups[name]

    def of_schedule(self, schedule: str) -> Sequence[BackupRecord]:
        if self._broken:
            raise StorageError("listing", "backups", "no route")
        records = [BackupRecord(name, item) for name, item in self._backups.items()]
        return [record for record in records if record.schedule == schedule]


class NoModifiers:
    """Specs without a reference to resource modifiers."""

    def read(self, reference: Mapping[str, Any] | None) -> None:
        assert reference is None


def backup(name: str = "b1", schedule: str = "", **status: Any) -> Manifest:
    labels = {"velero.io/schedule-name": schedule} if schedule else {}
    return backup_object(name, labels=labels, status=status)


def check(finder: Finder | None = None, **spec: Any) -> Validated:
    return validate(RestoreSpec(**spec), finder or Finder(backup()), NoModifiers(), Settings())


def hooks(*containers: Any, selector: Any = None) -> dict[str, Any]:
    post = [{"init": {"initContainers": list(containers)}}]
    return {"resources": [{"name": "h", "labelSelector": selector, "postHooks": post}]}


GOOD = {"name": "c", "image": "i", "command": ["x"]}


@pytest.mark.parametrize(
    ("spec", "errors"),
    [
        pytest.param({"backup_name": "b1"}, [], id="valid"),
        pytest.param(
            {"backup_name": "b1", "included_resources": ["nodes", "events"]},
            [
                "nodes are non-restorable resources",
                "events are non-restorable resources",
                f"Invalid included/excluded resource lists: {TWICE}events",
                f"Invalid included/excluded resource lists: {TWICE}nodes",
            ],
            id="2-non-restorable",
        ),
        pytest.param(
            {"backup_name": "b1", "included_resources": ["*", "pods"]},
            [
                "Invalid included/excluded resource lists: includes list must either contain '*' "
                "only, or a non-empty list of items"
            ],
            id="3-resource-lists",
        ),
        pytest.param(
            {"backup_name": "b1", "included_namespaces": ["a"], "excluded_namespaces": ["a", "*"]},
            [
                "Invalid included/excluded namespace lists: excludes list cannot contain '*'",
                f"Invalid included/excluded namespace lists: {TWICE}a",
            ],
            id="4-namespace-lists",
        ),
        pytest.param(
            {"backup_name": "b1", "label_selector": {}, "or_label_selectors": []},
            [BOTH],
            id="5-both-selectors-even-empty",
        ),
        pytest.param({}, [SOURCE], id="6-no-source"),
        pytest.param({"backup_name": "b1", "schedule_name": "s"}, [SOURCE], id="6-two-sources"),
        pytest.param(
            {"existing_resource_policy": "bad", "hooks": hooks({})}, [SOURCE], id="6-stops"
        ),
        pytest.param(
            {
                "backup_name": "b1",
                "hooks": hooks(
                    selector={"matchExpressions": [{"key": "a", "operator": "Like", "values": []}]}
                ),
            },
            ['"Like" is not a valid label selector operator'],
            id="7-hook-selector",
        ),
        pytest.param({"backup_name": "b1", "hooks": hooks(GOOD)}, [], id="8-good-container"),
        pytest.param(
            {
                "backup_name": "b1",
                "hooks": hooks({**GOOD, "command": []}, GOOD, {**GOOD, "name": ""}, "text"),
            },
            [INIT, INIT, "json: cannot unmarshal string into Go value of type v1.Container"],
            id="8-bad-containers",
        ),
        pytest.param(
            {"backup_name": "b1", "hooks": hooks({**GOOD, "command": "x"})},
            [
                "json: cannot unmarshal string into Go struct field Container.command of type "
                "[]string"
            ],
            id="8-undecodable-container",
        ),
        pytest.param(
            {
                "backup_name": "b1",
                "hooks": hooks(
                    {}, selector={"matchExpressions": [{"key": "a", "operator": "Like"}]}
                ),
            },
            ['"Like" is not a valid label selector operator'],
            id="7-stops-8",
        ),
        pytest.param(
            {"backup_name": "b1", "existing_resource_policy": "Update"},
            ["Invalid ExistingResourcePolicy: Update"],
            id="9-policy-is-case-sensitive",
        ),
        pytest.param({"backup_name": "gone"}, [MISSING], id="13-missing-backup"),
        pytest.param(
            {
                "backup_name": "gone",
                "included_resources": ["nodes"],
                "excluded_namespaces": ["*"],
                "label_selector": {},
                "or_label_selectors": [],
                "existing_resource_policy": "x",
            },
            [
                "nodes are non-restorable resources",
                f"Invalid included/excluded resource lists: {TWICE}nodes",
                "Invalid included/excluded namespace lists: excludes list cannot contain '*'",
                BOTH,
                "Invalid ExistingResourcePolicy: x",
                MISSING,
            ],
            id="all-in-order",
        ),
    ],
)
def test_1_5_errors(spec: dict[str, Any], errors: list[str]) -> None:
    assert check(**spec).errors == errors


@pytest.mark.parametrize("policy", ["", "none", "update"])
def test_1_5_9_policies(policy: str) -> None:
    assert not check(backup_name="b1", existing_resource_policy=policy).errors


NO_COMPLETED = "No completed backups found for schedule"


@pytest.mark.parametrize(
    ("finder", "errors", "chosen"),
    [
        pytest.param(
            Finder(broken=True), ["Unable to list backups for schedule"], "", id="10-unlistable"
        ),
        pytest.param(
            Finder(backup("b1", "other")),
            ["No backups found for schedule", NO_COMPLETED],
            "",
            id="11-and-12-none",
        ),
        pytest.param(
            Finder(backup("b1", "s", phase="PartiallyFailed")),
            [NO_COMPLETED],
            "",
            id="12-none-completed",
        ),
        pytest.param(
            Finder(
                backup("old", "s", startTimestamp="2026-01-01T00:00:00Z"),
                backup("new", "s", startTimestamp="2026-01-03T00:00:00Z"),
                backup("failed", "s", phase="Failed", startTimestamp="2026-01-04T00:00:00Z"),
                backup("other", "x", startTimestamp="2026-01-05T00:00:00Z"),
                backup("timeless", "s", startTimestamp=None),
            ),
            [],
            "new",
            id="newest-completed",
        ),
    ],
)
def test_1_5_schedules(finder: Finder, errors: list[str], chosen: str) -> None:
    found = check(finder, schedule_name="s")
    assert found.errors == errors
    assert found.spec.backup_name == chosen
    assert found.spec.schedule_name == "s"


def test_1_5_15_the_schedule_of_the_backup() -> None:
    assert check(Finder(backup("b1", "s")), backup_name="b1").spec.schedule_name == "s"
    assert check(backup_name="b1").spec.schedule_name == ""


@pytest.mark.parametrize("phase", ["InProgress", "Failed", "PartiallyFailed", ""])
def test_10_any_phase_is_good_enough_for_a_backup_that_is_named(phase: str) -> None:
    assert not check(Finder(backup(phase=phase)), backup_name="b1").errors


def test_1_5_1_and_1_6_the_fixed_exclusions() -> None:
    given = RestoreSpec(backup_name="b1", excluded_resources=["secrets", "nodes"])
    found = validate(given, Finder(backup()), NoModifiers(), Settings())
    rest = [name for name in NON_RESTORABLE_RESOURCES if name != "nodes"]
    assert found.spec.excluded_resources == ["secrets", "nodes", *rest]
    assert given.excluded_resources == ["secrets", "nodes"], "nothing given is changed"


@pytest.mark.parametrize(("given", "used"), [(0, 14400), (60, 60)])
def test_1_4_8_the_default_timeout_also_when_refused(given: float, used: float) -> None:
    for name in ("b1", "gone", ""):
        found = check(backup_name=name, item_operation_timeout=given)
        assert found.spec.item_operation_timeout == used


def test_the_backup_is_returned() -> None:
    found = check(backup_name="b1").backup
    assert found is not None
    assert found["metadata"]["name"] == "b1"
