# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A restore as it was asked for: spec, settings of the server that shape it, ways of working."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.modifier_rules import Modifiers
from ansible_collections.velero.core.plugins.module_utils.model.refinement import (
    OrderRules,
    Selection,
)
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.model.volumes import SnapshotLocation

# pkg/cmd/server/config/config.go (reference section 2.8)
HIGH_PRIORITIES: tuple[str, ...] = (
    "customresourcedefinitions",
    "namespaces",
    "storageclasses",
    "volumesnapshotclass.snapshot.storage.k8s.io",
    "volumesnapshotcontents.snapshot.storage.k8s.io",
    "volumesnapshots.snapshot.storage.k8s.io",
    "datauploads.velero.io",
    "persistentvolumes",
    "persistentvolumeclaims",
    "clusterroles",
    "roles",
    "serviceaccounts",
    "clusterrolebindings",
    "rolebindings",
    "secrets",
    "configmaps",
    "limitranges",
    "priorityclasses",
    "pods",
    "replicasets.apps",
    "clusterclasses.cluster.x-k8s.io",
    "endpoints",
    "services",
)
LOW_PRIORITIES: tuple[str, ...] = (
    "clusterbootstraps.run.tanzu.vmware.com",
    "clusters.cluster.x-k8s.io",
    "clusterresourcesets.addons.cluster.x-k8s.io",
    "apps.kappctrl.k14s.io",
    "packageinstalls.packaging.carvel.dev",
)

STRICT = "strict"
SAFE = "safe"
ENABLE_CSI = "EnableCSI"
ENABLE_API_GROUP_VERSIONS = "EnableAPIGroupVersions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Priorities:
    """Resources to restore first and last."""

    high: tuple[str, ...] = HIGH_PRIORITIES
    low: tuple[str, ...] = LOW_PRIORITIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Server settings that shape a restore (times in seconds), and how ours works.

    ``managed_fields`` is ``restore`` or ``drop``; ``compatibility`` is ``safe`` or ``strict``.
    ``item_actions`` are the user's entries as they are, not yet checked.
    """

    velero_namespace: str = "velero"
    priorities: Priorities = field(default_factory=Priorities)
    terminating_resource_timeout: float = 600.0
    resource_timeout: float = 600.0
    default_item_operation_timeout: float = 4 * 3600.0
    item_operation_sync_frequency: float = 10.0
    fs_backup_timeout: float = 4 * 3600.0
    validate: bool = False
    features: frozenset[str] = frozenset()
    managed_fields: str = "restore"
    compatibility: str = SAFE
    concurrency: int = 16
    record: str = "auto"
    rerun: str = "never"
    wait: bool = True
    item_actions: tuple[Any, ...] = ()
    cluster_item_actions: bool = True
    additional_items_ready_timeout: float | None = None
    hook_wait_timeout: float | None = None
    storage_class_mapping: dict[str, str] = field(default_factory=dict)
    image_mapping: dict[str, str] = field(default_factory=dict)
    plugin_binaries: tuple[str, ...] = ()
    volume_snapshot_locations: tuple[SnapshotLocation, ...] = ()
    zone_mapping: dict[str, str] = field(default_factory=dict)

    @property
    def items_ready_timeout(self) -> float:
        """Returns how long (seconds) additional items are waited for by default."""
        given = self.additional_items_ready_timeout
        return self.resource_timeout if given is None else given

    @property
    def hooks_wait_timeout(self) -> float:
        """Returns how long (seconds) a container is waited for whose hook does not tell."""
        given = self.hook_wait_timeout
        return self.resource_timeout if given is None else given

    @property
    def strict(self) -> bool:
        """Returns whether Velero's behaviour is wanted where ours is deliberately safer."""
        return self.compatibility == STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreRequest:
    """One restore; ``name`` is empty when it is to be derived from backup and spec.

    ``selection`` and ``order`` are what this collection knows beyond Velero's spec.
    ``resource_modifiers`` are the rules that the request itself has; the spec then refers to them
    by a digest.
    """

    spec: RestoreSpec
    selection: Selection = field(default_factory=Selection)
    order: OrderRules = field(default_factory=OrderRules)
    settings: Settings = field(default_factory=Settings)
    name: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    resource_modifiers: Modifiers | None = None
