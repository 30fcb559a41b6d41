# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all stages of one restore work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.pod_volumes import VolumeSnapshot
from ansible_collections.velero.core.plugins.module_utils.model import phases
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    RecordError,
    VeleroCoreError,
)
from ansible_collections.velero.core.plugins.module_utils.model.names import namespaced_name
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
    ObjectStore,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import (
    RestoreRequest,
    Settings,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.model.times import timestamp
from ansible_collections.velero.core.plugins.module_utils.model.volumes import (
    BackupVolumes,
    Obstacle,
)
from ansible_collections.velero.core.plugins.module_utils.restore.backup_volumes import (
    backup_volumes,
)
from ansible_collections.velero.core.plugins.module_utils.restore.item_actions import (
    RestoreActions,
)
from ansible_collections.velero.core.plugins.module_utils.restore.record import ClusterRecord
from ansible_collections.velero.core.plugins.module_utils.restore.sources import BackupSource
from ansible_collections.velero.core.plugins.module_utils.restore.validation import Validated
from ansible_collections.velero.core.plugins.module_utils.storage.artifacts import (
    RestoreArtifacts,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.data_plane import DataPlane
from ansible_collections.velero.core.plugins.module_utils.volumes.plan import VolumePlan
from ansible_collections.velero.core.plugins.module_utils.volumes.pod_volume_restorer import (
    PodVolumeRestorer,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.repositories import RepositoryKey
from ansible_collections.velero.core.plugins.module_utils.volumes.snapshotter import Snapshotters
from ansible_collections.velero.core.plugins.module_utils.volumes.tracker import VolumeTracker


@dataclass(slots=True, kw_only=True)
class RestoreContext:
    """The request, the outside world and the record of one restore.

    ``warnings`` collects what went wrong around the restore. ``is_owner`` tells whether objects
    may have the Restore object in the cluster as their owner. ``tracker`` and ``volume_plan``
    collect what happens to volumes, ``data_plane`` and ``pod_volumes`` restore their data while
    there are items to be restored. ``api`` is what was just discovered.
    """

    request: RestoreRequest
    cluster: Cluster
    source: BackupSource
    store: ObjectStore | None
    artifacts: RestoreArtifacts | None
    clock: Clock
    in_cluster: ClusterRecord
    validated: Validated
    warnings: list[str]
    item_actions: RestoreActions = field(default_factory=RestoreActions)
    api: ApiResources | None = None
    is_owner: bool = False
    snapshotters: Snapshotters | None = None
    tracker: VolumeTracker = field(default_factory=VolumeTracker)
    volume_plan: VolumePlan = field(default_factory=VolumePlan)
    data_plane: DataPlane | None = None
    pod_volumes: PodVolumeRestorer | None = None
    _backup_volumes: BackupVolumes | None = None
    _progress: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Returns the name of the restore."""
        return self.request.name

    @property
    def full_name(self) -> str:
        """Returns ``namespace/name`` of the restore."""
        return namespaced_name(self.settings.velero_namespace, self.name)

    @property
    def spec(self) -> RestoreSpec:
        """Returns the spec as validation has completed it."""
        return self.validated.spec

    @property
    def backup(self) -> Manifest:
        """Returns the Backup object."""
        return self.validated.backup or {}

    @property
    def backup_location(self) -> str:
        """Returns the name of the backup's BackupStorageLocation; empty when it is not known."""
        return str((self.backup.get("spec") or {}).get("storageLocation") or "")

    @property
    def backup_volumes(self) -> BackupVolumes:
        """Returns what is known of the backup's volumes, read once. Raises StorageError."""
        if self._backup_volumes is None:
            self._backup_volumes = backup_volumes(
                self.source,
                self.spec.backup_name,
                self.cluster,
                self.api,
                self.settings.velero_namespace,
                self.warnings,
            )
        return self._backup_volumes

    def data_obstacle(self, namespace: str, of_pods: bool) -> Obstacle | None:
        """Returns why the data of a namespace of the backup cannot be moved; None when it can."""
        plane = self.data_plane
        if plane is None:
            return None
        no_owner = plane.no_owner() if of_pods else None
        return no_owner or plane.obstacle(RepositoryKey(namespace, self.backup_location))

    def volumes_to_fill(self, pod: Manifest, source_namespace: str) -> Mapping[str, VolumeSnapshot]:
        """Returns what the volumes of a pod are going to be filled with, by this run."""
        return self.pod_volumes.to_fill(pod, source_namespace) if self.pod_volumes else {}

    @property
    def settings(self) -> Settings:
        """Returns the settings."""
        return self.request.settings

    @property
    def files(self) -> RestoreArtifacts:
        """Returns the place of the artifacts; raises RecordError when there is none."""
        if self.artifacts is None:
            raise RecordError("restoring", self.name, "there is no place for its record")
        return self.artifacts

    def keep(self, write: Callable[[], None]) -> bool:
        """Writes something whose loss must be told but changes nothing about the restore.

        Returns whether it was written.
        """
        try:
            write()
        except VeleroCoreError as error:
            text = str(error)
            if text not in self.warnings:
                self.warnings.append(text)
            return False
        return True

    def keep_progress(self, **news: Any) -> None:
        """Writes the progress file; what was told before stays in it."""
        # Items and volumes are told of by two threads: the newest state of both is written.
        self._progress = {**self._progress, **news}
        entry = {
            "restore": self.name,
            "phase": phases.IN_PROGRESS,
            **self._progress,
            "updateTimestamp": timestamp(self.clock.now()),
        }
        self.keep(lambda: self.files.write_progress(entry))

    def keep_record(self, record: Manifest) -> bool:
        """Writes the record to the storage; returns whether it was written."""
        return self.keep(lambda: self.files.write_record(record))
