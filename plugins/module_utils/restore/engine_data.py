# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine works on and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ItemAction,
)
from ansible_collections.velero.core.plugins.module_utils.item.hooks import PodHooks
from ansible_collections.velero.core.plugins.module_utils.item.pod_volumes import (
    PodVolumes,
)
from ansible_collections.velero.core.plugins.module_utils.model.items import ItemOutcome
from ansible_collections.velero.core.plugins.module_utils.model.operations import ItemOperation
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Catalog,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.model.refinement import (
    OrderRules,
    Selection,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import (
    Settings,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.modifiers.applying import (
    ResourceModifiers,
)
from ansible_collections.velero.core.plugins.module_utils.plan.dangling import (
    Dangling,
)
from ansible_collections.velero.core.plugins.module_utils.restore.volumes import (
    VolumeInput,
)


class RestoredPodVolumes(PodVolumes, Protocol):
    """Restores the data of pods' volumes, from the first item to the end of the last volume."""

    def begin(self, includes: Callable[[str], bool]) -> None:
        """Tells which resources the restore includes, before the first item."""

    def wait(self) -> list[str]:
        """Waits until all volumes are filled or given up; returns the errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInput:
    """What the engine works on. ``restore`` is the Restore object as item actions see it.

    With ``restore_in_cluster`` objects may have it as their owner, under its UID.
    ``open_catalog`` reads the archive (raises ArchiveError). ``volumes`` is what is known about
    volumes, ``pod_volumes`` restores the data of pods' volumes.
    ``resume_since`` is when an earlier run of this restore began (seconds since the epoch by the
    API server's clock). ``on_operation`` is told of each operation that an action starts, by the
    thread that restores the item. Without ``waits`` nothing is waited for (a plan).
    ``api`` is what the caller has just discovered (None: the engine asks).
    """

    name: str
    spec: RestoreSpec
    restore: Manifest
    restore_in_cluster: bool = False
    backup: Manifest
    settings: Settings
    open_catalog: Callable[[], Catalog]
    volumes: VolumeInput = field(default_factory=VolumeInput)
    selection: Selection = field(default_factory=Selection)
    order: OrderRules = field(default_factory=OrderRules)
    pod_volumes: RestoredPodVolumes | None = None
    actions: Sequence[ItemAction] = ()
    modifiers: ResourceModifiers | None = None
    resume_since: float | None = None
    hooks: PodHooks | None = None
    on_operation: Callable[[ItemOperation], None] = lambda operation: None
    waits: bool = True
    api: ApiResources | None = None


@dataclass(slots=True)
class EngineOutput:
    """What the engine did. The numbers are those of ``status.progress``; None when it stopped
    before the first item. ``warnings`` tell of rules that do nothing."""

    results: Results
    outcomes: list[ItemOutcome] = field(default_factory=list)
    diffs: list[dict[str, Any]] = field(default_factory=list)
    operations: list[ItemOperation] = field(default_factory=list)
    total_items: int | None = None
    items_restored: int | None = None
    dangling: list[Dangling] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
