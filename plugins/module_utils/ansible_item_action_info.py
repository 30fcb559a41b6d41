# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What restore_item_action_info does."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.declared.sources import (
    listed_actions,
)
from ansible_collections.velero.core.plugins.module_utils.actions.selection import SelectedAction
from ansible_collections.velero.core.plugins.module_utils.ansible_item_action_inputs import (
    ItemActionInputs,
)
from ansible_collections.velero.core.plugins.module_utils.restore.item_action_calls import (
    applicable,
    selection_of,
    selector_dict,
)
from ansible_collections.velero.core.plugins.module_utils.restore.item_action_catalog import (
    SourcedAction,
)


def run(params: dict[str, Any], check_mode: bool, diff: bool) -> dict[str, Any]:
    """Returns the actions of a restore, and which of them are for an item."""
    given = list(listed_actions(params["item_actions"]))
    with closing(ItemActionInputs(params)) as inputs:
        catalog = inputs.catalog(given, reads_cluster=params["cluster_item_actions"])
        found = catalog.all()
        selection = selection_of([one.action for one in found], inputs.api, inputs.features)
        values: dict[str, Any] = {
            "actions": [
                _described(sourced, selected)
                for sourced, selected in zip(found, selection.actions, strict=True)
            ],
        }
        subject = inputs.subject
        if subject is not None:
            values["resource"] = subject.gr
            values["applicable"] = [one.name for one in applicable(selection, subject)]
    return {**values, "warnings": inputs.warnings}


def _described(sourced: SourcedAction, selected: SelectedAction) -> dict[str, Any]:
    return {
        "name": sourced.action.name,
        "source": sourced.source,
        "origin": sourced.origin,
        "version": sourced.version,
        "has_side_effects": sourced.action.has_side_effects,
        "enabled": selected.enabled,
        "applies_to": selector_dict(selected.selector),
    }
