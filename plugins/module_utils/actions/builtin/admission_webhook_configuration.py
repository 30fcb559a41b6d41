# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gives webhooks side effects that the v1 API allows (reference section 3.2).

Source: pkg/restore/actions/admissionwebhook_config_action.go.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
    ExecuteOutput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.go_values import (
    AccessorError,
    go_text,
    nested_list,
    nested_string,
)

_ALLOWED = ("None", "NoneOnDryRun")


class AdmissionWebhookConfigurationAction(BuiltinAction):
    """Sets ``sideEffects: None`` where v1 allows no other value any more."""

    NAME = "velero.io/admission-webhook-configuration"
    RESOURCES = ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the item with all webhooks valid; items of older versions stay as they are.

        Raises ActionError for webhooks of another type.
        """
        item = given.item
        try:
            version = nested_string(item, ("apiVersion",))
        except AccessorError as error:
            raise ActionError(f"failed to get the apiVersion from input item: {error}") from error
        if version == "admissionregistration.k8s.io/v1":
            for webhook in _webhooks(item):
                _fix(webhook)
        return ExecuteOutput(updated_item=item)


def _webhooks(item: dict[str, Any]) -> list[Any]:
    try:
        return nested_list(item, ("webhooks",))
    except AccessorError as error:
        raise ActionError(f"failed to get webhooks slice from input item: {error}") from error


def _fix(webhook: Any) -> None:
    if not isinstance(webhook, dict):
        raise ActionError(f"webhook {go_text(webhook)} is no object")
    if webhook.get("sideEffects") not in _ALLOWED:
        webhook["sideEffects"] = "None"
