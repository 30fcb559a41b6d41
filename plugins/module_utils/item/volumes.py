# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PersistentVolumes and claims (reference sections 4.2 and 4.7).

Objects only: a volume whose data was backed up is not created here, and is told as an error, for
an empty or a shared volume that looks restored loses data.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from ansible_collections.velero.core.plugins.module_utils.item.volume_binding import (
    claim_of,
    reset_binding,
)
from ansible_collections.velero.core.plugins.module_utils.item.work import ItemWork
from ansible_collections.velero.core.plugins.module_utils.model.items import (
    FAILED,
    SKIPPED,
    Reason,
)
from ansible_collections.velero.core.plugins.module_utils.plan.scope import Scope

PV_GR = "persistentvolumes"
POD_GR = "pods"
PVC_GR = "persistentvolumeclaims"


class ReprovisionedVolumes:
    """Names of volumes that their storage class is to make anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: set[str] = set()

    def add(self, name: str) -> None:
        """Notes a volume."""
        with self._lock:
            self._names.add(name)

    def __contains__(self, name: object) -> bool:
        return name in self._names


class VolumeStep:
    """Decides about a PersistentVolume. ``methods`` tells how the data of a volume was saved."""

    def __init__(
        self, scope: Scope, methods: Mapping[str, str], reprovisioned: ReprovisionedVolumes
    ) -> None:
        self._scope = scope
        self._methods = methods
        self._reprovisioned = reprovisioned

    def __call__(self, work: ItemWork) -> bool:
        """Returns whether the volume object itself is restored."""
        if work.gr != PV_GR:
            return True
        method = self._methods.get(work.name, "")
        if method:
            return self._refuse_data(work, method)
        spec = work.obj.get("spec") or {}
        if spec.get("persistentVolumeReclaimPolicy") == "Delete":
            work.log(
                "info",
                "Dynamically re-provisioning persistent volume because it doesn't have a "
                "snapshot and its reclaim policy is Delete.",
            )
            self._reprovisioned.add(work.name)
            work.settle(SKIPPED, Reason.REPROVISIONED)
            return False
        work.log(
            "info",
            "Restoring persistent volume as-is because it doesn't have a snapshot and its "
            "reclaim policy is not Delete.",
        )
        self._remap_claim(work)
        reset_binding(work.obj)
        return True

    def _refuse_data(self, work: ItemWork, method: str) -> bool:
        if method != "NativeSnapshot":
            self._reprovisioned.add(work.name)
        work.error(
            f"the data of persistent volume {work.name} was backed up by {method}, which this "
            "version does not restore: restore it with Velero",
            Reason.VOLUME_DATA,
        )
        work.outcome.action = FAILED
        return False

    def _remap_claim(self, work: ItemWork) -> None:
        namespace, _name = claim_of(work.obj)
        target = self._scope.target(namespace)
        if namespace and target != namespace:
            work.obj["spec"]["claimRef"]["namespace"] = target


class ClaimStep:
    """Frees a PersistentVolumeClaim from its old volume where that is made anew."""

    def __init__(self, reprovisioned: ReprovisionedVolumes) -> None:
        self._reprovisioned = reprovisioned

    def __call__(self, work: ItemWork) -> bool:
        """Always lets the item go on."""
        spec = work.obj.get("spec")
        if work.gr != PVC_GR or not isinstance(spec, dict) or not spec.get("volumeName"):
            return True
        reset_binding(work.obj)
        if spec["volumeName"] in self._reprovisioned:
            work.log("info", "Resetting PersistentVolumeClaim for dynamic provisioning")
            del spec["volumeName"]
        return True


class PodVolumeStep:
    """Tells of a created pod that the data of its volumes was not restored."""

    def __init__(self, volumes: Mapping[tuple[str, str], Sequence[str]]) -> None:
        self._volumes = volumes

    def __call__(self, work: ItemWork) -> bool:
        """Always lets the item go on."""
        names = self._volumes.get((work.source_namespace, work.key.name))
        if work.gr == POD_GR and names:
            work.error(
                f"the data of the volumes {', '.join(sorted(names))} of pod {work.name} was backed "
                "up by PodVolumeBackup, which this version does not restore: restore it with Velero"
            )
        return True
