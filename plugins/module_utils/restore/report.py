# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a finished call returns, and what a plan returns: the same shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.items import ItemOutcome
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.plan.dangling import Dangling


@dataclass(slots=True, kw_only=True)
class RestoreReport:
    """The outcome of one call.

    ``restore`` is the record, a Restore object. ``plan`` and ``volumes`` are there in check mode
    only. ``access`` lists the rights that the plan needs, when it was asked for. ``dangling`` are
    objects that restored ones refer to and that are missing, where they were looked for.
    ``warnings`` are about our own work (a lost upload, a record that could not be kept), not
    about the restore.
    """

    changed: bool
    restore: Manifest
    results: Results = field(default_factory=Results)
    outcomes: list[ItemOutcome] = field(default_factory=list)
    plan: list[dict[str, Any]] | None = None
    volumes: list[dict[str, Any]] = field(default_factory=list)
    artifacts: dict[str, str] = field(default_factory=dict)
    diff: list[dict[str, Any]] = field(default_factory=list)
    dangling: list[Dangling] = field(default_factory=list)
    access: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def phase(self) -> str:
        """Returns the phase of the record."""
        return str((self.restore.get("status") or {}).get("phase") or "")
