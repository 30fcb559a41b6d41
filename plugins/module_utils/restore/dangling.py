# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of the objects that a restore leaves dangling are missing in the cluster, too."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.velero.core.plugins.module_utils.item.existing import ExistingObjects
from ansible_collections.velero.core.plugins.module_utils.model.items import ItemOutcome
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.plan.dangling import Dangling
from ansible_collections.velero.core.plugins.module_utils.plan.references.contract import ItemId
from ansible_collections.velero.core.plugins.module_utils.plan.scope import Scope


def still_dangling(
    found: Iterable[Dangling],
    outcomes: Iterable[ItemOutcome],
    api: ApiResources,
    scope: Scope,
    existing: ExistingObjects,
) -> list[Dangling]:
    """Returns those whose target is neither restored (by an item action, say) nor in the cluster.

    What the server does not let us look at counts as missing.
    """
    there = _restored(outcomes, api)
    left = [entry for entry in found if _target(entry, scope) not in there]
    places: dict[tuple[str, str], list[str]] = {}
    for entry in left:
        gr, namespace, name = _target(entry, scope)
        places.setdefault((gr, namespace), []).append(name)
    missing: set[ItemId] = set()
    for (gr, namespace), names in places.items():
        resource = api.resolve(gr)
        if resource is None or resource.group_resource != gr:
            missing.update(ItemId(gr, namespace, name) for name in names)
            continue
        existing.look(resource, namespace, names)
        for name in names:
            if existing.take(resource, namespace, name) is None:
                missing.add(ItemId(gr, namespace, name))
    existing.clear()
    return [entry for entry in left if _target(entry, scope) in missing]


def _target(entry: Dangling, scope: Scope) -> ItemId:
    gr, namespace, name = entry.target
    return ItemId(gr, scope.target(namespace) if namespace else "", name)


def _restored(outcomes: Iterable[ItemOutcome], api: ApiResources) -> set[ItemId]:
    there: set[ItemId] = set()
    for outcome in outcomes:
        api_version, _slash, kind = outcome.key.api_kind.rpartition("/")
        group, _slash, version = api_version.rpartition("/")
        resource = api.by_kind(group, version, kind)
        if resource is not None and outcome.exists:
            name = outcome.created_name or outcome.key.name
            there.add(ItemId(resource.group_resource, outcome.key.namespace, name))
    return there
