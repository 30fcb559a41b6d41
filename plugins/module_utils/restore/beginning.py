# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record of a restore that begins or goes on with its items."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model import phases
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.times import timestamp
from ansible_collections.velero.core.plugins.module_utils.restore import manifest
from ansible_collections.velero.core.plugins.module_utils.restore.context import RestoreContext
from ansible_collections.velero.core.plugins.module_utils.restore.owner import (
    is_owner,
    needs_owner,
    owned,
)


def begin(context: RestoreContext, ended: Manifest | None) -> Manifest:
    """Records a restore that begins. ``ended`` is the record of its last run, if there was one.

    Run again it keeps its UID: what is named after that (snapshots) is not made twice. Raises
    StorageError and, with ``record: cluster``, ApiError; nothing was restored yet.
    """
    record = manifest.new_record(context.request, context.name, context.spec, ended)
    # The server's clock: objects that this run makes are recognised by their age.
    now = context.cluster.server_time or context.clock.now()
    record = manifest.with_phase(record, phases.IN_PROGRESS, startTimestamp=timestamp(now))
    if context.in_cluster.kept:
        record = manifest.without_uid(record)
    if ended is not None and context.files.read_item_operations():
        # Those of the earlier run are over; if this one is cut off, they are not its own.
        context.files.write_item_operations([])
    context.files.write_record(record)
    return _claim(context, record, ended)


def resume(context: RestoreContext, earlier: Manifest) -> Manifest:
    """Returns the record of a restore whose items are gone through again.

    Raises as begin() does.
    """
    return _claim(context, manifest.resumed(earlier))


def _claim(context: RestoreContext, record: Manifest, ended: Manifest | None = None) -> Manifest:
    """Returns the record under the UID of its object in the cluster, where it has one."""
    as_owner = needs_owner(
        context.backup,
        context.spec,
        has_pod_volumes=bool(context.backup_volumes.pod_volume_backups),
    )
    found = context.in_cluster.begin(record, as_owner=as_owner, is_rerun=ended is not None)
    claimed = owned(record, found, context.warnings, ended)
    if claimed is not record:
        context.files.write_record(claimed)
    context.is_owner = is_owner(claimed, found)
    return claimed
