# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hooks of one restore: from its spec to the record's hookStatus.

Source: reference restore-engine.md sections 4.17, 8.4 and 10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.finalize.contract import FinalizeInput
from ansible_collections.velero.core.plugins.module_utils.hooks.execution import (
    ClusterHookExecutor,
)
from ansible_collections.velero.core.plugins.module_utils.hooks.ledger import HookLedger, Keep
from ansible_collections.velero.core.plugins.module_utils.hooks.planning import planned_hooks
from ansible_collections.velero.core.plugins.module_utils.hooks.pod_run import Log
from ansible_collections.velero.core.plugins.module_utils.hooks.runner import HookRules, HookRunner
from ansible_collections.velero.core.plugins.module_utils.hooks.selection import hooks_of
from ansible_collections.velero.core.plugins.module_utils.hooks.spec import parse_hooks
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.kinds import PODS
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    RESTORE_NAME_LABEL,
    label_value,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import Settings
from ansible_collections.velero.core.plugins.module_utils.model.results import Results


class RestoreHooks:
    """Implements PodHooks for the items and FinalizeTask for the end of the restore.

    ``rows`` and ``keep`` are those of HookLedger.
    """

    name = "waiting for restore exec hooks"

    def __init__(
        self,
        spec: Mapping[str, Any],
        cluster: Cluster,
        clock: Clock,
        log: Log,
        settings: Settings,
        *,
        restore: str,
        rows: Iterable[Mapping[str, Any]],
        keep: Keep,
    ) -> None:
        self._resources = parse_hooks(spec)
        self._cluster = cluster
        self._log = log
        self._ledger = HookLedger(rows, keep)
        rules = HookRules(
            selector=f"{RESTORE_NAME_LABEL}={label_value(restore)}",
            default_wait=settings.hooks_wait_timeout,
            strict=settings.strict,
        )
        executor = ClusterHookExecutor(cluster, self._ledger, log)
        self._runner = HookRunner(cluster, clock, self._ledger, executor, log, rules)

    def start(self, pod: Manifest) -> None:
        """Takes the hooks of a created pod on."""
        hooks = hooks_of(pod, self._resources, lambda text: self._log("warning", text))
        if hooks:
            self._runner.add(pod, hooks)

    def take_up(self) -> None:
        """Takes on what an earlier run has left, where no items are gone through again.

        Raises ConnectionFailedError.
        """
        for namespace, name in self._ledger.unfinished_pods():
            try:
                self.start(self._cluster.get(PODS, namespace, name))
            except ApiError as error:
                # The wait at the end tells that the hooks were not run.
                self._log("warning", f"Pod {namespace}/{name} with hooks: {error.message}")

    def flush(self) -> None:
        """Keeps which hooks there are, so that another run can take them up."""
        self._ledger.flush()

    def planned(self, pod: Manifest) -> list[dict[str, Any]]:
        """Returns the hooks of a pod as a plan shows them."""
        return planned_hooks(pod, self._resources)

    def run(self, given: FinalizeInput) -> Results:
        """Waits for all hooks, each to its own deadline; returns the errors of those that failed.

        Puts ``hookStatus`` into the status. Raises ConnectionFailedError and RunAbortedError.
        """
        if self._ledger.attempted:
            self._log("info", "Waiting for restore exec hooks starts")
            self._runner.wait()
            self._log("info", "Done waiting for restore exec hooks starts")
        results = Results()
        for namespace, text in self._ledger.errors():
            results.errors.add(namespace, text)
        counts = {"hooksAttempted": self._ledger.attempted, "hooksFailed": self._ledger.failed}
        given.status["hookStatus"] = {key: count for key, count in counts.items() if count}
        return results

    def close(self) -> None:
        """Ends what runs in the background. Commands that run are waited for."""
        self._runner.close()
