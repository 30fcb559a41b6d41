# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Availability zones in PersistentVolumes, for volumes that are made in another zone."""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

_ZONE_SUFFIX = "/zone"


def remap_zone(pv: Manifest, old: str, new: str) -> None:
    """Follows in place from zone ``old`` to ``new``: zone labels and required node affinity.

    Keys are those that end in ``/zone``, as ``topology.kubernetes.io/zone`` and those of drivers.
    """
    if not old or old == new:
        return
    labels = pv["metadata"].get("labels") or {}
    for key, value in labels.items():
        if key.endswith(_ZONE_SUFFIX) and value == old:
            labels[key] = new
    affinity = (pv.get("spec") or {}).get("nodeAffinity") or {}
    for term in (affinity.get("required") or {}).get("nodeSelectorTerms") or []:
        for expression in term.get("matchExpressions") or []:
            if str(expression.get("key", "")).endswith(_ZONE_SUFFIX):
                expression["values"] = _replaced(expression.get("values") or [], old, new)


def _replaced(values: list[Any], old: str, new: str) -> list[Any]:
    return [new if value == old else value for value in values]
