# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of ``velero restore describe --details``.

The order of the parts, their words and their tabs are those of
pkg/cmd/util/output/restore_describer.go; namespaces of messages, which Velero prints in random
order, are sorted. Times are in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.describe.facts import (
    RestoreFacts,
)
from ansible_collections.velero.core.plugins.module_utils.describe.tabwriter import aligned
from ansible_collections.velero.core.plugins.module_utils.describe.text_artifacts import (
    csi_part,
    operations_part,
    pod_volumes_part,
    resource_list_part,
    results_part,
)
from ansible_collections.velero.core.plugins.module_utils.describe.text_spec import (
    map_lines,
    policies_part,
    scope_part,
    selectors_part,
)
from ansible_collections.velero.core.plugins.module_utils.describe.values import (
    UNKNOWN,
    shown_time,
)
from ansible_collections.velero.core.plugins.module_utils.model import phases

Lines = Iterator[str]


def describe_text(facts: RestoreFacts) -> str:
    """Returns the description, with a line feed at its end."""
    parts = (
        _metadata(facts.metadata),
        _phase(facts),
        _times(facts.status),
        results_part(facts),
        scope_part(facts.spec),
        selectors_part(facts.spec),
        pod_volumes_part(facts),
        csi_part(facts),
        policies_part(facts.spec),
        operations_part(facts),
        _hooks(facts.status),
        resource_list_part(facts),
    )
    return aligned("".join(f"{line}\n" for part in parts for line in part))


def _metadata(metadata: Mapping[str, Any]) -> Lines:
    yield f"Name:\t{metadata.get('name', '')}"
    yield f"Namespace:\t{metadata.get('namespace', '')}"
    yield from map_lines("Labels", metadata.get("labels"))
    yield from map_lines("Annotations", metadata.get("annotations"))


def _phase(facts: RestoreFacts) -> Lines:
    phase = str(facts.status.get("phase") or phases.NEW)
    note = ""
    if phase in (phases.FAILED, phases.PARTIALLY_FAILED):
        name = facts.metadata.get("name", "")
        note = f" (run 'velero restore logs {name}' for more information)"
    deleting = " (Deleting)" if facts.metadata.get("deletionTimestamp") else ""
    yield ""
    yield f"Phase:\t{phase if facts.has_record else UNKNOWN}{deleting}{note}"
    progress = facts.status.get("progress")
    if progress is None:
        return
    total, done = progress.get("totalItems") or 0, progress.get("itemsRestored") or 0
    if phase == phases.IN_PROGRESS:
        yield f"Estimated total items to be restored:\t{total}"
        yield f"Items restored so far:\t{done}"
    else:
        yield f"Total items to be restored:\t{total}"
        yield f"Items restored:\t{done}"


def _times(status: Mapping[str, Any]) -> Lines:
    yield ""
    yield f"Started:\t{shown_time(status.get('startTimestamp'))}"
    yield f"Completed:\t{shown_time(status.get('completionTimestamp'))}"
    lead = "Validation errors:"
    for error in status.get("validationErrors") or []:
        if lead:
            yield ""
        yield f"{lead}\t{error}"
        lead = ""


def _hooks(status: Mapping[str, Any]) -> Lines:
    hooks = status.get("hookStatus")
    if hooks is not None:
        yield ""
        yield f"HooksAttempted: \t{hooks.get('hooksAttempted') or 0}"
        yield f"HooksFailed: \t{hooks.get('hooksFailed') or 0}"
