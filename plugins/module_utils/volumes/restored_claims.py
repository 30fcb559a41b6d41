# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the cluster has of the claims that a restore created, right after its items.

Source: reference restore-engine.md section 9.2, internal/volume/volumes_information.go:725.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from ansible_collections.velero.core.plugins.module_utils.actions.csi_names import SNAPSHOT_GROUP
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.kinds import CLAIMS, VOLUMES
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

SNAPSHOTS = ApiResource(SNAPSHOT_GROUP, "v1", "volumesnapshots", "VolumeSnapshot", namespaced=True)
_GET_INSTEAD_OF_LIST = 2

Place = tuple[str, str]
Warn = Callable[[str], None]


@dataclass(slots=True)
class RestoredClaims:
    """``volumes`` names the PersistentVolume of each bound claim, by claim (namespace, name);
    ``snapshots`` are the VolumeSnapshots that claims are made of."""

    volumes: dict[Place, str] = field(default_factory=dict)
    snapshots: dict[Place, Manifest] = field(default_factory=dict)

    def claim_of(self, volume: str) -> Place | None:
        """Returns the claim that is bound to a PersistentVolume."""
        return next((claim for claim, name in self.volumes.items() if name == volume), None)


def read_claims(cluster: Cluster, created: Iterable[Place], warn: Warn) -> RestoredClaims:
    """Returns what is known of the ``created`` claims.

    What cannot be read is told to ``warn`` and left out; a lost connection passes through.
    """
    found = RestoredClaims()
    bound: dict[Place, str] = {}
    for namespace, names in _by_namespace(created).items():
        claims = _read(cluster, CLAIMS, namespace, names, warn)
        sources = {name: _snapshot_name(claim) for name, claim in claims.items()}
        wanted = {source for source in sources.values() if source}
        snapshots = _read(cluster, SNAPSHOTS, namespace, wanted, warn)
        for name, claim in claims.items():
            if sources[name] in snapshots:
                found.snapshots[namespace, name] = snapshots[sources[name]]
            volume = (claim.get("spec") or {}).get("volumeName")
            if (claim.get("status") or {}).get("phase") == "Bound" and volume:
                bound[namespace, name] = volume
            else:
                warn(f"PVC {namespace}/{name} is not bound or has no volume name")
    volumes = _read(cluster, VOLUMES, "", set(bound.values()), warn)
    found.volumes = {claim: name for claim, name in bound.items() if name in volumes}
    return found


def _by_namespace(claims: Iterable[Place]) -> dict[str, set[str]]:
    grouped: dict[str, set[str]] = {}
    for namespace, name in sorted(claims):
        grouped.setdefault(namespace, set()).add(name)
    return grouped


def _snapshot_name(claim: Manifest) -> str:
    source = (claim.get("spec") or {}).get("dataSource") or {}
    return str(source.get("name") or "") if source.get("kind") == "VolumeSnapshot" else ""


def _read(
    cluster: Cluster, resource: ApiResource, namespace: str, names: Collection[str], warn: Warn
) -> dict[str, Manifest]:
    """Returns the objects of ``names`` by name, sorted, in few requests."""
    if len(names) <= _GET_INSTEAD_OF_LIST:
        return _get_each(cluster, resource, namespace, sorted(names), warn)
    try:
        items = [
            item for item in cluster.list(resource, namespace) if item["metadata"]["name"] in names
        ]
    except ApiError as error:
        warn(f"Failed to list {resource.plural}: {error.message}")
        return {}
    return {item["metadata"]["name"]: item for item in items}


def _get_each(
    cluster: Cluster, resource: ApiResource, namespace: str, names: Iterable[str], warn: Warn
) -> dict[str, Manifest]:
    found = {}
    for name in names:
        try:
            found[name] = cluster.get(resource, namespace, name)
        except ApiError as error:
            warn(f"Failed to get {resource.kind}: {error.message}")
    return found
