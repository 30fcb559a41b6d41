# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The UID of a restore, by which everybody who works for it knows it.

Node agents read it from the controller owner of their objects and from a label, and the garbage
collector deletes objects whose owner is not there: so it has to be that of the Restore object in
the cluster, where there is one (reference restore-engine.md sections 4.16 and 7.5).
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model.names import namespaced_name
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.restore import manifest


def needs_owner(backup: Manifest, spec: RestoreSpec, *, has_pod_volumes: bool) -> bool:
    """Returns whether node agents will work for a restore of ``backup``."""
    moves_data = (backup.get("spec") or {}).get("snapshotMoveData") is True
    return has_pod_volumes or (moves_data and spec.restore_pvs is not False)


def owned(
    record: Manifest,
    found: Manifest | None,
    warnings: list[str],
    ended: Manifest | None = None,
) -> Manifest:
    """Returns the record under the UID that it keeps to its end.

    ``found`` is its object in the cluster, if it has one; ``ended`` the record of its last run. A
    record whose UID was its own from the beginning keeps it: what works for it was labelled with
    that.
    """
    if found is None:
        return record if record["metadata"].get("uid") else manifest.with_own_uid(record, ended)
    if not record["metadata"].get("uid"):
        return manifest.adopted(record, found)
    if is_owner(record, found) or not manifest.is_of_cluster(record):
        return record
    where = namespaced_name(record["metadata"].get("namespace", ""), record["metadata"]["name"])
    warnings.append(
        f"The Restore object {where} was deleted while the restore was unfinished. It is there "
        "again, under another UID. What belonged to the deleted one (DataDownloads, "
        "PodVolumeRestores) is removed by the garbage collector, and its operations fail."
    )
    return manifest.adopted(record, found)


def is_owner(record: Manifest, found: Manifest | None) -> bool:
    """Returns whether objects may name ``found`` as their owner under the record's UID."""
    return found is not None and record["metadata"].get("uid") == found["metadata"].get("uid")
