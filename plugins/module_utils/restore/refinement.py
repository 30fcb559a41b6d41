# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a restore asks for beyond Velero's spec: how it is recorded and checked.

The spec of a Restore has no place for it; the record keeps it in annotations.
"""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Catalog, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.request import RestoreRequest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.plan.definitions import (
    with_definitions_of,
)
from ansible_collections.velero.core.plugins.module_utils.plan.order import ordered_resources
from ansible_collections.velero.core.plugins.module_utils.plan.resource_names import ResourceNames
from ansible_collections.velero.core.plugins.module_utils.plan.resource_order import ResourceOrder
from ansible_collections.velero.core.plugins.module_utils.plan.select_rules import SelectRules

_PREFIX = "velero-core.io/"
_OPTIONS = ("order", "select")
# Kubernetes takes 256 KiB for all annotations of an object, and modules return the record.
_MOST_BYTES = 64_000


def refinement_annotations(request: RestoreRequest) -> dict[str, str]:
    """Returns the annotations of the record, none for what is not asked for."""
    asked: dict[str, dict[str, Any]] = {
        "order": request.order.to_dict(),
        "select": request.selection.to_dict(),
    }
    return {
        _PREFIX + option: json.dumps(value, sort_keys=True, separators=(",", ":"))
        for option, value in asked.items()
        if value
    }


def differing_options(recorded: Manifest, request: RestoreRequest) -> list[str]:
    """Returns the options whose value in the record is another one."""
    old = (recorded.get("metadata") or {}).get("annotations") or {}
    new = refinement_annotations(request)
    keys = ((option, _PREFIX + option) for option in _OPTIONS)
    return [option for option, key in keys if old.get(key) != new.get(key)]


def check_rules(request: RestoreRequest) -> None:
    """Raises RequestError for rules that are wrong in themselves."""
    SelectRules(request.selection.rules, ResourceNames(ApiResources((), {}), ()))
    if sum(len(text.encode()) for text in refinement_annotations(request).values()) > _MOST_BYTES:
        raise RequestError(
            "reading",
            "select and order",
            f"they have more than {_MOST_BYTES} bytes, which the record cannot keep",
            "Select by patterns or labels",
        )


def check_order(request: RestoreRequest, catalog: Catalog, api: ApiResources) -> list[str]:
    """Returns warnings about what has no effect; raises RequestError for a circle."""
    if not request.order.given:
        return []
    names = ResourceNames(with_definitions_of(catalog, api), catalog.group_resources())
    order = ResourceOrder(request.order, names)
    default = ordered_resources(request.settings.priorities, catalog.group_resources())
    order.arrange(names.resolve(name) or name for name in default)
    return [
        f"order names {name}, which is no resource of the cluster or the backup; it has no effect."
        for name in order.unknown
    ]
