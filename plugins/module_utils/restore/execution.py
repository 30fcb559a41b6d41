# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One restore from its record to its end: items, operations, wrap-up; or its plan."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ItemAction
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.operations.progress import ProgressPass
from ansible_collections.velero.core.plugins.module_utils.restore import manifest
from ansible_collections.velero.core.plugins.module_utils.restore.access import needed_access
from ansible_collections.velero.core.plugins.module_utils.restore.after_items import (
    look_at_operations,
    store_items,
)
from ansible_collections.velero.core.plugins.module_utils.restore.backup_archive import (
    BackupArchive,
)
from ansible_collections.velero.core.plugins.module_utils.restore.beginning import begin, resume
from ansible_collections.velero.core.plugins.module_utils.restore.context import RestoreContext
from ansible_collections.velero.core.plugins.module_utils.restore.course import (
    Course,
    recorded_course,
)
from ansible_collections.velero.core.plugins.module_utils.restore.dry_run import DryRunCluster
from ansible_collections.velero.core.plugins.module_utils.restore.engine_data import EngineOutput
from ansible_collections.velero.core.plugins.module_utils.restore.finalizing import finalize
from ansible_collections.velero.core.plugins.module_utils.restore.hooks import RestoreHooks
from ansible_collections.velero.core.plugins.module_utils.restore.items import (
    bound_actions,
    plan_items,
    run_items,
)
from ansible_collections.velero.core.plugins.module_utils.restore.kept_log import kept_log
from ansible_collections.velero.core.plugins.module_utils.restore.locations import locations
from ansible_collections.velero.core.plugins.module_utils.restore.log import RestoreLog
from ansible_collections.velero.core.plugins.module_utils.restore.planning import (
    plan_entries,
    would_change,
)
from ansible_collections.velero.core.plugins.module_utils.restore.pod_hooks import restore_hooks
from ansible_collections.velero.core.plugins.module_utils.restore.pod_volumes import (
    pod_volume_needs,
)
from ansible_collections.velero.core.plugins.module_utils.restore.record import phase_of
from ansible_collections.velero.core.plugins.module_utils.restore.recorded import outcomes_of
from ansible_collections.velero.core.plugins.module_utils.restore.refinement import (
    check_order,
)
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from ansible_collections.velero.core.plugins.module_utils.restore.volume_planning import (
    planned_volumes,
)
from ansible_collections.velero.core.plugins.module_utils.restore.waiting import (
    check_actions,
    wait_for_operations,
)


class Execution:
    """One restore that is to be run, to go on, or to be planned."""

    def __init__(self, context: RestoreContext) -> None:
        self._context = context

    def plan(
        self, resumed: Manifest | None, ended: Manifest | None, review_access: bool
    ) -> RestoreReport:
        """Returns the report of a run that writes nothing; see run()."""
        context = self._context
        dry = DryRunCluster(context.cluster, context.api)
        record = resumed or manifest.new_record(context.request, context.name, context.spec, ended)
        log = RestoreLog(context.clock, context.name)
        with (
            BackupArchive(context) as archive,
            closing(restore_hooks(context, record, dry, log)) as hooks,
        ):
            self._check_order(archive)
            output = plan_items(
                context, record, dry, log, hooks, archive.open, resumes=resumed is not None
            )
        log.close()
        entries = plan_entries(output.outcomes, dry.assumed_kinds())
        access = _access(context, output) if review_access else []
        report = self._report(record, output)
        volumes = planned_volumes(
            context.volume_plan,
            context.backup_volumes,
            dry,
            output.outcomes,
            context.spec,
            context.settings,
            context.data_obstacle,
        )
        return replace(report, artifacts={}, plan=entries, volumes=volumes, access=access)

    def plan_rest(self, record: Manifest) -> RestoreReport:
        """Returns the report of a run that only waits for operations and wraps up."""
        course = recorded_course(record, self._context.files)
        report = self._report_of(course, changed=True)
        return replace(report, artifacts={}, plan=[])

    def run(self, resumed: Manifest | None, ended: Manifest | None) -> RestoreReport:
        """Restores and records. There may be a record of a run that was cut off or has ended."""
        context, resumes = self._context, resumed is not None
        with BackupArchive(context) as archive:
            self._check_order(archive)
            record = resume(context, resumed) if resumed else begin(context, ended)
            actions = bound_actions(context, context.cluster)
            progress = self._progress(actions)
            with (
                kept_log(context) as log,
                closing(
                    restore_hooks(context, record, context.cluster, log, resumes=resumes)
                ) as hooks,
            ):
                log.line("info", "starting restore")
                output = run_items(
                    context, record, actions, log, hooks, archive.open, resumes=resumes
                )
                course = Course.of_items(record, output)
                running = look_at_operations(context, course, progress)
                store_items(context, course, output, log, hooks, operations_running=running)
                self._end(course, progress, log, hooks)
        return self._report(course.record, output)

    def go_on(self, record: Manifest) -> RestoreReport:
        """Waits for the operations of a restore whose items are done, and wraps it up.

        Raises RequestError when an item action is missing that has to be asked.
        """
        context = self._context
        course = recorded_course(record, context.files)
        progress = self._progress(bound_actions(context, context.cluster))
        if course.waits:
            check_actions(context, course, progress)
        with (
            kept_log(context, appends=True) as log,
            closing(restore_hooks(context, record, context.cluster, log, resumes=True)) as hooks,
        ):
            hooks.take_up()
            self._end(course, progress, log, hooks)
        return self._report_of(course, changed=course.phase != phase_of(record))

    def _end(
        self, course: Course, progress: ProgressPass, log: RestoreLog, hooks: RestoreHooks
    ) -> None:
        if course.waits:
            wait_for_operations(self._context, course, progress, log)
        if not course.waits:
            finalize(self._context, course, log, hooks)

    def _progress(self, actions: Sequence[ItemAction]) -> ProgressPass:
        settings = self._context.settings
        return ProgressPass(
            actions,
            self._context.clock,
            timeout=self._context.spec.item_operation_timeout,
            patience=0 if settings.strict else settings.resource_timeout,
        )

    def _check_order(self, archive: BackupArchive) -> None:
        context = self._context
        if context.request.order.given and archive.readable:
            catalog, api = archive.open(), context.cluster.discover()
            context.warnings += check_order(context.request, catalog, api)

    def _report(self, record: Manifest, output: EngineOutput) -> RestoreReport:
        return RestoreReport(
            changed=would_change(output.outcomes),
            restore=record,
            results=output.results,
            outcomes=output.outcomes,
            artifacts=locations(self._context.name, self._context.store),
            diff=output.diffs,
            dangling=output.dangling,
            warnings=self._context.warnings,
        )

    def _report_of(self, course: Course, *, changed: bool) -> RestoreReport:
        return RestoreReport(
            changed=changed,
            restore=course.record,
            results=course.results,
            outcomes=list(outcomes_of(course.resource_list)),
            artifacts=locations(self._context.name, self._context.store),
            warnings=self._context.warnings,
        )


def _access(context: RestoreContext, output: EngineOutput) -> list[dict[str, Any]]:
    more = {need: {context.settings.velero_namespace} for need in pod_volume_needs(context)}
    return needed_access(output.outcomes, context.cluster, more)
