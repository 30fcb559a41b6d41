# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waves: the items of one resource, in Velero's order of resources, each wave in parallel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ansible_collections.velero.core.plugins.module_utils.item.existing import ExistingObjects
from ansible_collections.velero.core.plugins.module_utils.item.namespaces import (
    NamespaceKeeper,
    NamespaceState,
)
from ansible_collections.velero.core.plugins.module_utils.item.pipeline import ItemPipeline
from ansible_collections.velero.core.plugins.module_utils.item.work import ItemReport
from ansible_collections.velero.core.plugins.module_utils.model.items import Reason
from ansible_collections.velero.core.plugins.module_utils.model.names import split_group_resource
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiResource,
    ApiResources,
)
from ansible_collections.velero.core.plugins.module_utils.plan.collect import (
    CollectedResource,
    SelectedItem,
)
from ansible_collections.velero.core.plugins.module_utils.plan.scope import Scope
from ansible_collections.velero.core.plugins.module_utils.restore.tally import Tally
from ansible_collections.velero.core.plugins.module_utils.restore.workers import WorkerPool

NAMESPACES_GR = "namespaces"


@dataclass(frozen=True, slots=True)
class _Look:
    """A place in the cluster and the names that are of interest there."""

    resource: ApiResource
    namespace: str
    names: tuple[str, ...]


class WaveRunner:
    """Restores one wave after the other."""

    def __init__(
        self,
        pool: WorkerPool,
        pipeline: ItemPipeline,
        namespaces: NamespaceKeeper,
        existing: ExistingObjects,
        scope: Scope,
        tally: Tally,
        *,
        strict: bool,
    ) -> None:
        self._pool = pool
        self._pipeline = pipeline
        self._namespaces = namespaces
        self._existing = existing
        self._scope = scope
        self._tally = tally
        self._strict = strict
        self._told: set[str] = set()

    def run(self, collected: Iterable[CollectedResource], api: ApiResources) -> None:
        """Restores all waves of ``collected``. Raises ConnectionFailedError, RunAbortedError."""
        for gr, entries in groupby(collected, key=lambda entry: entry.gr):
            wave = list(entries)
            if gr == NAMESPACES_GR:
                self._run_namespaces(wave)
            else:
                self._run_items(wave, api)

    def _run_namespaces(self, wave: Sequence[CollectedResource]) -> None:
        names = [item.name for entry in wave for item in entry.items]
        self._ensure([(name, self._scope.target(name)) for name in names], listed=True)

    def _run_items(self, wave: Sequence[CollectedResource], api: ApiResources) -> None:
        self._ensure(
            [(entry.namespace, entry.target_namespace) for entry in wave if self._at_home(entry)],
            listed=False,
        )
        looks = list(_looks(wave, api))
        self._pool.run(self._look, looks, lambda nothing: None)
        self._pool.run(self._restore_group, _groups(wave), self._take_in)
        self._existing.clear()

    def _at_home(self, entry: CollectedResource) -> bool:
        """Returns whether the entry needs its namespace.

        What bypasses the namespace filter is only there to be read: its namespace stays out.
        """
        if not entry.namespace:
            return False
        return self._strict or not self._scope.bypasses(entry.gr, entry.namespace)

    def _look(self, look: _Look) -> None:
        if not self._namespaces.state(look.namespace).error:
            self._existing.look(look.resource, look.namespace, look.names)

    def _ensure(self, pairs: Sequence[tuple[str, str]], *, listed: bool) -> None:
        wanted = {target: source for source, target in reversed(pairs)}
        order = list(dict.fromkeys(target for _source, target in pairs))
        new = [target for target in order if self._namespaces.needs(target)]
        states: list[NamespaceState] = []
        self._pool.run(
            lambda target: self._namespaces.ensure(wanted[target], target), new, states.append
        )
        for target, state in zip(new, states, strict=True):
            if state.error:
                if listed:
                    self._tell(target, state)
            elif state.created or listed:
                self._tally.add_namespace(target, created=state.created)

    def _tell(self, target: str, state: NamespaceState) -> None:
        """Adds the error of a namespace: per item as Velero does, or once where it would repeat."""
        if self._is_news(target, state):
            self._tally.results.errors.velero.append(state.error)

    def _is_news(self, target: str, state: NamespaceState) -> bool:
        told = target in self._told
        self._told.add(target)
        return self._strict or not state.terminating or not told

    def _restore_group(self, group: Sequence[SelectedItem]) -> list[ItemReport]:
        return [self._pipeline.restore(item) for item in group]

    def _take_in(self, reports: list[ItemReport]) -> None:
        for report in reports:
            outcome = report.outcomes[0]
            if outcome.reason == Reason.NAMESPACE_FAILED:
                target = outcome.key.namespace
                self._tell(target, self._namespaces.state(target))
            for child in report.children:
                self._tell_once(child)
            self._tally.add(report)

    def _tell_once(self, report: ItemReport) -> None:
        """Drops the error of an additional item's namespace where it was told before."""
        outcome = report.outcomes[-1]
        if outcome.reason == Reason.NAMESPACE_FAILED and not report.told:
            target = outcome.key.namespace
            if not self._is_news(target, self._namespaces.state(target)):
                report.velero_errors.clear()
        for child in report.children:
            self._tell_once(child)


def _groups(wave: Sequence[CollectedResource]) -> list[tuple[SelectedItem, ...]]:
    """Returns the items, those of one identity together so that their order is kept."""
    groups: dict[tuple[str, str, str], list[SelectedItem]] = {}
    for entry in wave:
        for item in entry.items:
            key = (item.api_kind, item.target_namespace, item.object_name)
            groups.setdefault(key, []).append(item)
    return [tuple(group) for group in groups.values()]


def _looks(wave: Sequence[CollectedResource], api: ApiResources) -> Iterator[_Look]:
    names: dict[tuple[str, str, str], list[str]] = {}
    for entry in wave:
        for item in entry.items:
            api_version = item.api_kind.rpartition("/")[0]
            place = (entry.gr, api_version, entry.target_namespace)
            names.setdefault(place, []).append(item.object_name)
    for (gr, api_version, namespace), found in names.items():
        group, _slash, version = api_version.rpartition("/")
        resource = api.by_plural(group, version, split_group_resource(gr)[0])
        if resource is not None:
            yield _Look(resource, namespace, tuple(found))
