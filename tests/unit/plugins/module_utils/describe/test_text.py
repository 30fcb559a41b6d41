# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the recorded restores do not show. Source: pkg/cmd/util/output/restore_describer.go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.describe.facts import (
    NOT_FOUND,
    Absent,
    RestoreFacts,
)
from ansible_collections.velero.core.plugins.module_utils.describe.text import describe_text
from ansible_collections.velero.core.plugins.module_utils.model.results import Messages, Results

BASE = RestoreFacts(
    restore={
        "metadata": {"name": "r1", "namespace": "velero"},
        "spec": {"backupName": "b1"},
        "status": {"phase": "Completed"},
    },
    results=Results(),
    resource_list={},
    item_operations=[],
    volume_info=[],
)


def with_(part: str, **fields: Any) -> RestoreFacts:
    return replace(BASE, restore={**BASE.restore, part: {**BASE.restore[part], **fields}})


def pod_volume(
    volume: str, phase: str | None = "Completed", pod: str = "web", total: int = 0, done: int = 0
) -> dict[str, Any]:
    status: dict[str, Any] = {"progress": {"totalBytes": total, "bytesDone": done}}
    if phase is not None:
        status["phase"] = phase
    pods = {"namespace": "shop", "name": pod}
    return {"spec": {"uploaderType": "kopia", "pod": pods, "volume": volume}, "status": status}


def operation(group: str = "", **status: Any) -> dict[str, Any]:
    item = {"Group": group, "Resource": "widgets", "Namespace": "shop", "Name": "x"}
    spec = {"restoreItemAction": "mine/a", "operationID": "op-1", "resourceIdentifier": item}
    return {"spec": spec, "status": {"phase": "New", **status}}


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        (with_("metadata", labels={"b": "2", "a": "1"}), "Labels:       a=1\n              b=2\n"),
        (with_("metadata", annotations={"a": "1"}), "Annotations:  a=1\n"),
        (
            with_("metadata", deletionTimestamp="2026-01-01T00:00:00Z"),
            "Phase:  Completed (Deleting)\n",
        ),
        (with_("status", phase=None), "Phase:  New\n"),
        (
            with_("status", phase="Failed", failureReason="x"),
            "Phase:  Failed (run 'velero restore logs r1' for more information)\n",
        ),
        (
            with_("status", phase="InProgress", progress={"totalItems": 7}),
            "Phase:                                 InProgress\n"
            "Estimated total items to be restored:  7\n"
            "Items restored so far:                 0\n",
        ),
        (with_("status", progress={}), "Total items to be restored:  0\n"),
        (with_("spec", includeClusterResources=False), "  Cluster-scoped:  excluded\n"),
        (
            with_("spec", namespaceMapping={"b": "2", "a": "1"}),
            "Namespace mappings:  a=1\n                     b=2\n",
        ),
        (
            with_("spec", includedNamespaces=["*"]),
            "  Included:  all namespaces found in the backup\n",
        ),
        (with_("spec", restorePVs=True), "Restore PVs:  true\n"),
        (with_("spec", itemOperationTimeout="90m"), "ItemOperationTimeout:       1h30m0s\n"),
        (with_("spec", itemOperationTimeout="soon"), "ItemOperationTimeout:       soon\n"),
        (BASE, "ItemOperationTimeout:       0s\n"),
        (
            with_("spec", uploaderConfig={"writeSparseFiles": True, "parallelFilesDownload": 3}),
            "Uploader config:\n  Write Sparse Files:  true\n  Parallel Restore:    3\n",
        ),
        (with_("spec", uploaderConfig={}), "Uploader config:\n\n"),
        (
            with_("status", hookStatus={"hooksAttempted": 3}),
            "HooksAttempted:   3\nHooksFailed:      0\n",
        ),
        (
            replace(
                with_("status", errors=1),
                results=Results(errors=Messages(namespaces={"b": ["x"], "a": ["y", "z"]})),
            ),
            "Errors:\n  Velero:     <none>\n  Cluster:    <none>\n  Namespaces:\n"
            "    a:  y\n        z\n    b:  x\n",
        ),
        (
            replace(with_("status", warnings=1), results=NOT_FOUND),
            # Velero puts no empty line before it: it is in one column with the times.
            "Warnings:   <error getting warnings: file not found>\n\n"
            "Errors:  <error getting errors: file not found>\n",
        ),
        (
            replace(with_("status", restoreItemOperationsAttempted=1), item_operations=NOT_FOUND),
            "Restore Item Operations:  <error getting operation info: file not found>\n",
        ),
        (
            replace(
                with_("status", restoreItemOperationsAttempted=1),
                item_operations=[
                    operation("example.io", error="broken", nTotal=2, operationUnits="B")
                ],
            ),
            "Restore Item Operations:\n"
            "  Operation for widgets.example.io shop/x:\n"
            "    Restore Item Action Plugin:  mine/a\n"
            "    Operation ID:                op-1\n"
            "    Phase:                       New\n"
            "    Operation Error:             broken\n"
            "    Progress:                    0 of 2 complete (B)\n",
        ),
        (
            replace(BASE, volume_info=Absent("no")),
            f"{'':14}<error getting restore volume info: no>\n",
        ),
        (
            replace(BASE, resource_list=Absent("no")),
            "Resource List:  <error getting restore resource list: no>\n",
        ),
        (
            replace(BASE, resource_list=NOT_FOUND),
            "Resource List:  <restore resource list not found>\n",
        ),
        (
            replace(BASE, resource_list={"v1/Pod": ["a/b(created)"], "apps/v1/X": ["a(failed)"]}),
            "Resource List:\n  apps/v1/X:\n    - a(failed)\n  v1/Pod:\n    - a/b(created)\n",
        ),
        (
            replace(
                BASE,
                volume_info=[
                    {
                        "restoreMethod": "CSISnapshot",
                        "snapshotDataMoved": True,
                        "pvcName": "m",
                        "pvcNamespace": "shop",
                        "snapshotDataMovementInfo": {"operationID": "dd-1"},
                    },
                    {"restoreMethod": "NativeSnapshot", "pvName": "n"},
                    {
                        "restoreMethod": "CSISnapshot",
                        "pvcName": "s",
                        "pvcNamespace": "shop",
                        "csiSnapshotInfo": {"vscName": "c", "snapshotHandle": "h", "driver": "d"},
                    },
                ],
            ),
            "CSI Snapshot Restores:\n"
            "  shop/s:\n    Snapshot:\n      Snapshot Content Name: c\n"
            "      Storage Snapshot ID: h\n"
            "      CSI Driver: d\n"
            "  shop/m:\n    Data Movement:\n      Operation ID: dd-1\n      Data Mover: \n"
            "      Uploader Type: \n",
        ),
        (
            replace(
                BASE,
                pod_volume_restores=[
                    pod_volume("z", total=5),
                    pod_volume("new", None),
                    pod_volume("half", "InProgress", total=3, done=1),
                    pod_volume("a", pod="db"),
                    pod_volume("lost", "Failed", total=5),
                    pod_volume("b", total=1),
                    pod_volume("odd", "Unheard"),
                ],
            ),
            "kopia Restores:\n"
            "  Completed:\n    shop/db: a\n    shop/web: b (size: 1), z (size: 5)\n"
            "  Failed:\n    shop/web: lost\n"
            "  In Progress:\n    shop/web: half (33.33%)\n"
            "  New:\n    shop/web: new\n\n",
        ),
    ],
)
def test_parts(facts: RestoreFacts, wanted: str) -> None:
    text = describe_text(facts)
    assert f"\n{wanted}" in f"\n{text}"
    assert text.endswith("\n")


def test_without_a_record_there_is_no_phase_and_the_results_are_told_all_the_same() -> None:
    facts = replace(
        BASE, restore={"metadata": {"name": "r1"}}, results=Results(errors=Messages(velero=["x"]))
    )
    text = describe_text(facts)
    assert "Phase:  <n/a>\n" in text
    assert "Errors:\n  Velero:   x\n" in text
    assert "Warnings" not in text
