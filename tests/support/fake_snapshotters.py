# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand-ins for the snapshotters of storage providers."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import VolumeError
from ansible_collections.velero.core.plugins.module_utils.model.volumes import SnapshotLocation
from ansible_collections.velero.core.plugins.module_utils.volumes.snapshotter import VolumeRequest

Manifest = dict[str, Any]


@dataclass
class FakeSnapshotter:
    """Knows volumes by snapshot. Setting the id of a volume in `names` also renames the object.

    As a real one it makes one volume per token.
    """

    location: SnapshotLocation
    volumes: Mapping[str, str]
    names: Mapping[str, str]
    requests: list[tuple[str, VolumeRequest]]
    made: dict[str, str]

    def check(self, pv: Manifest) -> None:
        if (pv.get("spec") or {}).get("csi"):
            raise VolumeError("unable to handle CSI driver")

    def create_volume(self, request: VolumeRequest) -> str:
        if request.snapshot_id not in self.volumes:
            raise VolumeError(f"snapshot {request.snapshot_id} not found")
        self.requests.append((self.location.provider, request))
        return self.made.setdefault(request.token, self.volumes[request.snapshot_id])

    def set_volume_id(self, pv: Manifest, volume_id: str) -> Manifest:
        pv = copy.deepcopy(pv)
        pv.setdefault("spec", {})["awsElasticBlockStore"] = {"volumeID": volume_id}
        pv["metadata"]["name"] = self.names.get(volume_id, pv["metadata"]["name"])
        return pv


@dataclass
class FakeSnapshotters:
    """Implements Snapshotters; `providers` maps provider to volumes by snapshot."""

    providers: Mapping[str, Mapping[str, str]]
    names: Mapping[str, str] = field(default_factory=dict)
    requests: list[tuple[str, VolumeRequest]] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)

    def open(self, location: SnapshotLocation) -> FakeSnapshotter:
        if location.provider not in self.providers:
            raise VolumeError(f"no snapshotter for provider {location.provider}")
        volumes = self.providers[location.provider]
        return FakeSnapshotter(location, volumes, self.names, self.requests, self.made)
