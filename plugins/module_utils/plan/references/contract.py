# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a finder of references gets and gives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol


class ItemId(NamedTuple):
    """Where an item lies in the backup; ``namespace`` is empty at cluster scope."""

    gr: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Reference:
    """One object that another one names.

    ``field`` says where, for people. Without an ``optional`` one the object works, or the cluster
    makes it by itself.
    """

    target: ItemId
    field: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """The object whose references are looked for."""

    id: ItemId
    obj: Mapping[str, Any]


class Surroundings(Protocol):
    """What a finder may ask about the rest of the backup."""

    def names(self, gr: str, namespace: str) -> Collection[str]:
        """Returns the names of the items in this place."""

    def resource_of(self, api_version: str, kind: str) -> str:
        """Returns the group-resource of a kind, or nothing when it is not known."""


Finder = Callable[[Subject, Surroundings], Iterable[Reference]]
# By group-resource; one resource may be in several families.
Finders = Mapping[str, Finder]
