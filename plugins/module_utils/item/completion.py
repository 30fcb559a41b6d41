# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finished pods and jobs are not restored (pkg/restore/restore.go:2150, reference section 4.1)."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.actions.go_values import nested_string
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


def is_completed(obj: Manifest, gr: str) -> bool:
    """Returns whether ``obj`` of ``gr`` has run to its end. Raises AccessorError."""
    if gr == "pods":
        return nested_string(obj, ["status", "phase"]) in ("Failed", "Succeeded")
    if gr == "jobs.batch":
        return bool(nested_string(obj, ["status", "completionTime"]))
    return False
