# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of the volumes of created pods (reference section 4.16)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import Protocol

from ansible_collections.velero.core.plugins.module_utils.item.work import ItemWork
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.volumes import Obstacle

POD_GR = "pods"


class PodVolumes(Protocol):
    """Restores the data of pods' volumes while other items are restored."""

    def volumes(self, pod: Manifest, source_namespace: str) -> Collection[str]:
        """Returns the volumes of a pod whose data is in the backup."""

    def left_out(self) -> str:
        """Returns the resource without which Velero restores no data, if this restore lacks it."""

    def obstacle(self, pod: Manifest, source_namespace: str) -> Obstacle | None:
        """Returns why the volumes of a created pod cannot be filled; None when they can."""

    def start(self, pod: Manifest, source_namespace: str) -> None:
        """Has the volumes of a created pod filled."""


class PodVolumeStep:
    """Has the volumes of a created pod filled; ``waiting`` frees the worker for that time.

    Unless ``strict``, data that cannot be restored is an error of the pod. In a plan
    (``plans``) nothing is started.
    """

    def __init__(
        self,
        volumes: PodVolumes,
        waiting: Callable[[], AbstractContextManager[None]],
        *,
        strict: bool,
        plans: bool,
    ) -> None:
        self._volumes = volumes
        self._waiting = waiting
        self._strict = strict
        self._plans = plans

    def __call__(self, work: ItemWork) -> bool:
        """Always lets the item go on."""
        pod, resource = work.created, work.resource
        if pod is None or resource is None or resource.group_resource != POD_GR:
            return True
        names = self._volumes.volumes(pod, work.source_namespace)
        if names and self._can_be_filled(work, pod, names) and not self._plans:
            with self._waiting():
                self._volumes.start(pod, work.source_namespace)
        return True

    def _can_be_filled(self, work: ItemWork, pod: Manifest, names: Collection[str]) -> bool:
        if self._strict:
            return not self._volumes.left_out()
        obstacle = self._volumes.obstacle(pod, work.source_namespace)
        if obstacle is not None:
            listed = ", ".join(sorted(names))
            text = f"the data of the volumes {listed} of pod {work.name} is not restored"
            work.error(f"{text}: {obstacle.text}", obstacle.reason)
        return obstacle is None
