# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The volumes in the plan of a restore."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.items import ItemOutcome
from ansible_collections.velero.core.plugins.module_utils.model.names import namespaced_name
from ansible_collections.velero.core.plugins.module_utils.model.request import Settings
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.model.volumes import BackupVolumes
from ansible_collections.velero.core.plugins.module_utils.plan.filters import IncludesExcludes
from ansible_collections.velero.core.plugins.module_utils.plan.scope import scope_of
from ansible_collections.velero.core.plugins.module_utils.restore.dry_run import DryRunCluster
from ansible_collections.velero.core.plugins.module_utils.restore.planning import (
    CREATE,
    plan_action,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.decision import (
    CLAIM_NAME_ANNOTATION,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.plan import (
    VolumePlan,
    VolumePlanner,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.requirements import (
    Requirements,
)

_CLAIM, _POD = "v1/PersistentVolumeClaim", "v1/Pod"

Row = dict[str, Any]
Place = tuple[str, str]


def planned_volumes(
    plan: VolumePlan,
    backup: BackupVolumes,
    dry: DryRunCluster,
    outcomes: Iterable[ItemOutcome],
    spec: RestoreSpec,
    settings: Settings,
) -> list[Row]:
    """Returns a row for each volume that the restore would come upon, sorted by name.

    Volumes of pods without a claim come last.
    """
    actions = _actions(outcomes)
    volumes, mapping = plan.volumes(), dict(spec.namespace_mapping or {})
    pods = _pod_volumes(backup, actions.get(_POD, {}), mapping)
    if not volumes and not pods:
        return []
    api = dry.discover()
    requirements = Requirements(dry, api, settings.velero_namespace)
    planner = VolumePlanner(
        backup,
        dry,
        requirements,
        restore_pvs=spec.restore_pvs,
        namespace_mapping=mapping,
        claim_actions=actions.get(_CLAIM, {}),
        includes_resource=scope_of(spec, api, IncludesExcludes()).includes_resource,
    )
    return [planner.row(volume) for volume in volumes] + [planner.pod_row(*one) for one in pods]


def _actions(outcomes: Iterable[ItemOutcome]) -> dict[str, dict[Place, str]]:
    found: dict[str, dict[Place, str]] = {}
    for outcome in outcomes:
        key = outcome.key
        if key.api_kind in (_CLAIM, _POD) and outcome.listed:
            found.setdefault(key.api_kind, {})[key.namespace, key.name] = plan_action(outcome)
    return found


def _pod_volumes(
    backup: BackupVolumes, pods: Mapping[Place, str], mapping: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Returns pod and volume of what was backed up of pods to be created, without a claim."""
    found = []
    for row in backup.pod_volume_backups:
        row_spec, metadata = row.get("spec") or {}, row.get("metadata") or {}
        pod = row_spec.get("pod") or {}
        namespace = str(pod.get("namespace") or "")
        place = (mapping.get(namespace) or namespace, str(pod.get("name") or ""))
        has_data = bool((row.get("status") or {}).get("snapshotID"))
        claimed = CLAIM_NAME_ANNOTATION in (metadata.get("annotations") or {})
        if has_data and not claimed and pods.get(place) == CREATE:
            found.append((namespaced_name(*place), str(row_spec.get("volume") or "")))
    return sorted(found)
