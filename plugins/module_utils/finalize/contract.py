# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wrap-up tasks of a restore: what they get and what they return.

Source: pkg/controller/restore_finalizer_controller.go, reference restore-engine.md section 8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.velero.core.plugins.module_utils.model.operations import ItemOperation
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec

VolumeRow = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalizeInput:
    """What a wrap-up task works on.

    ``restore`` is the record, a Restore object; ``backup_volumes`` are the rows of the backup's
    volume info; ``created_claims`` the claims that this restore has created, as
    ``<target namespace>/<name>``, ``restored_items`` its resource list: what it did with the items
    of each ``apiVersion/Kind``. ``resource_timeout`` (seconds) is the deadline of everything
    that a task waits for. ``strict`` asks for Velero's behaviour where ours is safer. ``log``
    takes a level (info, warning, error) and a text. What a task puts into ``status`` goes into
    the status of the record (``hookStatus``).
    """

    restore: Manifest
    spec: RestoreSpec
    cluster: Cluster
    clock: Clock
    resource_timeout: float
    backup_volumes: Sequence[VolumeRow] = ()
    created_claims: frozenset[str] = frozenset()
    restored_items: Mapping[str, Sequence[str]] = field(default_factory=dict)
    operations: Sequence[ItemOperation] = ()
    strict: bool = False
    log: Callable[[str, str], None] = lambda level, text: None
    status: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Returns the name of the restore."""
        return str(self.restore["metadata"]["name"])

    def target_namespace(self, namespace: str) -> str:
        """Returns the namespace into which the items of a source namespace were restored."""
        return (self.spec.namespace_mapping or {}).get(namespace, namespace)


class FinalizeTask(Protocol):
    """One wrap-up task. It may run again after a crash and must then come to the same end."""

    @property
    def name(self) -> str:
        """Returns what the task does, for the log (a gerund phrase)."""

    def run(self, given: FinalizeInput) -> Results:
        """Does it and returns the warnings and errors for the results file.

        What the API server refuses is in there. Raises ConnectionFailedError and RunAbortedError
        when nothing further can succeed now; the next run then starts all tasks again.
        """
