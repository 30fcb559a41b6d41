# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.operations import ItemOperation

# The record of reference section 7.1.
ROW: dict[str, Any] = {
    "spec": {
        "restoreName": "r1",
        "restoreUID": "6c1e",
        "restoreItemAction": "velero.io/csi-pvc-restorer",
        "resourceIdentifier": {
            "Group": "",
            "Resource": "persistentvolumeclaims",
            "Namespace": "shop",
            "Name": "data",
        },
        "operationID": "dd-6c1e",
    },
    "status": {
        "phase": "InProgress",
        "nCompleted": 1048576,
        "nTotal": 4194304,
        "operationUnits": "Bytes",
        "description": "InProgress",
        "created": "2026-05-20T08:00:00Z",
        "started": "2026-05-20T08:00:05Z",
        "updated": "2026-05-20T08:01:00Z",
    },
}


def test_a_record_there_and_back() -> None:
    operation = ItemOperation.from_dict(ROW)
    assert operation.key == ("velero.io/csi-pvc-restorer", "dd-6c1e")
    assert operation.to_dict("r1", "6c1e") == ROW


def test_members_without_a_value_are_left_out() -> None:
    row = {**ROW, "status": {"phase": "New", "created": "2026-05-20T08:00:00Z", "error": None}}
    assert ItemOperation.from_dict(row).to_dict("r1", "6c1e")["status"] == {
        "phase": "New",
        "created": "2026-05-20T08:00:00Z",
    }


@pytest.mark.parametrize(
    ("phase", "running"),
    [("New", True), ("InProgress", True), ("Completed", False), ("Failed", False)],
)
def test_which_operations_run(phase: str, running: bool) -> None:
    row = {**ROW, "status": {"phase": phase}}
    assert ItemOperation.from_dict(row).is_running is running


@pytest.mark.parametrize("row", [{}, {"spec": None, "status": None}])
def test_an_empty_row(row: dict[str, Any]) -> None:
    operation = ItemOperation.from_dict(row)
    assert (operation.action, operation.created, operation.phase) == ("", "", "New")


def test_failing() -> None:
    operation = ItemOperation.from_dict(ROW)
    operation.fail("why")
    assert (operation.phase, operation.error, operation.is_running) == ("Failed", "why", False)
