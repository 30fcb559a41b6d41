# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One look at all operations of a restore (reference restore-engine.md section 7.3).

Source: pkg/controller/restore_operations_controller.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ItemAction,
    OperationProgress,
)
from ansible_collections.velero.core.plugins.module_utils.actions.isolation import (
    isolated,
    may_pass,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ConnectionFailedError,
)
from ansible_collections.velero.core.plugins.module_utils.model.operations import (
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    NEW,
    ItemOperation,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.times import (
    seconds_of,
    timestamp,
)

TIMED_OUT = "Asynchronous action timed out"
_NUMBERS = ("n_completed", "n_total", "operation_units", "description")
_TIMES = ("started", "updated")


@dataclass(slots=True, kw_only=True)
class PassOutcome:
    """What one look has found: operations that have failed, anything new, any that run."""

    failed: list[ItemOperation] = field(default_factory=list)
    changed: bool = False
    running: bool = False


class ProgressPass:
    """Asks the actions how far their operations are.

    ``timeout`` (seconds) is how long an operation may take. ``patience`` (seconds) is how long a
    server that does not answer is asked again; 0 takes the first error for the operation's end,
    as Velero does.
    """

    def __init__(
        self, actions: Iterable[ItemAction], clock: Clock, *, timeout: float, patience: float
    ) -> None:
        self._actions = {action.name: action for action in actions}
        self._clock = clock
        self._timeout = timeout
        self._patience = patience
        self._silent_since: dict[tuple[str, str], float] = {}

    def look(self, operations: Sequence[ItemOperation], restore: Manifest) -> PassOutcome:
        """Brings the operations that run up to date and returns what is new.

        Raises ConnectionFailedError when the cluster did not answer for too long.
        """
        outcome = PassOutcome()
        for operation in operations:
            if operation.is_running:
                before = (operation.phase, *_values(operation))
                self._follow(operation, restore)
                if operation.phase == FAILED:
                    outcome.failed.append(operation)
                outcome.changed |= before != (operation.phase, *_values(operation))
                outcome.running |= operation.is_running
        return outcome

    def unknown(self, operations: Sequence[ItemOperation]) -> list[ItemOperation]:
        """Returns the operations that run, have time left, and whose action is not there."""
        return [
            operation
            for operation in operations
            if operation.is_running
            and operation.action not in self._actions
            and not self._is_late(operation)
        ]

    def _follow(self, operation: ItemOperation, restore: Manifest) -> None:
        action = self._actions.get(operation.action)
        if action is None:
            operation.fail(f"unable to locate RestoreItemActionV2 plugin named {operation.action}")
            return
        try:
            with isolated(action):
                progress = action.progress(operation.operation_id, restore)
        except (ActionError, ConnectionFailedError) as error:
            self._lose(operation, error)
            if not operation.is_running:
                return
        else:
            self._silent_since.pop(operation.key, None)
            _take_over(operation, progress)
        if operation.is_running and self._is_late(operation):
            self._cancel(action, operation, restore)
            operation.fail(TIMED_OUT)
        elif operation.phase == NEW and operation.started:
            operation.phase = IN_PROGRESS

    def _lose(self, operation: ItemOperation, error: ActionError | ConnectionFailedError) -> None:
        """Fails the operation, unless the error may pass and there is patience left."""
        if self._patience and may_pass(error):
            now = self._clock.monotonic()
            if now - self._silent_since.setdefault(operation.key, now) < self._patience:
                return
            if isinstance(error, ConnectionFailedError):
                raise error
        operation.fail(str(error))

    def _is_late(self, operation: ItemOperation) -> bool:
        begun = seconds_of(operation.created)
        if begun is None:
            operation.created = timestamp(self._clock.now())
            return False
        return begun + self._timeout < self._clock.now()

    def _cancel(self, action: ItemAction, operation: ItemOperation, restore: Manifest) -> None:
        try:
            with isolated(action):
                action.cancel(operation.operation_id, restore)
        except (ActionError, ConnectionFailedError):
            # Nobody waits for the operation any more, whether it ends or not.
            return


def _values(operation: ItemOperation) -> tuple[object, ...]:
    return tuple(getattr(operation, name) for name in (*_NUMBERS, *_TIMES))


def _take_over(operation: ItemOperation, progress: OperationProgress) -> None:
    for name in _NUMBERS:
        setattr(operation, name, getattr(progress, name))
    for name in _TIMES:
        setattr(operation, name, getattr(progress, name) or getattr(operation, name))
    if progress.completed and progress.err:
        operation.fail(progress.err)
    elif progress.completed:
        operation.phase = COMPLETED
