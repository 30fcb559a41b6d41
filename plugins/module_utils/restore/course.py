# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A restore after its items: what the stages that follow hand on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model import phases
from ansible_collections.velero.core.plugins.module_utils.model.items import resource_list
from ansible_collections.velero.core.plugins.module_utils.model.operations import (
    COMPLETED,
    FAILED,
    ItemOperation,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.restore import manifest
from ansible_collections.velero.core.plugins.module_utils.restore.context import RestoreContext
from ansible_collections.velero.core.plugins.module_utils.restore.engine_data import EngineOutput
from ansible_collections.velero.core.plugins.module_utils.restore.record import phase_of
from ansible_collections.velero.core.plugins.module_utils.storage.artifacts import (
    RestoreArtifacts,
)

_CLAIMS = "v1/PersistentVolumeClaim"
_CREATED = "(created)"


@dataclass(slots=True, kw_only=True)
class Course:
    """The record, and what the artifacts hold or will hold.

    ``is_stored`` tells whether they hold all that the next run needs to go on from here.
    """

    record: Manifest
    results: Results
    resource_list: dict[str, list[str]]
    operations: list[ItemOperation] = field(default_factory=list)
    is_stored: bool = True

    @classmethod
    def of_items(cls, record: Manifest, output: EngineOutput) -> Course:
        """Returns a restore whose items are done."""
        return cls(
            record=record,
            results=output.results,
            resource_list=resource_list(output.outcomes),
            operations=output.operations,
        )

    def advance(self, phase: str, **status: Any) -> None:
        """Brings the record to a phase; raises RecordError when it may not follow."""
        self.record = manifest.with_phase(self.record, phase, **status)

    def keep_record(self, context: RestoreContext) -> None:
        """Writes the record to the storage, if the next run can go on from it."""
        if self.is_stored or self.phase in phases.TERMINAL:
            context.keep_record(self.record)

    @property
    def phase(self) -> str:
        """Returns the phase of the record."""
        return phase_of(self.record)

    @property
    def waits(self) -> bool:
        """Returns whether the record is in a phase of waiting for operations."""
        return self.phase in (phases.WAITING, phases.WAITING_PARTIALLY_FAILED)

    @property
    def created_claims(self) -> frozenset[str]:
        """Returns the claims that were created, as ``<target namespace>/<name>``.

        Source: reference restore-engine.md section 4.15.
        """
        listed = self.resource_list.get(_CLAIMS, [])
        return frozenset(one.removesuffix(_CREATED) for one in listed if one.endswith(_CREATED))

    def rows(self) -> list[dict[str, Any]]:
        """Returns the operations as they are stored."""
        return operation_rows(self.record, self.operations)

    def counts(self) -> dict[str, Any]:
        """Returns the members of the status that count messages and operations."""
        ended = Counter(operation.phase for operation in self.operations)
        return {
            "warnings": self.results.warnings.count,
            "errors": self.error_count,
            "restoreItemOperationsAttempted": len(self.operations),
            "restoreItemOperationsCompleted": ended[COMPLETED],
            "restoreItemOperationsFailed": ended[FAILED],
        }

    @property
    def error_count(self) -> int:
        """Returns the errors of the results and of operations that are not among them."""
        return self.results.errors.count + len(self._untold_failures())

    def tell_failures(self) -> bool:
        """Adds the errors of operations that the results lack; returns whether there were any.

        However often a run is cut off between writing the one and the other, each is told once.
        """
        missing = self._untold_failures()
        self.results.errors.velero.extend(missing)
        return bool(missing)

    def _untold_failures(self) -> list[str]:
        texts = Counter(
            f"error from restore item operation: {operation.error}"
            for operation in self.operations
            if operation.phase == FAILED
        )
        return list((texts - Counter(self.results.errors.velero)).elements())


def operation_rows(record: Manifest, operations: Sequence[ItemOperation]) -> list[dict[str, Any]]:
    """Returns operations in Velero's form."""
    metadata = record["metadata"]
    name, uid = str(metadata["name"]), str(metadata.get("uid") or "")
    return [operation.to_dict(name, uid) for operation in operations]


def recorded_course(record: Manifest, artifacts: RestoreArtifacts) -> Course:
    """Returns a restore as an earlier run has left it. Raises StorageError for damaged files."""
    return Course(
        record=record,
        results=artifacts.read_results(),
        resource_list=artifacts.read_resource_list(),
        operations=[ItemOperation.from_dict(row) for row in artifacts.read_item_operations()],
    )
