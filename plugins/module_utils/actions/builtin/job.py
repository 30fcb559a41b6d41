# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes the controller's labels off a job (reference section 3.11).

Source: pkg/restore/actions/job_action.go.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.edits import remove_keys
from ansible_collections.velero.core.plugins.module_utils.actions.shapes import JOB
from ansible_collections.velero.core.plugins.module_utils.actions.typed import check

_CONTROLLER_LABELS = ("batch.kubernetes.io/controller-uid", "controller-uid")


class JobAction(BuiltinAction):
    """The UID of the old job must not select pods; the job's own labels stay."""

    NAME = "velero.io/job"
    RESOURCES = ("jobs",)

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the job without the UID in its selector and in its template's labels.

        Raises ActionError for a job that cannot be decoded.
        """
        check(given.item, JOB)
        spec = given.item.get("spec") or {}
        remove_keys(spec.get("selector"), "matchLabels", _CONTROLLER_LABELS)
        template = spec.get("template") or {}
        remove_keys(template.get("metadata"), "labels", _CONTROLLER_LABELS)
        return ExecuteOutput(updated_item=given.item)
