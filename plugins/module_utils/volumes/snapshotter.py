# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the restore of native snapshots needs of a storage provider.

One file per provider implements VolumeSnapshotter; registry.py lists them. Source:
pkg/plugin/velero/volume_snapshotter.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.volumes import SnapshotLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRequest:
    """The volume that is to be made of a snapshot.

    ``type``, ``zone`` and ``iops`` (None: not recorded) are those of the volume that was backed
    up, ``volume_id`` its id. ``token`` is the same for every try to make this volume, also in a
    later run, and for no other volume; it has at most 64 characters.
    """

    snapshot_id: str
    type: str = ""
    zone: str = ""
    iops: int | None = None
    volume_id: str = ""
    token: str = ""


class VolumeSnapshotter(Protocol):
    """Makes volumes of the snapshots of one location. May be called from several threads.

    Every method raises VolumeError; its text ends in the results of the restore.
    """

    def check(self, pv: Manifest) -> None:
        """Raises VolumeError when ``pv`` is of a kind for which no volume id can be set."""

    def create_volume(self, request: VolumeRequest) -> str:
        """Returns the id of a volume that may be used; made now, or by an earlier try."""

    def set_volume_id(self, pv: Manifest, volume_id: str) -> Manifest:
        """Returns ``pv`` with another volume behind it; it may have another name."""


class Snapshotters(Protocol):
    """Where snapshotters come from."""

    def open(self, location: SnapshotLocation) -> VolumeSnapshotter:
        """Returns the snapshotter of a location; raises VolumeError."""
