# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module of the collection does around its work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.velero.core.plugins.module_utils.ansible_errors import failure
from ansible_collections.velero.core.plugins.module_utils.ansible_secrets import hide_secrets
from ansible_collections.velero.core.plugins.module_utils.model.errors import VeleroCoreError

Params = dict[str, Any]
# Gets the parameters, whether it is check mode and whether a diff is wanted. Returns the values
# to return; the task fails when ``failed`` among them is true, and shows its ``warnings``.
Work = Callable[[Params, bool, bool], dict[str, Any]]


def run_module(module: AnsibleModule, work: Work) -> None:
    """Does ``work`` and ends the module with what it returns or raises."""
    hide_secrets(module)
    try:
        values = work(module.params, bool(module.check_mode), bool(module._diff))
    except VeleroCoreError as error:
        values = {"failed": True, **failure(error)}
    for text in values.pop("warnings", ()):
        module.warn(text)
    if values.pop("failed", False):
        # The error tree has told everything; a traceback would not help who reads it.
        module.fail_json(**values)
    module.exit_json(**values)
