# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removing the record and the artifacts of a restore; the restored objects stay."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    RecordError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import Settings
from ansible_collections.velero.core.plugins.module_utils.restore.cancelling import (
    cancel_node_agents,
)
from ansible_collections.velero.core.plugins.module_utils.restore.liveness import LivenessProbe
from ansible_collections.velero.core.plugins.module_utils.restore.ports import RestorePorts
from ansible_collections.velero.core.plugins.module_utils.restore.record import (
    IN_STORAGE,
    ClusterRecord,
    restores_resource,
)
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from ansible_collections.velero.core.plugins.module_utils.storage import layout
from ansible_collections.velero.core.plugins.module_utils.storage.artifacts import (
    RestoreArtifacts,
)


def delete_restore(
    name: str, ports: RestorePorts, settings: Settings, *, check_mode: bool = False
) -> RestoreReport:
    """Deletes everything that is recorded of restore ``name``; changed when there was something.

    Raises RequestError for a Restore object that is not ours, StorageError, ClusterError. The
    cluster goes first: while artifacts are left, the call can be repeated.
    """
    restore = {"metadata": {"name": name, "namespace": settings.velero_namespace}}
    artifacts, clock = ports.artifacts, ports.clock
    changed = False
    if not check_mode and artifacts is not None:
        record = _unfinished_record(RestoreArtifacts(artifacts, name, clock.sleep))
        cancel_node_agents(record, ports.cluster, settings.velero_namespace)
    if settings.record != IN_STORAGE:
        changed = _delete_in_cluster(name, ports.cluster, clock, settings, check_mode)
    if artifacts is not None:
        keys = artifacts.keys(layout.restore_folder(name))
        changed = changed or bool(keys)
        if keys and not check_mode:
            RestoreArtifacts(artifacts, name, clock.sleep).delete_all()
    return RestoreReport(changed=changed, restore=restore)


def _unfinished_record(artifacts: RestoreArtifacts) -> Manifest | None:
    try:
        return artifacts.read_record()
    except (StorageError, RecordError):
        # Nothing is known to cancel. What is wrong with the storage is told when it is cleared.
        return None


def _delete_in_cluster(
    name: str, cluster: Cluster, clock: Clock, settings: Settings, check_mode: bool
) -> bool:
    api = cluster.discover()
    probe = LivenessProbe(cluster, clock, api, settings.velero_namespace)
    record = ClusterRecord(
        cluster=cluster,
        resource=restores_resource(api),
        namespace=settings.velero_namespace,
        mode=settings.record,
        is_live=probe.is_live,
        warnings=[],
    )
    if check_mode:
        return record.find(name) is not None
    return record.remove(name)
