# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The name of a restore that was given none: the same task twice is the same restore."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec

_DIGITS = 10


def derived_name(
    spec: RestoreSpec, cluster_uid: str, velero_namespace: str, refinement: Mapping[str, str]
) -> str:
    """Returns ``<backup>-<10 hex digits>`` of a hash over spec, cluster and Velero namespace.

    ``spec`` is the defaulted one, so that a newer backup of a schedule gives a new name.
    ``refinement`` is what is asked for beyond the spec.
    """
    hashed = {"spec": spec.to_dict(), "cluster": cluster_uid, "namespace": velero_namespace}
    if refinement:
        hashed["refinement"] = dict(refinement)
    text = json.dumps(hashed, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{spec.backup_name}-{digest[:_DIGITS]}"


def differing_fields(recorded: RestoreSpec, wanted: RestoreSpec) -> list[str]:
    """Returns the names of the spec fields (as in the custom resource) that differ, sorted."""
    old, new = recorded.to_dict(), wanted.to_dict()
    return sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
