# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the parameters of velero_restore to a typed request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.ansible_modifiers import own_modifiers
from ansible_collections.velero.core.plugins.module_utils.ansible_spec import Options
from ansible_collections.velero.core.plugins.module_utils.ansible_spec_restore import (
    SELECT_RULE,
    SPEC_OPTIONS,
    json_name,
)
from ansible_collections.velero.core.plugins.module_utils.model.durations import parse_duration
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.refinement import (
    OrderRules,
    Selection,
    SelectRule,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import (
    Priorities,
    RestoreRequest,
    Settings,
)
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.model.volumes import SnapshotLocation
from ansible_collections.velero.core.plugins.module_utils.modifiers.documents import reference
from ansible_collections.velero.core.plugins.module_utils.restore.sources import BackupSource

Params = dict[str, Any]


def restore_request(params: Params) -> RestoreRequest:
    """Returns the request that ``params`` describe; raises RequestError."""
    modifiers = own_modifiers(params["resource_modifier"])
    spec = restore_spec(params)
    if modifiers is not None:
        spec.resource_modifier = reference(modifiers)
    return RestoreRequest(
        name=params["name"] or "",
        spec=spec,
        resource_modifiers=modifiers,
        settings=restore_settings(params),
        selection=_selection(params),
        order=_order(params["order"] or {}),
        labels=string_map(params["labels"], "labels"),
        annotations=string_map(params["annotations"], "annotations"),
    )


def restore_spec(params: Params) -> RestoreSpec:
    """Returns the spec of the Restore; nested values get the keys of the custom resource."""
    values: Params = {}
    for name, option in SPEC_OPTIONS.items():
        if params[name] is not None:
            values[name] = _json_value(params[name], option, name)
    if "item_operation_timeout" in values:
        timeout = values["item_operation_timeout"]
        values["item_operation_timeout"] = parse_duration(timeout, "item_operation_timeout")
    if params.get("archive"):
        values["backup_name"] = _name_of_archive(params)
    return RestoreSpec(**values)


def restore_settings(params: Params) -> Settings:
    """Returns the settings of the server, and those of this collection."""
    if params["concurrency"] < 1:
        raise RequestError("reading", "concurrency", "it is less than 1", "Give 1 or more")
    return Settings(
        velero_namespace=params["velero_namespace"],
        priorities=_priorities(params["restore_resource_priorities"] or {}),
        features=frozenset(params["features"]),
        managed_fields=params["managed_fields"],
        compatibility=params["compatibility"],
        concurrency=params["concurrency"],
        record=params["record"],
        rerun=params["rerun"],
        wait=params["wait"],
        item_actions=tuple(params["item_actions"]),
        cluster_item_actions=params["cluster_item_actions"],
        additional_items_ready_timeout=_optional_duration(params, "additional_items_ready_timeout"),
        hook_wait_timeout=_optional_duration(params, "hook_wait_timeout"),
        storage_class_mapping=string_map(params["storage_class_mapping"], "storage_class_mapping"),
        image_mapping=string_map(params["image_mapping"], "image_mapping"),
        plugin_binaries=tuple(params["plugin_binaries"]),
        volume_snapshot_locations=tuple(
            map(_snapshot_location, params["volume_snapshot_locations"])
        ),
        zone_mapping=string_map(params["zone_mapping"], "zone_mapping"),
        terminating_resource_timeout=_duration(params, "terminating_resource_timeout"),
        resource_timeout=_duration(params, "resource_timeout"),
        default_item_operation_timeout=_duration(params, "default_item_operation_timeout"),
        item_operation_sync_frequency=_duration(params, "item_operation_sync_frequency"),
        fs_backup_timeout=_duration(params, "fs_backup_timeout"),
        validate=params["validate"],
    )


def _snapshot_location(given: Params) -> SnapshotLocation:
    option = f"volume_snapshot_locations ({given['name']})"
    return SnapshotLocation(
        name=given["name"],
        provider=given["provider"],
        config=string_map(given["config"], f"{option}.config"),
        credentials=_file_content(given["credentials_file"], option),
    )


def _file_content(path: str | None, option: str) -> bytes:
    if not path:
        return b""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        why = error.strerror or str(error)
        raise RequestError("reading", f"{option}: credentials file {path}", why) from error


def _duration(params: Params, option: str) -> float:
    return parse_duration(params[option], option)


def _optional_duration(params: Params, option: str) -> float | None:
    return None if params[option] is None else _duration(params, option)


def string_map(values: dict[Any, Any], option: str) -> dict[str, str]:
    """Returns ``values`` as the map of strings that Kubernetes expects.

    Numbers become text. Everything else raises RequestError: YAML reads an unquoted ``yes`` as a
    boolean, and no text made from that is what the user wrote.
    """
    for key, value in values.items():
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise RequestError(
                "reading",
                f"{option}.{key}",
                f"the value is of type {type(value).__name__}, not a text",
                "Put it in quotes",
            )
    return {str(key): str(value) for key, value in values.items()}


def _json_value(value: Any, option: dict[str, Any], path: str) -> Any:
    nested: Options | None = option.get("options")
    if nested is not None and isinstance(value, list):
        return [_json_object(each, nested, f"{path}[{at}]") for at, each in enumerate(value)]
    if nested is not None:
        return _json_object(value, nested, path)
    return string_map(value, path) if option["type"] == "dict" else value


def _json_object(values: Params, options: Options, path: str) -> Params:
    # Only the names of the spec: AnsibleModule leaves an alias beside the name it stands for.
    return {
        json_name(name): _json_value(values[name], option, f"{path}.{name}")
        for name, option in options.items()
        if values.get(name) is not None
    }


def _priorities(given: Params) -> Priorities:
    default = Priorities()
    return Priorities(
        high=_chosen(given.get("high"), default.high), low=_chosen(given.get("low"), default.low)
    )


def _selection(params: Params) -> Selection:
    if params["select"] == []:
        # A variable that turned out empty must not select everything.
        raise RequestError("reading", "select", "it is empty", "Leave it out to select all")
    return Selection(
        rules=tuple(
            _select_rule(rule, f"select[{at}]") for at, rule in enumerate(params["select"] or ())
        ),
        with_dependencies=params["with_dependencies"],
    )


def _select_rule(given: Params, path: str) -> SelectRule:
    rule = _json_object(given, SELECT_RULE, path)
    lists = {name: tuple(rule[name]) for name in ("kinds", "namespaces", "names") if name in rule}
    return SelectRule(
        **lists,
        label_selector=rule.get("labelSelector"),
        annotations=rule.get("annotations"),
        include=rule["include"],
    )


def _order(given: Params) -> OrderRules:
    return OrderRules(
        first=tuple(given.get("first") or ()),
        last=tuple(given.get("last") or ()),
        before=tuple((pair["first"], pair["then"]) for pair in given.get("before") or ()),
    )


def _chosen(given: Iterable[str] | None, default: tuple[str, ...]) -> tuple[str, ...]:
    return default if given is None else tuple(given)


def _name_of_archive(params: Params) -> str:
    """Returns the backup's name: as given, else that of the archive file without its suffix."""
    if params["schedule_name"]:
        raise RequestError(
            "reading",
            "schedule_name",
            "an archive holds one backup and knows no schedule",
            "Use backup_name with archive, or storage with schedule_name",
        )
    return params["backup_name"] or BackupSource(archive=params["archive"]).default_backup_name
