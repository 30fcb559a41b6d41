# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What follows the last item: the first look at operations, the artifacts, the next phase.

Source: reference restore-engine.md sections 1.8 and 7.4, pkg/controller/restore_controller.go.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model import phases
from ansible_collections.velero.core.plugins.module_utils.model.errors import VeleroCoreError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.operations.progress import ProgressPass
from ansible_collections.velero.core.plugins.module_utils.restore import manifest
from ansible_collections.velero.core.plugins.module_utils.restore.context import RestoreContext
from ansible_collections.velero.core.plugins.module_utils.restore.course import Course
from ansible_collections.velero.core.plugins.module_utils.restore.engine_data import EngineOutput
from ansible_collections.velero.core.plugins.module_utils.restore.hooks import RestoreHooks
from ansible_collections.velero.core.plugins.module_utils.restore.log import RestoreLog
from ansible_collections.velero.core.plugins.module_utils.restore.volumes import created_claims
from ansible_collections.velero.core.plugins.module_utils.volumes.restore_info import (
    restore_volume_info,
)


def look_at_operations(context: RestoreContext, course: Course, progress: ProgressPass) -> bool:
    """Returns whether operations run; the processes of plugins are ended when none does.

    Raises ConnectionFailedError when the cluster cannot be asked about operations.
    """
    running = progress.look(course.operations, course.record).running
    course.tell_failures()
    if not running:
        context.item_actions.end()
    return running


def store_items(
    context: RestoreContext,
    course: Course,
    output: EngineOutput,
    log: RestoreLog,
    hooks: RestoreHooks,
    *,
    operations_running: bool,
) -> None:
    """Writes the artifacts in Velero's order and brings the record to its next phase.

    A lost artifact is told. The record then stays as it is in the storage, so that the next run
    goes through the items again.
    """
    volumes = _volume_info(context, course.record, output, log)
    _close_log(context, course.results, log)
    files, keep = context.files, context.keep
    is_stored = [
        keep(lambda: files.write_results(course.results)),
        keep(lambda: files.write_resource_list(course.resource_list)),
        keep(lambda: files.write_item_operations(course.rows())),
    ]
    keep(lambda: files.write_volume_info(volumes))
    hooks.flush()
    course.is_stored = all(is_stored)
    following = phases.after_items(course.results.errors.count, operations_running)
    course.advance(following, **course.counts(), **_numbers(output))
    course.keep_record(context)


def _volume_info(
    context: RestoreContext, record: Manifest, output: EngineOutput, log: RestoreLog
) -> list[dict[str, Any]]:
    """Returns what is recorded about the volumes; its loss changes nothing else."""
    warn = partial(log.line, "warning")
    claims = created_claims(output.outcomes)
    try:
        return restore_volume_info(context.tracker, context.cluster, record, claims, warn)
    except VeleroCoreError as error:
        warn(f"the volume information is incomplete: {error}")
        return []


def _close_log(context: RestoreContext, results: Results, log: RestoreLog) -> None:
    _log_results(log, results)
    log.line("info", "restore completed")
    try:
        context.files.write_compressed_log(log.so_far())
    except VeleroCoreError as error:
        results.errors.velero.append(f"error uploading log file to backup storage: {error}")


def _numbers(output: EngineOutput) -> dict[str, Any]:
    if output.total_items is None:
        return {}
    numbers = {"totalItems": output.total_items, "itemsRestored": output.items_restored}
    return {"progress": manifest.without_zeros(numbers)}


def _log_results(log: RestoreLog, results: Results) -> None:
    for level, messages in (("error", results.errors), ("warning", results.warnings)):
        for text in messages.velero:
            log.line(level, f"Velero restore {level}: {text}")
        for text in messages.cluster:
            log.line(level, f"Cluster resource restore {level}: {text}")
        for namespace, texts in messages.namespaces.items():
            for text in texts:
                log.line(level, f"Namespace {namespace}, resource restore {level}: {text}")
