# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Following the PodVolumeRestores of pods to their end.

Source: pkg/podvolume/restorer.go, reference restore-engine.md section 4.16. Velero watches each
pod by itself; here one look at all PodVolumeRestores of the restore serves all pods.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from ansible_collections.velero.core.plugins.module_utils.actions.data_upload_result import (
    RESTORE_UID_LABEL,
)
from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import (
    restore_namespace,
    restore_uid,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.kinds import PODS
from ansible_collections.velero.core.plugins.module_utils.model.names import namespaced_name
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.node_agents import NodeAgents
from ansible_collections.velero.core.plugins.module_utils.volumes.pod_volume_restores import (
    CANCELED,
    ENDED,
    FAILED,
    POD_VOLUME_RESTORES,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.tracker import VolumeTracker

_SCHEDULED_PHASES = ("Running", "Pending")
# Seconds. Velero gives a pod ten minutes to be scheduled before it stops looking for its node.
_SCHEDULING = 600.0

Log = Callable[[str, str], None]


@dataclass(slots=True)
class PodEntry:
    """A pod whose volumes are being filled: volumes by PodVolumeRestore, and what went wrong.

    ``settled`` tells that a node agent runs beside it, or that nobody asks any more.
    """

    namespace: str
    name: str
    began: float
    volumes: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    settled: bool = False

    @property
    def place(self) -> str:
        """Returns namespace and name."""
        return namespaced_name(self.namespace, self.name)


@dataclass(slots=True)
class VolumeProgress:
    """How far all volumes are together, in bytes and in PodVolumeRestores."""

    done: int = 0
    total: int = 0
    bytes_done: int = 0
    total_bytes: int = 0

    def add(self, restored: Manifest) -> None:
        """Counts one PodVolumeRestore in."""
        status = restored.get("status") or {}
        numbers = status.get("progress") or {}
        size = (restored.get("spec") or {}).get("snapshotSize")
        self.total += 1
        self.done += status.get("phase") in ENDED
        self.bytes_done += int(numbers.get("bytesDone") or 0)
        self.total_bytes += int(numbers.get("totalBytes") or size or 0)


class PodVolumeWatch:
    """Looks at the PodVolumeRestores of one restore; used by one thread after the items."""

    def __init__(
        self,
        restore: Manifest,
        cluster: Cluster,
        clock: Clock,
        agents: NodeAgents,
        tracker: VolumeTracker,
        log: Log,
        on_progress: Callable[[VolumeProgress], None],
    ) -> None:
        self._restore = restore
        self._cluster = cluster
        self._clock = clock
        self._agents = agents
        self._tracker = tracker
        self._log = log
        self._on_progress = on_progress
        self._lock = threading.Lock()
        self._pods: list[PodEntry] = []
        self._complaint = ""
        self._progress = VolumeProgress()
        self._names: set[str] = set()

    def follow(self, pod: PodEntry) -> None:
        """Adds a pod; threads may call this."""
        with self._lock:
            self._pods.append(pod)
            self._names.update(pod.volumes)

    def pods(self) -> list[PodEntry]:
        """Returns the pods, sorted by namespace and name."""
        return sorted(self._pods, key=lambda pod: (pod.namespace, pod.name))

    def existing(self) -> dict[str, Manifest]:
        """Returns the PodVolumeRestores of the restore by name. Raises ClusterError."""
        selector = f"{RESTORE_UID_LABEL}={restore_uid(self._restore)}"
        namespace = restore_namespace(self._restore)
        items = self._cluster.list(POD_VOLUME_RESTORES, namespace, selector)
        return {str(item["metadata"]["name"]): item for item in items}

    def look(self) -> bool:
        """Returns whether nothing is left to wait for. Raises ConnectionFailedError."""
        if not any(pod.volumes for pod in self._pods):
            return True
        try:
            found = self.existing()
        except ApiError as error:
            self._complain(f"PodVolumeRestores cannot be listed: {error.message}")
            return False
        self._tell_progress(found)
        for pod in self._pods:
            for name in [name for name in pod.volumes if name in found]:
                self._settle(pod, name, found[name])
            if pod.volumes and not pod.settled:
                self._check_node(pod)
        return not any(pod.volumes for pod in self._pods)

    def _complain(self, text: str) -> None:
        if text != self._complaint:
            self._log("warning", text)
        self._complaint = text

    def _tell_progress(self, found: dict[str, Manifest]) -> None:
        progress = VolumeProgress()
        # A restore that is run again has the UID, and so the objects, of its last run.
        for name in self._names & found.keys():
            progress.add(found[name])
        if progress != self._progress:
            self._on_progress(progress)
        self._progress = progress

    def _settle(self, pod: PodEntry, name: str, restored: Manifest) -> None:
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
        self._log("info", f"Volume {volume} of pod {pod.place}: {phase}, {done} bytes restored")
        self._tracker.track_pod_volume(restored)

    def _check_node(self, pod: PodEntry) -> None:
        """Gives a pod's volumes up when no node agent runs on its node."""
        try:
            found = self._cluster.get(PODS, pod.namespace, pod.name)
        except ApiError as error:
            text = "Failed to check node-agent pod status, disengage"
            self._log("error", f"{text}: {pod.place}: {error.message}")
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
            text = "Restoring pod is not scheduled until timeout or cancel, disengage"
            self._log("error", f"{text}: {pod.place}")
            pod.settled = True


def _is_scheduled(pod: Manifest) -> bool:
    phase = (pod.get("status") or {}).get("phase")
    return bool(
        (pod.get("spec") or {}).get("nodeName")
        and phase in _SCHEDULED_PHASES
        and not pod["metadata"].get("deletionTimestamp")
    )
