# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small controller that plays Velero's node agent, through the API only.

It is no node agent: no data is moved. It takes PodVolumeRestores and DataDownloads through their
phases, as a script by volume or claim says.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.data_downloads import (
    DATA_DOWNLOADS,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource
from ansible_collections.velero.core.plugins.module_utils.volumes.pod_volume_restores import (
    POD_VOLUME_RESTORES,
)

Manifest = dict[str, Any]
DONE: Sequence[str] = ("Accepted", "Prepared", "InProgress", "Completed")
FAILS: Sequence[str] = ("InProgress", "Failed")
CANCELLED: Sequence[str] = ("InProgress", "Canceling", "Canceled")
NEVER_ENDS: Sequence[str] = ("InProgress",)
_PAUSE = 0.1


class PlayedNodeAgent:
    """Plays in a thread from `with` on, or one step of everything at each `turn`.

    `script` are the phases by volume or claim; what is not in it is done.
    """

    def __init__(
        self,
        cluster: Cluster,
        script: Mapping[str, Sequence[str]] | None = None,
        namespace: str = "velero",
    ) -> None:
        self._cluster = cluster
        self._script = script or {}
        self._namespace = namespace
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="played-node-agent", daemon=True)

    def __enter__(self) -> PlayedNodeAgent:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_PAUSE):
            self.turn()

    def turn(self) -> None:
        """Takes every object one phase further."""
        for resource in (POD_VOLUME_RESTORES, DATA_DOWNLOADS):
            try:
                found = list(self._cluster.list(resource, self._namespace))
            except ApiError:
                continue
            for item in found:
                self._advance(resource, item)

    def _advance(self, resource: ApiResource, item: Manifest) -> None:
        spec, status = item["spec"], item.get("status") or {}
        volume = spec.get("volume") or (spec.get("targetVolume") or {}).get("pvc")
        phases = CANCELLED if spec.get("cancel") else self._script.get(volume, DONE)
        phase = status.get("phase") or ""
        if phase in ("Completed", "Failed", "Canceled"):
            return
        following = phases.index(phase) + 1 if phase in phases else 0
        if following == len(phases):
            return
        try:
            self._cluster.merge_patch(
                resource,
                self._namespace,
                item["metadata"]["name"],
                {"status": _status(phases[following], spec.get("snapshotSize") or 0)},
            )
        except ApiError:
            # It was deleted or changed meanwhile: the next turn sees it.
            return


def _status(phase: str, size: int) -> Manifest:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    done = {"Completed": size, "InProgress": size // 2}.get(phase, 0)
    status: Manifest = {"phase": phase, "progress": {"totalBytes": size, "bytesDone": done}}
    if phase == "InProgress":
        status |= {"startTimestamp": now, "node": "node-1"}
    if phase in ("Completed", "Failed", "Canceled"):
        status["completionTimestamp"] = now
    if phase in ("Failed", "Canceled"):
        status["message"] = f"played: {phase.lower()}"
    return status
