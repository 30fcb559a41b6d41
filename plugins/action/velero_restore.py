# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's side of velero_restore.

Ansible renames a mapping that a module returns as ``results``, with a warning, because the results
of loops have that name. The module returns it under another name, and it gets its own name here.

A file of resource modifiers is one of the controller, beside the playbook or the role.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase

MODULE_KEY = "restore_results"
KEY = "results"
MODIFIER = "resource_modifier"


class ActionModule(ActionBase):
    """Runs the module and renames one of its return values."""

    _supports_async = True

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Returns what the module returned."""
        super().run(None, task_vars)
        wrap_async = bool(self._task.async_val) and not self._connection.has_native_async
        result: dict[str, Any] = self._execute_module(
            module_args=self._arguments(), task_vars=task_vars, wrap_async=wrap_async
        )
        if MODULE_KEY in result:
            result[KEY] = result.pop(MODULE_KEY)
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _arguments(self) -> dict[str, Any]:
        """The arguments of the task, with the content of a file of resource modifiers."""
        arguments = dict(self._task.args)
        given = arguments.get(MODIFIER)
        if isinstance(given, dict) and given.get("src"):
            if given.get("definition") is not None:
                raise AnsibleActionFail(f"{MODIFIER}: definition and src are mutually exclusive.")
            arguments[MODIFIER] = {**given, "definition": self._content(given["src"])}
        return arguments

    def _content(self, source: str) -> str:
        try:
            path = self._find_needle("files", source)
            # A file of a vault is decrypted for this.
            return Path(self._loader.get_real_file(path)).read_text(encoding="utf-8")
        except (AnsibleError, OSError, UnicodeDecodeError) as error:
            raise AnsibleActionFail(f"Failed reading {MODIFIER}.src {source}: {error}") from error
        finally:
            self._loader.cleanup_all_tmp_files()
