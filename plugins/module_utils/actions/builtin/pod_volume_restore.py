# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""velero.io/pod-volume-restore: pods wait until their volumes are filled (reference 3.13).

Source: pkg/restore/actions/pod_volume_restore_action.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
    ResourceSelector,
)
from ansible_collections.velero.core.plugins.module_utils.actions.edits import keep_entries
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    api_errors,
)
from ansible_collections.velero.core.plugins.module_utils.actions.plugin_config import (
    POD_VOLUME_RESTORE,
    plugin_config,
)
from ansible_collections.velero.core.plugins.module_utils.actions.pod_volumes import (
    VolumeSnapshot,
    volume_snapshots,
)
from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import (
    child,
    restore_uid,
)
from ansible_collections.velero.core.plugins.module_utils.actions.shapes import POD
from ansible_collections.velero.core.plugins.module_utils.actions.typed import check
from ansible_collections.velero.core.plugins.module_utils.actions.wait_container import (
    configured_image,
    is_wait_container,
    wait_container,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


class PodVolumeRestoreAction(BuiltinAction):
    """Puts an init container that waits for the volumes before all others.

    Version 1 of the contract.
    """

    NAME = "velero.io/pod-volume-restore"
    RESOURCES = ("pods",)

    def applies_to(self) -> ResourceSelector:
        """Returns the selector of pods. Raises ActionError like execute()."""
        self._check_server()
        return super().applies_to()

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the pod without wait containers of the backup, and with one if it needs it.

        Raises ActionError for a pod that Velero refuses, and when the PodVolumeBackups, the
        configuration or the Deployment of the Velero server cannot be read.
        """
        self._check_server()
        pod = given.item
        archived = given.item_from_backup
        check(pod, POD, "unable to convert pod from runtime.Unstructured: ")
        check(archived, POD, "unable to convert source pod from runtime.Unstructured: ")
        volumes_of = self.environment.pod_volumes or self._saved(given.restore)
        keep_entries(pod.get("spec"), "initContainers", lambda entry: not is_wait_container(entry))
        source = (archived.get("metadata") or {}).get("namespace") or ""
        volumes = volumes_of(pod, source)
        if volumes:
            self._add_wait_container(pod, volumes, given.restore)
        return ExecuteOutput(updated_item=pod)

    def _check_server(self) -> None:
        # Velero cannot start the action without its Deployment. Where it need not be there, the
        # image is only asked for when a pod needs it.
        if self._needs_server:
            self._default_image()

    @property
    def _needs_server(self) -> bool:
        environment = self.environment
        return environment.pod_volume_backups is None and environment.pod_volumes is None

    def _saved(self, restore: Manifest) -> Callable[[Manifest, str], Mapping[str, VolumeSnapshot]]:
        with api_errors():
            backups = self.environment.pod_volume_backups_of(restore)
        return partial(volume_snapshots, backups)

    def _default_image(self) -> str:
        with api_errors():
            return self.environment.image_of_server()

    def _add_wait_container(self, pod: Manifest, volumes: Iterable[str], restore: Manifest) -> None:
        config = plugin_config(self.environment, POD_VOLUME_RESTORE)
        image = configured_image(config, self._default_image(), self.environment.image_tag)
        container = wait_container(
            pod,
            volumes,
            config,
            restore_uid=restore_uid(restore),
            image=image,
            warn=self.environment.warn,
        )
        spec = child(pod, "spec")
        spec["initContainers"] = [container, *(spec.get("initContainers") or [])]
