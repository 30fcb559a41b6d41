# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restoring labels and reclaim policy of volumes that were provisioned anew.

Source: reference restore-engine.md section 8.2, pkg/controller/restore_finalizer_controller.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.csi_pvc import (
    DYNAMIC_VOLUME_LABEL,
)
from ansible_collections.velero.core.plugins.module_utils.finalize.contract import (
    FinalizeInput,
    VolumeRow,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    NotFoundError,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import (
    CLAIMS,
    STORAGE_CLASSES,
    VOLUMES,
)
from ansible_collections.velero.core.plugins.module_utils.model.operations import (
    COMPLETED,
    CSI_PVC_ACTION,
    ItemOperation,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.waits.polling import TIMED_OUT, poll

_METHODS = ("PodVolumeBackup", "CSISnapshot")
_PAUSE = 10.0


class _PatchError(Exception):
    """The volume cannot be patched; ``extra`` is told before, without the names."""

    def __init__(self, text: str, extra: str = "") -> None:
        super().__init__(text)
        self.extra = extra


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A claim and what its new volume is to have; ``volume`` is the old one's name."""

    namespace: str
    claim: str
    volume: str
    reclaim_policy: str
    labels: dict[str, str]


class PatchDynamicVolumes:
    """Gives new volumes of restored claims the labels and the reclaim policy of the old ones.

    All claims are looked at together every few seconds, so that each has the whole deadline.
    """

    name = "patching newly provisioned volumes"

    def run(self, given: FinalizeInput) -> Results:
        """Returns an error for each volume that could not be patched in time."""
        results = Results()
        left = _wanted(given)

        def is_done() -> bool:
            left[:] = [one for one in left if not _settle(one, given, results)]
            return not left

        if not poll(
            given.clock,
            is_done,
            given.resource_timeout,
            first_pause=1.0,
            longest_pause=_PAUSE,
        ):
            for one in left:
                _tell(one, _PatchError(TIMED_OUT), results)
        return results


def _wanted(given: FinalizeInput) -> list[_Wanted]:
    wanted = []
    for row in given.backup_volumes:
        info = row.get("pvInfo")
        namespace = given.target_namespace(str(row.get("pvcNamespace") or ""))
        claim = str(row.get("pvcName") or "")
        if row.get("backupMethod") not in _METHODS or info is None:
            continue
        if f"{namespace}/{claim}" in given.created_claims:
            wanted.append(_of_row(row, info, namespace, claim))
    return wanted


def _of_row(row: VolumeRow, info: dict[str, Any], namespace: str, claim: str) -> _Wanted:
    return _Wanted(
        namespace=namespace,
        claim=claim,
        volume=str(row.get("pvName") or ""),
        reclaim_policy=str(info.get("reclaimPolicy") or ""),
        labels=dict(info.get("labels") or {}),
    )


def _settle(one: _Wanted, given: FinalizeInput, results: Results) -> bool:
    """Returns whether nothing more is to be done for a claim; its error is in ``results``."""
    try:
        return _patch(one, given)
    except ApiError as error:
        _tell(one, _PatchError(error.message), results)
    except _PatchError as error:
        _tell(one, error, results)
    return True


def _tell(one: _Wanted, error: _PatchError, results: Results) -> None:
    if error.extra:
        results.errors.add(one.namespace, error.extra)
    text = f"fail to patch dynamic PV, err: {error}, PVC: {one.claim}, PV: {one.volume}"
    results.errors.add(one.namespace, text)


def _patch(one: _Wanted, given: FinalizeInput) -> bool:
    """Returns whether the claim is done; False asks again. Raises ApiError, _PatchError."""
    try:
        claim = given.cluster.get(CLAIMS, one.namespace, one.claim)
    except NotFoundError:
        return False
    if _has_unfinished_operation(one, given) or _waits_for_consumer(claim, one, given):
        return True
    volume = _bound_volume(claim, one, given)
    if volume is None:
        return False
    patch = _difference(volume, one, strict=given.strict)
    if patch:
        name = volume["metadata"]["name"]
        given.cluster.merge_patch(VOLUMES, "", name, patch)
        given.log("info", f"newly dynamically provisioned PV:{name} has been patched")
    return True


def _has_unfinished_operation(one: _Wanted, given: FinalizeInput) -> bool:
    for operation in operations_of_claim(given.operations, one.namespace, one.claim):
        if operation.action == CSI_PVC_ACTION and operation.phase != COMPLETED:
            given.log(
                "warning",
                "skipping PV patch, because the operation to restore the PVC is not completed, "
                f"operation: {operation.operation_id}, phase: {operation.phase}",
            )
            return True
    return False


def operations_of_claim(
    operations: Sequence[ItemOperation], namespace: str, claim: str
) -> list[ItemOperation]:
    """Returns the operations that were started for a claim of a target namespace."""
    place = ("", CLAIMS.plural, namespace, claim)
    return [
        one for one in operations if (one.group, one.resource, one.namespace, one.name) == place
    ]


def _waits_for_consumer(claim: Manifest, one: _Wanted, given: FinalizeInput) -> bool:
    """Returns whether the claim gets its volume only with its first pod."""
    name = (claim.get("spec") or {}).get("storageClassName")
    if _phase(claim) != "Pending" or not name:
        return False
    try:
        found = given.cluster.get(STORAGE_CLASSES, "", name)
    except ApiError as error:
        raise _PatchError(error.message, extra=error.message) from error
    if found.get("volumeBindingMode") != "WaitForFirstConsumer":
        return False
    given.log(
        "warning",
        f"skipping PV patch to restore custom reclaim policy, if any: StorageClass {name} used by "
        f"PVC {one.claim} has VolumeBindingMode set to WaitForFirstConsumer, and the PVC is also "
        "in a pending state",
    )
    return True


def _bound_volume(claim: Manifest, one: _Wanted, given: FinalizeInput) -> Manifest | None:
    name = (claim.get("spec") or {}).get("volumeName")
    if _phase(claim) != "Bound" or not name:
        return None
    try:
        volume = given.cluster.get(VOLUMES, "", name)
    except NotFoundError:
        return None
    owner = (volume.get("spec") or {}).get("claimRef")
    if not owner or _phase(volume) != "Bound":
        return None
    where, who = owner.get("namespace") or "", owner.get("name") or ""
    if (where, who) != (one.namespace, one.claim):
        raise _PatchError(
            f"PV was bound by unexpected PVC, unexpected PVC: {where}/{who}, "
            f"expected PVC: {one.namespace}/{one.claim}"
        )
    return volume


def _phase(found: Manifest) -> str:
    return str((found.get("status") or {}).get("phase") or "")


def _difference(volume: Manifest, one: _Wanted, *, strict: bool) -> Manifest:
    """Returns the merge patch that is needed, or nothing.

    Velero replaces all labels, and so removes those of the provisioner; we add ours to them.
    """
    spec, labels = volume.get("spec") or {}, volume["metadata"].get("labels") or {}
    same_policy = (spec.get("persistentVolumeReclaimPolicy") or "") == one.reclaim_policy
    if same_policy and one.labels.items() <= labels.items():
        return {}
    # The data mover's label has done its work when the claim is bound.
    done = labels.keys() & {DYNAMIC_VOLUME_LABEL}
    gone: dict[str, Any] = dict.fromkeys(labels if strict else done)
    patch: Manifest = {"metadata": {"labels": {**gone, **one.labels}}}
    if not same_policy:
        patch["spec"] = {"persistentVolumeReclaimPolicy": one.reclaim_policy or None}
    return patch
