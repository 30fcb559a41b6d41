# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a backup knows of its volumes, and what a restore decides about one.

Source: reference restore-engine.md sections 4.2 and 9.4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]

# Methods in Velero's volume information; the last one only in that of restores.
NATIVE_SNAPSHOT = "NativeSnapshot"
POD_VOLUME_BACKUP = "PodVolumeBackup"
CSI_SNAPSHOT = "CSISnapshot"
POD_VOLUME_RESTORE = "PodVolumeRestore"

# What is done about a PersistentVolume.
FROM_SNAPSHOT = "restore_snapshot"
REPROVISION = "reprovision"
KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupVolumes:
    """The records of a backup about its volumes, as they are in the storage.

    ``infos`` is the volume information by name of the PersistentVolume (empty before 1.13),
    ``snapshots`` are the native snapshots, ``csi_snapshots`` VolumeSnapshots (before 1.17).
    """

    infos: Mapping[str, Row] = field(default_factory=dict)
    snapshots: Sequence[Row] = ()
    csi_snapshots: Sequence[Row] = ()
    pod_volume_backups: Sequence[Row] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeDecision:
    """What is done about one PersistentVolume.

    ``handling`` is one of the constants above, ``method`` how its data was saved (empty: it was
    not), ``moved`` whether a data mover has it. ``log`` are Velero's lines about it.
    """

    handling: str
    method: str = ""
    moved: bool = False
    log: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredVolume:
    """A PersistentVolume made ready for its creation.

    ``renamed_from`` is its old name if it got another one; ``fresh`` tells that no volume of its
    name is in the cluster, whatever was found there before.
    """

    obj: dict[str, Any]
    renamed_from: str = ""
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why the data of a volume cannot be restored: a reason code and words for people."""

    reason: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotLocation:
    """A VolumeSnapshotLocation: ``config`` has the provider's keys.

    ``credentials`` is the content of a file in the provider's format; empty: the provider's own
    ways of finding credentials.
    """

    name: str
    provider: str
    config: Mapping[str, str] = field(default_factory=dict)
    credentials: bytes = field(default=b"", repr=False)


def volume_info_by_name(rows: Sequence[Row]) -> dict[str, Row]:
    """Returns the rows of a backup's volume information by PersistentVolume; the last counts."""
    return {str(row.get("pvName") or ""): row for row in rows}
