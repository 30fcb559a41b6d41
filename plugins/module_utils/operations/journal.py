# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of a restore, stored before the items that they are for.

An operation that was started goes on whatever becomes of this process, and on the next run its
action sees the item and starts none: it must be known from the storage then.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from ansible_collections.velero.core.plugins.module_utils.model.operations import ItemOperation

Write = Callable[[Sequence[ItemOperation]], object]


class OperationJournal:
    """Hands all operations to ``write`` when one is added.

    ``recorded`` are those of an earlier run that was cut off. May be used by several threads:
    those that come while another one writes share the next write.
    """

    def __init__(self, write: Write, recorded: Sequence[ItemOperation] = ()) -> None:
        self._write = write
        self._recorded = {operation.key: operation for operation in recorded}
        self._operations = list(recorded)
        self._list = threading.Lock()
        self._writing = threading.Lock()
        self._written = len(self._operations)

    def add(self, operation: ItemOperation) -> None:
        """Returns when the operation is stored. One that is recorded already stays as it is."""
        if operation.key in self._recorded:
            return
        with self._list:
            self._operations.append(operation)
            wanted = len(self._operations)
        with self._writing:
            if self._written >= wanted:
                return
            with self._list:
                found = list(self._operations)
            self._write(found)
            self._written = len(found)

    def merged(self, started: Sequence[ItemOperation]) -> list[ItemOperation]:
        """Returns the operations of all runs: those ``started`` by this one come last, in order.

        An operation that an earlier run has started too counts from then on.
        """
        keys = {operation.key for operation in started}
        before = [one for key, one in self._recorded.items() if key not in keys]
        return before + [self._recorded.get(one.key, one) for one in started]
