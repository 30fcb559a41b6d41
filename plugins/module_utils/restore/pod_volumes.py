# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who restores the data of volumes for one restore, put together."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ansible_collections.velero.core.plugins.module_utils.model.durations import parse_duration
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.request import Settings
from ansible_collections.velero.core.plugins.module_utils.restore.context import RestoreContext
from ansible_collections.velero.core.plugins.module_utils.restore.liveness import (
    has_available_server,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.data_plane import DataPlane
from ansible_collections.velero.core.plugins.module_utils.volumes.node_agents import NodeAgents
from ansible_collections.velero.core.plugins.module_utils.volumes.pod_volume_restorer import (
    PodVolumeInput,
    PodVolumeRestorer,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.pod_volume_watch import (
    Log,
    VolumeProgress,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.repositories import (
    BackupRepositories,
)

_NEEDS = (
    ("", "pods", "list"),
    ("apps", "daemonsets", "get"),
    ("velero.io", "backuprepositories", "list"),
    ("velero.io", "podvolumerestores", "create"),
    ("velero.io", "podvolumerestores", "list"),
)
TIMEOUT_ANNOTATION = "velero.io/pod-volume-timeout"


def data_plane(context: RestoreContext, cluster: Cluster, *, plans: bool) -> DataPlane:
    """Returns who moves the data of volumes in the namespace of Velero.

    A plan looks for a live server by reads only, and takes it that the record could be written.
    """
    settings, clock = context.settings, context.clock
    namespace = settings.velero_namespace
    by_reads = partial(has_available_server, cluster, namespace)
    return DataPlane(
        NodeAgents(cluster, namespace),
        BackupRepositories(cluster, clock, namespace, settings.resource_timeout),
        owned=context.in_cluster.kept if plans else context.is_owner,
        is_live=by_reads if plans else context.in_cluster.is_live,
        asks=not plans,
    )


def pod_volume_restorer(
    context: RestoreContext,
    record: Manifest,
    plane: DataPlane,
    cluster: Cluster,
    log: Log,
    on_progress: Callable[[VolumeProgress], None],
    *,
    resumes: bool,
) -> PodVolumeRestorer:
    """Returns the restorer of pod volumes; its time runs from now on."""
    settings = context.settings
    given = PodVolumeInput(
        restore=record,
        backups=context.backup_volumes.pod_volume_backups,
        location=context.backup_location,
        timeout=timeout_of(record, settings, log),
        resumes=resumes,
        strict=settings.strict,
        log=log,
        on_progress=on_progress,
    )
    return PodVolumeRestorer(given, cluster, context.clock, plane, context.tracker)


def pod_volume_needs(context: RestoreContext) -> list[tuple[str, str, str]]:
    """Returns group, resource and verb of the rights in Velero's namespace that are needed."""
    return list(_NEEDS) if context.backup_volumes.pod_volume_backups else []


def publish_volumes(context: RestoreContext, progress: VolumeProgress) -> None:
    """Adds to the progress file how far the volumes are."""
    numbers = {
        "volumesDone": progress.done,
        "volumesTotal": progress.total,
        "bytesDone": progress.bytes_done,
        "totalBytes": progress.total_bytes,
    }
    context.keep_progress(podVolumes=numbers)


def timeout_of(restore: Manifest, settings: Settings, log: Log) -> float:
    """Returns how long (seconds) all volumes together are waited for.

    Source: pkg/restore/restore.go:245.
    """
    annotations = restore["metadata"].get("annotations") or {}
    text = str(annotations.get(TIMEOUT_ANNOTATION) or "")
    if text:
        try:
            return parse_duration(text)
        except RequestError:
            log(
                "error",
                f"Unable to parse pod volume timeout annotation {text}, using server value.",
            )
    return settings.fs_backup_timeout
