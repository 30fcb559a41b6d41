# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import RecordError
from ansible_collections.velero.core.plugins.module_utils.model.request import RestoreRequest
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.restore.manifest import (
    failed_validation,
    new_record,
    resumed,
    with_phase,
)

SPEC = RestoreSpec(backup_name="b1")
REQUEST = RestoreRequest(spec=SPEC, name="r1", labels={"team": "x"}, annotations={"why": "y"})


def record(phase: str = "", **status: Any) -> dict[str, Any]:
    made = new_record(REQUEST, "r1", SPEC)
    return {**made, "status": {**({"phase": phase} if phase else {}), **status}}


def test_new_record() -> None:
    made = new_record(REQUEST, "r1", SPEC)
    assert made["metadata"].pop("uid")
    assert made == {
        "apiVersion": "velero.io/v1",
        "kind": "Restore",
        "metadata": {
            "name": "r1",
            "namespace": "velero",
            "labels": {"team": "x", "app.kubernetes.io/managed-by": "velero.core"},
            "annotations": {"why": "y"},
        },
        "spec": {"backupName": "b1"},
        "status": {},
    }


def test_1_2_zero_values_vanish_but_for_pointers() -> None:
    status = {"errors": 0, "warnings": 2, "hookStatus": {}, "progress": {}}
    assert with_phase(record(), "InProgress", **status)["status"] == {
        "phase": "InProgress",
        "warnings": 2,
        "hookStatus": {},
        "progress": {},
    }


def test_a_phase_that_may_not_follow() -> None:
    with pytest.raises(RecordError):
        with_phase(record("Completed"), "InProgress")


@pytest.mark.parametrize("phase", ["InProgress", "Finalizing", "WaitingForPluginOperations"])
def test_resumed_keeps_only_its_start(phase: str) -> None:
    made = resumed(record(phase, startTimestamp="t", errors=3, progress={"totalItems": 1}))
    assert made["status"] == {"phase": "InProgress", "startTimestamp": "t"}


def test_failed_validation() -> None:
    made = failed_validation(REQUEST, SPEC, ["one", "two"])
    assert made["status"] == {"phase": "FailedValidation", "validationErrors": ["one", "two"]}
