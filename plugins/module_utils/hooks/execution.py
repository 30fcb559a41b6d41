# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of hooks, run through the API server and noted before and after."""

from __future__ import annotations

import re

from ansible_collections.velero.core.plugins.module_utils.hooks.contract import PodHook
from ansible_collections.velero.core.plugins.module_utils.hooks.ledger import HookLedger
from ansible_collections.velero.core.plugins.module_utils.hooks.pod_run import Log
from ansible_collections.velero.core.plugins.module_utils.model.commands import (
    CommandOutcome,
    ContainerCommand,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    RunAbortedError,
    UnauthorizedError,
    VeleroCoreError,
    cause_text,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster

# A terminal that shows the log must not obey what a command has printed.
_CONTROLS = re.compile(r"[^\n\t\x20-\x7e\xa0-\U0010ffff]")


class ClusterHookExecutor:
    """Implements HookExecutor; what commands print goes to the log and nowhere else."""

    def __init__(self, cluster: Cluster, ledger: HookLedger, log: Log) -> None:
        self._cluster = cluster
        self._ledger = ledger
        self._log = log

    def execute(self, hook: PodHook) -> str:
        """Returns why the command failed; empty when it succeeded. Raises RunAbortedError."""
        key = hook.key
        if not hook.hook.command:
            return "command is required"
        command = ContainerCommand(
            key.namespace, key.pod, key.container, hook.hook.command, hook.hook.timeout
        )
        self._ledger.begin(key)
        try:
            outcome = self._cluster.execute(command)
        except UnauthorizedError as error:
            self._ledger.take_back(key)
            raise RunAbortedError(
                "running", f"hook {key.hook}", error.message, "Renew the credentials, run again"
            ) from error
        except ApiError as error:
            return error.message
        except VeleroCoreError as error:
            return cause_text(error)
        self._tell(hook, outcome)
        return outcome.error

    def _tell(self, hook: PodHook, outcome: CommandOutcome) -> None:
        for name, text in (("stdout", outcome.stdout), ("stderr", outcome.stderr)):
            if text.strip():
                shown = _CONTROLS.sub("?", text.rstrip("\n"))
                self._log("info", f"{name} of hook {hook.key.hook}: {shown}")
