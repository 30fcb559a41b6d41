# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of the volumes of a restore: what is done about each, and what is missing for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.csi_names import SNAPSHOT_GROUP
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.items import Reason
from ansible_collections.velero.core.plugins.module_utils.model.kinds import CLAIMS, VOLUMES
from ansible_collections.velero.core.plugins.module_utils.model.names import namespaced_name
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.volumes import (
    CSI_SNAPSHOT,
    FROM_SNAPSHOT,
    KEEP,
    POD_VOLUME_BACKUP,
    REPROVISION,
    BackupVolumes,
    Obstacle,
    RestoredVolume,
    VolumeDecision,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.decision import claim_ref
from ansible_collections.velero.core.plugins.module_utils.volumes.requirements import (
    Finding,
    Requirements,
)

# What a plan says is done with a volume.
NATIVE, CSI, POD_VOLUME, MOVED, ANEW, KEPT, SKIPPED = (
    "native_snapshot",
    "csi_snapshot",
    "pod_volume_backup",
    "moved_data",
    "reprovision",
    "keep",
    "skip",
)
_SNAPSHOTS = f"volumesnapshots.{SNAPSHOT_GROUP}"
_POD_VOLUME_RESTORES = "podvolumerestores.velero.io"
_DATA_DOWNLOADS = "datadownloads.velero.io"

Row = dict[str, Any]
Place = tuple[str, str]


@dataclass(slots=True)
class PlannedVolume:
    """A PersistentVolume of the backup and what was found out about it."""

    pv: Manifest
    decision: VolumeDecision
    restored: RestoredVolume | None = None
    blockers: list[str] = field(default_factory=list)


class VolumePlan:
    """Collects what a planning run tells; may be called from several threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._volumes: dict[str, PlannedVolume] = {}

    def decided(self, pv: Manifest, decision: VolumeDecision) -> None:
        """Notes a decision."""
        with self._lock:
            self._volumes.setdefault(str(pv["metadata"]["name"]), PlannedVolume(pv, decision))

    def restored(self, name: str, volume: RestoredVolume) -> None:
        """Notes what would become of a volume with a native snapshot."""
        with self._lock:
            if name in self._volumes:
                self._volumes[name].restored = volume

    def blocked(self, name: str, why: str) -> None:
        """Notes why a volume cannot be restored."""
        with self._lock:
            if name in self._volumes:
                self._volumes[name].blockers.append(why)

    def volumes(self) -> list[PlannedVolume]:
        """Returns the volumes, sorted by name."""
        with self._lock:
            return [self._volumes[name] for name in sorted(self._volumes)]


class VolumePlanner:
    """Makes rows of a plan. ``cluster`` answers as if the plan had been carried out.

    ``claim_actions`` tells what happens to the claims of the plan (target namespace and name),
    ``includes_resource`` what the restore leaves out, ``obstacle`` why node agents cannot restore
    data of a namespace of the backup, of pods or moved by claim.
    """

    def __init__(
        self,
        backup: BackupVolumes,
        cluster: Cluster,
        requirements: Requirements,
        *,
        restore_pvs: bool | None,
        namespace_mapping: Mapping[str, str],
        claim_actions: Mapping[Place, str],
        includes_resource: Callable[[str], bool],
        obstacle: Callable[[str, bool], Obstacle | None],
    ) -> None:
        self._backup = backup
        self._cluster = cluster
        self._needs = requirements
        self._restore_pvs = restore_pvs
        self._mapping = namespace_mapping
        self._claim_actions = claim_actions
        self._includes = includes_resource
        self._obstacle = obstacle

    def row(self, volume: PlannedVolume) -> Row:
        """Returns the row of one PersistentVolume; ``missing`` says what it lacks."""
        claim = self._claim(volume.pv)
        planned = self._planned_claim(claim)
        decision = self._decision(volume, claim)
        findings = [Finding(text) for text in volume.blockers]
        if decision != SKIPPED:
            findings += self._findings(decision, volume, planned)
        spec = volume.pv.get("spec") or {}
        return {
            "volume": str(volume.pv["metadata"]["name"]),
            "pod": "",
            "claim": namespaced_name(*claim) if claim else "",
            "decision": decision,
            "method": volume.decision.method,
            "size": str((spec.get("capacity") or {}).get("storage") or ""),
            "storage_class": _class_of(planned or volume.pv),
            "new_name": self._new_name(volume),
            "blocked": any(finding.blocks for finding in findings),
            "missing": [finding.text for finding in findings],
        }

    def pod_row(self, pod: str, volume: str, source_namespace: str) -> Row:
        """Returns the row of a volume that only a pod has."""
        findings = self._data_plane(_POD_VOLUME_RESTORES, source_namespace)
        return {
            "volume": volume,
            "pod": pod,
            "claim": "",
            "decision": POD_VOLUME,
            "method": POD_VOLUME_BACKUP,
            "size": "",
            "storage_class": "",
            "new_name": "",
            "blocked": any(finding.blocks for finding in findings),
            "missing": [finding.text for finding in findings],
        }

    def _claim(self, pv: Manifest) -> Place | None:
        claim = claim_ref(pv)
        return (self._mapping.get(claim[0]) or claim[0], claim[1]) if claim else None

    def _planned_claim(self, claim: Place | None) -> Manifest | None:
        try:
            return self._cluster.get(CLAIMS, *claim) if claim else None
        except ApiError:
            return None

    def _decision(self, volume: PlannedVolume, claim: Place | None) -> str:
        decision = volume.decision
        if decision.handling == FROM_SNAPSHOT:
            return self._native(volume)
        if decision.handling == KEEP:
            return SKIPPED if self._is_there(volume.pv) else KEPT
        if claim and self._claim_actions.get(claim) in ("unchanged", "update", "skip"):
            return SKIPPED
        return self._anew(decision)

    def _native(self, volume: PlannedVolume) -> str:
        if volume.restored is not None and not volume.restored.fresh:
            return SKIPPED
        return KEPT if self._restore_pvs is False else NATIVE

    def _anew(self, decision: VolumeDecision) -> str:
        if decision.method == POD_VOLUME_BACKUP:
            return POD_VOLUME
        if decision.method != CSI_SNAPSHOT or self._restore_pvs is False:
            return ANEW
        return MOVED if decision.moved else CSI

    def _is_there(self, pv: Manifest) -> bool:
        """Returns whether another volume of this name is in the cluster."""
        try:
            found = self._cluster.get(VOLUMES, "", str(pv["metadata"]["name"]))
        except ApiError:
            return False
        return "creationTimestamp" in found["metadata"]

    def _findings(
        self, decision: str, volume: PlannedVolume, claim: Manifest | None
    ) -> list[Finding]:
        needs, found = self._needs, []
        if decision == CSI:
            found += needs.kind(_SNAPSHOTS)
            if not self._includes(_SNAPSHOTS):
                found.append(Finding(f"this restore leaves {_SNAPSHOTS} out"))
            found += needs.csi_driver(self._driver(volume))
        if decision in (POD_VOLUME, MOVED):
            kind = _DATA_DOWNLOADS if decision == MOVED else _POD_VOLUME_RESTORES
            found += self._data_plane(kind, (claim_ref(volume.pv) or ("", ""))[0])
        if volume.decision.handling == REPROVISION and claim is not None:
            found += needs.storage_class(claim)
        return found

    def _data_plane(self, kind: str, source_namespace: str) -> list[Finding]:
        found = self._needs.kind(kind) + self._needs.node_agent()
        obstacle = self._obstacle(source_namespace, kind == _POD_VOLUME_RESTORES)
        if obstacle is not None and obstacle.reason != Reason.NODE_AGENT_MISSING:
            found.append(Finding(obstacle.text))
        return found

    def _driver(self, volume: PlannedVolume) -> str:
        info = self._backup.infos.get(str(volume.pv["metadata"]["name"])) or {}
        csi = (volume.pv.get("spec") or {}).get("csi") or {}
        return str((info.get("csiSnapshotInfo") or {}).get("driver") or csi.get("driver") or "")

    @staticmethod
    def _new_name(volume: PlannedVolume) -> str:
        restored = volume.restored
        return str(restored.obj["metadata"]["name"]) if restored and restored.renamed_from else ""


def _class_of(obj: Manifest) -> str:
    return str((obj.get("spec") or {}).get("storageClassName") or "")
