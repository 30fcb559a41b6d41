"""Hooks, pods in several states, and an executor that notes what it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.hooks.contract import (
    SPEC,
    ExecHook,
    HookKey,
    PodHook,
)

RUNNING = {"running": {}}


def hook(
    name: str = "h", container: str = "main", *, pod: str = "p", index: int = 0, **fields: Any
) -> PodHook:
    key = HookKey("shop", pod, SPEC, container, name, index)
    return PodHook(key, ExecHook(command=(name,), container=container, **fields))


def pod(
    *containers: str,
    name: str = "p",
    phase: str = "Running",
    running: tuple[str, ...] = (),
    ready: tuple[str, ...] = (),
    uid: str = "u",
) -> dict[str, Any]:
    """A pod with these containers (``main`` by default); some run, some are also ready."""
    names = containers or ("main",)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "uid": uid},
        "spec": {"containers": [{"name": each} for each in names]},
        "status": {
            "phase": phase,
            "containerStatuses": [
                {
                    "name": each,
                    "ready": each in ready,
                    "state": RUNNING if each in running or each in ready else {"waiting": {}},
                }
                for each in names
            ],
        },
    }


class Executor:
    """Implements HookExecutor. ``ran`` are the names of the hooks that it was asked for."""

    def __init__(
        self,
        errors: dict[str, str] | None = None,
        on_run: Callable[[str], None] = lambda name: None,
    ) -> None:
        self.ran: list[str] = []
        self._errors = errors or {}
        self._on_run = on_run

    def execute(self, hook: PodHook) -> str:
        self.ran.append(hook.key.hook)
        self._on_run(hook.key.hook)
        return self._errors.get(hook.key.hook, "")
