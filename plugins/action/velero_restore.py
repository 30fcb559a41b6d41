# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's side of velero_restore.

Ansible renames a mapping that a module returns as ``results``, with a warning, because the results
of loops have that name. The module returns it under another name, and it gets its own name here.
"""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

MODULE_KEY = "restore_results"
KEY = "results"


class ActionModule(ActionBase):
    """Runs the module and renames one of its return values."""

    _supports_async = True

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Returns what the module returned."""
        super().run(None, task_vars)
        wrap_async = bool(self._task.async_val) and not self._connection.has_native_async
        result: dict[str, Any] = self._execute_module(task_vars=task_vars, wrap_async=wrap_async)
        if MODULE_KEY in result:
            result[KEY] = result.pop(MODULE_KEY)
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result
