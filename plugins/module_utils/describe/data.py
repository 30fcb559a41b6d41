# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A description of a restore as plain data.

Velero has such a form for backups only. This one holds what the text tells, under names like those
of pkg/cmd/util/output/backup_structured_describer.go; lists stay lists and times stay timestamps.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.describe.facts import (
    Absent,
    RestoreFacts,
)
from ansible_collections.velero.core.plugins.module_utils.describe.values import (
    EVERYTHING,
    shown_any_selector,
    shown_choice,
    shown_duration,
    shown_selector,
)
from ansible_collections.velero.core.plugins.module_utils.describe.volumes import (
    csi_volumes,
    pod_volumes,
)
from ansible_collections.velero.core.plugins.module_utils.model import phases

Data = dict[str, Any]


def describe_data(facts: RestoreFacts) -> Data:
    """Returns the description; what could not be read is null, and ``missing`` tells why."""
    phase = str(facts.status.get("phase") or phases.NEW) if facts.has_record else ""
    return {
        "metadata": _metadata(facts.metadata),
        "phase": phase,
        "deleting": bool(facts.metadata.get("deletionTimestamp")),
        "validationErrors": list(facts.status.get("validationErrors") or []),
        "warnings": _messages(facts, "warnings"),
        "errors": _messages(facts, "errors"),
        "spec": _spec(facts.spec),
        "status": _status(facts.status),
        "volumes": _volumes(facts),
        "itemOperations": _present(facts.item_operations),
        "resourceList": _present(facts.resource_list),
        "missing": _missing(facts),
    }


def _metadata(metadata: Data) -> Data:
    return {
        "name": metadata.get("name") or "",
        "namespace": metadata.get("namespace") or "",
        "labels": dict(metadata.get("labels") or {}),
        "annotations": dict(metadata.get("annotations") or {}),
    }


def _messages(facts: RestoreFacts, kind: str) -> Data:
    out: Data = {"count": facts.count(kind), "velero": [], "cluster": [], "namespaces": {}}
    if not isinstance(facts.results, Absent):
        out.update(facts.messages(facts.results, kind).to_dict())
    return out


def _spec(spec: Data) -> Data:
    cluster_scoped = shown_choice(spec.get("includeClusterResources"), "excluded", "included")
    return {
        "backup": spec.get("backupName") or "",
        "schedule": spec.get("scheduleName") or "",
        "namespaces": _lists(spec, "Namespaces"),
        "resources": {**_lists(spec, "Resources"), "clusterScoped": cluster_scoped},
        "namespaceMappings": dict(spec.get("namespaceMapping") or {}),
        "labelSelector": shown_selector(spec.get("labelSelector")),
        "orLabelSelector": shown_any_selector(spec.get("orLabelSelectors")),
        "restorePVs": shown_choice(spec.get("restorePVs")),
        "existingResourcePolicy": spec.get("existingResourcePolicy") or "",
        "itemOperationTimeout": shown_duration(spec.get("itemOperationTimeout")),
        "preserveServiceNodePorts": shown_choice(spec.get("preserveNodePorts")),
        "resourceModifier": spec.get("resourceModifier"),
        "uploaderConfig": spec.get("uploaderConfig"),
    }


def _lists(spec: Data, what: str) -> Data:
    return {
        "included": list(spec.get(f"included{what}") or [EVERYTHING]),
        "excluded": list(spec.get(f"excluded{what}") or []),
    }


def _status(status: Data) -> Data:
    progress, hooks = status.get("progress"), status.get("hookStatus")
    return {
        "started": status.get("startTimestamp"),
        "completed": status.get("completionTimestamp"),
        "failureReason": status.get("failureReason") or "",
        "progress": progress and _numbers(progress, "totalItems", "itemsRestored"),
        "itemOperations": {
            word.lower(): int(status.get(f"restoreItemOperations{word}") or 0)
            for word in ("Attempted", "Completed", "Failed")
        },
        "hooks": None if hooks is None else _numbers(hooks, "hooksAttempted", "hooksFailed"),
    }


def _numbers(values: Data, *names: str) -> Data:
    return {name: int(values.get(name) or 0) for name in names}


def _volumes(facts: RestoreFacts) -> Data:
    pods = pod_volumes(facts.pod_volume_restores)
    csi = None if isinstance(facts.volume_info, Absent) else csi_volumes(facts.volume_info)
    return {
        "podVolumeRestores": pods and {"uploaderType": pods.uploader, "phases": pods.by_phase},
        "csiSnapshotRestores": csi
        and [{"claim": each.claim, "dataMoved": each.moved, **each.info} for each in csi],
    }


def _present(artifact: Any) -> Any:
    return None if isinstance(artifact, Absent) else artifact


def _missing(facts: RestoreFacts) -> dict[str, str]:
    artifacts = {
        "results": facts.results,
        "resourceList": facts.resource_list,
        "itemOperations": facts.item_operations,
        "volumeInfo": facts.volume_info,
    }
    return {name: one.why for name, one in artifacts.items() if isinstance(one, Absent)}
