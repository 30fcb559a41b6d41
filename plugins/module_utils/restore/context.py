# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all stages of one restore work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

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
from ansible_collections.velero.core.plugins.module_utils.restore.item_actions import (
    RestoreActions,
)
from ansible_collections.velero.core.plugins.module_utils.restore.record import ClusterRecord
from ansible_collections.velero.core.plugins.module_utils.restore.sources import BackupSource
from ansible_collections.velero.core.plugins.module_utils.restore.validation import Validated
from ansible_collections.velero.core.plugins.module_utils.storage.artifacts import (
    RestoreArtifacts,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.plan import VolumePlan
from ansible_collections.velero.core.plugins.module_utils.volumes.snapshotter import Snapshotters
from ansible_collections.velero.core.plugins.module_utils.volumes.tracker import VolumeTracker


@dataclass(slots=True, kw_only=True)
class RestoreContext:
    """The request, the outside world and the record of one restore.

    ``warnings`` collects what went wrong around the restore. ``is_owner`` tells whether objects
    may have the Restore object in the cluster as their owner. ``tracker`` and ``volume_plan``
    collect what happens to volumes. ``api`` is what was just discovered.
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

    def keep_record(self, record: Manifest) -> bool:
        """Writes the record to the storage; returns whether it was written."""
        return self.keep(lambda: self.files.write_record(record))
