# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What data movers have left for claims, as ConfigMaps that exist as long as the restore runs.

Source: pkg/restore/restore.go:642 and 2012, reference restore-item-actions.md section 3.9.
"""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.velero.core.plugins.module_utils.actions.data_upload_result import (
    RESTORE_UID_LABEL,
    USAGE,
    USAGE_LABEL,
    result_labels,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import CONFIG_MAPS
from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import (
    restore_namespace,
    restore_uid,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest


class DataUploadResults:
    """The ConfigMaps that the action for DataUploads has made in this restore.

    ``warn`` takes log lines about what could not be looked up or removed.
    """

    def __init__(self, cluster: Cluster, restore: Manifest, warn: Callable[[str], None]) -> None:
        self._cluster = cluster
        self._restore = restore
        self._warn = warn

    def has(self, namespace: str, claim: str) -> bool:
        """Returns whether there is exactly one result for a claim of the backup.

        Only asked where the backup has no volume information.
        """
        selector = _selector(result_labels(self._restore, namespace, claim))
        try:
            found = sum(1 for item in self._cluster.list(CONFIG_MAPS, "", selector))
        except ApiError as error:
            self._warn(f"Fail to list DataUpload result CM: {error.message}")
            return False
        if found != 1:
            self._warn(f"Got {found} DataUpload result. Expect one.")
        return found == 1

    def remove(self) -> None:
        """Removes all results of this restore; a refusal is only logged."""
        labels = {RESTORE_UID_LABEL: restore_uid(self._restore), USAGE_LABEL: USAGE}
        namespace = restore_namespace(self._restore)
        try:
            for item in list(self._cluster.list(CONFIG_MAPS, namespace, _selector(labels))):
                self._cluster.delete(CONFIG_MAPS, namespace, item["metadata"]["name"])
        except ApiError as error:
            self._warn(
                "Fail to batch delete DataUploadResult ConfigMaps for restore "
                f"{self._restore['metadata'].get('name')}: {error.message}"
            )


def _selector(labels: dict[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in labels.items())
