# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outside world of one restore."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    ObjectStore,
)
from ansible_collections.velero.core.plugins.module_utils.restore.sources import BackupSource
from ansible_collections.velero.core.plugins.module_utils.volumes.snapshotter import Snapshotters


@dataclass(slots=True, kw_only=True)
class RestorePorts:
    """The outside world of one restore. ``artifacts`` may be None only in check mode.

    Without ``snapshotters`` the storage providers of this collection make volumes of snapshots.
    """

    cluster: Cluster
    source: BackupSource
    artifacts: ObjectStore | None
    clock: Clock
    snapshotters: Snapshotters | None = None
