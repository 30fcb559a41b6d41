# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.volumes import (
    FROM_SNAPSHOT,
    KEEP,
    REPROVISION,
    BackupVolumes,
    volume_info_by_name,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.decision import (
    claim_ref,
    decide,
    has_csi_snapshot,
)
from tests.support.builders import Manifest, obj

POD_VOLUME = (
    "Dynamically re-provisioning persistent volume because it has a pod volume backup to be "
    "restored."
)
SNAPSHOT = (
    "Dynamically re-provisioning persistent volume because it has a CSI VolumeSnapshot or a "
    "related snapshot DataUpload."
)
DELETED = (
    "Dynamically re-provisioning persistent volume because it doesn't have a snapshot and its "
    "reclaim policy is Delete."
)
KEPT = (
    "Restoring persistent volume as-is because it doesn't have a snapshot and its reclaim policy "
    "is not Delete."
)
NATIVE_ROW = {"spec": {"persistentVolumeName": "pv"}}
VOLUME_SNAPSHOT = {
    "metadata": {"namespace": "shop"},
    "spec": {"source": {"persistentVolumeClaimName": "data"}},
}
POD_VOLUME_BACKUP = {
    "metadata": {"annotations": {"velero.io/pvc-name": "data"}},
    "spec": {"pod": {"namespace": "shop", "name": "web"}},
}
ALL = BackupVolumes(
    snapshots=[NATIVE_ROW], csi_snapshots=[VOLUME_SNAPSHOT], pod_volume_backups=[POD_VOLUME_BACKUP]
)


def volume(policy: str = "Retain", claim: Any = ("shop", "data")) -> Manifest:
    spec: Manifest = {"persistentVolumeReclaimPolicy": policy}
    if claim:
        spec["claimRef"] = {"namespace": claim[0], "name": claim[1]}
    return obj("PersistentVolume", "pv", spec=spec)


@pytest.mark.parametrize("policy", ["Delete", "Retain"])
@pytest.mark.parametrize(
    ("row", "handling", "log"),
    [
        ({"backupMethod": "NativeSnapshot"}, FROM_SNAPSHOT, None),
        ({"backupMethod": "PodVolumeBackup"}, REPROVISION, POD_VOLUME),
        ({"backupMethod": "CSISnapshot"}, REPROVISION, SNAPSHOT),
        ({"backupMethod": "CSISnapshot", "snapshotDataMoved": True}, REPROVISION, SNAPSHOT),
        ({"backupMethod": "CSISnapshot", "result": "failed"}, REPROVISION, SNAPSHOT),
        ({"skipped": True}, "", ""),
        ({"backupMethod": "SomethingNew"}, "", ""),
    ],
    ids=["native", "pod volume", "csi", "moved", "failed backup", "skipped", "unknown"],
)
def test_4_2_by_the_volume_information(
    row: dict[str, Any], handling: str, log: str | None, policy: str
) -> None:
    if not handling:
        handling = REPROVISION if policy == "Delete" else KEEP
        log = DELETED if policy == "Delete" else KEPT
    backup = BackupVolumes(
        infos={"pv": row}, snapshots=ALL.snapshots, pod_volume_backups=ALL.pod_volume_backups
    )
    found = decide(volume(policy), backup, lambda *claim: True)
    assert found.handling == handling
    assert found.log == ("Find BackupVolumeInfo for PV pv.", *([log] if log else []))
    assert found.moved is bool(row.get("snapshotDataMoved"))


@pytest.mark.parametrize(
    ("backup", "pv", "moved", "handling", "method"),
    [
        (ALL, volume("Delete"), True, FROM_SNAPSHOT, "NativeSnapshot"),
        (ALL, volume(claim=None), True, FROM_SNAPSHOT, "NativeSnapshot"),
        (
            BackupVolumes(csi_snapshots=[VOLUME_SNAPSHOT], pod_volume_backups=[POD_VOLUME_BACKUP]),
            volume(),
            True,
            REPROVISION,
            "PodVolumeBackup",
        ),
        (
            BackupVolumes(csi_snapshots=[VOLUME_SNAPSHOT]),
            volume(),
            True,
            REPROVISION,
            "CSISnapshot",
        ),
        (BackupVolumes(), volume(), True, REPROVISION, "CSISnapshot"),
        (BackupVolumes(), volume("Delete"), False, REPROVISION, ""),
        (BackupVolumes(), volume(), False, KEEP, ""),
        (BackupVolumes(), volume(claim=None), True, KEEP, ""),
        (
            BackupVolumes(csi_snapshots=[VOLUME_SNAPSHOT], pod_volume_backups=[POD_VOLUME_BACKUP]),
            volume(claim=("other", "data")),
            False,
            KEEP,
            "",
        ),
        (
            BackupVolumes(infos={"other": {"backupMethod": "CSISnapshot"}}),
            volume(),
            False,
            KEEP,
            "",
        ),
    ],
    ids=[
        "native first",
        "native without claim",
        "then pod volumes",
        "then csi",
        "then data uploads",
        "then reclaim policy",
        "nothing",
        "no claim",
        "another claim",
        "info of another volume",
    ],
)
def test_4_2_without_volume_information(
    backup: BackupVolumes, pv: Manifest, moved: bool, handling: str, method: str
) -> None:
    found = decide(pv, backup, lambda *claim: moved)
    assert (found.handling, found.method) == (handling, method)
    assert found.log[0] == "Cannot find BackupVolumeInfo for PV pv."


def test_9_4_the_last_row_of_a_volume_counts() -> None:
    rows = [{"pvName": "pv", "backupMethod": name} for name in ("CSISnapshot", "PodVolumeBackup")]
    found = decide(volume(), BackupVolumes(infos=volume_info_by_name(rows)), lambda *claim: False)
    assert found.method == "PodVolumeBackup"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], False),
        ([VOLUME_SNAPSHOT], True),
        ([{"spec": {"source": {}}}, VOLUME_SNAPSHOT], True),
        ([{"metadata": {"namespace": "shop"}, "spec": {"source": None}}], False),
        ([{**VOLUME_SNAPSHOT, "metadata": {"namespace": "other"}}], False),
    ],
)
def test_12_1_csi_snapshots(rows: list[dict[str, Any]], found: bool) -> None:
    assert has_csi_snapshot(BackupVolumes(csi_snapshots=rows), "shop", "data") is found


@pytest.mark.parametrize(
    ("pv", "claim"),
    [
        (volume(), ("shop", "data")),
        (volume(claim=None), None),
        ({}, None),
        ({"spec": {"claimRef": "foo"}}, None),
        ({"spec": {"claimRef": {}}}, ("", "")),
    ],
)
def test_claims_of_volumes(pv: Manifest, claim: tuple[str, str] | None) -> None:
    assert claim_ref(pv) == claim
