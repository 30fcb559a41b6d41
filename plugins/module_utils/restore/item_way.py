# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One item's way: the steps of the pipeline, put together (docs/architecture.md).

Source: pkg/restore/restore.go:1103, reference restore-engine.md section 4.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from ansible_collections.velero.core.plugins.module_utils.actions.selection import (
    ActionSelection,
)
from ansible_collections.velero.core.plugins.module_utils.item import gates, identity
from ansible_collections.velero.core.plugins.module_utils.item.action_step import ActionStep
from ansible_collections.velero.core.plugins.module_utils.item.additional import (
    AdditionalItemRestorer,
)
from ansible_collections.velero.core.plugins.module_utils.item.claims import Claims
from ansible_collections.velero.core.plugins.module_utils.item.comparison import (
    ExistingObjectHandler,
)
from ansible_collections.velero.core.plugins.module_utils.item.creation import ObjectCreator
from ansible_collections.velero.core.plugins.module_utils.item.existing import ExistingObjects
from ansible_collections.velero.core.plugins.module_utils.item.hooks import HookStep
from ansible_collections.velero.core.plugins.module_utils.item.metadata import restore_labels
from ansible_collections.velero.core.plugins.module_utils.item.modifier_step import ModifierStep
from ansible_collections.velero.core.plugins.module_utils.item.namespaces import NamespaceKeeper
from ansible_collections.velero.core.plugins.module_utils.item.pipeline import (
    ItemPipeline,
    ensure_namespace_step,
)
from ansible_collections.velero.core.plugins.module_utils.item.pod_volumes import (
    PodVolumeStep,
)
from ansible_collections.velero.core.plugins.module_utils.item.resume import EarlierRun
from ansible_collections.velero.core.plugins.module_utils.item.volumes import (
    ClaimStep,
    VolumeChoices,
    VolumeStep,
)
from ansible_collections.velero.core.plugins.module_utils.item.work import Step
from ansible_collections.velero.core.plugins.module_utils.item.writing import (
    CompletionStep,
    WriteStep,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Catalog,
    Clock,
    Cluster,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.plan.scope import Scope
from ansible_collections.velero.core.plugins.module_utils.restore.engine_data import EngineInput
from ansible_collections.velero.core.plugins.module_utils.restore.tally import Tally
from ansible_collections.velero.core.plugins.module_utils.restore.volumes import (
    RestoreVolumes,
)
from ansible_collections.velero.core.plugins.module_utils.restore.waves import WaveRunner
from ansible_collections.velero.core.plugins.module_utils.restore.workers import WorkerPool


class ItemWay:
    """Builds the way of the items of one restore.

    ``api`` returns what the server serves now: definitions that are restored bring more.
    """

    def __init__(
        self,
        given: EngineInput,
        cluster: Cluster,
        clock: Clock,
        pool: WorkerPool,
        *,
        catalog: Catalog,
        scope: Scope,
        actions: ActionSelection,
        volumes: RestoreVolumes,
        earlier: EarlierRun,
        api: Callable[[], ApiResources],
    ) -> None:
        self._given = given
        self._cluster = cluster
        self._clock = clock
        self._pool = pool
        self._catalog = catalog
        self._scope = scope
        self._actions = actions
        self._volumes = volumes
        self._earlier = earlier
        self._api = api

    def runner(self, tally: Tally) -> WaveRunner:
        """Returns what takes the items of a resource their way and tells ``tally`` about them."""
        catalog, scope, settings = self._catalog, self._scope, self._given.settings
        patience = settings.terminating_resource_timeout if self._given.waits else 0.0
        namespaces = NamespaceKeeper(self._cluster, self._clock, catalog, patience, self._earlier)
        existing = ExistingObjects(self._cluster, namespaces.is_new, plans=not self._given.waits)
        pipeline = ItemPipeline(
            catalog, namespaces, Claims(), compare_collisions=not settings.strict
        )
        additional = AdditionalItemRestorer(catalog, scope, pipeline.restore_object)
        pipeline.arrival = [
            gates.ScopeGate(scope),
            ensure_namespace_step(namespaces, scope, strict=settings.strict),
            gates.completed_gate,
        ]
        pipeline.main = self._steps(existing, additional)
        return WaveRunner(
            self._pool, pipeline, namespaces, existing, scope, tally, strict=settings.strict
        )

    def _steps(self, existing: ExistingObjects, additional: AdditionalItemRestorer) -> list[Step]:
        given, settings, cluster = self._given, self._given.settings, self._cluster
        pool, scope, volumes = self._pool, self._scope, self._volumes
        labels = restore_labels(str(given.backup["metadata"]["name"]), given.name)
        choices = VolumeChoices()
        diff_key = secrets.token_bytes(16)
        creator = ObjectCreator(
            cluster, labels, managed_fields=settings.managed_fields, strict=settings.strict
        )
        handler = ExistingObjectHandler(
            cluster,
            labels,
            policy=given.spec.existing_resource_policy,
            strict=settings.strict,
            keep_owners=settings.managed_fields == "restore",
            diff_key=diff_key,
        )
        return [
            gates.mirror_pod_gate,
            VolumeStep(volumes, choices, existing, scope.namespace_mapping, pool.waiting),
            identity.reset_step,
            ActionStep(
                self._actions,
                given.restore,
                additional,
                self._clock,
                settings.items_ready_timeout,
                pool.waiting,
                on_operation=given.on_operation,
                plans=not given.waits,
            ),
            ClaimStep(volumes, choices, strict=settings.strict),
            *([ModifierStep(given.modifiers, diff_key)] if given.modifiers else []),
            identity.IdentityStep(labels, self._api),
            WriteStep(cluster, existing, creator, handler, self._earlier, scope.status),
            CompletionStep(cluster, self._clock, creator, settings.resource_timeout),
            *self._pod_volume_steps(),
            *([HookStep(given.hooks, plans=not given.waits)] if given.hooks else []),
        ]

    def _pod_volume_steps(self) -> list[Step]:
        volumes = self._given.pod_volumes
        if volumes is None:
            return []
        strict, plans = self._given.settings.strict, not self._given.waits
        return [PodVolumeStep(volumes, self._pool.waiting, strict=strict, plans=plans)]
