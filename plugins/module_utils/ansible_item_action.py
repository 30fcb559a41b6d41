# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What restore_item_action does."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, replace
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ResourceIdentifier,
    output_dict,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.action import Declaration
from ansible_collections.velero.core.plugins.module_utils.actions.declared.sources import (
    Source,
    listed_actions,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_item_action_inputs import (
    ItemActionInputs,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_report import shown_diff
from ansible_collections.velero.core.plugins.module_utils.ansible_request import string_map
from ansible_collections.velero.core.plugins.module_utils.item.field_diff import (
    SECRET,
    field_diff,
    masked,
)
from ansible_collections.velero.core.plugins.module_utils.model.durations import (
    format_duration,
    parse_duration,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.names import split_group_resource
from ansible_collections.velero.core.plugins.module_utils.restore.item_action_calls import (
    Subject,
    Trial,
    cancel,
    execute,
    progress_of,
    wait_until_completed,
    wait_until_ready,
)
from ansible_collections.velero.core.plugins.module_utils.restore.item_action_catalog import (
    SourcedAction,
)
from ansible_collections.velero.core.plugins.module_utils.restore.item_action_config import (
    ActionConfigs,
    Change,
    plugin_label,
    yaml_text,
)

Values = dict[str, Any]

_FILES = ("file", "python")
_READY_TIMEOUT = 600.0
_OPERATION_TIMEOUT = 4 * 3600.0


def run(params: dict[str, Any], check_mode: bool, diff: bool) -> Values:
    """Brings the action, or what it has to do with an item, into the state of the parameters."""
    with closing(ItemActionInputs(params)) as inputs:
        task = _Task(params, inputs, check_mode=check_mode, diff=diff)
        states: dict[str, Callable[[], Values]] = {
            "present": task.present,
            "absent": task.absent,
            "executed": task.executed,
            "ready": task.ready,
            "completed": task.completed,
            "cancelled": task.cancelled,
        }
        values = states[params["state"]]()
    return {**values, "warnings": inputs.warnings}


class _Task:
    """One task; a method for each state."""

    def __init__(
        self, params: dict[str, Any], inputs: ItemActionInputs, *, check_mode: bool, diff: bool
    ) -> None:
        self._params = params
        self._inputs = inputs
        self._check_mode = check_mode
        self._diff = diff
        self._name: str = params["name"] or ""

    def present(self) -> Values:
        """Stores a declared action or the configuration of a plugin."""
        config = self._params["velero_config"]
        if config:
            data = string_map(config["data"], "velero_config.data")
            change = self._configs().store_plugin_config(config["plugin"], data, self._name)
        else:
            document = self._document()
            if any(key in document for key in _FILES):
                raise RequestError(
                    "storing",
                    "the item action",
                    "a ConfigMap holds a declared action, no reference to a file",
                    "Give the declared action itself as definition",
                )
            Declaration(document, "definition")
            change = self._configs().store_action(document, self._name)
        return self._changed(change)

    def absent(self) -> Values:
        """Removes the ConfigMap."""
        config = self._params["velero_config"]
        if config:
            change = self._configs().remove_plugin_config(config["plugin"], self._name)
        else:
            name = self._name or str(self._document().get("name") or "")
            if not name:
                raise RequestError("reading", "definition", "name is missing")
            change = self._configs().remove_action(name)
        return self._changed(change)

    def executed(self) -> Values:
        """Runs the action on the item."""
        subject = self._inputs.subject
        if subject is None:
            raise RequestError("reading", "the item", "it is empty")
        sourced = self._action()
        action = sourced.action
        if self._check_mode and action.has_side_effects:
            raise RequestError(
                "executing the item action",
                action.name,
                "it may change more than the item, and this is check mode",
                "Run the task without check mode",
            )
        inputs = self._inputs
        trial = execute(action, subject, inputs.restore, inputs.api, inputs.features)
        applies = not trial.why_not
        return {
            **_described(sourced),
            "changed": applies and action.has_side_effects,
            "applies": applies,
            "msg": _told(sourced, subject, trial),
            **_outcome(subject, trial),
        }

    def ready(self) -> Values:
        """Waits until the additional items are ready."""
        sourced = self._action()
        items = [_identifier(entry) for entry in self._params["additional_items"]]
        timeout = self._timeout(sourced.ready_timeout or _READY_TIMEOUT)
        ready = wait_until_ready(
            sourced.action, items, self._inputs.restore, self._inputs.clock, timeout
        )
        told = "are ready" if ready else "are not ready"
        if not ready and not self._check_mode:
            told += f" after {format_duration(timeout)}"
        return {
            **_described(sourced),
            "changed": False,
            "failed": not ready and not self._check_mode,
            "ready": ready,
            "msg": f"Additional items of {sourced.action.name} {told}.",
        }

    def completed(self) -> Values:
        """Waits until an operation has ended."""
        sourced = self._action()
        operation = self._params["operation_id"]
        timeout = self._timeout(_OPERATION_TIMEOUT)
        progress = wait_until_completed(
            sourced.action, operation, self._inputs.restore, self._inputs.clock, timeout
        )
        numbers = f"{progress.n_completed} of {progress.n_total} {progress.operation_units}".strip()
        if progress.completed:
            told = f"failed: {progress.err}" if progress.err else "is completed"
        elif self._check_mode:
            told = f"goes on ({numbers})"
        else:
            told = f"did not end within {format_duration(timeout)} ({numbers}); it goes on"
        ended = progress.completed or self._check_mode
        return {
            **_described(sourced),
            "changed": False,
            "failed": not ended or bool(progress.completed and progress.err),
            "progress": asdict(progress),
            "msg": f"Operation {operation} of {sourced.action.name} {told}.",
        }

    def cancelled(self) -> Values:
        """Asks an operation to end."""
        sourced = self._action()
        operation, restore = self._params["operation_id"], self._inputs.restore
        progress = progress_of(sourced.action, operation, restore)
        changed = False
        if progress.completed:
            told = "has ended already"
        elif sourced.is_only_watched:
            told = "cannot be cancelled: it is only watched"
            self._inputs.warn(f"Operation {operation} {told}.")
        else:
            changed = True
            told = "would be cancelled"
            if not self._check_mode:
                cancel(sourced.action, operation, restore)
                progress = progress_of(sourced.action, operation, restore)
                told = "was told to end"
        return {
            **_described(sourced),
            "changed": changed,
            "progress": asdict(progress),
            "msg": f"Operation {operation} of {sourced.action.name} {told}.",
        }

    def _timeout(self, default: float) -> float:
        """Check mode looks once: what is waited for may be what it has not done."""
        given = self._params["timeout"]
        timeout = default if given is None else parse_duration(given, "timeout")
        return 0.0 if self._check_mode else timeout

    def _action(self) -> SourcedAction:
        config = self._params["velero_config"]
        inline = {}
        if config:
            data = string_map(config["data"], "velero_config.data")
            inline = {plugin_label(config["plugin"]): data}
        given = self._given()
        catalog = self._inputs.catalog(given, inline_config=inline)
        if given:
            return catalog.given()[0]
        return catalog.named(self._name or plugin_label(config["plugin"]))

    def _given(self) -> list[Source]:
        if self._params["definition"] is None:
            return []
        document = self._document()
        if any(key in document for key in _FILES):
            return list(listed_actions([document], "definition"))
        return [Declaration(document, "definition")]

    def _document(self) -> dict[str, Any]:
        document = self._params["definition"] or {}
        is_declared = not any(key in document for key in _FILES)
        return {"name": self._name, **document} if self._name and is_declared else dict(document)

    def _configs(self) -> ActionConfigs:
        return ActionConfigs(
            self._inputs.access.cluster,
            self._params["velero_namespace"],
            check_mode=self._check_mode,
        )

    def _changed(self, change: Change) -> Values:
        shown = change.after or change.before
        values: Values = {
            "changed": change.changed,
            "config_map": change.after,
            "msg": _change_told(change, self._check_mode),
        }
        if self._diff:
            header = f"configmaps/{shown['namespace']}/{shown['name']}" if shown else ""
            values["diff"] = [
                {
                    "before_header": header,
                    "after_header": header,
                    "before": yaml_text(change.before) if change.before else "",
                    "after": yaml_text(change.after) if change.after else "",
                }
            ]
        return values


def _described(sourced: SourcedAction) -> Values:
    return {
        "action": {
            "name": sourced.action.name,
            "source": sourced.source,
            "origin": sourced.origin,
            "version": sourced.version,
        }
    }


def _outcome(subject: Subject, trial: Trial) -> Values:
    """The output and the differences, with hashes in place of a Secret's values."""
    key = secrets.token_bytes(16)
    kinds = {trial.before.get("kind"), trial.after.get("kind")}
    gr = "secrets" if SECRET in kinds else subject.gr
    changes = field_diff(trial.before, trial.after, gr, key)
    output = output_dict(replace(trial.output, updated_item=masked(trial.after, key)))
    shown = [shown_diff({"id": subject.id, "changes": changes})] if changes else []
    return {"output": output, "diff": shown}


def _told(sourced: SourcedAction, subject: Subject, trial: Trial) -> str:
    name = sourced.action.name
    if trial.why_not:
        return f"{name} does not run for {subject.id}: {trial.why_not}."
    if trial.output.skip_restore:
        return f"{name} has {subject.id} not restored."
    what = "changes" if trial.before != trial.after else "leaves"
    more = len(trial.output.additional_items)
    text = f"{name} {what} {subject.id}"
    return f"{text} and names {more} additional items." if more else f"{text}."


def _identifier(entry: dict[str, str]) -> ResourceIdentifier:
    resource, group = entry["resource"], entry["group"]
    if not group:
        resource, group = split_group_resource(resource)
    return ResourceIdentifier(
        group=group, resource=resource, namespace=entry["namespace"], name=entry["name"]
    )


def _change_told(change: Change, check_mode: bool) -> str:
    shown = change.after or change.before
    if shown is None:
        return "There is no such ConfigMap."
    if not change.changed:
        done = "is as it should be"
    elif change.after is None:
        done = "would be removed" if check_mode else "is removed"
    elif change.before is None:
        done = "would be created" if check_mode else "is created"
    else:
        done = "would be changed" if check_mode else "is changed"
    return f"ConfigMap {shown['namespace']}/{shown['name']} {done}."
