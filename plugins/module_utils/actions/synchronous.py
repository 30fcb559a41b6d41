# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The v2 methods of actions that neither start operations nor wait."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    OperationProgress,
    ResourceIdentifier,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


class SynchronousAction:
    """Base of v2 actions that are done when execute() returns.

    Source: pkg/restore/actions/csi/volumesnapshot_action.go and its neighbours, which accept any
    operation ID.
    """

    def progress(self, operation_id: str, restore: Manifest) -> OperationProgress:
        """Returns empty progress, whatever the operation."""
        return OperationProgress()

    def cancel(self, operation_id: str, restore: Manifest) -> None:
        """Does nothing."""

    def are_additional_items_ready(
        self, items: Sequence[ResourceIdentifier], restore: Manifest
    ) -> bool:
        """Returns True."""
        return True
