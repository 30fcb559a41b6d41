# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The storage providers whose native snapshots can be restored."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ansible_collections.velero.core.plugins.module_utils.model.errors import VolumeError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock
from ansible_collections.velero.core.plugins.module_utils.model.volumes import SnapshotLocation
from ansible_collections.velero.core.plugins.module_utils.volumes import aws_ebs
from ansible_collections.velero.core.plugins.module_utils.volumes.snapshotter import (
    VolumeSnapshotter,
)

# Velero names its plugins with this prefix and adds it to providers without one.
_PREFIX = "velero.io/"

# Gets the location, a clock, and how many seconds a new volume is waited for.
Factory = Callable[[SnapshotLocation, Clock, float], VolumeSnapshotter]
FACTORIES: Mapping[str, Factory] = {"aws": aws_ebs.connect}


class ProviderSnapshotters:
    """Implements Snapshotters with the providers of this collection.

    A new volume is waited for up to ``timeout`` seconds.
    """

    def __init__(self, clock: Clock, timeout: float) -> None:
        self._clock = clock
        self._timeout = timeout

    def open(self, location: SnapshotLocation) -> VolumeSnapshotter:
        """Returns the snapshotter of a location; raises VolumeError."""
        factory = FACTORIES.get(location.provider.removeprefix(_PREFIX))
        if factory is None:
            known = ", ".join(sorted(FACTORIES))
            raise VolumeError(
                f"native snapshots of provider {location.provider!r} (volume snapshot location "
                f"{location.name}) cannot be restored: there is support for {known} only. "
                "Restore the volume with Velero, or set restore_pvs: false"
            )
        return factory(location, self._clock, self._timeout)
