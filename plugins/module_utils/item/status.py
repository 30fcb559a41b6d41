# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether and how the status of an object is restored (reference section 4.10)."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.velero.core.plugins.module_utils.model.errors import ConflictError
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    RESTORE_STATUS_ANNOTATION,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource
from ansible_collections.velero.core.plugins.module_utils.plan.filters import IncludesExcludes

_ATTEMPTS = 5
_PAUSE = 0.01


def status_wanted(
    obj: Manifest, gr: str, status_filter: IncludesExcludes | None, log: Callable[[str, str], None]
) -> bool:
    """Returns whether the status of ``obj`` is restored; its annotation beats the spec."""
    base = status_filter is not None and status_filter.should_include(gr)
    annotations = obj.get("metadata", {}).get("annotations") or {}
    value = annotations.get(RESTORE_STATUS_ANNOTATION)
    if value is None:
        return base
    word = str(value).strip().lower()
    if word in ("true", "false"):
        return word == "true"
    log(
        "warning",
        f"Invalid annotation value '{value}' on {RESTORE_STATUS_ANNOTATION}, "
        f"using restore spec setting: {str(base).lower()}",
    )
    return base


def restore_status(
    cluster: Cluster, clock: Clock, resource: ApiResource, created: Manifest, wanted: Manifest
) -> Manifest:
    """Writes the status of ``wanted`` to the object ``created`` of it, and returns it.

    What else ``wanted`` has is sent too, as Velero does: most kinds take its annotations and
    finalizers for what they were set to at creation. A conflict is tried again with the newest
    version, five times in all. Raises ApiError.
    """
    name, namespace = created["metadata"]["name"], created["metadata"].get("namespace", "")
    version = created["metadata"].get("resourceVersion")
    kept = {key: value for key, value in wanted["metadata"].items() if key != "managedFields"}
    for attempt in range(_ATTEMPTS):
        metadata = {**kept, "name": name, "resourceVersion": version}
        try:
            body = {**wanted, "metadata": metadata}
            return cluster.replace_status(resource, namespace, name, body)
        except ConflictError:
            if attempt == _ATTEMPTS - 1:
                raise
            clock.sleep(_PAUSE)
            version = cluster.get(resource, namespace, name)["metadata"]["resourceVersion"]
    return created
