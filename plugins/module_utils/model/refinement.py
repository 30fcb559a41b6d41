# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a restore may ask for beyond Velero's Restore: which items, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectRule:
    """Items to restore, or with ``include`` false not to. None: this does not matter.

    ``kinds`` are names of resources; namespaces, names and both sides of annotations are globs.
    ``label_selector`` has the JSON form of Kubernetes.
    """

    kinds: tuple[str, ...] | None = None
    namespaces: tuple[str, ...] | None = None
    names: tuple[str, ...] | None = None
    label_selector: Mapping[str, Any] | None = None
    annotations: Mapping[str, str] | None = None
    include: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Returns the form in which a record keeps it; what does not matter is left out."""
        lists = {"kinds": self.kinds, "namespaces": self.namespaces, "names": self.names}
        out: dict[str, Any] = {key: list(value) for key, value in lists.items() if value}
        if self.label_selector is not None:
            out["labelSelector"] = dict(self.label_selector)
        if self.annotations is not None:
            out["annotations"] = dict(self.annotations)
        return out if self.include else {**out, "include": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Rules beside Velero's filters, and whether what selected items need is restored too."""

    rules: tuple[SelectRule, ...] = ()
    with_dependencies: bool = False

    @property
    def given(self) -> bool:
        """Returns whether it asks for anything."""
        return bool(self.rules) or self.with_dependencies

    def to_dict(self) -> dict[str, Any]:
        """Returns the form in which a record keeps it; empty when it asks for nothing."""
        out: dict[str, Any] = {"rules": [rule.to_dict() for rule in self.rules]}
        if not self.rules:
            out = {}
        return {**out, "withDependencies": True} if self.with_dependencies else out


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
