# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The RestoreItemAction v2 contract (reference restore-item-actions.md section 1).

An action says which items it applies to, changes an item, names items that must be restored
before it, may have the engine wait for them, and may start asynchronous work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ansible_collections.velero.core.plugins.module_utils.model.names import (
    group_resource,
    resource_id,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


class ActionError(Exception):
    """An action refused an item or failed; the text goes into the restore's results."""


class AsyncNotSupportedError(ActionError):
    """The action has no asynchronous operations; the text is Velero's."""

    def __init__(self) -> None:
        super().__init__("Plugin does not support asynchronous operations")


class InvalidOperationError(ActionError):
    """No operation of this action has the given ID; the text is Velero's."""

    def __init__(self, operation_id: str) -> None:
        super().__init__(f"operation ID {operation_id} is invalid")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceSelector:
    """Which items an action is for; empty lists and an empty selector match everything.

    ``label_selector`` is in Kubernetes' text form (``a=b,c in (d,e),!f``).
    """

    included_namespaces: tuple[str, ...] = ()
    excluded_namespaces: tuple[str, ...] = ()
    included_resources: tuple[str, ...] = ()
    excluded_resources: tuple[str, ...] = ()
    label_selector: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceIdentifier:
    """One item by resource, source namespace and name in the backup."""

    group: str = ""
    resource: str
    namespace: str = ""
    name: str

    @property
    def group_resource(self) -> str:
        """Returns ``resource.group``."""
        return group_resource(self.resource, self.group)

    @property
    def id(self) -> str:
        """Returns the id that Velero's messages use."""
        return resource_id(self.group_resource, self.namespace, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteInput:
    """``item`` as it would be created so far (still in its source namespace), the untouched
    ``item_from_backup``, and the Restore object."""

    item: Manifest
    item_from_backup: Manifest
    restore: Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteOutput:
    """What an action wants done. ``updated_item`` None leaves the item as it is.

    ``additional_items_ready_timeout`` is in seconds; 0 means the restore's default.
    """

    updated_item: Manifest | None = None
    additional_items: tuple[ResourceIdentifier, ...] = ()
    skip_restore: bool = False
    operation_id: str = ""
    wait_for_additional_items: bool = False
    additional_items_ready_timeout: float = 0

    def with_items_wait(self, timeout: float = 0) -> ExecuteOutput:
        """Returns a copy that has the engine wait for the additional items."""
        return replace(self, wait_for_additional_items=True, additional_items_ready_timeout=timeout)

    def without_restore(self) -> ExecuteOutput:
        """Returns a copy by which the item is not restored."""
        return replace(self, skip_restore=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationProgress:
    """How far an asynchronous operation is; times are RFC 3339 texts, empty when unknown."""

    completed: bool = False
    err: str = ""
    n_completed: int = 0
    n_total: int = 0
    operation_units: str = ""
    description: str = ""
    started: str = ""
    updated: str = ""


class ItemAction(Protocol):
    """A RestoreItemAction v2. Methods may be called from several threads at once.

    ``has_side_effects`` tells whether executing it changes anything but the item it returns;
    such an action is not run in check mode.
    """

    @property
    def name(self) -> str:
        """Returns the registered name, ``domain/name``."""

    @property
    def has_side_effects(self) -> bool:
        """Returns whether execute() changes the outside world."""

    def applies_to(self) -> ResourceSelector:
        """Returns what the action is for; asked once per restore. Raises ActionError."""

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns what to do with the item. ``given.item`` may be changed and returned.

        Raises ActionError.
        """

    def progress(self, operation_id: str, restore: Manifest) -> OperationProgress:
        """Returns how far an operation is. Raises ActionError."""

    def cancel(self, operation_id: str, restore: Manifest) -> None:
        """Asks an operation to end. Raises ActionError."""

    def are_additional_items_ready(
        self, items: Sequence[ResourceIdentifier], restore: Manifest
    ) -> bool:
        """Returns whether the additional items can be used. Raises ActionError."""


class RestoreItemActionV1(Protocol):
    """The older contract: no operations and no waiting."""

    @property
    def name(self) -> str:
        """Returns the registered name."""

    @property
    def has_side_effects(self) -> bool:
        """Returns whether execute() changes the outside world."""

    def applies_to(self) -> ResourceSelector:
        """Returns what the action is for. Raises ActionError."""

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns what to do with the item; the v2 fields of the output are not looked at."""


class V1AsV2:
    """A v1 action that serves as v2 with methods that do nothing.

    Source: pkg/plugin/clientmgmt/restoreitemaction/v2, reference section 1.12.
    """

    def __init__(self, action: RestoreItemActionV1) -> None:
        self._action = action

    @property
    def name(self) -> str:
        """Returns the v1 action's name."""
        return self._action.name

    @property
    def has_side_effects(self) -> bool:
        """Returns what the v1 action says."""
        return self._action.has_side_effects

    def applies_to(self) -> ResourceSelector:
        """Returns the v1 action's selector."""
        return self._action.applies_to()

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the v1 action's output without anything that only v2 knows."""
        output = self._action.execute(given)
        return ExecuteOutput(
            updated_item=output.updated_item,
            additional_items=output.additional_items,
            skip_restore=output.skip_restore,
        )

    def progress(self, operation_id: str, restore: Manifest) -> OperationProgress:
        """Raises AsyncNotSupportedError."""
        raise AsyncNotSupportedError

    def cancel(self, operation_id: str, restore: Manifest) -> None:
        """Does nothing."""

    def are_additional_items_ready(
        self, items: Sequence[ResourceIdentifier], restore: Manifest
    ) -> bool:
        """Returns True."""
        return True


def output_dict(output: ExecuteOutput) -> dict[str, Any]:
    """Returns an output in plain data, as the module returns it."""
    return {
        "updated_item": output.updated_item,
        "additional_items": [
            {
                "group": item.group,
                "resource": item.resource,
                "namespace": item.namespace,
                "name": item.name,
            }
            for item in output.additional_items
        ],
        "skip_restore": output.skip_restore,
        "operation_id": output.operation_id,
        "wait_for_additional_items": output.wait_for_additional_items,
        "additional_items_ready_timeout": output.additional_items_ready_timeout,
    }
