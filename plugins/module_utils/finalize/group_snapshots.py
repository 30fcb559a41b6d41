# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deleting the stub VolumeGroupSnapshotContents that a restore had to make.

Source: reference restore-engine.md section 8.3, pkg/controller/restore_finalizer_controller.go.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.actions.csi_names import GROUP_CONTENTS
from ansible_collections.velero.core.plugins.module_utils.finalize.contract import FinalizeInput
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    NotFoundError,
)
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    RESTORE_NAME_LABEL,
    label_value,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.waits.polling import TIMED_OUT, poll

SNAPSHOT_CONTENTS = ApiResource(
    "snapshot.storage.k8s.io",
    "v1",
    "volumesnapshotcontents",
    "VolumeSnapshotContent",
    namespaced=False,
)

# The kinds of items with which stubs are made (actions/group_snapshots.py).
_STUB_MAKERS = frozenset({"snapshot.storage.k8s.io/v1/VolumeSnapshot"})

# Where Velero files these warnings: as if it were a namespace.
_BUCKET = "cluster"
_PAUSE = 10.0


class CleanUpGroupSnapshots:
    """Removes the stubs once the snapshots that need them are ready."""

    name = "cleaning up stub VolumeGroupSnapshotContents"

    def run(self, given: FinalizeInput) -> Results:
        """Returns a warning for each stub that is left, or whose snapshots are not ready."""
        results = Results()
        if not (given.strict or given.restored_items.keys() & _STUB_MAKERS):
            # Nobody has made a stub, and the caller need not have the right to list them.
            return results
        try:
            stubs = list(given.cluster.list(GROUP_CONTENTS, "", _selector(given)))
        except NotFoundError as error:
            # Without the CRD nobody has made a stub.
            if given.strict:
                _warn(results, f"failed to list stub VolumeGroupSnapshotContents: {error.message}")
            return results
        except ApiError as error:
            _warn(results, f"failed to list stub VolumeGroupSnapshotContents: {error.message}")
            return results
        for stub in stubs:
            _remove(stub, given, results)
        return results


def _selector(given: FinalizeInput) -> str:
    name = given.name if given.strict else label_value(given.name)
    return f"{RESTORE_NAME_LABEL}={name}"


def _warn(results: Results, text: str) -> None:
    results.warnings.add(_BUCKET, text)


def _remove(stub: Manifest, given: FinalizeInput, results: Results) -> None:
    name = str(stub["metadata"]["name"])
    handles = _handles(stub)
    if handles and not poll(
        given.clock,
        lambda: _are_ready(handles, given),
        given.resource_timeout,
        first_pause=1.0,
        longest_pause=_PAUSE,
    ):
        _warn(results, f"timed out waiting for VSCs related to VGSC {name}: {TIMED_OUT}")
    try:
        given.cluster.delete(GROUP_CONTENTS, "", name)
    except NotFoundError:
        return
    except ApiError as error:
        text = f"failed to delete stub VolumeGroupSnapshotContent {name}: {error.message}"
        _warn(results, text)


def _handles(stub: Manifest) -> frozenset[str]:
    source = (stub.get("spec") or {}).get("source") or {}
    handles = (source.get("groupSnapshotHandles") or {}).get("volumeSnapshotHandles") or []
    return frozenset(str(handle) for handle in handles)


def _are_ready(handles: frozenset[str], given: FinalizeInput) -> bool:
    try:
        contents = list(given.cluster.list(SNAPSHOT_CONTENTS, "", _selector(given)))
    except ApiError as error:
        given.log("warning", f"failed to list VolumeSnapshotContents: {error.message}")
        return False
    return all(
        (content.get("status") or {}).get("readyToUse") is True
        for content in contents
        if ((content.get("spec") or {}).get("source") or {}).get("snapshotHandle") in handles
    )
