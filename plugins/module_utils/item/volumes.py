# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PersistentVolumes and claims on their way (reference sections 4.2 and 4.7)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from ansible_collections.velero.core.plugins.module_utils.item.existing import ExistingObjects
from ansible_collections.velero.core.plugins.module_utils.item.work import ItemWork
from ansible_collections.velero.core.plugins.module_utils.model.errors import VolumeError
from ansible_collections.velero.core.plugins.module_utils.model.items import (
    FAILED,
    SKIPPED,
    Reason,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.volume_binding import (
    remap_claim,
    reset_binding,
)
from ansible_collections.velero.core.plugins.module_utils.model.volumes import (
    FROM_SNAPSHOT,
    REPROVISION,
    RestoredVolume,
    VolumeDecision,
)

PV_GR = "persistentvolumes"
PVC_GR = "persistentvolumeclaims"


class Volumes(Protocol):
    """What is known about the volumes of the backup."""

    def decide(self, pv: Manifest) -> VolumeDecision:
        """Returns what is done about a PersistentVolume of the backup."""

    def from_snapshot(self, pv: Manifest, log: Callable[[str, str], None]) -> RestoredVolume:
        """Returns a PersistentVolume ready for its creation; raises VolumeError."""

    def lost_data(self, namespace: str, claim: str, volume: str, decision: VolumeDecision) -> str:
        """Returns why nothing would fill a claim (of this target namespace) of ``volume``.

        Empty when something will, or when there is nothing to be lost.
        """


class VolumeChoices:
    """What was decided about volumes, for their claims. May be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reprovisioned: dict[str, VolumeDecision] = {}
        self._renamed: dict[str, str] = {}

    def reprovision(self, name: str, decision: VolumeDecision) -> None:
        """Notes a volume that its storage class is to make anew."""
        with self._lock:
            self._reprovisioned[name] = decision

    def rename(self, old: str, new: str) -> None:
        """Notes that a volume is restored under another name."""
        with self._lock:
            self._renamed[old] = new

    def reprovisioned(self, name: str) -> VolumeDecision | None:
        """Returns the decision to make a volume anew, None for others."""
        return self._reprovisioned.get(name)

    def new_name(self, name: str) -> str:
        """Returns the new name of a renamed volume, empty for others."""
        return self._renamed.get(name, "")


class VolumeStep:
    """Decides about a PersistentVolume; ``waiting`` frees the worker while a volume is made."""

    def __init__(
        self,
        volumes: Volumes,
        choices: VolumeChoices,
        existing: ExistingObjects,
        namespace_mapping: Mapping[str, str],
        waiting: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._volumes = volumes
        self._choices = choices
        self._existing = existing
        self._mapping = namespace_mapping
        self._waiting = waiting

    def __call__(self, work: ItemWork) -> bool:
        """Returns whether the volume object itself is restored."""
        if work.gr != PV_GR:
            return True
        decision = self._volumes.decide(work.obj)
        for text in decision.log:
            work.log("info", text)
        if decision.handling == REPROVISION:
            self._choices.reprovision(work.name, decision)
            work.settle(SKIPPED, Reason.REPROVISIONED)
            return False
        if decision.handling == FROM_SNAPSHOT:
            return self._from_snapshot(work)
        reset_binding(remap_claim(work.obj, self._mapping))
        return True

    def _from_snapshot(self, work: ItemWork) -> bool:
        try:
            with self._waiting():
                restored = self._volumes.from_snapshot(work.obj, work.log)
        except VolumeError as error:
            work.error(error.message, Reason.VOLUME_FAILED)
            work.outcome.action = FAILED
            return False
        work.obj = restored.obj
        if restored.renamed_from:
            self._choices.rename(restored.renamed_from, work.name)
        elif restored.fresh:
            self._existing.forget(PV_GR, "", work.name)
        return True


class ClaimStep:
    """Frees a claim from its old volume where that is made anew, and follows a renamed one.

    Unless ``strict``, a claim that would come up empty although its data was backed up is an
    error, and is not created.
    """

    def __init__(self, volumes: Volumes, choices: VolumeChoices, *, strict: bool) -> None:
        self._volumes = volumes
        self._choices = choices
        self._strict = strict

    def __call__(self, work: ItemWork) -> bool:
        """Returns whether the claim is restored."""
        spec = work.obj.get("spec")
        if work.gr != PVC_GR or not isinstance(spec, dict) or not spec.get("volumeName"):
            return True
        volume = str(spec["volumeName"])
        reset_binding(work.obj)
        decision = self._choices.reprovisioned(volume)
        if decision is not None:
            work.log("info", "Resetting PersistentVolumeClaim for dynamic provisioning")
            del spec["volumeName"]
            return self._strict or not self._loses_data(work, volume, decision)
        new_name = self._choices.new_name(volume)
        if new_name:
            work.log(
                "info",
                f"Updating persistent volume claim {work.namespace}/{work.name} to reference "
                f"renamed persistent volume ({volume} -> {new_name})",
            )
            spec["volumeName"] = new_name
        return True

    def _loses_data(self, work: ItemWork, volume: str, decision: VolumeDecision) -> bool:
        # What is planned without its actions may be filled by one of them.
        if work.outcome.assumed:
            return False
        why = self._volumes.lost_data(work.namespace, work.name, volume, decision)
        if why:
            text = f"persistent volume claim {work.namespace}/{work.name} would be empty: {why}"
            work.error(text, Reason.VOLUME_LOST)
            work.outcome.action = FAILED
        return bool(why)
