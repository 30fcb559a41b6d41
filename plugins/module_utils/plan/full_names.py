# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of resources that only definitions in the backup explain.

Velero resolves the names in a restore before its definitions are there: short and unqualified
names of their kinds then filter nothing (reference restore-engine.md section 11, item 53).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ansible_collections.velero.core.plugins.module_utils.model.ports import Catalog
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.plan.definitions import (
    with_definitions_of,
)

_STATUS_LISTS = ("includedResources", "excludedResources")


def with_full_names(spec: RestoreSpec, api: ApiResources, catalog: Catalog) -> RestoreSpec:
    """Returns ``spec`` with such names in full; those that ``api`` or nobody knows stay."""
    status = spec.restore_status or {}
    lists = [spec.included_resources, spec.excluded_resources, *map(status.get, _STATUS_LISTS)]
    if all(api.resolve(name) for names in lists for name in names or () if name != "*"):
        return spec
    known = with_definitions_of(catalog, api)

    def full(names: Iterable[str] | None) -> list[str] | None:
        if names is None:
            return None
        return [name if api.resolve(name) else known.resolve_group_resource(name) for name in names]

    return replace(
        spec,
        included_resources=full(spec.included_resources),
        excluded_resources=full(spec.excluded_resources),
        restore_status=spec.restore_status
        and {**status, **{key: full(status[key]) for key in _STATUS_LISTS if key in status}},
    )
