# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a restore leaves dangling: objects that restored ones refer to and that are missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.names import resource_id
from ansible_collections.velero.core.plugins.module_utils.plan.dependencies import (
    Dependencies,
    LeftOut,
)
from ansible_collections.velero.core.plugins.module_utils.plan.references.contract import ItemId

_MOST_REFERRERS = 10


@dataclass(slots=True)
class Dangling:
    """An object that is missing, with the objects (and fields) that refer to it."""

    target: ItemId
    reason: str
    referrers: list[tuple[ItemId, str]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Returns the entry as modules report it; of many referrers the first ones."""
        return {
            "id": resource_id(*self.target),
            "reason": self.reason,
            "referrers": [
                {"id": resource_id(*item), "field": where}
                for item, where in self.referrers[:_MOST_REFERRERS]
            ],
            "referrer_count": len(self.referrers),
        }


def left_dangling(selected: Iterable[ItemId], dependencies: Dependencies) -> list[Dangling]:
    """Returns what the items of a restore refer to and the restore leaves out, sorted.

    Whether it is in the cluster all the same is not known here.
    """
    chosen = set(selected)
    found: dict[ItemId, Dangling] = {}
    for item in sorted(chosen):
        for reference in dependencies.references(item):
            target = reference.target
            if reference.optional or target in chosen:
                continue
            if target not in found:
                reason = dependencies.left_out(target) or LeftOut.NOT_SELECTED
                found[target] = Dangling(target, reason)
            found[target].referrers.append((item, reference.field))
    return [found[target] for target in sorted(found)]


def in_words(dangling: Dangling) -> str:
    """Returns a sentence for people."""
    (first, where), *others = dangling.referrers
    who = resource_id(*first)
    who += f" and {len(others)} more refer" if others else " refers"
    return (
        f"{who} to {resource_id(*dangling.target)} ({where}), which is not restored "
        f"({dangling.reason}) and not in the cluster."
    )
