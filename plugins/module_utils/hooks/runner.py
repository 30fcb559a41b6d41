# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All exec hooks of a restore: they run in the background while other items are restored.

One look a second at all pods that have hooks to run: one LIST per namespace, whatever the number
of pods. Every pod whose containers are up gets a thread for its commands.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from ansible_collections.velero.core.plugins.module_utils.hooks.containers import has_container
from ansible_collections.velero.core.plugins.module_utils.hooks.contract import FAIL, PodHook
from ansible_collections.velero.core.plugins.module_utils.hooks.ledger import HookLedger
from ansible_collections.velero.core.plugins.module_utils.hooks.pod_run import (
    CANCELED,
    HookExecutor,
    Log,
    PodRun,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    ForbiddenError,
    RunAbortedError,
    UnauthorizedError,
    VeleroCoreError,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import PODS
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
)

# Seconds between two looks.
PERIOD = 1.0
# Pods whose commands run at the same time.
_THREADS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRules:
    """How hooks are waited for and run.

    ``selector`` selects the pods of this restore by their labels, ``default_wait`` (seconds) is
    how long the containers of hooks without a time of their own are waited for. ``strict`` asks
    for Velero's behaviour.
    """

    selector: str
    default_wait: float
    strict: bool = False
    period: float = PERIOD


class HookRunner:
    """Waits for pods and runs their hooks. ``add`` may be called by several threads at once."""

    def __init__(
        self,
        cluster: Cluster,
        clock: Clock,
        ledger: HookLedger,
        executor: HookExecutor,
        log: Log,
        rules: HookRules,
    ) -> None:
        self._cluster = cluster
        self._clock = clock
        self._ledger = ledger
        self._executor = executor
        self._log = log
        self._rules = rules
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._waiting: list[PodRun] = []
        self._busy: dict[Future[None], PodRun] = {}
        self._failure: BaseException | None = None
        self._canceled = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="hook")

    def add(self, pod: Manifest, hooks: Sequence[PodHook]) -> None:
        """Takes the hooks of a pod that was just created."""
        uid = str(pod["metadata"].get("uid") or "")
        open_hooks = [hook for hook in hooks if self._ledger.add(hook.key, uid)]
        if not open_hooks:
            return
        run = PodRun(
            pod,
            open_hooks,
            self._ledger,
            self._executor,
            self._clock,
            self._log,
            default_wait=self._rules.default_wait,
            strict=self._rules.strict,
        )
        if self._was_ended(pod, hooks, open_hooks):
            self._stop(run, CANCELED)
        if run.is_over:
            return
        with self._lock:
            self._waiting.append(run)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="hooks", daemon=True)
                self._thread.start()

    def _was_ended(
        self, pod: Manifest, hooks: Sequence[PodHook], open_hooks: Sequence[PodHook]
    ) -> bool:
        """Returns whether a hook that ends all others of its pod failed in an earlier run."""
        return any(
            hook.hook.on_error == FAIL
            and hook not in open_hooks
            and has_container(pod, hook.key.container)
            and self._ledger.has_failed(hook.key)
            for hook in hooks
        )

    def wait(self) -> None:
        """Returns when every hook has ended, each at its own deadline at the latest.

        Raises ConnectionFailedError and RunAbortedError: what was not run then is run by the
        next run of the restore.
        """
        self._end_thread()
        while True:
            self.look()
            with self._lock:
                busy = list(self._busy)
                if not busy and not self._waiting:
                    break
            if busy:
                wait(busy, timeout=self._rules.period)
            else:
                self._clock.sleep(self._rules.period)
        self._ledger.give_up_the_rest()
        self._ledger.flush()

    def close(self) -> None:
        """Ends the background work; commands that run are waited for."""
        self._end_thread()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._ledger.flush()

    def look(self) -> None:
        """Looks at all waiting pods once. Raises what ended the work in the background."""
        with self._looking:
            self._gather()
            if self._failure is not None:
                raise self._failure
            self._ledger.flush()
            with self._lock:
                waiting, self._waiting = self._waiting, []
            try:
                self._look_at(waiting)
            finally:
                busy = set(self._busy.values())
                with self._lock:
                    self._waiting += [run for run in waiting if not run.is_over and run not in busy]

    def _end_thread(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.wait(self._rules.period):
            try:
                self.look()
            except VeleroCoreError as error:
                # The restore's own thread raises it, when it comes to wait.
                self._failure = error
                return

    def _gather(self) -> None:
        """Takes back the pods whose commands have ended."""
        for future in [future for future in self._busy if future.done()]:
            run = self._busy.pop(future)
            error = future.exception()
            if error is not None:
                self._failure = self._failure or error
            if run.is_over:
                self._note_end(run)
            else:
                with self._lock:
                    self._waiting.append(run)

    def _note_end(self, run: PodRun) -> None:
        # In Velero one pod's failed hook cancels what other pods are waiting for.
        if run.failed and self._rules.strict:
            self._canceled = True

    def _stop(self, run: PodRun, why: str = "") -> None:
        run.stop(why)
        self._note_end(run)

    def _look_at(self, waiting: Sequence[PodRun]) -> None:
        for namespace in sorted({run.namespace for run in waiting}):
            runs = [run for run in waiting if run.namespace == namespace]
            if self._canceled:
                for run in runs:
                    self._stop(run, CANCELED)
                continue
            pods = self._pods(namespace, runs)
            for run in runs:
                if pods is not None:
                    self._hand_over(run, pods.get(run.name) or self._pod(run))
                elif run.is_late:
                    self._stop(run)

    def _pods(self, namespace: str, runs: Sequence[PodRun]) -> dict[str, Manifest] | None:
        """Returns the restored pods of a namespace by name; None when that cannot be told."""
        try:
            found = self._cluster.list(PODS, namespace, self._rules.selector)
            return {pod["metadata"]["name"]: pod for pod in found}
        except UnauthorizedError as error:
            raise RunAbortedError(
                "waiting for", "hooks", error.message, "Renew the credentials, run again"
            ) from error
        except ForbiddenError as error:
            for run in runs:
                self._stop(run, error.message)
        except ApiError as error:
            self._log("warning", f"Pods of namespace {namespace} cannot be listed: {error}")
        return None

    def _pod(self, run: PodRun) -> Manifest | None:
        """Returns a pod that has lost its label; None when it is gone."""
        try:
            return self._cluster.get(PODS, run.namespace, run.name)
        except ApiError:
            return None

    def _hand_over(self, run: PodRun, pod: Manifest | None) -> None:
        if run.has_work(pod):
            self._busy[self._pool.submit(run.observe, pod)] = run
        elif run.is_late:
            self._stop(run)
