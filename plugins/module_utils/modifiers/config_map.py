# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resource modifiers in a ConfigMap, with Velero's errors.

Source: internal/resourcemodifiers/resource_modifiers.go and resource_modifiers_validator.go,
reference restore-item-actions.md sections 5.1 and 5.3.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model.go_yaml import (
    GoYamlError,
    load_strict,
)
from ansible_collections.velero.core.plugins.module_utils.model.modifier_rules import (
    JsonOperation,
    ModifierRule,
    Modifiers,
)
from ansible_collections.velero.core.plugins.module_utils.model.names import namespaced_name
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.modifiers.decoding import decoded
from ansible_collections.velero.core.plugins.module_utils.modifiers.errors import ModifiersError

VERSION = "v1"
OPERATIONS = ("add", "remove", "replace", "test", "move", "copy")


def read_config_map(config_map: Manifest) -> Modifiers:
    """Returns the rules of the one key of a ConfigMap; its name does not matter.

    They are not validated yet. Raises ModifiersError, MissingLibraryError without PyYAML.
    """
    metadata, data = config_map["metadata"], config_map.get("data") or {}
    if len(data) != 1:
        where = namespaced_name(str(metadata.get("namespace") or ""), str(metadata["name"]))
        raise ModifiersError(f"illegal resource modifiers {where} configmap")
    try:
        return decoded(_loaded(next(iter(data.values()))))
    except ModifiersError as error:
        text = f"failed to decode yaml data into resource modifiers, err: {error}"
        raise ModifiersError(text) from None


def validation_error(modifiers: Modifiers) -> str:
    """Returns the first thing that Velero finds wrong with the rules; empty when nothing is."""
    if modifiers.version.lower() != VERSION:
        return f"unsupported resource modifier version {modifiers.version}"
    if not modifiers.rules:
        return "resource modifier rules cannot be empty"
    return next(filter(None, map(_rule_error, modifiers.rules)), "")


def _loaded(text: str) -> object:
    try:
        return load_strict(text)
    except GoYamlError as error:
        raise ModifiersError(f"error converting YAML to JSON: {error}") from None


def _rule_error(rule: ModifierRule) -> str:
    if not rule.group_resource:
        return "groupkResource cannot be empty"
    if sum(map(bool, (rule.patches, rule.merge_patches, rule.strategic_patches))) > 1:
        return "only one of patches, mergePatches, strategicPatches can be specified"
    return next(filter(None, map(_operation_error, rule.patches)), "")


def _operation_error(patch: JsonOperation) -> str:
    if not patch.operation:
        return "operation cannot be empty"
    if patch.operation.lower() not in OPERATIONS:
        return f"unsupported operation {patch.operation}"
    return "" if patch.path else "path cannot be empty"
