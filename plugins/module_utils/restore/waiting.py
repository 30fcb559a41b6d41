# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The phases of waiting for the operations of item actions.

Source: reference restore-engine.md section 7.2, pkg/controller/restore_operations_controller.go.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model import phases
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    group_resource,
    resource_id,
)
from ansible_collections.velero.core.plugins.module_utils.model.operations import ItemOperation
from ansible_collections.velero.core.plugins.module_utils.operations.following import follow
from ansible_collections.velero.core.plugins.module_utils.operations.progress import (
    PassOutcome,
    ProgressPass,
)
from ansible_collections.velero.core.plugins.module_utils.restore import manifest
from ansible_collections.velero.core.plugins.module_utils.restore.context import RestoreContext
from ansible_collections.velero.core.plugins.module_utils.restore.course import Course
from ansible_collections.velero.core.plugins.module_utils.restore.log import RestoreLog


def check_actions(context: RestoreContext, course: Course, progress: ProgressPass) -> None:
    """Raises RequestError when an operation runs whose action this task does not have.

    Velero gives such an operation up; so do we with ``compatibility: strict``, and when its time
    is over.
    """
    unknown = [] if context.settings.strict else progress.unknown(course.operations)
    if unknown:
        raise RequestError(
            "waiting for",
            f"operation {unknown[0].operation_id} of restore {context.full_name}",
            f"its item action {unknown[0].action} is not there",
            "Give the same item_actions and plugin_binaries as the task that has started it",
        )


def wait_for_operations(
    context: RestoreContext, course: Course, progress: ProgressPass, log: RestoreLog
) -> None:
    """Follows the operations until none runs and brings the record to its next phase.

    With ``wait: false`` it looks once. What is new is in the storage before the next look. Raises
    ConnectionFailedError when the cluster does not answer for long; the next run goes on.
    """

    def look() -> PassOutcome:
        outcome = progress.look(course.operations, course.record)
        for operation in outcome.failed:
            log.line("error", f"{_described(operation)} has failed: {operation.error}")
        if outcome.changed:
            context.keep(lambda: context.files.write_item_operations(course.rows()))
            _tell(context, course)
        return outcome

    # An earlier run may have been cut off between the operations, the results and the record.
    _tell(context, course)
    for operation in course.operations:
        if operation.is_running:
            log.line("info", f"Waiting for {_described(operation)}")
    settings = context.settings
    if follow(context.clock, look, settings.item_operation_sync_frequency, wait=settings.wait):
        failed = course.phase == phases.WAITING_PARTIALLY_FAILED
        course.advance(phases.FINALIZING_PARTIALLY_FAILED if failed else phases.FINALIZING)
        course.keep_record(context)


def _tell(context: RestoreContext, course: Course) -> None:
    """Writes the results and then the record, as far as they lack what the operations say.

    Velero only counts failures from here on; so do we with ``compatibility: strict``.
    """
    if not context.settings.strict and course.tell_failures():
        context.keep(lambda: context.files.write_results(course.results))
    before = course.record["status"]
    course.record = manifest.with_status(course.record, **course.counts())
    if course.error_count and course.phase == phases.WAITING:
        course.advance(phases.WAITING_PARTIALLY_FAILED)
    if course.record["status"] != before:
        course.keep_record(context)


def _described(operation: ItemOperation) -> str:
    item = resource_id(
        group_resource(operation.resource, operation.group), operation.namespace, operation.name
    )
    return f"operation {operation.operation_id} of {operation.action} for {item}"
