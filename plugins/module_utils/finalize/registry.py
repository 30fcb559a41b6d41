# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All wrap-up tasks, in the order in which they run (reference restore-engine.md section 8.1)."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.finalize.contract import FinalizeTask
from ansible_collections.velero.core.plugins.module_utils.finalize.group_snapshots import (
    CleanUpGroupSnapshots,
)
from ansible_collections.velero.core.plugins.module_utils.finalize.validation import ValidateItems
from ansible_collections.velero.core.plugins.module_utils.finalize.volumes import (
    PatchDynamicVolumes,
)


def finalize_tasks(
    exec_hooks: FinalizeTask | None = None, *, validates: bool = False
) -> tuple[FinalizeTask, ...]:
    """Returns the tasks of one restore.

    ``exec_hooks`` waits for the hooks of this run (section 8.4); it knows their state and is
    therefore made by the caller. With ``validates`` the last task looks at what was restored.
    """
    tasks: list[FinalizeTask] = [PatchDynamicVolumes(), CleanUpGroupSnapshots()]
    if exec_hooks is not None:
        tasks.append(exec_hooks)
    if validates:
        tasks.append(ValidateItems())
    return tuple(tasks)
