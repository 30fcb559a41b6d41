# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exec hooks of one pod, from its creation until the last of them has ended.

Source: HandleHooks in internal/hook/wait_exec_hook_handler.go, reference section 10.2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ansible_collections.velero.core.plugins.module_utils.hooks.containers import (
    ended_phase,
    has_container,
    is_container_up,
    longest_wait,
)
from ansible_collections.velero.core.plugins.module_utils.hooks.contract import (
    FAIL,
    PodHook,
)
from ansible_collections.velero.core.plugins.module_utils.hooks.ledger import HookLedger
from ansible_collections.velero.core.plugins.module_utils.model.names import namespaced_name
from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock, Manifest
from ansible_collections.velero.core.plugins.module_utils.waits.polling import TIMED_OUT

CANCELED = "context canceled"

Log = Callable[[str, str], None]


class HookExecutor(Protocol):
    """Runs the command of a hook."""

    def execute(self, hook: PodHook) -> str:
        """Returns why it failed, in the words of the results; empty when it succeeded.

        Raises RunAbortedError when the command was not run and nothing further can succeed.
        """


class PodRun:
    """Waits for the containers of one pod and runs their hooks, one after the other.

    ``observe`` is called with one state of the pod after the other, by one thread at a time.
    ``default_wait`` (seconds) is how long the containers of hooks without a time of their own are
    waited for. With ``strict`` a hook whose time was over is run all the same, as Velero does.
    """

    def __init__(
        self,
        pod: Manifest,
        hooks: Sequence[PodHook],
        ledger: HookLedger,
        executor: HookExecutor,
        clock: Clock,
        log: Log,
        *,
        default_wait: float,
        strict: bool,
    ) -> None:
        metadata = pod["metadata"]
        self.namespace: str = metadata.get("namespace") or ""
        self.name: str = metadata["name"]
        self.uid: str = metadata.get("uid") or ""
        self.failed = False
        self._pod_name = namespaced_name(self.namespace, self.name)
        self._ledger = ledger
        self._executor = executor
        self._clock = clock
        self._log = log
        self._strict = strict
        self._waiting = self._by_container(pod, hooks)
        waited = [hook.hook for group in self._waiting.values() for hook in group]
        self._started = clock.monotonic()
        self._deadline = self._started + longest_wait(waited, default_wait)

    @property
    def is_over(self) -> bool:
        """Returns whether nothing is left to be waited for."""
        return not self._waiting

    @property
    def is_late(self) -> bool:
        """Returns whether the containers were waited for long enough."""
        return self._clock.monotonic() >= self._deadline

    def has_work(self, pod: Manifest | None) -> bool:
        """Returns whether ``observe`` would do anything with this state of the pod."""
        if pod is None or self._is_another(pod) or ended_phase(pod):
            return True
        return any(_is_up(pod, name, hooks) for name, hooks in self._waiting.items())

    def observe(self, pod: Manifest | None) -> None:
        """Runs the hooks of the containers that are up; None tells that the pod is gone.

        Raises what the executor raises; the hook is then as if it had not been begun.
        """
        if pod is None or self._is_another(pod):
            self._log("error", f"pod {self._pod_name} deleted before all hooks were executed")
            self.stop()
            return
        phase = ended_phase(pod)
        if phase:
            self._log(
                "warning",
                f"pod {self._pod_name} entered phase {phase} before some post-restore exec hooks "
                "ran",
            )
            self.stop()
            return
        for container, hooks in list(self._waiting.items()):
            if _is_up(pod, container, hooks):
                if not self._run_all(hooks):
                    self.stop()
                    return
                del self._waiting[container]

    def _is_another(self, pod: Manifest) -> bool:
        return (pod["metadata"].get("uid") or "") != self.uid

    def stop(self, why: str = "") -> None:
        """Records that the hooks which were not run will not be."""
        why = why or (TIMED_OUT if self.is_late else CANCELED)
        for hooks in self._waiting.values():
            for hook in hooks:
                self._not_executed(hook, why)
        self._waiting = {}

    def _by_container(self, pod: Manifest, hooks: Sequence[PodHook]) -> dict[str, list[PodHook]]:
        out: dict[str, list[PodHook]] = {}
        for hook in hooks:
            container = hook.key.container
            if has_container(pod, container):
                out.setdefault(container, []).append(hook)
                continue
            # Velero drops such a hook and then waits for its result for ever.
            self._log(
                "warning",
                f"Pod {self._pod_name} does not have container {container}: discarding "
                "post-restore exec hooks",
            )
            text = _not_executed(hook, self._pod_name, "the pod has no such container")
            self._ledger.record(hook.key, text)
        return out

    def _run_all(self, hooks: list[PodHook]) -> bool:
        """Runs the hooks of one container; returns whether the pod's others may go on."""
        while hooks:
            hook = hooks[0]
            expired = self._is_expired(hook)
            if expired:
                self._fail(
                    hook,
                    f"hook {hook.key.hook} in container {hook.key.container} expired before "
                    "executing",
                )
            goes_on = not (expired and hook.hook.on_error == FAIL)
            if goes_on and (self._strict or not expired):
                goes_on = not self._execute(hook) or hook.hook.on_error != FAIL
            hooks.pop(0)
            if not goes_on:
                return False
        return True

    def _is_expired(self, hook: PodHook) -> bool:
        patience = hook.hook.wait_timeout
        return bool(patience) and self._clock.monotonic() - self._started > patience

    def _execute(self, hook: PodHook) -> str:
        self._log(
            "info",
            f"running exec hook {hook.key.hook} in container {hook.key.container} of pod "
            f"{self._pod_name}",
        )
        error = self._executor.execute(hook)
        if error:
            text = (
                f"hook {hook.key.hook} in container {hook.key.container} failed to execute, "
                f"err: {error}"
            )
            self._fail(hook, text)
        else:
            self._ledger.record(hook.key)
        return error

    def _not_executed(self, hook: PodHook, why: str) -> None:
        self._fail(hook, _not_executed(hook, self._pod_name, why))

    def _fail(self, hook: PodHook, text: str) -> None:
        self.failed = True
        self._log("error", text)
        self._ledger.record(hook.key, text)


def _is_up(pod: Manifest, container: str, hooks: Sequence[PodHook]) -> bool:
    return is_container_up(pod, container, [hook.hook for hook in hooks])


def _not_executed(hook: PodHook, pod: str, why: str) -> str:
    key = hook.key
    return f"hook {key.hook} in container {key.container} in pod {pod} not executed: {why}"
