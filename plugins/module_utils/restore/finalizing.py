# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The phases of finalizing: the wrap-up tasks, the results once more, the end.

Source: reference restore-engine.md section 8.1, pkg/controller/restore_finalizer_controller.go.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.finalize.contract import (
    FinalizeInput,
    FinalizeTask,
)
from ansible_collections.velero.core.plugins.module_utils.finalize.registry import finalize_tasks
from ansible_collections.velero.core.plugins.module_utils.model import phases
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.model.times import timestamp
from ansible_collections.velero.core.plugins.module_utils.restore import manifest
from ansible_collections.velero.core.plugins.module_utils.restore.context import RestoreContext
from ansible_collections.velero.core.plugins.module_utils.restore.course import Course
from ansible_collections.velero.core.plugins.module_utils.restore.log import RestoreLog

_HOOK_STATUS = "hookStatus"


def finalize(
    context: RestoreContext, course: Course, log: RestoreLog, exec_hooks: FinalizeTask
) -> None:
    """Runs the wrap-up tasks and brings the record to its end.

    Raises StorageError when the backup's volume info cannot be read, ConnectionFailedError and
    RunAbortedError; the next run finalizes again.
    """
    status = course.record["status"]
    errors_before = int(status.get("errors") or 0)
    if not _is_wrapped_up(course):
        _wrap_up(context, course, log, exec_hooks)
    failed = (
        course.phase == phases.FINALIZING_PARTIALLY_FAILED
        or course.results.errors.count > errors_before
    )
    course.advance(
        phases.PARTIALLY_FAILED if failed else phases.COMPLETED,
        completionTimestamp=timestamp(context.clock.now()),
        **course.counts(),
    )
    course.keep_record(context)
    context.in_cluster.finish(course.record)


def _is_wrapped_up(course: Course) -> bool:
    """Returns whether a run that was cut off has told the messages of all tasks already.

    They are written at once, when the last task is done, and the record only after them.
    """
    status, results = course.record["status"], course.results
    told = int(status.get("warnings") or 0) + int(status.get("errors") or 0)
    return results.warnings.count + results.errors.count > told


def _wrap_up(
    context: RestoreContext, course: Course, log: RestoreLog, exec_hooks: FinalizeTask
) -> None:
    status: dict[str, Any] = {_HOOK_STATUS: {}}
    found = _run_tasks(context, course, log, status, exec_hooks)
    course.record = manifest.with_status(course.record, **status)
    if found.empty:
        return
    # The outcome of the tasks that is not a message must not be lost with this process.
    course.keep_record(context)
    course.results.merge(found)
    context.keep(lambda: context.files.write_results(course.results))


def _run_tasks(
    context: RestoreContext,
    course: Course,
    log: RestoreLog,
    status: dict[str, Any],
    exec_hooks: FinalizeTask,
) -> Results:
    claims = course.created_claims
    backup_name = context.spec.backup_name
    given = FinalizeInput(
        restore=course.record,
        spec=context.spec,
        cluster=context.cluster,
        clock=context.clock,
        resource_timeout=context.settings.resource_timeout,
        backup_volumes=context.source.volume_rows(backup_name) if claims else (),
        created_claims=claims,
        restored_items=course.resource_list,
        operations=course.operations,
        strict=context.settings.strict,
        log=log.line,
        status=status,
    )
    found = Results()
    for task in finalize_tasks(exec_hooks, validates=context.settings.validate):
        found.merge(task.run(given))
    return found
