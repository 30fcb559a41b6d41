# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What restoring a volume needs of the cluster, found out by few reads before anything starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.csi_names import (
    SNAPSHOT_CLASSES,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import Once
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    NotFoundError,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import (
    DAEMON_SETS,
    STORAGE_CLASSES,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiResource,
    ApiResources,
)
from ansible_collections.velero.core.plugins.module_utils.volumes.node_agents import DAEMON_SET

_DRIVERS = ApiResource("storage.k8s.io", "v1", "csidrivers", "CSIDriver", namespaced=False)
_NODES = ApiResource("storage.k8s.io", "v1", "csinodes", "CSINode", namespaced=False)
_DEFAULT_CLASS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is missing; ``blocks`` tells that the volume cannot be restored so."""

    text: str
    blocks: bool = True


class Requirements:
    """Answers for all volumes of a plan; what was read is kept.

    What may not be read is a finding that does not block.
    """

    def __init__(self, cluster: Cluster, api: ApiResources, velero_namespace: str) -> None:
        self._cluster = cluster
        self._api = api
        self._namespace = velero_namespace
        self._once = Once()

    def kind(self, gr: str) -> list[Finding]:
        """Returns whether the cluster serves a resource."""
        group = gr.partition(".")[2]
        served = any(one.group_resource == gr for one in self._api.resources if one.group == group)
        return [] if served else [Finding(f"the cluster does not serve {gr}")]

    def storage_class(self, claim: Manifest) -> list[Finding]:
        """Returns whether a new claim has a storage class that can provision for it."""
        name = (claim.get("spec") or {}).get("storageClassName")
        if name is None:
            return self._looked("default class", self._default_class)
        if not name:
            return [Finding("the claim has an empty storage class: nothing provisions for it")]
        return self._looked(f"class {name}", lambda: self._class(str(name)))

    def csi_driver(self, driver: str) -> list[Finding]:
        """Returns whether a CSI driver is there, and a VolumeSnapshotClass of it."""
        if not driver:
            return []
        found = self._looked("drivers", self._no_drivers)
        names: set[str] = self._once.get("driver names", self._driver_names) if not found else set()
        if not found and driver not in names:
            found = [Finding(f"the CSI driver {driver} is not in the cluster")]
        return found + self._looked(f"snapshots {driver}", lambda: self._snapshot_class(driver))

    def node_agent(self) -> list[Finding]:
        """Returns whether Velero's node agent runs."""
        return self._looked(DAEMON_SET, self._agent)

    def _looked(self, key: str, look: Callable[[], list[Finding]]) -> list[Finding]:
        try:
            return self._once.get(key, look)
        except ApiError as error:
            return [Finding(f"could not be found out: {error.message}", blocks=False)]

    def _class(self, name: str) -> list[Finding]:
        try:
            self._cluster.get(STORAGE_CLASSES, "", name)
        except NotFoundError:
            return [Finding(f"the storage class {name} is not in the cluster")]
        return []

    def _default_class(self) -> list[Finding]:
        for item in self._cluster.list(STORAGE_CLASSES):
            annotations = (item.get("metadata") or {}).get("annotations") or {}
            if any(annotations.get(key) == "true" for key in _DEFAULT_CLASS):
                return []
        return [Finding("the claim names no storage class, and the cluster has no default one")]

    def _no_drivers(self) -> list[Finding]:
        self._once.get("driver names", self._driver_names)
        return []

    def _driver_names(self) -> set[str]:
        # A driver need not register an object of its own; the nodes know it.
        names = {str(item["metadata"]["name"]) for item in self._cluster.list(_DRIVERS)}
        for node in self._cluster.list(_NODES):
            names.update(_names((node.get("spec") or {}).get("drivers") or []))
        return names

    def _snapshot_class(self, driver: str) -> list[Finding]:
        try:
            classes = list(self._cluster.list(SNAPSHOT_CLASSES))
        except NotFoundError:
            return []
        if any(one.get("driver") == driver for one in classes):
            return []
        text = f"there is no VolumeSnapshotClass of driver {driver}"
        return [Finding(text, blocks=False)]

    def _agent(self) -> list[Finding]:
        try:
            found = self._cluster.get(DAEMON_SETS, self._namespace, DAEMON_SET)
        except NotFoundError:
            return [Finding(f"Velero's node agent is not in namespace {self._namespace}")]
        status = found.get("status") or {}
        if status.get("desiredNumberScheduled") and not status.get("numberReady"):
            return [Finding(f"no pod of Velero's node agent in {self._namespace} is ready")]
        return []


def _names(entries: Iterable[Mapping[str, Any]]) -> set[str]:
    return {str(entry.get("name") or "") for entry in entries}
