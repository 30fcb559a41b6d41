# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An item action that a user has written as YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    AsyncNotSupportedError,
    ExecuteInput,
    ExecuteOutput,
    OperationProgress,
    ResourceIdentifier,
    ResourceSelector,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.additional import (
    AdditionalItem,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.checking import (
    check_document,
    invalid,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.expressions import (
    Expression,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.live import LiveObjects
from ansible_collections.velero.core.plugins.module_utils.actions.declared.operation import (
    WatchedObject,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.patches import patched
from ansible_collections.velero.core.plugins.module_utils.actions.declared.readiness import (
    ReadyTest,
    mapped_namespaces,
)
from ansible_collections.velero.core.plugins.module_utils.actions.label_selector import (
    LabelSelectorError,
    parse_label_selector,
)
from ansible_collections.velero.core.plugins.module_utils.model.durations import parse_duration
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


class Declaration:
    """A checked document; ``where`` says to the user where it stands."""

    def __init__(self, document: Any, where: str) -> None:
        """Reads ``document``. Raises RequestError that names what is wrong in it by its path."""
        check_document(document, where)
        self.where = where
        self.name = str(document["name"])
        self.selector = _selector(document.get("applies_to", {}), f"{where}.applies_to")
        self.when = _expression(document, "when", where)
        self.skips = document.get("skip") is True
        self.skip = _expression(document, "skip", where)
        self.patches: Sequence[Mapping[str, Any]] = document.get("patches", ())
        self.additional = [
            AdditionalItem(entry, f"{where}.additional_items[{at}]")
            for at, entry in enumerate(document.get("additional_items", ()))
        ]
        self.ready = [
            ReadyTest(entry, f"{where}.ready_when[{at}]")
            for at, entry in enumerate(document.get("ready_when", ()))
        ]
        timeout = document.get("timeout", 0)
        self.timeout = parse_duration(timeout, f"{where}.timeout")
        self.operation: WatchedObject | None = None
        if "operation" in document:
            self.operation = WatchedObject(document["operation"], f"{where}.operation")


class DeclaredAction:
    """Implements ItemAction for a declaration. It changes nothing but the item."""

    def __init__(self, declaration: Declaration, live: LiveObjects) -> None:
        self._told = declaration
        self._live = live

    @property
    def name(self) -> str:
        """Returns the name that the document has."""
        return self._told.name

    @property
    def has_side_effects(self) -> bool:
        """Returns False: the cluster is only read."""
        return False

    def applies_to(self) -> ResourceSelector:
        """Returns what the document says under ``applies_to``."""
        return self._told.selector

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the patched item, its additional items and the operation to watch.

        Expressions see the item as it is now, with the status that it had in the backup. Raises
        ActionError.
        """
        told, view = self._told, _view(given)
        if told.when is not None and not told.when.holds(view):
            return ExecuteOutput()
        output = ExecuteOutput(operation_id=self._operation_id(given))
        if told.skips or (told.skip is not None and told.skip.holds(view)):
            return output.without_restore()
        items = [found for entry in told.additional for found in entry.found(view, self._live)]
        output = ExecuteOutput(
            updated_item=self._patched(given.item),
            additional_items=tuple(dict.fromkeys(items)),
            operation_id=output.operation_id,
        )
        return output.with_items_wait(told.timeout) if told.ready else output

    def _patched(self, item: Manifest) -> Manifest | None:
        if not self._told.patches:
            return None
        return patched(item, self._told.patches, f"{self._told.where}.patches")

    def _operation_id(self, given: ExecuteInput) -> str:
        if self._told.operation is None:
            return ""
        return self._told.operation.operation_id(given.item, mapped_namespaces(given.restore))

    def progress(self, operation_id: str, restore: Manifest) -> OperationProgress:
        """Returns how far the watched object is. Raises ActionError."""
        if self._told.operation is None:
            raise AsyncNotSupportedError
        return self._told.operation.progress(operation_id, self._live)

    def cancel(self, operation_id: str, restore: Manifest) -> None:
        """Does nothing: the work belongs to whoever does it, here it is only watched."""

    def are_additional_items_ready(
        self, items: Sequence[ResourceIdentifier], restore: Manifest
    ) -> bool:
        """Returns whether all of ``ready_when`` holds in the cluster. Raises ActionError."""
        targets = mapped_namespaces(restore)
        return all(test.holds(items, self._live, targets) for test in self._told.ready)


def _view(given: ExecuteInput) -> Manifest:
    status = given.item_from_backup.get("status")
    return given.item if status is None else {"status": status, **given.item}


def _expression(document: Mapping[str, Any], field: str, where: str) -> Expression | None:
    text = document.get(field)
    return Expression(text, f"{where}.{field}") if isinstance(text, str) else None


def _selector(told: Mapping[str, Any], path: str) -> ResourceSelector:
    labels = str(told.get("label_selector", ""))
    try:
        parse_label_selector(labels)
    except LabelSelectorError as error:
        raise invalid(f"{path}.label_selector", str(error)) from None
    return ResourceSelector(
        included_namespaces=tuple(told.get("included_namespaces", ())),
        excluded_namespaces=tuple(told.get("excluded_namespaces", ())),
        included_resources=tuple(told.get("included_resources", ())),
        excluded_resources=tuple(told.get("excluded_resources", ())),
        label_selector=labels,
    )
