# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order in which resources are restored (pkg/restore/restore.go:403, pkg/types/priority.go).

Source: reference restore-engine.md section 2.8.
"""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.request import Priorities

_SEPARATOR = "-"


def ordered_resources(priorities: Priorities, in_backup: Iterable[str]) -> list[str]:
    """Returns high priorities, the other resources of the backup by name, then low priorities."""
    named = {*priorities.high, *priorities.low}
    others = sorted(gr for gr in in_backup if gr not in named)
    return [*priorities.high, *others, *priorities.low]


def parse_priorities(flag: str) -> Priorities:
    """Returns the priorities of Velero's flag ``high1,high2,-,low1``.

    A side that is not given keeps its default. Raises RequestError for a second separator.
    """
    names = [name.strip() for name in flag.split(",") if name.strip()]
    if names.count(_SEPARATOR) > 1:
        raise RequestError(
            "reading", "restore_resource_priorities", 'multiple priority separator "-" found'
        )
    at = names.index(_SEPARATOR) if _SEPARATOR in names else len(names)
    default = Priorities()
    return Priorities(
        high=tuple(names[:at]) or default.high, low=tuple(names[at + 1 :]) or default.low
    )
