# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Leaves out APIServices that the server manages itself (reference section 3.3).

Source: pkg/restore/actions/apiservice_action.go.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
)


class ApiServiceAction(BuiltinAction):
    """Skips whatever the selector lets through."""

    NAME = "velero.io/apiservice"
    RESOURCES = ("apiservices",)
    LABEL_SELECTOR = "kube-aggregator.kubernetes.io/automanaged"

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns that the item is not restored."""
        return ExecuteOutput(updated_item=given.item).without_restore()
