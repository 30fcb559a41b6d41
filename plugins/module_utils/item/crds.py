# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until a CustomResourceDefinition is served (reference section 4.17)."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

_KNOWN_VERSIONS = ("v1", "v1beta1")
_CONDITIONS = ("Established", "NamesAccepted")
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


def is_established(crd: Manifest) -> bool:
    """Returns whether the definition is Established and its names are accepted."""
    conditions = (crd.get("status") or {}).get("conditions") or []
    true = {item.get("type") for item in conditions if item.get("status") == "True"}
    return true.issuperset(_CONDITIONS)


def wait_for_crd(
    cluster: Cluster, clock: Clock, resource: ApiResource, crd: Manifest, timeout: float
) -> str:
    """Waits at most ``timeout`` seconds; returns an empty text, or why the wait failed."""
    if resource.version not in _KNOWN_VERSIONS:
        return f"unable to handle CRD with version {resource.version}"
    deadline = clock.monotonic() + timeout
    pause = _FIRST_PAUSE
    while not is_established(crd):
        if clock.monotonic() >= deadline:
            return "context deadline exceeded"
        clock.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
        try:
            crd = cluster.get(resource, "", crd["metadata"]["name"])
        except ApiError as error:
            return error.message
    return ""
