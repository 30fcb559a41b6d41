# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running the engine for one record: archive, progress, phases, artifacts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ItemAction
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)
from ansible_collections.velero.core.plugins.module_utils.archive.catalog import SpooledCatalog
from ansible_collections.velero.core.plugins.module_utils.finalize.contract import FinalizeInput
from ansible_collections.velero.core.plugins.module_utils.model import phases
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ArchiveError,
    RecordError,
    VeleroCoreError,
)
from ansible_collections.velero.core.plugins.module_utils.model.glob import glob_matches
from ansible_collections.velero.core.plugins.module_utils.model.items import resource_list
from ansible_collections.velero.core.plugins.module_utils.model.names import namespaced_name
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
    ObjectStore,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import RestoreRequest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.model.times import seconds_of, timestamp
from ansible_collections.velero.core.plugins.module_utils.modifiers.applying import (
    ResourceModifiers,
)
from ansible_collections.velero.core.plugins.module_utils.restore import manifest
from ansible_collections.velero.core.plugins.module_utils.restore.access import needed_access
from ansible_collections.velero.core.plugins.module_utils.restore.dry_run import DryRunCluster
from ansible_collections.velero.core.plugins.module_utils.restore.engine import (
    EngineInput,
    EngineOutput,
    restore_items,
)
from ansible_collections.velero.core.plugins.module_utils.restore.hooks import RestoreHooks
from ansible_collections.velero.core.plugins.module_utils.restore.item_actions import (
    RestoreActions,
)
from ansible_collections.velero.core.plugins.module_utils.restore.locations import locations
from ansible_collections.velero.core.plugins.module_utils.restore.log import RestoreLog
from ansible_collections.velero.core.plugins.module_utils.restore.owner import (
    is_owner,
    needs_owner,
    owned,
)
from ansible_collections.velero.core.plugins.module_utils.restore.planning import (
    plan_entries,
    would_change,
)
from ansible_collections.velero.core.plugins.module_utils.restore.progress import (
    ProgressPublisher,
)
from ansible_collections.velero.core.plugins.module_utils.restore.record import ClusterRecord
from ansible_collections.velero.core.plugins.module_utils.restore.refinement import check_order
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from ansible_collections.velero.core.plugins.module_utils.restore.sources import BackupSource
from ansible_collections.velero.core.plugins.module_utils.restore.validation import Validated
from ansible_collections.velero.core.plugins.module_utils.restore.volume_planning import (
    planned_volumes,
)
from ansible_collections.velero.core.plugins.module_utils.restore.volumes import (
    VolumeInput,
    created_claims,
)
from ansible_collections.velero.core.plugins.module_utils.storage.artifacts import (
    RestoreArtifacts,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.plan import VolumePlan
from ansible_collections.velero.core.plugins.module_utils.volumes.restore_info import (
    restore_volume_info,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.snapshotter import Snapshotters
from ansible_collections.velero.core.plugins.module_utils.volumes.tracker import VolumeTracker

_RUN_AGAIN = "Run it again when that is mended: the restore goes on where it stopped"


@dataclass(slots=True, kw_only=True)
class Execution:
    """One restore that is to be run or planned; ``warnings`` collects what went wrong around it."""

    request: RestoreRequest
    cluster: Cluster
    source: BackupSource
    store: ObjectStore | None
    artifacts: RestoreArtifacts | None
    clock: Clock
    in_cluster: ClusterRecord
    validated: Validated
    warnings: list[str]
    item_actions: RestoreActions = field(default_factory=RestoreActions)
    api: ApiResources | None = None
    snapshotters: Snapshotters | None = None
    tracker: VolumeTracker = field(default_factory=VolumeTracker)
    volume_plan: VolumePlan = field(default_factory=VolumePlan)
    _is_owner: bool = False

    def plan(self, resumed: Manifest | None, review_access: bool) -> RestoreReport:
        """Returns the report of a run that writes nothing."""
        dry = DryRunCluster(self.cluster, self.api)
        record = resumed or manifest.new_record(
            self.request, self.request.name, self.validated.spec
        )
        log = RestoreLog(self.clock, self.request.name)
        with _Archive(self) as archive, closing(self._hooks(record, log, dry)) as hooks:
            self._check_order(archive)
            output = self._engine(
                record, dry, log, archive.open, hooks, plans=True, resumes=resumed is not None
            )
        log.close()
        entries = plan_entries(output.outcomes, dry.assumed_kinds())
        access = needed_access(output.outcomes, self.cluster) if review_access else []
        return RestoreReport(
            changed=would_change(output.outcomes),
            restore=record,
            results=output.results,
            outcomes=output.outcomes,
            plan=entries,
            volumes=self._volumes(dry, output),
            diff=output.diffs,
            dangling=output.dangling,
            access=access,
            warnings=self.warnings,
        )

    def _volumes(self, dry: DryRunCluster, output: EngineOutput) -> list[dict[str, Any]]:
        spec, settings = self.validated.spec, self.request.settings
        backup = self.source.volumes(spec.backup_name)
        return planned_volumes(self.volume_plan, backup, dry, output.outcomes, spec, settings)

    def run(self, resumed: Manifest | None, *, is_rerun: bool) -> RestoreReport:
        """Restores and records; ``is_rerun`` tells that a record of this name exists."""
        artifacts = self._needed_artifacts()
        with _Archive(self) as archive:
            self._check_order(archive)
            if resumed is None:
                record = self._begin(artifacts, is_rerun=is_rerun)
            else:
                record = self._claim(artifacts, manifest.resumed(resumed), is_rerun=False)
            log = RestoreLog(self.clock, self._full_name())
            log.line("info", "starting restore")
            hooks = self._hooks(record, log, self.cluster, resumes=resumed is not None)
            with closing(hooks), self._told(artifacts, log):
                output = self._restore(
                    record, log, archive.open, hooks, resumes=resumed is not None
                )
                record = self._upload(artifacts, record, output, log)
                record = self._finish(artifacts, record, output, log, hooks)
        return RestoreReport(
            changed=would_change(output.outcomes),
            restore=record,
            results=output.results,
            outcomes=output.outcomes,
            artifacts=locations(self.request.name, self.store),
            diff=output.diffs,
            dangling=output.dangling,
            warnings=self.warnings,
        )

    def _check_order(self, archive: _Archive) -> None:
        if self.request.order.given and archive.readable:
            catalog, api = archive.open(), self.cluster.discover()
            self.warnings += check_order(self.request, catalog, api)

    def _needed_artifacts(self) -> RestoreArtifacts:
        if self.artifacts is None:
            raise RecordError("restoring", self.request.name, "there is no place for its record")
        return self.artifacts

    def _full_name(self) -> str:
        return namespaced_name(self.request.settings.velero_namespace, self.request.name)

    def _begin(self, artifacts: RestoreArtifacts, *, is_rerun: bool) -> Manifest:
        record = manifest.new_record(self.request, self.request.name, self.validated.spec)
        # The server's clock: objects that this run makes are recognised by their age.
        now = self.cluster.server_time or self.clock.now()
        record = manifest.with_phase(record, phases.IN_PROGRESS, startTimestamp=timestamp(now))
        if self.in_cluster.kept:
            record = manifest.without_uid(record)
        artifacts.write_record(record)
        return self._claim(artifacts, record, is_rerun=is_rerun)

    def _claim(self, artifacts: RestoreArtifacts, record: Manifest, *, is_rerun: bool) -> Manifest:
        """Returns the record under the UID of its object in the cluster, where it has one."""
        backup_name = self.validated.spec.backup_name
        as_owner = needs_owner(
            self.validated.backup or {},
            self.validated.spec,
            has_pod_volumes=bool(self.source.pod_volumes(backup_name)),
        )
        found = self.in_cluster.begin(record, as_owner=as_owner, is_rerun=is_rerun)
        claimed = owned(record, found, self.warnings)
        if claimed is not record:
            artifacts.write_record(claimed)
        self._is_owner = is_owner(claimed, found)
        return claimed

    def _hooks(
        self, record: Manifest, log: RestoreLog, cluster: Cluster, *, resumes: bool = False
    ) -> RestoreHooks:
        artifacts, uid = self.artifacts, str(record["metadata"].get("uid") or "")

        def keep(rows: list[dict[str, Any]]) -> None:
            if artifacts is not None:
                artifacts.write_hooks(uid, rows)

        return RestoreHooks(
            self.validated.spec.hooks,
            cluster,
            self.clock,
            log.line,
            self.request.settings,
            restore=self.request.name,
            rows=artifacts.read_hooks(uid) if resumes and artifacts is not None else (),
            keep=lambda rows: self._keep(lambda: keep(rows)),
        )

    @contextmanager
    def _told(self, artifacts: RestoreArtifacts, log: RestoreLog) -> Iterator[None]:
        """What ends the run early is also in the log; the record stays unfinished."""
        try:
            yield
        except VeleroCoreError as error:
            error.hint = error.hint or _RUN_AGAIN
            log.line("error", str(error))
            self._keep(lambda: artifacts.write_compressed_log(log.close()))
            raise

    def _restore(
        self,
        record: Manifest,
        log: RestoreLog,
        open_catalog: Callable[[], SpooledCatalog],
        hooks: RestoreHooks,
        *,
        resumes: bool,
    ) -> EngineOutput:
        with ProgressPublisher(self._publish) as progress:
            return self._engine(
                record,
                self.cluster,
                log,
                open_catalog,
                hooks,
                on_progress=progress.update,
                resumes=resumes,
            )

    def _engine(
        self,
        record: Manifest,
        cluster: Cluster,
        log: RestoreLog,
        open_catalog: Callable[[], SpooledCatalog],
        hooks: RestoreHooks,
        *,
        on_progress: Callable[[int, int], None] = lambda total, restored: None,
        plans: bool = False,
        resumes: bool = False,
    ) -> EngineOutput:
        started = str(record["status"].get("startTimestamp") or "")
        rules, settings = self.validated.modifiers, self.request.settings
        modifiers = ResourceModifiers(rules, strict=settings.strict) if rules else None
        given = EngineInput(
            name=self.request.name,
            spec=self.validated.spec,
            restore=record,
            backup=self.validated.backup or {},
            settings=settings,
            selection=self.request.selection,
            order=self.request.order,
            open_catalog=open_catalog,
            actions=self._actions(cluster, log),
            restore_in_cluster=self._is_owner,
            modifiers=modifiers,
            volumes=VolumeInput(
                backup=self.source.volumes(self.validated.spec.backup_name),
                tracker=self.tracker,
                snapshotters=self.snapshotters,
                plan=self.volume_plan,
            ),
            pod_volumes=self.source.pod_volumes(self.validated.spec.backup_name),
            resume_since=seconds_of(started) if resumes else None,
            hooks=hooks,
            waits=not plans,
            api=self.api,
        )
        with self.item_actions.relay.to(log.line):
            output = restore_items(given, cluster, self.clock, log, on_progress)
            self.item_actions.end()
        # The warnings in the results are Velero's, which says nothing about such rules.
        if modifiers is not None and output.total_items is not None:
            self.warnings.extend(modifiers.unused())
        self.warnings += output.warnings
        return output

    def _actions(self, cluster: Cluster, log: RestoreLog) -> Sequence[ItemAction]:
        settings = self.request.settings
        return self.item_actions.bind(
            ActionEnvironment(
                cluster=cluster,
                velero_namespace=settings.velero_namespace,
                features=settings.features,
                backup=self.validated.backup,
                # Without a Velero server nobody fills pod volumes: no pod may wait for them.
                pod_volume_backups=None if settings.strict else (),
                restore_in_cluster=self._is_owner,
                strict=settings.strict,
                warn=lambda text: log.line("warning", text),
                glob_matches=glob_matches,
                inline_config=self.item_actions.inline_config,
            ),
            self.clock,
        )

    def _publish(self, total: int, restored: int) -> None:
        numbers = {"totalItems": total, "itemsRestored": restored}
        artifacts = self._needed_artifacts()
        entry = {
            "restore": self.request.name,
            "phase": phases.IN_PROGRESS,
            **numbers,
            "updateTimestamp": timestamp(self.clock.now()),
        }
        self._keep(lambda: artifacts.write_progress(entry))
        self.in_cluster.progress(self.request.name, manifest.without_zeros(numbers))

    def _upload(
        self,
        artifacts: RestoreArtifacts,
        record: Manifest,
        output: EngineOutput,
        log: RestoreLog,
    ) -> Manifest:
        """Writes the artifacts in Velero's order and returns the record after the items."""
        results = output.results
        volumes = self._volume_info(record, output, log)
        _log_results(log, output)
        log.line("info", "restore completed")
        try:
            artifacts.write_compressed_log(log.so_far())
        except VeleroCoreError as error:
            results.errors.velero.append(f"error uploading log file to backup storage: {error}")
        self._keep(lambda: artifacts.write_results(results))
        self._keep(lambda: artifacts.write_resource_list(resource_list(output.outcomes)))
        name, uid = self.request.name, str(record["metadata"].get("uid") or "")
        operations = [item.to_dict(name, uid) for item in output.operations]
        self._keep(lambda: artifacts.write_item_operations(operations))
        if operations:
            self.warnings.append(
                f"{len(operations)} operations of item actions were started; they are recorded but "
                "not waited for. restore_item_action with state: completed follows one to its end."
            )
        self._keep(lambda: artifacts.write_volume_info(volumes))
        status: dict[str, Any] = {
            "warnings": results.warnings.count,
            "errors": results.errors.count,
        }
        if output.total_items is not None:
            numbers = {
                "totalItems": output.total_items,
                "itemsRestored": output.items_restored,
            }
            status["progress"] = manifest.without_zeros(numbers)
        following = phases.after_items(results.errors.count, operations_running=False)
        record = manifest.with_phase(record, following, **status)
        self._keep(lambda: artifacts.write_record(record))
        return record

    def _volume_info(
        self, record: Manifest, output: EngineOutput, log: RestoreLog
    ) -> list[dict[str, Any]]:
        """Returns what is recorded about the volumes; its loss changes nothing else."""
        warn = partial(log.line, "warning")
        try:
            return restore_volume_info(
                self.tracker, self.cluster, record, created_claims(output.outcomes), warn
            )
        except VeleroCoreError as error:
            warn(f"the volume information is incomplete: {error}")
            return []

    def _finish(
        self,
        artifacts: RestoreArtifacts,
        record: Manifest,
        output: EngineOutput,
        log: RestoreLog,
        hooks: RestoreHooks,
    ) -> Manifest:
        """Waits for what the items have started and returns the record in its last phase."""
        given = FinalizeInput(
            restore=record,
            spec=self.validated.spec,
            cluster=self.cluster,
            clock=self.clock,
            resource_timeout=self.request.settings.resource_timeout,
            strict=self.request.settings.strict,
            log=log.line,
            status={"hookStatus": {}},
        )
        results = output.results
        found = hooks.run(given)
        if not found.empty:
            results.merge(found)
            self._keep(lambda: artifacts.write_results(results))
        if log.grew:
            # What was logged since the upload belongs to the restore as well.
            self._keep(lambda: artifacts.write_compressed_log(log.close()))
        failed = record["status"]["phase"] == phases.FINALIZING_PARTIALLY_FAILED
        record = manifest.with_phase(
            record,
            phases.PARTIALLY_FAILED if failed or found.errors.count else phases.COMPLETED,
            warnings=results.warnings.count,
            errors=results.errors.count,
            completionTimestamp=timestamp(self.clock.now()),
            **given.status,
        )
        self._keep(lambda: artifacts.write_record(record))
        self.in_cluster.finish(record)
        return record

    def _keep(self, write: Callable[[], None]) -> None:
        """Writes something whose loss must be told but changes nothing about the restore."""
        try:
            write()
        except VeleroCoreError as error:
            text = str(error)
            if text not in self.warnings:
                self.warnings.append(text)


class _Archive:
    """Reads the archive before anything is written, and closes its spool at the end."""

    def __init__(self, execution: Execution) -> None:
        self._fault: ArchiveError | None = None
        self._catalog: SpooledCatalog | None = None
        try:
            self._catalog = execution.source.open_catalog(
                execution.validated.spec.backup_name, execution.request.settings
            )
        except ArchiveError as error:
            self._fault = error

    def __enter__(self) -> _Archive:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._catalog is not None:
            self._catalog.close()

    @property
    def readable(self) -> bool:
        """Returns whether there is a catalog."""
        return self._catalog is not None

    def open(self) -> SpooledCatalog:
        """Returns the catalog; raises the ArchiveError that reading it met."""
        if self._catalog is None:
            raise self._fault or ArchiveError("reading", "the archive")
        return self._catalog


def _log_results(log: RestoreLog, output: EngineOutput) -> None:
    for level, messages in (
        ("error", output.results.errors),
        ("warning", output.results.warnings),
    ):
        for text in messages.velero:
            log.line(level, f"Velero restore {level}: {text}")
        for text in messages.cluster:
            log.line(level, f"Cluster resource restore {level}: {text}")
        for namespace, texts in messages.namespaces.items():
            for text in texts:
                log.line(level, f"Namespace {namespace}, resource restore {level}: {text}")
