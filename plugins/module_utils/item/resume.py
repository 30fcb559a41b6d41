# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects that an earlier, cut-off run of the same restore has made."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.velero.core.plugins.module_utils.model.names import RESTORE_NAME_LABEL
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.times import seconds_of


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """Knows objects by restore label and age.

    ``since`` is when the earlier run began, in seconds since the epoch by the API server's clock;
    None when there was none.
    """

    label: str
    since: float | None = None

    def made(self, obj: Manifest) -> bool:
        """Returns whether the earlier run created ``obj``."""
        if self.since is None:
            return False
        metadata = obj.get("metadata") or {}
        labels = metadata.get("labels") or {}
        if labels.get(RESTORE_NAME_LABEL) != self.label:
            return False
        return self.newer(metadata.get("creationTimestamp") or "")

    def newer(self, timestamp: str) -> bool:
        """Returns whether a Kubernetes timestamp lies in the time of the earlier run."""
        made = seconds_of(timestamp)
        # Kubernetes cuts its timestamps to whole seconds.
        return self.since is not None and made is not None and made >= int(self.since)
