# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restoring the data of pod volumes: PodVolumeRestores are made, node agents fill the volumes.

Source: pkg/podvolume/restorer.go, reference restore-engine.md section 4.16. Velero watches each
pod by itself; here one look at all PodVolumeRestores of the restore serves all pods.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ansible_collections.velero.core.plugins.module_utils.actions.data_upload_result import (
    RESTORE_UID_LABEL,
)
from ansible_collections.velero.core.plugins.module_utils.actions.pod_volumes import (
    VolumeSnapshot,
    volume_snapshots,
)
from ansible_collections.velero.core.plugins.module_utils.actions.random_names import (
    create_with_random_name,
)
from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import (
    restore_namespace,
    restore_uid,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.names import namespaced_name
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.model.volumes import Row
from ansible_collections.velero.core.plugins.module_utils.volumes.in_cluster import CLAIMS
from ansible_collections.velero.core.plugins.module_utils.volumes.node_agents import (
    PODS,
    NodeAgents,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.pod_volume_restores import (
    CANCELED,
    ENDED,
    FAILED,
    POD_UID_LABEL,
    POD_VOLUME_RESTORES,
    new_pod_volume_restore,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.repositories import (
    BackupRepositories,
    RepositoryKey,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.tracker import VolumeTracker
from ansible_collections.velero.core.plugins.module_utils.waits.polling import poll

_TIMED_OUT = "timed out waiting for all PodVolumeRestores to complete"
_SCHEDULED_PHASES = ("Running", "Pending")
# Seconds. Velero gives a pod ten minutes to be scheduled before it stops looking for its node.
_SCHEDULING = 600.0
_PAUSE, _LONGEST_PAUSE = 0.5, 2.0

Log = Callable[[str, str], None]


@dataclass(slots=True)
class _Pod:
    """A pod whose volumes are being filled: volumes by PodVolumeRestore, and what went wrong."""

    namespace: str
    name: str
    began: float
    volumes: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    # Whether it is known that a node agent runs beside the pod, or nobody asks any more.
    settled: bool = False

    @property
    def place(self) -> str:
        return namespaced_name(self.namespace, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class PodVolumeInput:
    """What the restorer works on.

    ``backups`` are the PodVolumeBackups, ``location`` the backup's BackupStorageLocation. With
    ``owned`` the Restore is in the cluster under its UID. ``timeout`` (seconds, from now on) is
    the one deadline for all volumes. Unless ``strict`` messages name the volumes.
    """

    restore: Manifest
    backups: Sequence[Row]
    location: str
    owned: bool
    timeout: float
    strict: bool
    log: Log


class PodVolumeRestorer:
    """Restores the volumes of the pods of one restore. ``start`` may be called by many threads."""

    def __init__(
        self,
        given: PodVolumeInput,
        cluster: Cluster,
        clock: Clock,
        agents: NodeAgents,
        repositories: BackupRepositories,
        tracker: VolumeTracker,
    ) -> None:
        self._given = given
        self._cluster = cluster
        self._clock = clock
        self._agents = agents
        self._repositories = repositories
        self._tracker = tracker
        self._deadline = clock.monotonic() + given.timeout
        self._lock = threading.Lock()
        self._pods: list[_Pod] = []
        self._made: dict[tuple[str, str], str] | None = None

    def start(self, pod: Manifest, source_namespace: str) -> None:
        """Has the volumes of a pod filled that was just created; wait() tells what became of it.

        Raises ConnectionFailedError.
        """
        volumes = volume_snapshots(self._given.backups, pod, source_namespace)
        if not volumes:
            return
        metadata = pod["metadata"]
        entry = _Pod(str(metadata["namespace"]), str(metadata["name"]), self._clock.monotonic())
        why = self._why_not(source_namespace, volumes)
        if why:
            entry.errors.append(why)
        else:
            claims = _claims(pod)
            for volume, snapshot in volumes.items():
                self._start_one(entry, pod, source_namespace, volume, snapshot, claims.get(volume))
        with self._lock:
            self._pods.append(entry)

    def wait(self) -> list[str]:
        """Waits until all volumes are filled or given up; returns the errors, sorted by pod.

        Raises ConnectionFailedError; the next run of the restore goes on waiting.
        """
        left = max(0.0, self._deadline - self._clock.monotonic())
        in_time = poll(
            self._clock, self._look, left, first_pause=_PAUSE, longest_pause=_LONGEST_PAUSE
        )
        pods = sorted(self._pods, key=lambda pod: (pod.namespace, pod.name))
        for pod in pods:
            if not in_time and pod.volumes:
                pod.errors.append(self._timed_out(pod))
        return [text for pod in pods for text in pod.errors]

    def _timed_out(self, pod: _Pod) -> str:
        if self._given.strict:
            return _TIMED_OUT
        return f"{_TIMED_OUT}: {', '.join(sorted(pod.volumes.values()))} of pod {pod.place}"

    # ------------------------------------------------------------------ starting

    def _why_not(self, source_namespace: str, volumes: dict[str, VolumeSnapshot]) -> str:
        why = self._agents.why_missing()
        if why:
            return f"error to check node agent status: {why}"
        return self._repositories.ensure(
            repository_of(source_namespace, volumes, self._given.location)
        )

    def _start_one(
        self,
        entry: _Pod,
        pod: Manifest,
        source_namespace: str,
        volume: str,
        snapshot: VolumeSnapshot,
        claim: str | None,
    ) -> None:
        made = self._earlier().get((str(pod["metadata"].get("uid") or ""), volume))
        if made:
            entry.volumes[made] = volume
            return
        claim_uid = ""
        try:
            if claim is not None:
                found = self._cluster.get(CLAIMS, entry.namespace, claim)
                claim_uid = str(found["metadata"].get("uid") or "")
        except ApiError as error:
            entry.errors.append(
                f"error getting persistent volume claim for volume: {error.message}"
            )
            return
        body = new_pod_volume_restore(
            self._given.restore,
            pod,
            volume,
            snapshot,
            source_namespace=source_namespace,
            location=self._given.location or snapshot.location,
            claim_uid=claim_uid,
            owned=self._given.owned,
        )
        try:
            created = create_with_random_name(self._cluster, POD_VOLUME_RESTORES, body)
        except ApiError as error:
            entry.errors.append(error.message)
            return
        entry.volumes[str(created["metadata"]["name"])] = volume

    def _earlier(self) -> dict[tuple[str, str], str]:
        """Returns the names of what a cut-off run has made, by UID of the pod and volume."""
        with self._lock:
            if self._made is None:
                self._made = {
                    (
                        str((item["metadata"].get("labels") or {}).get(POD_UID_LABEL) or ""),
                        str((item.get("spec") or {}).get("volume") or ""),
                    ): name
                    for name, item in self._all().items()
                }
            return self._made

    # ------------------------------------------------------------------ waiting

    def _all(self) -> dict[str, Manifest]:
        restore = self._given.restore
        selector = f"{RESTORE_UID_LABEL}={restore_uid(restore)}"
        try:
            items = self._cluster.list(POD_VOLUME_RESTORES, restore_namespace(restore), selector)
            return {str(item["metadata"]["name"]): item for item in items}
        except ApiError as error:
            self._given.log("warning", f"PodVolumeRestores cannot be listed: {error.message}")
            return {}

    def _look(self) -> bool:
        """Returns whether nothing is left to wait for."""
        waiting = [pod for pod in self._pods if pod.volumes]
        if not waiting:
            return True
        found = self._all()
        for pod in waiting:
            for name in [name for name in pod.volumes if name in found]:
                self._settle(pod, name, found[name])
            if pod.volumes and not pod.settled:
                self._check_node(pod)
        return not any(pod.volumes for pod in waiting)

    def _settle(self, pod: _Pod, name: str, restored: Manifest) -> None:
        status = restored.get("status") or {}
        phase = status.get("phase")
        if phase not in ENDED:
            return
        volume = pod.volumes.pop(name)
        message = status.get("message") or ""
        if phase == FAILED:
            pod.errors.append(f"pod volume restore failed: {message}")
        elif phase == CANCELED:
            pod.errors.append(f"pod volume restore canceled: {message}")
        done = (status.get("progress") or {}).get("bytesDone") or 0
        self._given.log(
            "info", f"Pod volume restore of {volume} of pod {pod.place}: {phase}, {done} bytes"
        )
        self._tracker.track_pod_volume(restored)

    def _check_node(self, pod: _Pod) -> None:
        """Gives a pod's volumes up when no node agent runs on its node."""
        try:
            found = self._cluster.get(PODS, pod.namespace, pod.name)
        except ApiError as error:
            self._given.log(
                "error", f"Failed to check node-agent pod status, disengage: {error.message}"
            )
            pod.settled = True
            return
        node = (found.get("spec") or {}).get("nodeName") or ""
        if _is_scheduled(found):
            pod.settled = True
            why = self._agents.why_not_on(node)
            if why:
                pod.errors.append(f"node-agent pod is not running in node {node}: {why}")
                pod.volumes.clear()
        elif self._clock.monotonic() - pod.began > _SCHEDULING:
            self._given.log(
                "error",
                f"Restoring pod {pod.place} is not scheduled until timeout or cancel, disengage",
            )
            pod.settled = True


def repository_of(
    source_namespace: str, volumes: dict[str, VolumeSnapshot], location: str
) -> RepositoryKey:
    """Returns the repository that has the data of a pod's volumes."""
    of_volumes = next((one.location for one in volumes.values() if one.location), "")
    return RepositoryKey(source_namespace, location or of_volumes)


def _is_scheduled(pod: Manifest) -> bool:
    phase = (pod.get("status") or {}).get("phase")
    return bool(
        (pod.get("spec") or {}).get("nodeName")
        and phase in _SCHEDULED_PHASES
        and not pod["metadata"].get("deletionTimestamp")
    )


def _claims(pod: Manifest) -> dict[str, str]:
    """Returns the claims of a pod by name of the volume."""
    return {
        str(volume.get("name") or ""): str(volume["persistentVolumeClaim"].get("claimName") or "")
        for volume in (pod.get("spec") or {}).get("volumes") or []
        if volume.get("persistentVolumeClaim")
    }
