# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The volumes of one restore: what the steps for items need, put together."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field

from ansible_collections.velero.core.plugins.module_utils.item.resume import EarlierRun
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    VolumeError,
)
from ansible_collections.velero.core.plugins.module_utils.model.items import (
    CREATED,
    ItemOutcome,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import CLAIMS
from ansible_collections.velero.core.plugins.module_utils.model.names import namespaced_name
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Catalog,
    Clock,
    Cluster,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import Settings
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.model.volumes import (
    POD_VOLUME_BACKUP,
    BackupVolumes,
    RestoredVolume,
    VolumeDecision,
)
from ansible_collections.velero.core.plugins.module_utils.plan.scope import Scope
from ansible_collections.velero.core.plugins.module_utils.volumes.data_uploads import (
    DataUploadResults,
    uploaded_claims,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.decision import claim_ref, decide
from ansible_collections.velero.core.plugins.module_utils.volumes.locations import (
    SnapshotLocations,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.lost_data import (
    pod_of,
    why_lost,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.native import (
    NativeVolumes,
    name_of,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.plan import VolumePlan
from ansible_collections.velero.core.plugins.module_utils.volumes.registry import (
    ProviderSnapshotters,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.snapshot_action import (
    RestoreSnapshot,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.snapshotter import Snapshotters
from ansible_collections.velero.core.plugins.module_utils.volumes.tracker import VolumeTracker

_CLAIM, _POD = "v1/PersistentVolumeClaim", "v1/Pod"
_CLONE = "velero-clone-"
_CLONES = uuid.UUID("2c4c0f8b-3b0e-5e0e-9f3b-6d3d4d0f7a51")


@dataclass(slots=True, kw_only=True)
class VolumeInput:
    """What the engine is given about volumes.

    ``tracker`` collects what happens to them, ``plan`` (where nothing happens) what would.
    ``snapshotters`` and ``rename`` (the name of a volume that cannot keep its own) are replaced
    by tests.
    """

    backup: BackupVolumes = field(default_factory=BackupVolumes)
    tracker: VolumeTracker = field(default_factory=VolumeTracker)
    snapshotters: Snapshotters | None = None
    rename: Callable[[str], str] | None = None
    plan: VolumePlan = field(default_factory=VolumePlan)


class RestoreVolumes:
    """Implements what item/volumes.py asks for."""

    def __init__(
        self,
        given: VolumeInput,
        cluster: Cluster,
        clock: Clock,
        scope: Scope,
        *,
        spec: RestoreSpec,
        settings: Settings,
        restore: Manifest,
        earlier: EarlierRun,
        warn: Callable[[str], None],
        plans: bool,
        catalog: Catalog,
    ) -> None:
        self._backup, self._catalog = given.backup, catalog
        self._strict = settings.strict
        self._plan = given.plan
        self._cluster = cluster
        self._scope = scope
        self._spec = spec
        self._features = settings.features
        uploaded = uploaded_claims(catalog) if plans else ()
        self._data_uploads = DataUploadResults(cluster, restore, warn, uploaded)
        uid = str(restore["metadata"].get("uid") or "")
        locations = SnapshotLocations(
            cluster, settings.velero_namespace, settings.volume_snapshot_locations
        )
        action = RestoreSnapshot(
            given.backup,
            locations.read,
            given.snapshotters or ProviderSnapshotters(clock, settings.resource_timeout),
            given.tracker,
            restore_pvs=spec.restore_pvs,
            restore_uid=uid,
            zones=settings.zone_mapping,
            strict=settings.strict,
            plan=plans,
        )
        self._native = NativeVolumes(
            cluster,
            clock,
            action,
            given.tracker,
            namespace_mapping=scope.namespace_mapping,
            rename=given.rename or (lambda name: clone_name(uid, name)),
            made=earlier.made,
            timeout=0.0 if plans else settings.terminating_resource_timeout,
        )

    def decide(self, pv: Manifest) -> VolumeDecision:
        """Returns what is done about a PersistentVolume of the backup."""
        decision = decide(pv, self._backup, self._data_uploads.has)
        if name_of(pv):
            self._plan.decided(pv, decision)
        return decision

    def from_snapshot(self, pv: Manifest, log: Callable[[str, str], None]) -> RestoredVolume:
        """Returns a PersistentVolume ready for its creation; raises VolumeError."""
        name = name_of(pv)
        try:
            restored = self._native.restore(pv, log)
        except VolumeError as error:
            self._plan.blocked(name, error.message)
            raise
        self._plan.restored(name, restored)
        return restored

    def lost_data(self, namespace: str, claim: str, volume: str, decision: VolumeDecision) -> str:
        """Returns why nothing would fill a claim that is not in the cluster yet, or nothing."""
        why = why_lost(
            decision,
            self._backup.infos.get(volume),
            restore_pvs=self._spec.restore_pvs,
            features=self._features,
            includes_resource=self._scope.includes_resource,
        )
        if not why or not self._is_new(namespace, claim):
            return ""
        self._plan.blocked(volume, why)
        return why

    def unfilled(self, outcomes: Iterable[ItemOutcome]) -> list[tuple[str, str]]:
        """Returns namespace and text for each new claim whose pod, the way to its data, is not.

        Velero leaves such a claim empty without a word.
        """
        if self._strict or self._spec.restore_pvs is False:
            return []
        items, found = list(outcomes), []
        claims, pods = set(created_claims(items)), set(created_pods(items))
        for volume in self._plan.volumes():
            source = claim_ref(volume.pv)
            if volume.decision.method != POD_VOLUME_BACKUP or source is None:
                continue
            name = str(volume.pv["metadata"]["name"])
            claim, pod = self._target(source), pod_of(self._backup, name, source)
            if claim in claims and pod and self._is_left_out(pod, pods):
                why = (
                    f"persistent volume claim {namespaced_name(*claim)} is empty: its data was "
                    f"backed up through pod {namespaced_name(*pod)}, which was not created"
                )
                self._plan.blocked(name, why)
                found.append((claim[0], why))
        return found

    def _target(self, place: tuple[str, str]) -> tuple[str, str]:
        return self._scope.target(place[0]), place[1]

    def _is_left_out(self, pod: tuple[str, str], created: Container[tuple[str, str]]) -> bool:
        in_backup = pod[1] in self._catalog.items("pods", pod[0])
        return in_backup and self._target(pod) not in created

    def clean_up(self) -> None:
        """Removes what only the running restore needs."""
        self._data_uploads.remove()

    def _is_new(self, namespace: str, claim: str) -> bool:
        try:
            self._cluster.get(CLAIMS, namespace, claim)
        except ApiError:
            return True
        return False


def clone_name(restore_uid: str, name: str) -> str:
    """Returns the name of a copy of the volume ``name``: the same in every run of a restore."""
    return f"{_CLONE}{uuid.uuid5(_CLONES, f'{restore_uid}/{name}')}"


def created_claims(outcomes: Iterable[ItemOutcome]) -> list[tuple[str, str]]:
    """Returns namespace and name of the claims that a restore created (reference section 4.15)."""
    return _created(outcomes, _CLAIM)


def created_pods(outcomes: Iterable[ItemOutcome]) -> list[tuple[str, str]]:
    """Returns namespace and name of the pods that a restore created."""
    return _created(outcomes, _POD)


def _created(outcomes: Iterable[ItemOutcome], api_kind: str) -> list[tuple[str, str]]:
    return [
        (outcome.key.namespace, outcome.created_name or outcome.key.name)
        for outcome in outcomes
        if outcome.listed and outcome.key.api_kind == api_kind and outcome.action == CREATED
    ]
