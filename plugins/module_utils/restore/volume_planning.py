# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The volumes in the plan of a restore."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.items import CREATED, ItemOutcome
from ansible_collections.velero.core.plugins.module_utils.model.names import namespaced_name
from ansible_collections.velero.core.plugins.module_utils.model.request import Settings
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.model.volumes import (
    BackupVolumes,
    Obstacle,
)
from ansible_collections.velero.core.plugins.module_utils.plan.filters import IncludesExcludes
from ansible_collections.velero.core.plugins.module_utils.plan.scope import scope_of
from ansible_collections.velero.core.plugins.module_utils.restore.dry_run import DryRunCluster
from ansible_collections.velero.core.plugins.module_utils.restore.planning import (
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
    obstacle: Callable[[str, bool], Obstacle | None],
) -> list[Row]:
    """Returns a row for each volume that the restore would come upon, sorted by name.

    Volumes of pods without a claim come last. ``obstacle`` tells why node agents cannot restore
    data of a namespace of the backup, of pods or moved by claim.
    """
    outcomes = list(outcomes)
    volumes, mapping = plan.volumes(), dict(spec.namespace_mapping or {})
    pods = _pod_volumes(backup, _created_pods(outcomes), mapping)
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
        claim_actions=_claim_actions(outcomes),
        includes_resource=scope_of(spec, api, IncludesExcludes()).includes_resource,
        obstacle=obstacle,
    )
    return [planner.row(volume) for volume in volumes] + [planner.pod_row(*one) for one in pods]


def _claim_actions(outcomes: Iterable[ItemOutcome]) -> dict[Place, str]:
    return {
        (outcome.key.namespace, outcome.key.name): plan_action(outcome)
        for outcome in outcomes
        if outcome.key.api_kind == _CLAIM and outcome.listed
    }


def _created_pods(outcomes: Iterable[ItemOutcome]) -> set[Place]:
    return {
        (outcome.key.namespace, outcome.key.name)
        for outcome in outcomes
        if outcome.key.api_kind == _POD and outcome.action == CREATED
    }


def _pod_volumes(
    backup: BackupVolumes, pods: Collection[Place], mapping: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """Returns pod, volume and source namespace of what pods to be created have without a claim."""
    found = []
    for row in backup.pod_volume_backups:
        row_spec, metadata = row.get("spec") or {}, row.get("metadata") or {}
        pod = row_spec.get("pod") or {}
        namespace = str(pod.get("namespace") or "")
        place = (mapping.get(namespace) or namespace, str(pod.get("name") or ""))
        has_data = bool((row.get("status") or {}).get("snapshotID"))
        claimed = CLAIM_NAME_ANNOTATION in (metadata.get("annotations") or {})
        if has_data and not claimed and place in pods:
            volume = str(row_spec.get("volume") or "")
            found.append((namespaced_name(*place), volume, namespace))
    return sorted(found)
