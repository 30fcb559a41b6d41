# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of one item, as lists of steps (pkg/restore/restore.go:1103, reference section 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ansible_collections.velero.core.plugins.module_utils.item.claims import Claims
from ansible_collections.velero.core.plugins.module_utils.item.namespaces import NamespaceKeeper
from ansible_collections.velero.core.plugins.module_utils.item.work import (
    ItemReport,
    ItemWork,
    Note,
    Step,
)
from ansible_collections.velero.core.plugins.module_utils.model.items import (
    FAILED,
    SKIPPED,
    ItemKey,
    ItemOutcome,
    Reason,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Catalog, Manifest
from ansible_collections.velero.core.plugins.module_utils.plan.collect import SelectedItem
from ansible_collections.velero.core.plugins.module_utils.plan.decode import (
    DecodeError,
    decode_item,
)
from ansible_collections.velero.core.plugins.module_utils.plan.scope import Scope


class ItemPipeline:
    """Restores one item at a time; may be called from several threads at once.

    Two source namespaces mapped onto one can hold different objects of one key. Velero drops the
    second without a word; with ``compare_collisions`` it goes on and is compared with the first.

    The steps are set after construction, for some of them restore items themselves: ``arrival``
    decides whether an item counts at all, ``main`` restores it.
    """

    def __init__(
        self,
        catalog: Catalog,
        namespaces: NamespaceKeeper,
        claims: Claims,
        *,
        compare_collisions: bool,
    ) -> None:
        self._catalog = catalog
        self.arrival: Sequence[Step] = ()
        self.main: Sequence[Step] = ()
        self._namespaces = namespaces
        self._claims = claims
        self._compare = compare_collisions

    def restore(self, item: SelectedItem) -> ItemReport:
        """Returns everything that came of ``item``; faults of the item are in the report."""
        target = item.target_namespace
        if target and self._namespaces.state(target).error:
            return _lost(item, Reason.NAMESPACE_FAILED)

        def read() -> Manifest:
            return decode_item(self._catalog, item.gr, item.namespace, item.name, item.version)

        try:
            obj = read()
        except DecodeError as error:
            report = _lost(item, Reason.UNREADABLE)
            report.notes.append(Note("error", target, str(error)))
            return report
        report = self.restore_object(item.gr, item.namespace, target, obj, read)
        report.processed = True
        return report

    def restore_object(
        self,
        gr: str,
        source_namespace: str,
        namespace: str,
        obj: Manifest,
        original: Callable[[], Manifest],
    ) -> ItemReport:
        """Restores ``obj`` of ``gr`` into ``namespace``, unless somebody does already.

        ``original`` reads the untouched object again.
        """
        work = _work(gr, source_namespace, namespace, obj, original)
        if not _walk(work, self.arrival):
            return work.report
        claim, is_mine = self._claims.claim(work.key, source_namespace, work.report)
        if is_mine:
            try:
                _walk(work, self.main)
            finally:
                claim.done.set()
            return work.report
        if self._compare and claim.source_namespace != source_namespace:
            self._claims.wait(claim)
            work.collides, work.outcome.listed = True, False
            _walk(work, self.main)
            return work.report
        ended = self._claims.wait(claim)
        work.log("info", f"Skipping {work.resource_id} because it's already been restored.")
        work.settle(SKIPPED, Reason.DUPLICATE)
        work.outcome.listed = False
        # In a cycle the other one is still at work; its own report will be told by its owner.
        work.report.elsewhere = claim.report if ended else ItemReport(told=True)
        return work.report


def _walk(work: ItemWork, steps: Sequence[Step]) -> bool:
    """Takes the steps up to the first that ends the item's way; returns whether none did.

    A map where Kubernetes has a list, say, makes a step fail; it must not end the whole restore.
    """
    try:
        return all(step(work) for step in steps)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        text = f"error restoring {work.resource_id}: the object is malformed: {error!r}"
        work.error(text, Reason.UNREADABLE)
        work.outcome.action = FAILED
        return False


def ensure_namespace_step(namespaces: NamespaceKeeper, scope: Scope, *, strict: bool) -> Step:
    """Returns the step that makes the target namespace of an additional item usable.

    Unless ``strict``, none is made for items that bypass the filter which leaves it out.
    """

    def step(work: ItemWork) -> bool:
        target = work.namespace
        if not target or not namespaces.needs(target):
            return True
        if not strict and scope.bypasses(work.gr, work.source_namespace):
            return True
        state = namespaces.ensure(work.source_namespace, target)
        if state.created:
            key = ItemKey("v1/Namespace", "", target)
            created = ItemOutcome(key, "created", Reason.NAMESPACE_CREATED, True, target)
            work.report.outcomes.insert(0, created)
        if state.error:
            work.report.velero_errors.append(state.error)
            work.outcome.action, work.outcome.reason = FAILED, Reason.NAMESPACE_FAILED
            work.outcome.listed = False
        return not state.error

    return step


def _work(
    gr: str,
    source_namespace: str,
    namespace: str,
    obj: Manifest,
    original: Callable[[], Manifest],
) -> ItemWork:
    kind = str(obj.get("kind", ""))
    metadata = obj.get("metadata")
    name = str(metadata.get("name", "")) if isinstance(metadata, dict) else ""
    key = ItemKey(f"{obj.get('apiVersion', '')}/{kind}", namespace, name)
    outcome = ItemOutcome(key)
    return ItemWork(
        gr=gr,
        source_namespace=source_namespace,
        namespace=namespace,
        obj=obj,
        outcome=outcome,
        report=ItemReport(outcomes=[outcome]),
        kind=kind,
        original=original,
    )


def _lost(item: SelectedItem, reason: str) -> ItemReport:
    key = ItemKey(item.api_kind, item.target_namespace, item.object_name)
    return ItemReport(outcomes=[ItemOutcome(key, FAILED, reason, listed=False)])
