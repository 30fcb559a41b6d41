# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a restore: every field of its spec, and the server settings that shape it.

What Velero's server validates has no choices and no exclusion rules here: the engine answers with
Velero's own messages, all at once.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.ansible_spec import (
    ARCHIVE_LIMITS,
    ARTIFACTS,
    AUTH,
    RESULT_DETAIL,
    STORAGE,
    VELERO_NAMESPACE,
    ArgumentSpec,
    Options,
    merged,
)


def json_name(option: str) -> str:
    """Returns the key that a nested option has in the custom resource (``match_labels``)."""
    first, *rest = option.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _fields(**options: dict[str, Any]) -> Options:
    """Returns suboptions that also accept the spelling of the custom resource."""
    return {
        name: {**option, "aliases": [json_name(name)]} if "_" in name else option
        for name, option in options.items()
    }


def _texts() -> dict[str, Any]:
    return {"type": "list", "elements": "str"}


_SELECTOR: Options = _fields(
    match_labels={"type": "dict"},
    match_expressions={
        "type": "list",
        "elements": "dict",
        "options": {
            "key": {"type": "str", "required": True, "no_log": False},
            "operator": {"type": "str", "required": True},
            "values": _texts(),
        },
    },
)

_EXEC_HOOK: Options = _fields(
    container={"type": "str"},
    command={"type": "list", "elements": "str", "required": True},
    on_error={"type": "str", "choices": ["Continue", "Fail"]},
    exec_timeout={"type": "str"},
    wait_timeout={"type": "str"},
    wait_for_ready={"type": "bool"},
)

_INIT_HOOK: Options = _fields(
    init_containers={"type": "list", "elements": "dict"},
    timeout={"type": "str"},
)

_HOOK: Options = _fields(
    name={"type": "str", "required": True},
    included_namespaces=_texts(),
    excluded_namespaces=_texts(),
    included_resources=_texts(),
    excluded_resources=_texts(),
    label_selector={"type": "dict", "options": _SELECTOR},
    post_hooks={
        "type": "list",
        "elements": "dict",
        "options": {
            "exec": {"type": "dict", "options": _EXEC_HOOK},
            "init": {"type": "dict", "options": _INIT_HOOK},
        },
    },
)

# One option for each field of the spec, in the order of Velero's type.
SPEC_OPTIONS: Options = {
    "backup_name": {"type": "str"},
    "schedule_name": {"type": "str"},
    "included_namespaces": _texts(),
    "excluded_namespaces": _texts(),
    "included_resources": _texts(),
    "excluded_resources": _texts(),
    "namespace_mapping": {"type": "dict"},
    "label_selector": {"type": "dict", "options": _SELECTOR},
    "or_label_selectors": {"type": "list", "elements": "dict", "options": _SELECTOR},
    "restore_pvs": {"type": "bool"},
    "restore_status": {
        "type": "dict",
        "options": _fields(included_resources=_texts(), excluded_resources=_texts()),
    },
    "preserve_node_ports": {"type": "bool"},
    "include_cluster_resources": {"type": "bool"},
    "hooks": {
        "type": "dict",
        "options": {"resources": {"type": "list", "elements": "dict", "options": _HOOK}},
    },
    "existing_resource_policy": {"type": "str"},
    "item_operation_timeout": {"type": "str"},
    "resource_modifier": {
        "type": "dict",
        "options": _fields(
            api_group={"type": "str"},
            kind={"type": "str", "default": "ConfigMap"},
            name={"type": "str"},
            definition={"type": "raw"},
            src={"type": "str"},
        ),
        # The content of src comes as definition, too: the action plugin reads it.
        "mutually_exclusive": [["name", "definition"], ["name", "src"]],
        "required_one_of": [["name", "definition", "src"]],
    },
    "uploader_config": {
        "type": "dict",
        "options": _fields(
            write_sparse_files={"type": "bool"}, parallel_files_download={"type": "int"}
        ),
    },
}

SPEC = ArgumentSpec(options=SPEC_OPTIONS)

_SNAPSHOT_LOCATION: Options = {
    "name": {"type": "str", "required": True},
    "provider": {"type": "str", "default": "aws"},
    "config": {"type": "dict", "default": {}},
    "credentials_file": {"type": "path"},
}

SELECT_RULE: Options = {
    "kinds": _texts(),
    "namespaces": _texts(),
    "names": _texts(),
    "label_selector": {"type": "dict", "options": _SELECTOR},
    "annotations": {"type": "dict"},
    "include": {"type": "bool", "default": True},
}

_ORDER: Options = {
    "first": _texts(),
    "last": _texts(),
    "before": {
        "type": "list",
        "elements": "dict",
        "options": {
            "first": {"type": "str", "required": True},
            "then": {"type": "str", "required": True},
        },
    },
}

SETTINGS = ArgumentSpec(
    options={
        "restore_resource_priorities": {
            "type": "dict",
            "options": {"high": _texts(), "low": _texts()},
        },
        "terminating_resource_timeout": {"type": "str", "default": "10m"},
        "resource_timeout": {"type": "str", "default": "10m"},
        "default_item_operation_timeout": {"type": "str", "default": "4h"},
        "item_operation_sync_frequency": {"type": "str", "default": "10s"},
        "fs_backup_timeout": {"type": "str", "default": "4h"},
        "validate": {"type": "bool", "default": False},
        "features": {"type": "list", "elements": "str", "default": []},
        "wait": {"type": "bool", "default": True},
        "managed_fields": {"type": "str", "default": "restore", "choices": ["restore", "drop"]},
        "compatibility": {"type": "str", "default": "safe", "choices": ["safe", "strict"]},
        "concurrency": {"type": "int", "default": 16},
        "api_qps": {"type": "float"},
        "record": {"type": "str", "default": "auto", "choices": ["auto", "cluster", "storage"]},
        "rerun": {"type": "str", "default": "never", "choices": ["never", "on_failure", "always"]},
        "item_actions": {"type": "list", "elements": "dict", "default": []},
        "cluster_item_actions": {"type": "bool", "default": True},
        "additional_items_ready_timeout": {"type": "str"},
        "hook_wait_timeout": {"type": "str"},
        "storage_class_mapping": {"type": "dict", "default": {}},
        "image_mapping": {"type": "dict", "default": {}},
        "plugin_binaries": {"type": "list", "elements": "str", "default": []},
        "volume_snapshot_locations": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": _SNAPSHOT_LOCATION,
        },
        "zone_mapping": {"type": "dict", "default": {}},
    }
)

# What this collection knows beyond the spec.
REFINEMENT = ArgumentSpec(
    options={
        "select": {"type": "list", "elements": "dict", "options": SELECT_RULE},
        "with_dependencies": {"type": "bool", "default": False},
        "order": {"type": "dict", "options": _ORDER},
    }
)

TASK = ArgumentSpec(
    options={
        "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
        "name": {"type": "str"},
        "labels": {"type": "dict", "default": {}},
        "annotations": {"type": "dict", "default": {}},
        "archive": {"type": "path"},
        "review_access": {"type": "bool", "default": False},
        "fail_on": {
            "type": "str",
            "default": "partially_failed",
            "choices": ["failed", "partially_failed", "never"],
        },
    },
    mutually_exclusive=[["archive", "storage", "storage_location"]],
    required_if=[
        ["state", "absent", ["name"]],
        ["state", "absent", ["storage", "storage_location", "artifacts"], True],
        ["state", "present", ["storage", "storage_location", "archive"], True],
    ],
)

RESTORE = merged(
    AUTH,
    STORAGE,
    ARTIFACTS,
    VELERO_NAMESPACE,
    ARCHIVE_LIMITS,
    RESULT_DETAIL,
    SPEC,
    SETTINGS,
    REFINEMENT,
    TASK,
)
