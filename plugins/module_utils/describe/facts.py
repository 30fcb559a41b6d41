# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that a description of a restore tells of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.results import Messages, Results

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Absent:
    """Stands for an artifact that cannot be told of; ``why`` is what Velero's client would say."""

    why: str = "file not found"


NOT_FOUND = Absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreFacts:
    """A Restore object, its artifacts, and its PodVolumeRestores.

    ``restore`` has neither spec nor status where nothing but artifacts is left of the restore.
    ``pod_volume_restores`` are known to the cluster only.
    """

    restore: Manifest
    results: Results | Absent = NOT_FOUND
    resource_list: dict[str, list[str]] | Absent = NOT_FOUND
    item_operations: Rows | Absent = NOT_FOUND
    volume_info: Rows | Absent = NOT_FOUND
    pod_volume_restores: list[Manifest] = field(default_factory=list)

    @property
    def metadata(self) -> dict[str, Any]:
        """Returns the metadata of the Restore."""
        return self.restore.get("metadata") or {}

    @property
    def spec(self) -> dict[str, Any]:
        """Returns the spec of the Restore."""
        return self.restore.get("spec") or {}

    @property
    def status(self) -> dict[str, Any]:
        """Returns the status of the Restore."""
        return self.restore.get("status") or {}

    @property
    def has_record(self) -> bool:
        """Returns whether there is more than artifacts."""
        return bool(self.spec or self.status)

    def count(self, kind: str) -> int:
        """Returns the number of ``warnings`` or ``errors``.

        It is that of the status, which may be higher than what the results hold (reference section
        6.3), and that of the results where there is no record.
        """
        if self.has_record or isinstance(self.results, Absent):
            return int(self.status.get(kind) or 0)
        return self.messages(self.results, kind).count

    @staticmethod
    def messages(results: Results, kind: str) -> Messages:
        """Returns the ``warnings`` or ``errors`` of results."""
        return results.errors if kind == "errors" else results.warnings
