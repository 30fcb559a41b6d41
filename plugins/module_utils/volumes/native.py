# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PersistentVolumes with a native snapshot (pkg/restore/restore.go:2520, reference section 4.2)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Protocol

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    NotFoundError,
    VolumeError,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import VOLUMES
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.model.volume_binding import (
    claim_of,
    remap_claim,
    reset_binding,
)
from ansible_collections.velero.core.plugins.module_utils.model.volumes import RestoredVolume
from ansible_collections.velero.core.plugins.module_utils.volumes.in_cluster import is_absent
from ansible_collections.velero.core.plugins.module_utils.volumes.tracker import VolumeTracker

ORIGINAL_NAME_ANNOTATION = "velero.io/original-pv-name"

Log = Callable[[str, str], None]


class SnapshotAction(Protocol):
    """Puts a volume made of the snapshot behind a PersistentVolume."""

    def execute(self, pv: Manifest, log: Log) -> Manifest:
        """Returns the PersistentVolume, ``pv`` itself where nothing is done; VolumeError."""

    def recall(self, pv: Manifest) -> None:
        """Tracks a volume that an earlier run of this restore has made."""


class NativeVolumes:
    """Decides on name and volume of a PersistentVolume whose data is in a native snapshot.

    ``made`` tells of a PersistentVolume in the cluster whether an earlier run of this restore
    created it; ``rename`` gives the name of a copy, the same one in every run of the restore.
    ``timeout`` (seconds) is how long a volume that is going away is waited for.
    """

    def __init__(
        self,
        cluster: Cluster,
        clock: Clock,
        action: SnapshotAction,
        tracker: VolumeTracker,
        *,
        namespace_mapping: Mapping[str, str],
        rename: Callable[[str], str],
        made: Callable[[Manifest], bool],
        timeout: float,
    ) -> None:
        self._cluster = cluster
        self._clock = clock
        self._action = action
        self._tracker = tracker
        self._mapping = namespace_mapping
        self._rename = rename
        self._made = made
        self._timeout = timeout

    def restore(self, given: Manifest, log: Log) -> RestoredVolume:
        """Returns the PersistentVolume to create; raises VolumeError."""
        pv, old = copy.deepcopy(given), name_of(given)
        if not old:
            # Without a name nothing can be looked up. The action refuses it.
            return RestoredVolume(obj=self._from_snapshot(pv, old, log))
        if self._made_before(old):
            return self._as_before(pv, old)
        renames = self._must_rename(pv, old)
        remap_claim(pv, self._mapping)
        if renames and self._made_before(self._rename(old)):
            return self._as_before(_renamed(pv, old, self._rename(old)), old)
        fresh = renames or is_absent(self._cluster, self._clock, old, self._timeout)
        if fresh:
            pv = self._from_snapshot(reset_binding(pv), old, log)
        if not renames and pv["metadata"]["name"] == old:
            return RestoredVolume(obj=pv, fresh=fresh)
        name = str(pv["metadata"]["name"])
        name = self._rename(old) if name == old else name
        self._tracker.rename_volume(old, name)
        return RestoredVolume(obj=_renamed(pv, old, name), renamed_from=old, fresh=fresh)

    def _must_rename(self, pv: Manifest, name: str) -> bool:
        if claim_of(pv)[0] not in self._mapping:
            return False
        try:
            self._cluster.get(VOLUMES, "", name)
        except NotFoundError:
            return False
        except ApiError as error:
            raise VolumeError(
                f"error checking if persistent volume exists in the cluster: {error.message}"
            ) from error
        return True

    def _from_snapshot(self, pv: Manifest, old: str, log: Log) -> Manifest:
        log("info", "Restoring persistent volume from snapshot.")
        try:
            return self._action.execute(pv, log)
        except VolumeError as error:
            prefix = f"error executing PVAction for persistentvolumes/{old}: "
            raise VolumeError(prefix + error.message) from error

    def _made_before(self, name: str) -> bool:
        try:
            return self._made(self._cluster.get(VOLUMES, "", name))
        except ApiError:
            return False

    def _as_before(self, pv: Manifest, old: str) -> RestoredVolume:
        """An earlier run made it: no second volume, whatever its claim is doing now."""
        remap_claim(pv, self._mapping)
        name = str(pv["metadata"]["name"])
        self._action.recall({"metadata": {"name": old}})
        self._tracker.rename_volume(old, name)
        return RestoredVolume(obj=reset_binding(pv), renamed_from="" if name == old else old)


def name_of(pv: Manifest) -> str:
    """Returns the name of an object of the backup, empty without one."""
    return str((pv.get("metadata") or {}).get("name") or "")


def _renamed(pv: Manifest, old: str, name: str) -> Manifest:
    metadata = pv["metadata"]
    metadata["name"] = name
    metadata["annotations"] = {
        **(metadata.get("annotations") or {}),
        ORIGINAL_NAME_ANNOTATION: old,
    }
    return pv
