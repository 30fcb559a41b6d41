# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a pod's state means for its hooks (internal/hook/wait_exec_hook_handler.go)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ansible_collections.velero.core.plugins.module_utils.hooks.contract import ExecHook
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

_ENDED = ("Succeeded", "Failed")


def has_container(pod: Manifest, container: str) -> bool:
    """Returns whether the pod has a container of this name; init containers do not count."""
    containers = (pod.get("spec") or {}).get("containers") or []
    return any(each.get("name") == container for each in containers)


def ended_phase(pod: Manifest) -> str:
    """Returns the phase of a pod that has ended, or an empty text."""
    phase = str((pod.get("status") or {}).get("phase") or "")
    return phase if phase in _ENDED else ""


def is_container_up(pod: Manifest, container: str, hooks: Iterable[ExecHook]) -> bool:
    """Returns whether the hooks of a container may begin.

    It must run; when any of its hooks waits for that, it must be ready instead.
    """
    wait_for_ready = any(hook.wait_for_ready for hook in hooks)
    for status in (pod.get("status") or {}).get("containerStatuses") or []:
        if status.get("name") == container:
            if wait_for_ready:
                return bool(status.get("ready"))
            return (status.get("state") or {}).get("running") is not None
    return False


def longest_wait(hooks: Sequence[ExecHook], default: float) -> float:
    """Returns how long (seconds) a pod's containers are waited for.

    The largest of the hooks' times; ``default`` is that of a hook without one.
    """
    return max((hook.wait_timeout or default for hook in hooks), default=default)
