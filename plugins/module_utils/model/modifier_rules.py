# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resource modifiers: rules that change objects on their way into the cluster.

Source: internal/resourcemodifiers/resource_modifiers.go, reference restore-item-actions.md
section 5.2. All values are texts, as they are there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Match:
    """A value that an object must have; ``path`` is a JSON pointer."""

    path: str
    value: str


@dataclass(frozen=True, slots=True)
class JsonOperation:
    """One operation of a JSON patch."""

    operation: str
    path: str
    origin: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModifierRule:
    """What an object must be like, and how it is changed then.

    ``group_resource`` and ``namespaces`` are globs, ``name_regex`` is an expression of Go and
    ``label_selector`` has its JSON form. Merge and strategic patches are texts of YAML.
    """

    group_resource: str = ""
    namespaces: tuple[str, ...] = ()
    name_regex: str = ""
    label_selector: dict[str, Any] | None = None
    matches: tuple[Match, ...] = ()
    patches: tuple[JsonOperation, ...] = ()
    merge_patches: tuple[str, ...] = ()
    strategic_patches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Modifiers:
    """Rules in the order in which they are applied."""

    version: str = ""
    rules: tuple[ModifierRule, ...] = ()
