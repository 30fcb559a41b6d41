# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restoring the data of pod volumes: PodVolumeRestores are made, node agents fill the volumes.

Source: pkg/podvolume/restorer.go, reference restore-engine.md section 4.16.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ansible_collections.velero.core.plugins.module_utils.actions.pod_volumes import (
    VolumeSnapshot,
    volume_snapshots,
)
from ansible_collections.velero.core.plugins.module_utils.actions.random_names import (
    create_with_random_name,
)
from ansible_collections.velero.core.plugins.module_utils.actions.wait_container import (
    is_wait_container,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.items import Reason
from ansible_collections.velero.core.plugins.module_utils.model.kinds import CLAIMS
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.model.volumes import Obstacle, Row
from ansible_collections.velero.core.plugins.module_utils.volumes.data_plane import DataPlane
from ansible_collections.velero.core.plugins.module_utils.volumes.pod_volume_restores import (
    POD_UID_LABEL,
    POD_VOLUME_RESTORES,
    new_pod_volume_restore,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.pod_volume_watch import (
    Log,
    PodEntry,
    PodVolumeWatch,
    VolumeProgress,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.repositories import RepositoryKey
from ansible_collections.velero.core.plugins.module_utils.volumes.tracker import VolumeTracker
from ansible_collections.velero.core.plugins.module_utils.waits.polling import poll

_TIMED_OUT = "timed out waiting for all PodVolumeRestores to complete"
_NEEDED = ("persistentvolumeclaims", "persistentvolumes")
_PAUSE, _LONGEST_PAUSE = 0.5, 2.0
_Earlier: TypeAlias = "dict[tuple[str, str], str]"


class _NotStarted(Exception):
    """Why no PodVolumeRestore was made for a volume."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodVolumeInput:
    """What the restorer works on.

    ``backups`` are the PodVolumeBackups, ``location`` the backup's BackupStorageLocation.
    ``timeout`` (seconds, from the start of the engine) is the one deadline for all volumes. With
    ``resumes`` a cut-off run may have made PodVolumeRestores. Unless ``strict`` the message of
    the deadline names the volumes.
    """

    restore: Manifest
    backups: Sequence[Row]
    location: str
    timeout: float
    resumes: bool
    strict: bool
    log: Log
    on_progress: Callable[[VolumeProgress], None] = lambda progress: None


class PodVolumeRestorer:
    """Restores the volumes of the pods of one restore. Threads may call all but ``wait``."""

    def __init__(
        self,
        given: PodVolumeInput,
        cluster: Cluster,
        clock: Clock,
        data_plane: DataPlane,
        tracker: VolumeTracker,
    ) -> None:
        self._given = given
        self._cluster = cluster
        self._clock = clock
        self._data_plane = data_plane
        self._includes: Callable[[str], bool] = lambda resource: True
        self._deadline = clock.monotonic() + given.timeout
        self._lock = threading.Lock()
        self._made: _Earlier | None = None
        self._watch = PodVolumeWatch(
            given.restore,
            cluster,
            clock,
            data_plane.agents,
            tracker,
            given.log,
            given.on_progress,
        )

    def begin(self, includes: Callable[[str], bool]) -> None:
        """Tells which resources the restore includes, before the first item."""
        self._includes = includes

    # ------------------------------------------------------------------ what can be restored

    def volumes(self, pod: Manifest, source_namespace: str) -> Collection[str]:
        """Returns the volumes of a pod whose data is in the backup."""
        return self._snapshots(pod, source_namespace)

    def left_out(self) -> str:
        """Returns the resource without which Velero restores no data, if this restore lacks it."""
        return next((resource for resource in _NEEDED if not self._includes(resource)), "")

    def to_fill(self, pod: Manifest, source_namespace: str) -> Mapping[str, VolumeSnapshot]:
        """Returns what the volumes of a pod are going to be filled with; empty when nobody will."""
        volumes = self._snapshots(pod, source_namespace)
        # Whether somebody would do it is asked for data only: the question can take seconds.
        return volumes if volumes and not self._missing(source_namespace, volumes) else {}

    def obstacle(self, pod: Manifest, source_namespace: str) -> Obstacle | None:
        """Returns why the volumes of a created ``pod`` cannot be filled; None when they can."""
        missing = self._missing(source_namespace, self._snapshots(pod, source_namespace))
        if missing is not None:
            return missing
        containers = (pod.get("spec") or {}).get("initContainers") or []
        if any(is_wait_container(container) for container in containers):
            return None
        text = "the pod has no init container restore-wait, beside which node agents do their work"
        return Obstacle(Reason.VOLUME_LOST, text)

    def _snapshots(self, pod: Manifest, source_namespace: str) -> dict[str, VolumeSnapshot]:
        return volume_snapshots(self._given.backups, pod, source_namespace)

    def _missing(
        self, source_namespace: str, volumes: Mapping[str, VolumeSnapshot]
    ) -> Obstacle | None:
        left_out = self.left_out()
        if left_out:
            return Obstacle(Reason.VOLUME_LOST, f"this restore leaves {left_out} out")
        repository = self._repository(source_namespace, volumes)
        return self._data_plane.no_owner() or self._data_plane.obstacle(repository)

    def _repository(
        self, source_namespace: str, volumes: Mapping[str, VolumeSnapshot]
    ) -> RepositoryKey:
        of_volumes = next((one.location for one in volumes.values() if one.location), "")
        return RepositoryKey(source_namespace, self._given.location or of_volumes)

    # ------------------------------------------------------------------ starting

    def start(self, pod: Manifest, source_namespace: str) -> None:
        """Has the volumes of a pod filled that was just created; wait() tells what became of it.

        Raises ConnectionFailedError.
        """
        volumes = self._snapshots(pod, source_namespace)
        if not volumes:
            return
        metadata = pod["metadata"]
        entry = PodEntry(str(metadata["namespace"]), str(metadata["name"]), self._clock.monotonic())
        repository = self._repository(source_namespace, volumes)
        why = self._why_not(repository)
        if why:
            entry.errors.append(why)
        else:
            self._start_all(entry, pod, repository, volumes)
        self._watch.follow(entry)

    def _why_not(self, repository: RepositoryKey) -> str:
        no_owner = self._data_plane.no_owner()
        if no_owner is not None:
            return no_owner.text
        why = self._data_plane.agents.why_missing()
        if why:
            return f"error to check node agent status: {why}"
        return self._data_plane.repositories.ensure(repository)

    def _start_all(
        self,
        entry: PodEntry,
        pod: Manifest,
        repository: RepositoryKey,
        volumes: Mapping[str, VolumeSnapshot],
    ) -> None:
        claims, uid = _claims(pod), str(pod["metadata"].get("uid") or "")
        for volume, snapshot in volumes.items():
            try:
                made = self._earlier().get((uid, volume))
                name = made or self._create(pod, repository, volume, snapshot, claims.get(volume))
            except _NotStarted as why:
                entry.errors.append(str(why))
            else:
                entry.volumes[name] = volume

    def _create(
        self,
        pod: Manifest,
        repository: RepositoryKey,
        volume: str,
        snapshot: VolumeSnapshot,
        claim: str | None,
    ) -> str:
        body = new_pod_volume_restore(
            self._given.restore,
            pod,
            volume,
            snapshot,
            source_namespace=repository.volume_namespace,
            location=repository.location,
            claim_uid=self._claim_uid(pod, claim) if claim is not None else "",
        )
        try:
            created = create_with_random_name(self._cluster, POD_VOLUME_RESTORES, body)
        except ApiError as error:
            raise _NotStarted(error.message) from error
        return str(created["metadata"]["name"])

    def _claim_uid(self, pod: Manifest, claim: str) -> str:
        try:
            found = self._cluster.get(CLAIMS, str(pod["metadata"]["namespace"]), claim)
        except ApiError as error:
            text = "error getting persistent volume claim for volume"
            raise _NotStarted(f"{text}: {error.message}") from error
        return str(found["metadata"].get("uid") or "")

    def _earlier(self) -> _Earlier:
        """Returns the names of what a cut-off run has made, by UID of the pod and volume."""
        with self._lock:
            if self._made is None:
                self._made = self._look_for_earlier() if self._given.resumes else {}
            return self._made

    def _look_for_earlier(self) -> _Earlier:
        try:
            found = self._watch.existing()
        except ApiError as error:
            # A second PodVolumeRestore would write into a volume that the first one fills.
            raise _NotStarted(f"PodVolumeRestores cannot be listed: {error.message}") from error
        made = {}
        for name, item in found.items():
            labels, spec = item["metadata"].get("labels") or {}, item.get("spec") or {}
            made[str(labels.get(POD_UID_LABEL) or ""), str(spec.get("volume") or "")] = name
        return made

    # ------------------------------------------------------------------ waiting

    def wait(self) -> list[str]:
        """Waits until all volumes are filled or given up; returns the errors, sorted by pod.

        What is not ready at the deadline is left to the node agents: it is not cancelled. Raises
        ConnectionFailedError; the next run of the restore goes on waiting.
        """
        left = max(0.0, self._deadline - self._clock.monotonic())
        in_time = poll(
            self._clock, self._watch.look, left, first_pause=_PAUSE, longest_pause=_LONGEST_PAUSE
        )
        pods = self._watch.pods()
        for pod in pods:
            if not in_time and pod.volumes:
                pod.errors.append(self._timed_out(pod))
        return [text for pod in pods for text in pod.errors]

    def _timed_out(self, pod: PodEntry) -> str:
        if self._given.strict:
            return _TIMED_OUT
        return f"{_TIMED_OUT}: {', '.join(sorted(pod.volumes.values()))} of pod {pod.place}"


def _claims(pod: Manifest) -> dict[str, str]:
    """Returns the claims of a pod by name of the volume."""
    return {
        str(volume.get("name") or ""): str(volume["persistentVolumeClaim"].get("claimName") or "")
        for volume in (pod.get("spec") or {}).get("volumes") or []
        if volume.get("persistentVolumeClaim")
    }
