# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.describe.data import describe_data
from ansible_collections.velero.core.plugins.module_utils.describe.facts import RestoreFacts
from tests.support.golden_data import ExpectedRun, GoldenCase, golden_cases
from tests.support.golden_describe import recorded_facts

RUNS = [(case, run) for case in golden_cases() for run in case.runs]


@pytest.mark.parametrize(("case", "run"), RUNS, ids=[run.name for _case, run in RUNS])
def test_all_that_the_recorded_text_tells_is_in_the_data(
    case: GoldenCase, run: ExpectedRun
) -> None:
    data = describe_data(recorded_facts(run, case.velero_objects))
    assert json.loads(json.dumps(data)) == data
    status = run.restore["status"]
    assert data["phase"] == status["phase"]
    assert data["validationErrors"] == status.get("validationErrors", [])
    assert data["warnings"]["count"] == status.get("warnings", 0)
    assert data["errors"]["count"] == status.get("errors", 0)
    assert data["resourceList"] == run.artifacts.get("resource-list")
    assert data["itemOperations"] == run.artifacts.get("itemoperations")
    assert (data["missing"] == {}) == ("results" in run.artifacts)
    for kind in ("warnings", "errors"):
        told = {name: texts for name, texts in data[kind].items() if name != "count" and texts}
        assert told == run.artifacts.get("results", {}).get(kind, {})


def test_values() -> None:
    facts = RestoreFacts(
        restore={
            "metadata": {"name": "r1", "deletionTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {
                "backupName": "b1",
                "includedNamespaces": ["shop"],
                "excludedResources": ["nodes"],
                "orLabelSelectors": [{"matchLabels": {"a": "1"}}, {"matchLabels": {"a": "2"}}],
                "restorePVs": False,
                "itemOperationTimeout": "4h",
                "uploaderConfig": {"parallelFilesDownload": 2},
            },
            "status": {
                "phase": "Failed",
                "failureReason": "lost",
                "startTimestamp": "2026-01-01T00:00:00Z",
                "progress": {"totalItems": 3},
                "hookStatus": {},
                "restoreItemOperationsAttempted": 2,
            },
        },
        volume_info=[],
    )
    data = describe_data(facts)
    assert data["deleting"] is True
    assert data["spec"] == {
        "backup": "b1",
        "schedule": "",
        "namespaces": {"included": ["shop"], "excluded": []},
        "resources": {"included": ["*"], "excluded": ["nodes"], "clusterScoped": "auto"},
        "namespaceMappings": {},
        "labelSelector": "<none>",
        "orLabelSelector": "a=1 or a=2",
        "restorePVs": "false",
        "existingResourcePolicy": "",
        "itemOperationTimeout": "4h0m0s",
        "preserveServiceNodePorts": "auto",
        "resourceModifier": None,
        "uploaderConfig": {"parallelFilesDownload": 2},
    }
    assert data["status"] == {
        "started": "2026-01-01T00:00:00Z",
        "completed": None,
        "failureReason": "lost",
        "progress": {"totalItems": 3, "itemsRestored": 0},
        "itemOperations": {"attempted": 2, "completed": 0, "failed": 0},
        "hooks": {"hooksAttempted": 0, "hooksFailed": 0},
    }
    assert data["volumes"] == {"podVolumeRestores": None, "csiSnapshotRestores": []}
    assert data["missing"] == dict.fromkeys(
        ("results", "resourceList", "itemOperations"), "file not found"
    )


def test_volumes() -> None:
    moved: dict[str, Any] = {
        "restoreMethod": "CSISnapshot",
        "snapshotDataMoved": True,
        "pvcNamespace": "shop",
        "pvcName": "data",
        "snapshotDataMovementInfo": {"operationID": "dd-1", "dataMover": "velero"},
    }
    restore = {
        "spec": {"uploaderType": "kopia", "volume": "v", "pod": {"namespace": "a", "name": "b"}},
        "status": {"phase": "Canceled"},
    }
    facts = RestoreFacts(restore={}, volume_info=[moved], pod_volume_restores=[restore])
    assert describe_data(facts)["volumes"] == {
        "podVolumeRestores": {"uploaderType": "kopia", "phases": {"Canceled": {"a/b": ["v"]}}},
        "csiSnapshotRestores": [
            {
                "claim": "shop/data",
                "dataMoved": True,
                "operationID": "dd-1",
                "dataMover": "velero",
                "uploaderType": "",
            }
        ],
    }
