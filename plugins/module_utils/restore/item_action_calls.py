# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single calls of the item action contract, outside of a restore."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
    ExecuteOutput,
    ItemAction,
    OperationProgress,
    ResourceIdentifier,
    ResourceSelector,
)
from ansible_collections.velero.core.plugins.module_utils.actions.isolation import isolated
from ansible_collections.velero.core.plugins.module_utils.actions.selection import (
    ActionSelection,
    SelectedAction,
    select_actions,
)
from ansible_collections.velero.core.plugins.module_utils.item.metadata import (
    MetadataError,
    reset_metadata_and_status,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    RequestError,
    VeleroCoreError,
)
from ansible_collections.velero.core.plugins.module_utils.model.glob import glob_matches
from ansible_collections.velero.core.plugins.module_utils.model.names import resource_id
from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.waits.polling import poll

LONGEST_PAUSE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An item as it is in a backup, its group-resource and its namespace after mapping."""

    gr: str
    item: Manifest
    target_namespace: str = ""

    @property
    def metadata(self) -> Manifest:
        """Returns the metadata; empty when there is none."""
        found = self.item.get("metadata")
        return found if isinstance(found, dict) else {}

    @property
    def labels(self) -> Manifest:
        """Returns the labels; empty when there are none."""
        found = self.metadata.get("labels")
        return found if isinstance(found, dict) else {}

    @property
    def id(self) -> str:
        """Returns the id that Velero's messages use, with the namespace of the backup."""
        name, namespace = self.metadata.get("name"), self.metadata.get("namespace")
        return resource_id(self.gr, str(namespace or ""), str(name or ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What one action makes of one item. ``why_not`` tells why it does not apply."""

    why_not: str = ""
    before: Manifest
    after: Manifest
    output: ExecuteOutput = field(default_factory=ExecuteOutput)


def subject_of(item: Manifest, api: ApiResources, restore: Manifest, gr: str = "") -> Subject:
    """Returns ``item`` with what the cluster says of its kind, unless ``gr`` tells it.

    Raises RequestError for what is no object and for a kind that is not served.
    """
    metadata = item.get("metadata")
    kind, version = item.get("kind"), item.get("apiVersion")
    if not (isinstance(metadata, dict) and isinstance(kind, str) and isinstance(version, str)):
        raise RequestError("reading", "the item", "it has to have apiVersion, kind and metadata")
    if not gr:
        group, _slash, short = version.rpartition("/")
        found = api.by_kind(group, short, kind)
        if found is None:
            raise RequestError(
                "reading",
                "the item",
                f"the cluster has no kind {kind} in {version}",
                "Read it by from_backup, which knows its resource",
            )
        gr = found.group_resource
    namespace = str(metadata.get("namespace") or "")
    mapping = (restore.get("spec") or {}).get("namespaceMapping") or {}
    target = str(mapping.get(namespace) or namespace)
    return Subject(gr=gr, item=item, target_namespace=target)


def selection_of(
    actions: Sequence[ItemAction], api: ApiResources, features: frozenset[str]
) -> ActionSelection:
    """Returns the actions with their selectors resolved; raises VeleroCoreError."""
    try:
        return select_actions(actions, api, features=features, glob_matches=glob_matches)
    except ActionError as error:
        raise VeleroCoreError(
            "asking the item actions what they apply to", "", str(error)
        ) from error


def applicable(selection: ActionSelection, subject: Subject) -> list[SelectedAction]:
    """Returns the actions that run for an item, in order; labels are those of the backup."""
    found = selection.for_item(subject.gr, subject.target_namespace)
    return [selected for selected in found if selected.is_for(subject.labels)]


def why_not(selection: ActionSelection, subject: Subject) -> str:
    """Returns why the one action of ``selection`` does not run for an item; empty if it does."""
    (selected,) = selection.actions
    if not selected.enabled:
        return "feature EnableCSI is not on"
    if not selection.for_item(subject.gr, subject.target_namespace):
        anywhere = replace(selected.selector, included_namespaces=(), excluded_namespaces=())
        wider = ActionSelection([replace(selected, selector=anywhere)], glob_matches)
        if wider.for_item(subject.gr, subject.target_namespace):
            return f"it is not for the namespace {subject.target_namespace!r}"
        return f"it is not for {subject.gr}"
    if not selected.is_for(subject.labels):
        return f"the labels do not match {selected.selector.label_selector}"
    return ""


def execute(
    action: ItemAction,
    subject: Subject,
    restore: Manifest,
    api: ApiResources,
    features: frozenset[str],
) -> Trial:
    """Runs an action on an item if it applies, with what Velero drops before dropped before.

    Raises RequestError for an item without metadata, VeleroCoreError when the action fails.
    """
    try:
        before = reset_metadata_and_status(copy.deepcopy(subject.item))
    except MetadataError as error:
        raise RequestError("reading", "the item", str(error)) from error
    reason = why_not(selection_of([action], api, features), subject)
    if reason:
        return Trial(why_not=reason, before=before, after=before)
    given = ExecuteInput(
        item=copy.deepcopy(before),
        item_from_backup=copy.deepcopy(subject.item),
        restore=copy.deepcopy(restore),
    )
    try:
        with isolated(action):
            output = action.execute(given)
    except ActionError as error:
        raise _failed("executing", action, f"for {subject.id}", error) from error
    after = output.updated_item if output.updated_item is not None else before
    return Trial(before=before, after=after, output=output)


def wait_until_ready(
    action: ItemAction,
    items: Sequence[ResourceIdentifier],
    restore: Manifest,
    clock: Clock,
    timeout: float,
) -> bool:
    """Returns whether additional items became ready in time; 0 asks once.

    Raises VeleroCoreError when the action fails.
    """

    def is_ready() -> bool:
        with isolated(action):
            return action.are_additional_items_ready(items, restore)

    try:
        return poll(clock, is_ready, timeout)
    except ActionError as error:
        raise _failed("asking", action, "for additional items", error) from error


def wait_until_completed(
    action: ItemAction, operation_id: str, restore: Manifest, clock: Clock, timeout: float
) -> OperationProgress:
    """Returns the last progress of an operation: it has ended, or the time is over; 0 asks once.

    Raises VeleroCoreError when the action fails.
    """
    progress = OperationProgress()

    def is_completed() -> bool:
        nonlocal progress
        progress = progress_of(action, operation_id, restore)
        return progress.completed

    poll(clock, is_completed, timeout, longest_pause=LONGEST_PAUSE)
    return progress


def progress_of(action: ItemAction, operation_id: str, restore: Manifest) -> OperationProgress:
    """Returns how far an operation is; raises VeleroCoreError when the action fails."""
    try:
        with isolated(action):
            return action.progress(operation_id, restore)
    except ActionError as error:
        raise _failed("asking", action, f"for operation {operation_id}", error) from error


def cancel(action: ItemAction, operation_id: str, restore: Manifest) -> None:
    """Asks an operation to end; raises VeleroCoreError when the action fails."""
    try:
        with isolated(action):
            action.cancel(operation_id, restore)
    except ActionError as error:
        raise _failed("cancelling", action, f"operation {operation_id}", error) from error


def selector_dict(selector: ResourceSelector) -> dict[str, object]:
    """Returns a selector in plain data, as modules return it."""
    return {
        "included_namespaces": list(selector.included_namespaces),
        "excluded_namespaces": list(selector.excluded_namespaces),
        "included_resources": list(selector.included_resources),
        "excluded_resources": list(selector.excluded_resources),
        "label_selector": selector.label_selector,
    }


def _failed(doing: str, action: ItemAction, what: str, error: ActionError) -> VeleroCoreError:
    return VeleroCoreError(f"{doing} the item action", f"{action.name} {what}", str(error))
