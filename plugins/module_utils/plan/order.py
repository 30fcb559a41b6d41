# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order in which resources are restored (pkg/restore/restore.go:403, pkg/types/priority.go).

Source: reference restore-engine.md section 2.8.
"""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.velero.core.plugins.module_utils.model.request import Priorities


def ordered_resources(priorities: Priorities, in_backup: Iterable[str]) -> list[str]:
    """Returns high priorities, the other resources of the backup by name, then low priorities."""
    named = {*priorities.high, *priorities.low}
    others = sorted(gr for gr in in_backup if gr not in named)
    return [*priorities.high, *others, *priorities.low]
