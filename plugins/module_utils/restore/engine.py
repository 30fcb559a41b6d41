# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine: from an archive to objects in the cluster (pkg/restore/restore.go).

Source: reference restore-engine.md sections 2 to 5. What comes before (validation, record) and
after (artifacts, phases) is in run.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
)
from ansible_collections.velero.core.plugins.module_utils.actions.selection import (
    ActionSelection,
    select_actions,
)
from ansible_collections.velero.core.plugins.module_utils.item.existing import ExistingObjects
from ansible_collections.velero.core.plugins.module_utils.item.resume import EarlierRun
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    ArchiveError,
)
from ansible_collections.velero.core.plugins.module_utils.model.glob import glob_matches
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    label_value,
    namespaced_name,
    resource_id,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Catalog,
    Clock,
    Cluster,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import (
    Priorities,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.model.selectors import (
    Matcher,
    SelectorError,
    compile_selector,
)
from ansible_collections.velero.core.plugins.module_utils.plan.collect import (
    CRD_PRIORITIES,
    Collection,
    Collector,
)
from ansible_collections.velero.core.plugins.module_utils.plan.dangling import (
    Dangling,
    in_words,
)
from ansible_collections.velero.core.plugins.module_utils.plan.full_names import with_full_names
from ansible_collections.velero.core.plugins.module_utils.plan.namespaces import namespace_filter
from ansible_collections.velero.core.plugins.module_utils.plan.scope import Scope, scope_of
from ansible_collections.velero.core.plugins.module_utils.plan.wildcards import WildcardError
from ansible_collections.velero.core.plugins.module_utils.restore.api_versions import (
    VersionChoiceError,
    versions_to_restore,
)
from ansible_collections.velero.core.plugins.module_utils.restore.dangling import still_dangling
from ansible_collections.velero.core.plugins.module_utils.restore.engine_data import (
    EngineInput,
    EngineOutput,
)
from ansible_collections.velero.core.plugins.module_utils.restore.item_way import ItemWay
from ansible_collections.velero.core.plugins.module_utils.restore.log import RestoreLog
from ansible_collections.velero.core.plugins.module_utils.restore.selecting import Selecting
from ansible_collections.velero.core.plugins.module_utils.restore.tally import Tally
from ansible_collections.velero.core.plugins.module_utils.restore.volumes import (
    RestoreVolumes,
)
from ansible_collections.velero.core.plugins.module_utils.restore.workers import WorkerPool


class _StopEarly(Exception):
    """The restore ends before its first item; the reason is in the results already."""


def restore_items(
    given: EngineInput,
    cluster: Cluster,
    clock: Clock,
    log: RestoreLog,
    on_progress: Callable[[int, int], None] = lambda total, restored: None,
) -> EngineOutput:
    """Restores the items of a backup and returns what became of them.

    Faults of items and of the archive are in the results. Raises ConnectionFailedError and
    RunAbortedError when the cluster cannot be used any more; the restore can then be resumed.
    """
    backup = given.backup.get("metadata") or {}
    where = namespaced_name(str(backup.get("namespace") or ""), str(backup.get("name") or ""))
    log.line("info", f"Starting restore of backup {where}")
    tally = Tally(log, on_progress)
    run = _Run(given, cluster, clock, log, tally)
    try:
        run.restore()
    except _StopEarly:
        return EngineOutput(tally.results)
    return EngineOutput(
        results=tally.results,
        outcomes=tally.outcomes,
        diffs=tally.diffs,
        operations=tally.operations,
        total_items=tally.restored,
        items_restored=tally.restored,
        dangling=run.dangling,
        warnings=run.warnings,
    )


class _Run:
    """One run of the engine, stage by stage."""

    def __init__(
        self,
        given: EngineInput,
        cluster: Cluster,
        clock: Clock,
        log: RestoreLog,
        tally: Tally,
    ) -> None:
        self._given = given
        self._cluster = cluster
        self._clock = clock
        self._log = log
        self._tally = tally
        self._earlier = EarlierRun(label_value(given.name), given.resume_since)
        self._api = ApiResources((), {})
        self._actions = ActionSelection(())
        self.warnings: list[str] = []
        self.dangling: list[Dangling] = []

    def restore(self) -> None:
        """Goes through all stages; raises _StopEarly when one of them ends the restore."""
        selectors = self._selectors()
        self._api = self._discover(self._given.api)
        self._actions = self._select_actions()
        catalog = self._open()
        scope = self._scope(catalog)
        selecting = self._selecting(catalog, scope, selectors)
        collector = selecting.collector(self._log.line, self._given.settings.priorities)
        self.warnings = selecting.warnings()
        with WorkerPool(self._given.settings.concurrency) as pool:
            volumes = self._volumes(scope, catalog)
            if self._given.pod_volumes is not None:
                self._given.pod_volumes.begin(scope.includes_resource)
            way = ItemWay(
                self._given,
                self._cluster,
                self._clock,
                pool,
                catalog=catalog,
                scope=scope,
                actions=self._actions,
                volumes=volumes,
                earlier=self._earlier,
                api=lambda: self._api,
            )
            runner = way.runner(self._tally)
            definitions = self._collect(collector, CRD_PRIORITIES)
            self._tally.first_pass(definitions.total_items)
            runner.run(definitions.resources, self._api)
            if self._tally.has_changed_items:
                self._refresh()
            everything = self._collect(collector, None, definitions)
            again = [
                resource_id(item.gr, item.target_namespace, item.object_name)
                for entry in definitions.resources
                for item in entry.items
            ]
            self._tally.full_pass(everything.total_items, again)
            runner.run(everything.resources[len(definitions.resources) :], self._api)
        self._tally.finish()
        self._wait_for_pod_volumes()
        for namespace, text in volumes.unfilled(self._tally.outcomes):
            self._tally.results.errors.add(namespace, text)
        volumes.clean_up()
        self.dangling = self._left_dangling(selecting, everything)

    def _collect(
        self, collector: Collector, priorities: Priorities | None, start: Collection | None = None
    ) -> Collection:
        collection = collector.collect(
            self._api,
            priorities or self._given.settings.priorities,
            include_others=priorities is None,
            start=start,
        )
        self._tally.results.merge(collector.results)
        collector.results = Results()
        return collection

    def _selectors(self) -> tuple[Matcher, list[Matcher]]:
        spec = self._given.spec
        try:
            either = [compile_selector(item) for item in spec.or_label_selectors or []]
            return compile_selector(spec.label_selector), either
        except SelectorError as error:
            self._stop(str(error))

    def _select_actions(self) -> ActionSelection:
        try:
            return select_actions(
                self._given.actions,
                self._api,
                features=self._given.settings.features,
                glob_matches=glob_matches,
            )
        except ActionError as error:
            self._stop(str(error))

    def _discover(self, known: ApiResources | None = None) -> ApiResources:
        api = known or self._cluster.discover()
        for group_version, why in sorted(api.failed_groups.items()):
            self._log.line("warning", f"API group {group_version} is not available: {why}")
        return api

    def _open(self) -> Catalog:
        try:
            catalog = self._given.open_catalog()
        except ArchiveError as error:
            self._stop(error.velero_message)
        if not catalog.has_resources:
            self._tally.results.warnings.velero.append(
                'zero items to be restored: directory "resources": does not exist'
            )
            raise _StopEarly
        for text in catalog.warnings:
            self._log.line("warning", text)
        return catalog

    def _scope(self, catalog: Catalog) -> Scope:
        try:
            namespaces = namespace_filter(
                self._given.spec, catalog, safe=not self._given.settings.strict
            )
        except WildcardError as error:
            self._stop(str(error))
        spec = self._given.spec
        if not self._given.settings.strict:
            spec = with_full_names(spec, self._api, catalog)
        return scope_of(spec, self._api, namespaces)

    def _versions(self, catalog: Catalog) -> dict[str, str]:
        try:
            return versions_to_restore(
                self._given.settings, self._given.backup, catalog, self._api, self._cluster
            )
        except VersionChoiceError as error:
            self._stop(f"choosing API version to restore: {error}")

    def _selecting(
        self, catalog: Catalog, scope: Scope, selectors: tuple[Matcher, list[Matcher]]
    ) -> Selecting:
        return Selecting(
            catalog=catalog,
            scope=scope,
            versions=self._versions(catalog),
            selector=selectors[0],
            or_selectors=selectors[1],
            api=self._api,
            selection=self._given.selection,
            order=self._given.order,
        )

    def _left_dangling(self, selecting: Selecting, everything: Collection) -> list[Dangling]:
        """Returns what a plan, or a restore of selected items, leaves dangling."""
        if self._given.waits and not self._given.selection.given:
            return []
        found = still_dangling(
            selecting.dangling(everything),
            self._tally.outcomes,
            self._api,
            selecting.scope,
            ExistingObjects(self._cluster, lambda namespace: False),
        )
        for entry in found:
            self._log.line("warning", in_words(entry))
        return found

    def _refresh(self) -> None:
        try:
            self._api = self._discover()
        except ApiError as error:
            self._tally.results.warnings.cluster.append(
                f"refresh discovery after restoring CRDs: {error.message}"
            )

    def _stop(self, text: str) -> NoReturn:
        self._tally.results.errors.velero.append(text)
        raise _StopEarly

    def _wait_for_pod_volumes(self) -> None:
        self._log.line("info", "Waiting for all pod volume restores to complete")
        if self._given.pod_volumes is not None and self._given.waits:
            self._tally.results.errors.velero.extend(self._given.pod_volumes.wait())
        self._log.line("info", "Done waiting for all pod volume restores to complete")

    def _volumes(self, scope: Scope, catalog: Catalog) -> RestoreVolumes:
        given = self._given
        return RestoreVolumes(
            given.volumes,
            self._cluster,
            self._clock,
            scope,
            spec=given.spec,
            settings=given.settings,
            restore=given.restore,
            earlier=self._earlier,
            warn=lambda text: self._log.line("warning", text),
            plans=not given.waits,
            catalog=catalog,
        )
