# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running the item actions of an item (reference restore-engine.md section 4.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
    ExecuteOutput,
    ResourceIdentifier,
)
from ansible_collections.velero.core.plugins.module_utils.actions.isolation import isolated
from ansible_collections.velero.core.plugins.module_utils.actions.selection import (
    ActionSelection,
    SelectedAction,
)
from ansible_collections.velero.core.plugins.module_utils.item.work import ItemReport, ItemWork
from ansible_collections.velero.core.plugins.module_utils.model.items import Reason
from ansible_collections.velero.core.plugins.module_utils.model.operations import ItemOperation
from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.times import timestamp
from ansible_collections.velero.core.plugins.module_utils.waits.polling import TIMED_OUT, poll

# Actions whose re-encoding in Velero adds an empty status to every object they see (reference
# restore-item-actions.md section 2).
_REENCODING = frozenset(
    f"velero.io/{name}"
    for name in (
        "crd-preserve-fields",
        "init-restore-hook",
        "job",
        "pod",
        "pod-volume-restore",
        "pvc",
        "service",
    )
)


# They add init containers that act on the volumes of a pod before it starts: restore hooks, and
# waiting for the data of its volumes. Nothing of that is for a pod that is there already.
_BEFORE_START = frozenset({"velero.io/init-restore-hook", "velero.io/pod-volume-restore"})


class AdditionalItems(Protocol):
    """Restores the items that an action asks for."""

    def restore(self, work: ItemWork, item: ResourceIdentifier) -> tuple[ItemReport | None, bool]:
        """Returns what came of it (None: it is not in the backup) and whether it exists now."""


class ActionStep:
    """Executes all applicable actions in order, each followed by its additional items.

    ``timeout`` (seconds) is how long an action may have the engine wait when it says nothing
    else; ``waiting`` frees the worker while it waits. ``on_operation`` is told of an operation
    before its item is created. When it ``plans`` there is nothing to wait
    for, and actions with side effects are left out: their items are marked as assumed.
    """

    def __init__(
        self,
        actions: ActionSelection,
        restore: Manifest,
        additional: AdditionalItems,
        clock: Clock,
        timeout: float,
        waiting: Callable[[], AbstractContextManager[None]],
        *,
        on_operation: Callable[[ItemOperation], None] = lambda operation: None,
        plans: bool = False,
    ) -> None:
        self._on_operation = on_operation
        self._actions = actions
        self._restore = restore
        self._additional = additional
        self._clock = clock
        self._timeout = timeout
        self._waiting = waiting
        self._plans = plans

    def __call__(self, work: ItemWork) -> bool:
        """Returns whether the item is still to be restored."""
        applicable = self._actions.for_item(work.gr, work.namespace)
        if not applicable:
            return True
        original = work.original()
        return all(self._run(work, action, original) for action in applicable)

    def _run(self, work: ItemWork, action: SelectedAction, original: Manifest) -> bool:
        if not action.is_for(_labels(work.obj)):
            if not action.enabled and action.matches_labels(_labels(work.obj)):
                work.log("info", action.skipped(work.gr, work.source_namespace, work.name))
            return True
        if self._plans and action.action.has_side_effects:
            work.outcome.assumed = True
            return True
        work.log("info", f"Executing item action for {work.gr}")
        work.reencoded = work.reencoded or action.name in _REENCODING
        before = _init_containers(work.obj)
        given = ExecuteInput(item=work.obj, item_from_backup=original, restore=self._restore)
        try:
            with isolated(action.action):
                output = action.action.execute(given)
        except ActionError as error:
            work.error(f"error preparing {work.resource_id}: {error}", Reason.ACTION_FAILED)
            return False
        if output.operation_id:
            self._record_operation(work, action, output.operation_id)
        if output.skip_restore:
            work.log("info", "Skipping restore because a registered plugin discarded it")
            work.outcome.reason = Reason.DISCARDED
            return False
        if output.updated_item is not None:
            work.obj = output.updated_item
        if action.name in _BEFORE_START:
            work.start_containers |= _init_containers(work.obj) - before
        there = self._restore_additional(work, output.additional_items)
        if output.wait_for_additional_items and not self._plans:
            self._wait(work, action, output, there)
        return True

    def _record_operation(self, work: ItemWork, action: SelectedAction, operation_id: str) -> None:
        resource, _dot, group = work.gr.partition(".")
        operation = ItemOperation(
            action=action.name,
            group=group,
            resource=resource,
            namespace=work.namespace,
            name=work.key.name,
            operation_id=operation_id,
            created=timestamp(self._clock.now()),
        )
        self._on_operation(operation)
        work.report.operations.append(operation)

    def _restore_additional(
        self, work: ItemWork, items: Sequence[ResourceIdentifier]
    ) -> list[ResourceIdentifier]:
        there = []
        for item in items:
            report, exists = self._additional.restore(work, item)
            if report is not None:
                work.report.children.append(report)
            if exists:
                there.append(item)
        return there

    def _wait(
        self,
        work: ItemWork,
        action: SelectedAction,
        output: ExecuteOutput,
        items: Sequence[ResourceIdentifier],
    ) -> None:
        """An error or a timeout is told; the item is restored all the same."""
        timeout = output.additional_items_ready_timeout or self._timeout
        work.log("info", f"Waiting for additional items of {work.resource_id} to be ready")
        try:
            with self._waiting():
                ready = poll(self._clock, lambda: self._ready(action, items), timeout)
            why = "" if ready else TIMED_OUT
        except ActionError as error:
            why = str(error)
        if why:
            work.error(f"error verifying additional items are ready to use: {why}")
        else:
            work.log("info", f"Additional items of {work.resource_id} are ready")

    def _ready(self, action: SelectedAction, items: Sequence[ResourceIdentifier]) -> bool:
        with isolated(action.action):
            return action.action.are_additional_items_ready(items, self._restore)


def _init_containers(obj: Manifest) -> set[str]:
    spec = obj.get("spec")
    found = spec.get("initContainers") if isinstance(spec, dict) else None
    return {str(one.get("name")) for one in found or () if isinstance(one, dict)}


def _labels(obj: Manifest) -> Mapping[str, str]:
    labels = (obj.get("metadata") or {}).get("labels")
    return labels if isinstance(labels, dict) else {}
