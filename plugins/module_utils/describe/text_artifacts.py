# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a description that tell of artifacts and of volumes.

Source: pkg/cmd/util/output/restore_describer.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.describe.facts import (
    NOT_FOUND,
    Absent,
    RestoreFacts,
)
from ansible_collections.velero.core.plugins.module_utils.describe.values import (
    NONE,
    shown_time,
)
from ansible_collections.velero.core.plugins.module_utils.describe.volumes import (
    csi_volumes,
    pod_volumes,
)
from ansible_collections.velero.core.plugins.module_utils.model.names import group_resource
from ansible_collections.velero.core.plugins.module_utils.model.results import Messages

Lines = Iterator[str]

_CSI_LABELS = {
    "vscName": "Snapshot Content Name",
    "snapshotHandle": "Storage Snapshot ID",
    "driver": "CSI Driver",
    "operationID": "Operation ID",
    "dataMover": "Data Mover",
    "uploaderType": "Uploader Type",
}


def results_part(facts: RestoreFacts) -> Lines:
    """Yields the warnings and errors, where the status counts any."""
    kinds = [kind for kind in ("warnings", "errors") if facts.count(kind)]
    if not kinds:
        return
    if isinstance(facts.results, Absent):
        yield f"Warnings:\t<error getting warnings: {facts.results.why}>"
        yield ""
        yield f"Errors:\t<error getting errors: {facts.results.why}>"
        return
    for kind in kinds:
        yield ""
        yield f"{kind.capitalize()}:"
        yield from _messages(facts.messages(facts.results, kind))


def _messages(messages: Messages) -> Lines:
    yield from _texts("\t", "Velero", messages.velero)
    yield from _texts("\t", "Cluster", messages.cluster)
    if not messages.namespaces:
        yield f"\tNamespaces: {NONE}"
        return
    yield "\tNamespaces:"
    for namespace in sorted(messages.namespaces):
        yield from _texts("\t\t", namespace, messages.namespaces[namespace])


def _texts(indent: str, title: str, texts: list[str]) -> Lines:
    lead = f"{indent}{title}:\t"
    for text in texts:
        yield f"{lead}{text}"
        lead = f"{indent}\t"
    if not texts:
        yield f"{lead}{indent}{NONE}"


def pod_volumes_part(facts: RestoreFacts) -> Lines:
    """Yields the volumes restored from the file system, where there are any."""
    found = pod_volumes(facts.pod_volume_restores)
    if found is None:
        return
    yield ""
    yield f"{found.uploader} Restores:"
    for phase, pods in found.by_phase.items():
        yield f"\t{phase}:"
        for pod, volumes in pods.items():
            yield f"\t\t{pod}: {', '.join(volumes)}"


def csi_part(facts: RestoreFacts) -> Lines:
    """Yields the volumes restored from CSI snapshots."""
    if isinstance(facts.volume_info, Absent):
        # Old versions of Velero wrote no such file.
        if facts.volume_info != NOT_FOUND:
            yield f"\t<error getting restore volume info: {facts.volume_info.why}>"
        return
    volumes = csi_volumes(facts.volume_info)
    yield ""
    yield "CSI Snapshot Restores:" if volumes else "CSI Snapshot Restores: <none included>"
    for volume in volumes:
        yield f"\t{volume.claim}:"
        yield "\t\tData Movement:" if volume.moved else "\t\tSnapshot:"
        for name, value in volume.info.items():
            yield f"\t\t\t{_CSI_LABELS[name]}: {value}"


def operations_part(facts: RestoreFacts) -> Lines:
    """Yields the asynchronous operations of item actions."""
    yield ""
    if not facts.status.get("restoreItemOperationsAttempted"):
        return
    if isinstance(facts.item_operations, Absent):
        why = facts.item_operations.why
        yield f"Restore Item Operations:\t<error getting operation info: {why}>"
        return
    yield "Restore Item Operations:"
    for operation in facts.item_operations:
        yield from _operation(operation.get("spec") or {}, operation.get("status") or {})


def _operation(spec: Mapping[str, Any], status: Mapping[str, Any]) -> Lines:
    item = spec.get("resourceIdentifier") or {}
    resource = group_resource(str(item.get("Resource") or ""), str(item.get("Group") or ""))
    yield f"\tOperation for {resource} {item.get('Namespace', '')}/{item.get('Name', '')}:"
    yield f"\t\tRestore Item Action Plugin:\t{spec.get('restoreItemAction', '')}"
    yield f"\t\tOperation ID:\t{spec.get('operationID', '')}"
    yield f"\t\tPhase:\t{status.get('phase', '')}"
    if status.get("error"):
        yield f"\t\tOperation Error:\t{status['error']}"
    total, done = status.get("nTotal") or 0, status.get("nCompleted") or 0
    if total > 0 or done > 0:
        yield f"\t\tProgress:\t{done} of {total} complete ({status.get('operationUnits') or ''})"
    if status.get("description"):
        yield f"\t\tProgress description:\t{status['description']}"
    for moment in ("created", "started", "updated"):
        if status.get(moment):
            yield f"\t\t{moment.capitalize()}:\t{shown_time(status[moment])}"


def resource_list_part(facts: RestoreFacts) -> Lines:
    """Yields what became of each item."""
    yield ""
    if isinstance(facts.resource_list, Absent):
        why = facts.resource_list.why
        if facts.resource_list == NOT_FOUND:
            yield "Resource List:\t<restore resource list not found>"
        else:
            yield f"Resource List:\t<error getting restore resource list: {why}>"
        return
    yield "Resource List:"
    for api_kind in sorted(facts.resource_list):
        yield f"\t{api_kind}:"
        for item in facts.resource_list[api_kind]:
            yield f"\t\t- {item}"
