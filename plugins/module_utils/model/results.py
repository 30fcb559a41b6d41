# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Warnings and errors of a restore by velero / cluster / namespace (pkg/util/results/result.go)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Messages:
    """Texts in order of occurrence, in the three places where Velero's users look for them."""

    velero: list[str] = field(default_factory=list)
    cluster: list[str] = field(default_factory=list)
    namespaces: dict[str, list[str]] = field(default_factory=dict)

    def add(self, namespace: str, text: str) -> None:
        """Adds ``text`` to its namespace, or to the cluster when ``namespace`` is empty."""
        if namespace:
            self.namespaces.setdefault(namespace, []).append(text)
        else:
            self.cluster.append(text)

    def merge(self, other: Messages) -> None:
        """Appends all texts of ``other``."""
        self.velero.extend(other.velero)
        self.cluster.extend(other.cluster)
        for namespace, texts in other.namespaces.items():
            self.namespaces.setdefault(namespace, []).extend(texts)

    @property
    def count(self) -> int:
        """Returns how many texts there are in all."""
        return len(self.velero) + len(self.cluster) + sum(len(t) for t in self.namespaces.values())

    def to_dict(self) -> dict[str, Any]:
        """Returns Velero's JSON form: empty members are left out, namespaces sorted."""
        out: dict[str, Any] = {}
        if self.velero:
            out["velero"] = list(self.velero)
        if self.cluster:
            out["cluster"] = list(self.cluster)
        spaces = {name: list(texts) for name, texts in sorted(self.namespaces.items()) if texts}
        if spaces:
            out["namespaces"] = spaces
        return out

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Messages:
        """Returns the messages of Velero's JSON form; absent and null members are empty."""
        spaces = data.get("namespaces") or {}
        return cls(
            velero=list(data.get("velero") or []),
            cluster=list(data.get("cluster") or []),
            namespaces={name: list(texts or []) for name, texts in spaces.items()},
        )


@dataclass(slots=True)
class Results:
    """Content of a results file."""

    warnings: Messages = field(default_factory=Messages)
    errors: Messages = field(default_factory=Messages)

    def merge(self, other: Results) -> None:
        """Appends the warnings and errors of ``other``."""
        self.warnings.merge(other.warnings)
        self.errors.merge(other.errors)

    @property
    def empty(self) -> bool:
        """Returns whether there is neither a warning nor an error."""
        return not self.warnings.count and not self.errors.count

    def to_dict(self) -> dict[str, Any]:
        """Returns ``{"errors": …, "warnings": …}``; both keys are always there."""
        return {"errors": self.errors.to_dict(), "warnings": self.warnings.to_dict()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Results:
        """Returns the results of a results file."""
        return cls(
            warnings=Messages.from_dict(data.get("warnings") or {}),
            errors=Messages.from_dict(data.get("errors") or {}),
        )
