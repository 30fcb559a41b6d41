# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules run in this process: real parameters, real work, and no exit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator

from ansible_collections.velero.core.plugins.module_utils.ansible_run import run_module
from ansible_collections.velero.core.plugins.module_utils.ansible_spec import ArgumentSpec


class Refused(Exception):
    """The argument spec does not allow these parameters."""


class Ended(Exception):
    """A module has ended with these values."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values.get("msg", ""))
        self.values = values


class FakeModule:
    """What modules of this collection use of AnsibleModule."""

    def __init__(self, params: dict[str, Any], *, check_mode: bool, diff: bool) -> None:
        self.params = params
        self.check_mode = check_mode
        self._diff = diff
        self.no_log_values: set[str] = set()
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def exit_json(self, **values: Any) -> None:
        raise Ended({"changed": False, "warnings": self.warnings, **values})

    def fail_json(self, **values: Any) -> None:
        raise Ended({"changed": False, "failed": True, "warnings": self.warnings, **values})


def parsed(spec: ArgumentSpec, given: dict[str, Any]) -> dict[str, Any]:
    """Returns the parameters as a module gets them; Refused with Ansible's text."""
    rules = spec.arguments()
    checked = ModuleArgumentSpecValidator(rules.pop("argument_spec"), **rules).validate(given)
    if checked.error_messages:
        raise Refused("; ".join(checked.error_messages))
    return dict(checked.validated_parameters)


def run(
    spec: ArgumentSpec,
    work: Callable[..., dict[str, Any]],
    given: dict[str, Any],
    *,
    check_mode: bool = False,
    diff: bool = False,
) -> dict[str, Any]:
    """Returns what the module returns; ``failed`` is there when the task fails."""
    try:
        params = parsed(spec, given)
    except Refused as refused:
        return {"changed": False, "failed": True, "msg": str(refused)}
    try:
        run_module(FakeModule(params, check_mode=check_mode, diff=diff), work)  # type: ignore[arg-type]
    except Ended as ended:
        return ended.values
    raise RuntimeError("the module did not end")
