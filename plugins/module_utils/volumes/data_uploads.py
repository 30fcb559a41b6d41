# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What data movers have left for claims, as ConfigMaps that exist as long as the restore runs.

Source: pkg/restore/restore.go:642 and 2012, reference restore-item-actions.md section 3.9.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container

from ansible_collections.velero.core.plugins.module_utils.actions.data_upload_result import (
    RESTORE_UID_LABEL,
    USAGE,
    USAGE_LABEL,
    result_labels,
)
from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import (
    restore_namespace,
    restore_uid,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.kinds import CONFIG_MAPS
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Catalog,
    Cluster,
    Manifest,
)

_DATA_UPLOADS = "datauploads.velero.io"


class DataUploadResults:
    """The ConfigMaps that the action for DataUploads has made in this restore.

    ``warn`` takes log lines about what could not be looked up or removed. ``planned`` are the
    claims of the backup (namespace, name) for which a plan would make one.
    """

    def __init__(
        self,
        cluster: Cluster,
        restore: Manifest,
        warn: Callable[[str], None],
        planned: Container[tuple[str, str]] = (),
    ) -> None:
        self._cluster = cluster
        self._restore = restore
        self._warn = warn
        self._planned = planned

    def has(self, namespace: str, claim: str) -> bool:
        """Returns whether there is exactly one result for a claim of the backup.

        Only asked where the backup has no volume information.
        """
        if (namespace, claim) in self._planned:
            return True
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


def uploaded_claims(catalog: Catalog) -> set[tuple[str, str]]:
    """Returns the claims (namespace, name) of which an archive has DataUploads with data."""
    found = set()
    for namespace in catalog.namespaces(_DATA_UPLOADS):
        for name in catalog.items(_DATA_UPLOADS, namespace):
            try:
                upload = json.loads(catalog.read(_DATA_UPLOADS, namespace, name))
                spec = upload.get("spec") or {}
                place = (str(spec.get("sourceNamespace") or ""), str(spec.get("sourcePVC") or ""))
            except (AttributeError, ValueError):
                continue
            found.add(place)
    return found
