# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running the engine for a record: its inputs, its progress, its operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ItemAction
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)
from ansible_collections.velero.core.plugins.module_utils.archive.catalog import SpooledCatalog
from ansible_collections.velero.core.plugins.module_utils.item.hooks import PodHooks
from ansible_collections.velero.core.plugins.module_utils.model.glob import glob_matches
from ansible_collections.velero.core.plugins.module_utils.model.operations import ItemOperation
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.times import seconds_of
from ansible_collections.velero.core.plugins.module_utils.modifiers.applying import (
    ResourceModifiers,
)
from ansible_collections.velero.core.plugins.module_utils.operations.journal import (
    OperationJournal,
)
from ansible_collections.velero.core.plugins.module_utils.restore import manifest
from ansible_collections.velero.core.plugins.module_utils.restore.context import RestoreContext
from ansible_collections.velero.core.plugins.module_utils.restore.course import (
    operation_rows,
)
from ansible_collections.velero.core.plugins.module_utils.restore.dry_run import DryRunCluster
from ansible_collections.velero.core.plugins.module_utils.restore.engine import restore_items
from ansible_collections.velero.core.plugins.module_utils.restore.engine_data import (
    EngineInput,
    EngineOutput,
)
from ansible_collections.velero.core.plugins.module_utils.restore.log import RestoreLog
from ansible_collections.velero.core.plugins.module_utils.restore.pod_volumes import (
    data_plane,
    pod_volume_restorer,
    publish_volumes,
)
from ansible_collections.velero.core.plugins.module_utils.restore.progress import (
    ProgressPublisher,
)
from ansible_collections.velero.core.plugins.module_utils.restore.volumes import VolumeInput

OpenCatalog = Callable[[], SpooledCatalog]


def bound_actions(
    context: RestoreContext, cluster: Cluster, *, plans: bool = False
) -> Sequence[ItemAction]:
    """Returns all item actions of a restore, looking at ``cluster``."""
    settings, actions = context.settings, context.item_actions
    context.data_plane = plane = data_plane(context, cluster, plans=plans)
    return actions.bind(
        ActionEnvironment(
            cluster=cluster,
            velero_namespace=settings.velero_namespace,
            features=settings.features,
            backup=context.backup,
            # No pod may wait for data that nobody brings.
            pod_volumes=None if settings.strict else context.volumes_to_fill,
            image_without_server=plane.agents.image,
            why_not_moved=None if settings.strict else plane.why_not,
            restore_in_cluster=context.is_owner,
            strict=settings.strict,
            warn=lambda text: actions.relay.line("warning", text),
            glob_matches=glob_matches,
            inline_config=actions.inline_config,
        ),
        context.clock,
    )


def plan_items(
    context: RestoreContext,
    record: Manifest,
    cluster: DryRunCluster,
    log: RestoreLog,
    hooks: PodHooks,
    open_catalog: OpenCatalog,
    *,
    resumes: bool,
) -> EngineOutput:
    """Returns what run_items() would do, as far as it can be known without doing it."""
    actions, modifiers = bound_actions(context, cluster, plans=True), _modifiers(context)
    _set_up_pod_volumes(context, record, cluster, log, resumes=resumes)
    given = _input(
        context, record, actions, modifiers, hooks, open_catalog, resumes=resumes, waits=False
    )
    output = restore_items(given, cluster, context.clock, log)
    _tell_warnings(context, modifiers, output)
    return output


def run_items(
    context: RestoreContext,
    record: Manifest,
    actions: Sequence[ItemAction],
    log: RestoreLog,
    hooks: PodHooks,
    open_catalog: OpenCatalog,
    *,
    resumes: bool,
) -> EngineOutput:
    """Restores the items; its operations are those of all runs of the restore.

    Raises ConnectionFailedError and RunAbortedError; the restore can then be resumed.
    """
    journal = OperationJournal(
        lambda operations: _write_operations(context, record, operations),
        _recorded(context) if resumes else (),
    )
    modifiers = _modifiers(context)
    _set_up_pod_volumes(context, record, context.cluster, log, resumes=resumes)
    given = _input(
        context,
        record,
        actions,
        modifiers,
        hooks,
        open_catalog,
        resumes=resumes,
        on_operation=journal.add,
    )
    with ProgressPublisher(lambda total, restored: _publish(context, total, restored)) as progress:
        output = restore_items(given, context.cluster, context.clock, log, progress.update)
    output.operations = journal.merged(output.operations)
    _tell_warnings(context, modifiers, output)
    return output


def _set_up_pod_volumes(
    context: RestoreContext, record: Manifest, cluster: Cluster, log: RestoreLog, *, resumes: bool
) -> None:
    plane = context.data_plane
    if plane is not None:
        context.pod_volumes = pod_volume_restorer(
            context,
            record,
            plane,
            cluster,
            log.line,
            lambda progress: publish_volumes(context, progress),
            resumes=resumes,
        )


def _modifiers(context: RestoreContext) -> ResourceModifiers | None:
    rules = context.validated.modifiers
    return ResourceModifiers(rules, strict=context.settings.strict) if rules else None


def _tell_warnings(
    context: RestoreContext, modifiers: ResourceModifiers | None, output: EngineOutput
) -> None:
    # The warnings in the results are Velero's, which says nothing about such rules.
    if modifiers is not None and output.total_items is not None:
        context.warnings.extend(modifiers.unused())
    context.warnings.extend(output.warnings)


def _input(
    context: RestoreContext,
    record: Manifest,
    actions: Sequence[ItemAction],
    modifiers: ResourceModifiers | None,
    hooks: PodHooks,
    open_catalog: OpenCatalog,
    *,
    resumes: bool,
    on_operation: Callable[[ItemOperation], None] = lambda operation: None,
    waits: bool = True,
) -> EngineInput:
    started = str(record["status"].get("startTimestamp") or "")
    return EngineInput(
        name=context.name,
        spec=context.spec,
        restore=record,
        restore_in_cluster=context.is_owner,
        backup=context.backup,
        settings=context.settings,
        selection=context.request.selection,
        order=context.request.order,
        open_catalog=open_catalog,
        actions=actions,
        modifiers=modifiers,
        volumes=VolumeInput(
            backup=context.backup_volumes,
            tracker=context.tracker,
            snapshotters=context.snapshotters,
            plan=context.volume_plan,
        ),
        pod_volumes=context.pod_volumes,
        resume_since=seconds_of(started) if resumes else None,
        on_operation=on_operation,
        hooks=hooks,
        waits=waits,
        api=context.api,
    )


def _recorded(context: RestoreContext) -> list[ItemOperation]:
    return [ItemOperation.from_dict(row) for row in context.files.read_item_operations()]


def _write_operations(
    context: RestoreContext, record: Manifest, operations: Sequence[ItemOperation]
) -> None:
    rows = operation_rows(record, operations)
    context.keep(lambda: context.files.write_item_operations(rows))


def _publish(context: RestoreContext, total: int, restored: int) -> None:
    numbers = {"totalItems": total, "itemsRestored": restored}
    context.keep_progress(**numbers)
    context.in_cluster.progress(context.name, manifest.without_zeros(numbers))
