# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exec hooks as they are asked for, and what belongs to one of them in one pod."""

from __future__ import annotations

from dataclasses import dataclass, field

CONTINUE = "Continue"
FAIL = "Fail"

ANNOTATION = "annotation"
SPEC = "spec"

DEFAULT_EXEC_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecHook:
    """A command for a container of a pod. Times are in seconds, 0 where none was given.

    An empty ``container`` means the first one; ``on_error`` is Continue, Fail or empty, which
    is as Continue.
    """

    command: tuple[str, ...] = field(repr=False)
    container: str = ""
    on_error: str = ""
    exec_timeout: float = 0.0
    wait_timeout: float = 0.0
    wait_for_ready: bool = False

    @property
    def timeout(self) -> float:
        """Returns how long the command may take."""
        return self.exec_timeout or DEFAULT_EXEC_TIMEOUT


@dataclass(frozen=True, slots=True)
class HookKey:
    """What tells hooks apart (hookKey in internal/hook/hook_tracker.go)."""

    namespace: str
    pod: str
    source: str
    container: str
    hook: str
    index: int


@dataclass(frozen=True, slots=True)
class PodHook:
    """A hook that is for a certain container of a certain pod."""

    key: HookKey
    hook: ExecHook
