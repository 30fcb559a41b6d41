# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands that are run in containers."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ContainerCommand:
    """A command for one container of a pod; ``timeout`` is in seconds."""

    namespace: str
    pod: str
    container: str
    command: tuple[str, ...] = field(repr=False)
    timeout: float


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """How a command ended: ``error`` is empty when it succeeded, else why it did not.

    The texts of errors are those of Velero's results. The output is the head of what was written.
    """

    error: str = ""
    stdout: str = field(default="", repr=False)
    stderr: str = field(default="", repr=False)
