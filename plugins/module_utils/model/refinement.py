# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a restore may ask for beyond Velero's Restore: which items, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRules:
    """Rules that are added to the order of resources; names as users write them.

    ``before`` holds pairs: the first of a pair is restored before the second.
    """

    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    before: tuple[tuple[str, str], ...] = ()

    @property
    def given(self) -> bool:
        """Returns whether there is any rule."""
        return bool(self.first or self.last or self.before)

    def to_dict(self) -> dict[str, Any]:
        """Returns the form in which a record keeps them; empty lists are left out."""
        pairs = [{"first": first, "then": then} for first, then in self.before]
        lists = {"first": list(self.first), "last": list(self.last), "before": pairs}
        return {key: value for key, value in lists.items() if value}
