# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Item actions that live in a plugin process, of both versions of the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ansible_collections.velero.core.plugins.module_utils.actions import plugin_values
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
    OperationProgress,
    ResourceIdentifier,
    ResourceSelector,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.rpc import messages
from ansible_collections.velero.core.plugins.module_utils.rpc.client import Timeouts
from ansible_collections.velero.core.plugins.module_utils.rpc.errors import CallError
from ansible_collections.velero.core.plugins.module_utils.rpc.messages import Method
from ansible_collections.velero.core.plugins.module_utils.rpc.wire import Values


class Caller(Protocol):
    """Calls into one plugin process (see rpc.client.PluginClient)."""

    @property
    def timeouts(self) -> Timeouts:
        """Returns how long calls may take."""

    def call(self, method: Method, values: Mapping[str, Any], timeout: float) -> Values:
        """Returns the response. Raises CallError."""


class _PluginAction:
    """What both versions have."""

    KIND: str

    def __init__(self, name: str, caller: Caller) -> None:
        self._name = name
        self._caller = caller

    @property
    def name(self) -> str:
        """Returns the name that the plugin listed."""
        return self._name

    @property
    def has_side_effects(self) -> bool:
        """Returns True: nobody can know what a binary does."""
        return True

    def applies_to(self) -> ResourceSelector:
        """Returns what the plugin says. Raises ActionError."""
        response = self._ask(messages.APPLIES_TO[self.KIND], {})
        return plugin_values.selector(response["ResourceSelector"])

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the plugin's output; ``updated_item`` is None when it is what was sent.

        Raises ActionError.
        """
        item = plugin_values.encoded(given.item)
        from_backup = plugin_values.encoded(given.item_from_backup)
        restore = plugin_values.encoded(given.restore)
        request = {
            "plugin": self._name,
            "item": item,
            "itemFromBackup": from_backup,
            "restore": restore,
        }
        timeout = self._caller.timeouts.execute
        try:
            response = self._caller.call(messages.EXECUTE[self.KIND], request, timeout)
        except CallError as error:
            raise plugin_values.call_error(error, (item, from_backup, restore)) from error
        returned = response["item"]
        return ExecuteOutput(
            # Plugins that return no item send back the bytes they got.
            updated_item=None if returned == item else plugin_values.decoded_item(returned),
            additional_items=plugin_values.identifiers(response["additionalItems"]),
            skip_restore=response["skipRestore"],
            operation_id=response["operationID"],
            wait_for_additional_items=response["waitForAdditionalItems"],
            additional_items_ready_timeout=plugin_values.seconds(
                response["additionalItemsReadyTimeout"]
            ),
        )

    def _ask(self, method: Method, values: Mapping[str, Any]) -> Values:
        request = {"plugin": self._name, **values}
        try:
            return self._caller.call(method, request, self._caller.timeouts.other)
        except CallError as error:
            raise plugin_values.call_error(error) from error


class PluginActionV1(_PluginAction):
    """A RestoreItemActionV1 in a plugin process."""

    KIND = messages.KIND_V1


class PluginActionV2(_PluginAction):
    """An ItemAction in a plugin process."""

    KIND = messages.KIND_V2

    def progress(self, operation_id: str, restore: Manifest) -> OperationProgress:
        """Returns how far an operation is. Raises ActionError."""
        response = self._ask(messages.PROGRESS, _operation(operation_id, restore))
        return plugin_values.progress(response["progress"])

    def cancel(self, operation_id: str, restore: Manifest) -> None:
        """Asks an operation to end. Raises ActionError."""
        self._ask(messages.CANCEL, _operation(operation_id, restore))

    def are_additional_items_ready(
        self, items: Sequence[ResourceIdentifier], restore: Manifest
    ) -> bool:
        """Returns what the plugin says. Raises ActionError."""
        values = {
            "additionalItems": plugin_values.identifier_values(items),
            "restore": plugin_values.encoded(restore),
        }
        return bool(self._ask(messages.ITEMS_READY, values)["ready"])


def _operation(operation_id: str, restore: Manifest) -> dict[str, Any]:
    return {"operationID": operation_id, "restore": plugin_values.encoded(restore)}
