# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cancelling what node agents still do for a restore that is removed.

Source: markPodVolumeRestoresCancel and markDataDownloadsCancel (pkg/cmd/server/server.go).
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.actions.data_downloads import (
    DATA_DOWNLOADS,
)
from ansible_collections.velero.core.plugins.module_utils.actions.data_upload_result import (
    RESTORE_UID_LABEL,
)
from ansible_collections.velero.core.plugins.module_utils.model import phases
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.restore.record import phase_of
from ansible_collections.velero.core.plugins.module_utils.volumes.pod_volume_restores import (
    ENDED,
    POD_VOLUME_RESTORES,
)


def cancel_node_agents(record: Manifest | None, cluster: Cluster, namespace: str) -> None:
    """Marks the unfinished PodVolumeRestores and DataDownloads of an unfinished restore.

    What cannot be marked is left: removing the record must not depend on it.
    """
    uid = str((record or {}).get("metadata", {}).get("uid") or "")
    if record is None or not uid or phase_of(record) in phases.TERMINAL:
        return
    for resource in (POD_VOLUME_RESTORES, DATA_DOWNLOADS):
        try:
            for item in list(cluster.list(resource, namespace, f"{RESTORE_UID_LABEL}={uid}")):
                if (item.get("status") or {}).get("phase") not in ENDED:
                    name = item["metadata"]["name"]
                    cluster.merge_patch(resource, namespace, name, {"spec": {"cancel": True}})
        except ApiError:
            continue
