# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validation of a restore with Velero's messages, in Velero's order.

Source: pkg/controller/restore_controller.go:306-427, reference restore-engine.md section 1.5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ansible_collections.velero.core.plugins.module_utils.actions.hook_spec import container_fault
from ansible_collections.velero.core.plugins.module_utils.hooks.spec import checked_hooks
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    BackupNotFoundError,
    StorageError,
)
from ansible_collections.velero.core.plugins.module_utils.model.modifier_rules import Modifiers
from ansible_collections.velero.core.plugins.module_utils.model.names import SCHEDULE_NAME_LABEL
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.request import Settings
from ansible_collections.velero.core.plugins.module_utils.model.selectors import (
    SelectorError,
    compile_selector,
)
from ansible_collections.velero.core.plugins.module_utils.model.spec import (
    NON_RESTORABLE_RESOURCES,
    RestoreSpec,
)
from ansible_collections.velero.core.plugins.module_utils.modifiers.errors import ModifiersError
from ansible_collections.velero.core.plugins.module_utils.plan.filters import list_errors
from ansible_collections.velero.core.plugins.module_utils.storage.backups import (
    BackupRecord,
    newest_completed,
)

_POLICIES = ("", "none", "update")


class BackupFinder(Protocol):
    """Where backups are looked up."""

    def find(self, name: str) -> Manifest:
        """Returns the Backup; raises BackupNotFoundError, StorageError."""

    def of_schedule(self, schedule: str) -> Sequence[BackupRecord]:
        """Returns the readable backups that carry the schedule's label; raises StorageError."""


class ModifierReader(Protocol):
    """Where resource modifiers are looked up."""

    def read(self, reference: Mapping[str, Any] | None) -> Modifiers | None:
        """Returns the rules that a spec refers to; raises ModifiersError with Velero's text."""


@dataclass(slots=True)
class Validated:
    """The spec with its defaults, the backup that was found, the resource modifiers, and what is
    wrong."""

    spec: RestoreSpec
    backup: Manifest | None = None
    modifiers: Modifiers | None = None
    errors: list[str] = field(default_factory=list)


def validate(
    given: RestoreSpec, finder: BackupFinder, modifiers: ModifierReader, settings: Settings
) -> Validated:
    """Returns the defaulted spec with the validation errors in Velero's order and words.

    ``given`` is not changed. Raises StorageError when the storage cannot be read at all, and
    RequestError for hooks that the API server would not take.
    """
    out = Validated(replace(given, hooks=checked_hooks(given.hooks)))
    spec = out.spec
    _exclude_non_restorable(out)
    _check_lists(out)
    if spec.or_label_selectors is not None and spec.label_selector is not None:
        out.errors.append(
            "encountered labelSelector as well as orLabelSelectors in restore spec, "
            "only one can be specified"
        )
    if bool(spec.backup_name) == bool(spec.schedule_name):
        out.errors.append(
            "Either a backup or schedule must be specified as a source for the restore, "
            "but not both"
        )
    else:
        out.errors.extend(_hook_errors(spec.hooks))
        if spec.existing_resource_policy not in _POLICIES:
            out.errors.append(f"Invalid ExistingResourcePolicy: {spec.existing_resource_policy}")
        _find_backup(out, finder, settings)
        if out.backup is not None:
            _read_modifiers(out, modifiers)
    if not spec.item_operation_timeout:
        spec.item_operation_timeout = settings.default_item_operation_timeout
    return out


def _exclude_non_restorable(out: Validated) -> None:
    excluded = list(out.spec.excluded_resources or [])
    excluded += [name for name in NON_RESTORABLE_RESOURCES if name not in excluded]
    out.spec.excluded_resources = excluded
    included = out.spec.included_resources or []
    out.errors.extend(
        f"{name} are non-restorable resources"
        for name in NON_RESTORABLE_RESOURCES
        if name in included
    )


def _check_lists(out: Validated) -> None:
    spec = out.spec
    for kind, includes, excludes in (
        ("resource", spec.included_resources, spec.excluded_resources),
        ("namespace", spec.included_namespaces, spec.excluded_namespaces),
    ):
        out.errors.extend(
            f"Invalid included/excluded {kind} lists: {text}"
            for text in list_errors(includes, excludes)
        )


def _hook_errors(hooks: dict[str, Any]) -> list[str]:
    resources = hooks.get("resources") or []
    try:
        for resource in resources:
            compile_selector(resource.get("labelSelector"))
    except SelectorError as error:
        # Velero has no hooks then, and so no containers to look at.
        return [str(error)]
    faults = [
        container_fault(container)
        for resource in resources
        for hook in resource.get("postHooks") or []
        for container in (hook.get("init") or {}).get("initContainers") or []
    ]
    return [fault for fault in faults if fault]


def _find_backup(out: Validated, finder: BackupFinder, settings: Settings) -> None:
    spec = out.spec
    if spec.schedule_name:
        try:
            backups = finder.of_schedule(spec.schedule_name)
        except StorageError:
            out.errors.append("Unable to list backups for schedule")
            return
        if not backups:
            out.errors.append("No backups found for schedule")
        newest = newest_completed(backups)
        if newest is None:
            out.errors.append("No completed backups found for schedule")
            return
        spec.backup_name = newest.name
    try:
        out.backup = finder.find(spec.backup_name)
    except BackupNotFoundError:
        out.errors.append(
            "Error retrieving backup: can't find backup "
            f"{settings.velero_namespace}/{spec.backup_name}: Backup.velero.io "
            f'"{spec.backup_name}" not found'
        )
        return
    if not spec.schedule_name:
        labels = out.backup.get("metadata", {}).get("labels") or {}
        spec.schedule_name = str(labels.get(SCHEDULE_NAME_LABEL) or "")


def _read_modifiers(out: Validated, modifiers: ModifierReader) -> None:
    try:
        out.modifiers = modifiers.read(out.spec.resource_modifier)
    except ModifiersError as error:
        out.errors.append(str(error))
