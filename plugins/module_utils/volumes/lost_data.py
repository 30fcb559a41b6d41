# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Claims that would come up empty although their data was backed up.

Velero creates them without a word (reference section 11, rows 24 and 29).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ansible_collections.velero.core.plugins.module_utils.model.volumes import (
    CSI_SNAPSHOT,
    POD_VOLUME_BACKUP,
    BackupVolumes,
    Row,
    VolumeDecision,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.decision import (
    CLAIM_NAME_ANNOTATION,
)

_CSI_FEATURE = "EnableCSI"
_EMPTY_ON_PURPOSE = "; restore_pvs: false restores it empty"
# Without one of them Velero restores no pod volume.
_NEEDED_FOR_POD_VOLUMES = ("pods", "persistentvolumeclaims", "persistentvolumes")


def why_lost(
    decision: VolumeDecision,
    info: Row | None,
    *,
    restore_pvs: bool | None,
    features: frozenset[str],
    includes_resource: Callable[[str], bool],
) -> str:
    """Returns why nothing fills a claim whose volume is made anew; empty when it is not so.

    ``info`` is the volume's row of the volume information. It is asked only for claims that no
    item action has taken over.
    """
    if restore_pvs is False or not decision.method:
        return ""
    if isinstance(info, Mapping) and info.get("result") == "failed":
        return "the backup of its data failed" + _EMPTY_ON_PURPOSE
    if decision.method == CSI_SNAPSHOT:
        return _csi(features) + _EMPTY_ON_PURPOSE
    missing = [gr for gr in _NEEDED_FOR_POD_VOLUMES if not includes_resource(gr)]
    if decision.method == POD_VOLUME_BACKUP and missing:
        return (
            f"its data was backed up through its pod, and this restore leaves {missing[0]} out"
            + _EMPTY_ON_PURPOSE
        )
    return ""


def _csi(features: frozenset[str]) -> str:
    if _CSI_FEATURE not in features:
        return f"its data is in a CSI snapshot, and {_CSI_FEATURE} is not among the features"
    return "its data is in a CSI snapshot, and nothing in the backup of the claim leads to it"


def pod_of(backup: BackupVolumes, volume: str, claim: tuple[str, str]) -> tuple[str, str] | None:
    """Returns the pod (namespace, name) through which a volume was backed up, if it is known."""
    info = (backup.infos.get(volume) or {}).get("pvbInfo") or {}
    if info.get("podName"):
        return str(info.get("podNamespace") or ""), str(info["podName"])
    for row in backup.pod_volume_backups:
        pod = (row.get("spec") or {}).get("pod") or {}
        name = ((row.get("metadata") or {}).get("annotations") or {}).get(CLAIM_NAME_ANNOTATION)
        if (pod.get("namespace"), name) == claim:
            return claim[0], str(pod.get("name") or "")
    return None
