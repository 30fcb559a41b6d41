# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All finders of references."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.velero.core.plugins.module_utils.plan.definitions import CRD_GR
from ansible_collections.velero.core.plugins.module_utils.plan.references import (
    access,
    extensions,
    networking,
    pods,
    scaling,
    volumes,
)
from ansible_collections.velero.core.plugins.module_utils.plan.references.contract import (
    Finders,
    ItemId,
    Reference,
    Subject,
    Surroundings,
)

FAMILIES: tuple[Finders, ...] = (
    pods.FINDERS,
    volumes.FINDERS,
    networking.FINDERS,
    access.FINDERS,
    extensions.FINDERS,
    scaling.FINDERS,
)


def names_others(gr: str) -> bool:
    """Returns whether objects of this resource have to be read to know what they refer to."""
    return any(gr in family for family in FAMILIES)


def references_of(subject: Subject, around: Surroundings) -> Iterator[Reference]:
    """Yields all references of an object, but none to itself."""
    for family in FAMILIES:
        finder = family.get(subject.id.gr)
        if finder is not None:
            for reference in finder(subject, around):
                if reference.target != subject.id:
                    yield reference


def definition_of(gr: str, around: Surroundings) -> ItemId | None:
    """Returns the definition that a custom resource needs, if the backup has one."""
    return ItemId(CRD_GR, "", gr) if gr in around.names(CRD_GR, "") else None
