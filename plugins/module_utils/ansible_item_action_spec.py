# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of restore_item_action and restore_item_action_info."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.ansible_spec import (
    AUTH,
    VELERO_NAMESPACE,
    ArgumentSpec,
    location_option,
    merged,
)

# What both modules need to know about an item and its restore.
ITEM = ArgumentSpec(
    options={
        # It may be a Secret: it is kept out of the log, and only its values out of the result.
        "item": {"type": "dict", "no_log": True},
        "from_backup": {
            "type": "dict",
            "options": {
                "storage": location_option(),
                "storage_location": {"type": "str"},
                "archive": {"type": "path"},
                "backup_name": {"type": "str"},
                "resource": {"type": "str", "required": True},
                "namespace": {"type": "str", "default": ""},
                "name": {"type": "str", "required": True},
            },
            "mutually_exclusive": [["storage", "storage_location", "archive"]],
            "required_one_of": [
                ["storage", "storage_location", "archive"],
                ["backup_name", "archive"],
            ],
        },
        "restore": {"type": "raw"},
        "features": {"type": "list", "elements": "str", "default": []},
        "plugin_binaries": {"type": "list", "elements": "str", "default": []},
    },
    mutually_exclusive=[["item", "from_backup"]],
)

STATES = ("present", "absent", "executed", "ready", "completed", "cancelled")

ITEM_ACTION = merged(
    AUTH,
    VELERO_NAMESPACE,
    ITEM,
    ArgumentSpec(
        options={
            "name": {"type": "str"},
            "state": {"type": "str", "default": "present", "choices": list(STATES)},
            "definition": {"type": "dict"},
            "velero_config": {
                "type": "dict",
                "options": {
                    "plugin": {"type": "str", "required": True},
                    "data": {"type": "dict", "default": {}},
                },
            },
            "additional_items": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "group": {"type": "str", "default": ""},
                    "resource": {"type": "str", "required": True},
                    "namespace": {"type": "str", "default": ""},
                    "name": {"type": "str", "required": True},
                },
            },
            "operation_id": {"type": "str"},
            "timeout": {"type": "str"},
        },
        mutually_exclusive=[["definition", "velero_config"]],
        required_one_of=[["name", "definition", "velero_config"]],
        required_if=[
            ["state", "present", ["definition", "velero_config"], True],
            ["state", "executed", ["item", "from_backup"], True],
            ["state", "completed", ["operation_id"]],
            ["state", "cancelled", ["operation_id"]],
        ],
    ),
)

ITEM_ACTION_INFO = merged(
    AUTH,
    VELERO_NAMESPACE,
    ITEM,
    ArgumentSpec(
        options={
            "item_actions": {"type": "list", "elements": "dict", "default": []},
            "cluster_item_actions": {"type": "bool", "default": True},
        }
    ),
)
