# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Velero's built-in actions in the order in which they run (reference section 1.6)."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.velero.core.plugins.module_utils.actions.builtin import (
    add_pvc_from_pod,
    admission_webhook_configuration,
    apiservice,
    change_image_name,
    change_storage_class,
    crd_preserve_fields,
    csi_pvc,
    csi_volumesnapshot,
    csi_volumesnapshotclass,
    csi_volumesnapshotcontent,
    dataupload,
    init_restore_hook,
    job,
    pod,
    pod_volume_restore,
    pvc,
    role_bindings,
    secret,
    service,
    service_account,
)
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ItemAction,
    RestoreItemActionV1,
    V1AsV2,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)

# v1 actions by name, then v2 actions by name. One line per action.
_V1: tuple[Callable[[ActionEnvironment], RestoreItemActionV1], ...] = (
    add_pvc_from_pod.AddPvcFromPodAction,
    admission_webhook_configuration.AdmissionWebhookConfigurationAction,
    apiservice.ApiServiceAction,
    change_image_name.ChangeImageNameAction,
    change_storage_class.ChangeStorageClassAction,
    role_bindings.ClusterRoleBindingsAction,
    crd_preserve_fields.CrdPreserveFieldsAction,
    dataupload.DataUploadAction,
    init_restore_hook.InitRestoreHookAction,
    job.JobAction,
    pod.PodAction,
    pod_volume_restore.PodVolumeRestoreAction,
    pvc.PvcAction,
    role_bindings.RoleBindingsAction,
    secret.SecretAction,
    service.ServiceAction,
    service_account.ServiceAccountAction,
)
_V2: tuple[Callable[[ActionEnvironment], ItemAction], ...] = (
    csi_pvc.CsiPvcAction,
    csi_volumesnapshot.CsiVolumeSnapshotAction,
    csi_volumesnapshotclass.CsiVolumeSnapshotClassAction,
    csi_volumesnapshotcontent.CsiVolumeSnapshotContentAction,
)


def builtin_actions(environment: ActionEnvironment) -> tuple[ItemAction, ...]:
    """Returns all built-in actions in Velero's order; nothing is asked of the cluster yet."""
    first: list[ItemAction] = [V1AsV2(make(environment)) for make in _V1]
    return (*first, *(make(environment) for make in _V2))
