# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changing an object by one rule.

Source: internal/resourcemodifiers/{json_patch,json_merge_patch,strategic_merge_patch}.go, reference
restore-item-actions.md sections 5.6 to 5.8.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.go_yaml import (
    GoYamlError,
    load_as_json,
)
from ansible_collections.velero.core.plugins.module_utils.model.modifier_rules import ModifierRule
from ansible_collections.velero.core.plugins.module_utils.model.patching.json_patch import (
    apply_json_patch,
)
from ansible_collections.velero.core.plugins.module_utils.model.patching.merge_keys import (
    type_of_kind,
)
from ansible_collections.velero.core.plugins.module_utils.model.patching.merge_patch import (
    apply_merge_patch,
)
from ansible_collections.velero.core.plugins.module_utils.model.patching.strategic_patch import (
    apply_strategic_patch,
)
from ansible_collections.velero.core.plugins.module_utils.model.patching.values import (
    PatchError,
    TestFailedError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.modifiers.errors import RuleError
from ansible_collections.velero.core.plugins.module_utils.modifiers.json_patches import operations
from ansible_collections.velero.core.plugins.module_utils.modifiers.matching import Log

# Where the scheme of Velero's server is made; Go names it so.
_SCHEME = "pkg/runtime/scheme.go:111"


def patched(rule: ModifierRule, obj: Manifest, log: Log, *, strict: bool) -> Manifest:
    """Returns ``obj`` changed by ``rule``, all or nothing; ``obj`` itself is left alone.

    Raises RuleError with Velero's text.
    """
    if not (rule.patches or rule.merge_patches or rule.strategic_patches):
        raise RuleError("no patch data found")
    try:
        if rule.patches:
            return _json_patched(rule, obj, log, strict=strict)
        if rule.merge_patches:
            return _merged(rule.merge_patches, obj)
        return _strategic(rule.strategic_patches, obj)
    except RuleError as error:
        raise RuleError(f"error in applying patch {error}") from None


def _json_patched(rule: ModifierRule, obj: Manifest, log: Log, *, strict: bool) -> Manifest:
    try:
        changed = apply_json_patch(obj, operations(rule.patches, strict=strict))
    except TestFailedError as error:
        log("info", f"Test operation failed for JSON Patch {error}")
        return obj
    except (PatchError, RuleError) as error:
        raise RuleError(f"error in applying JSON Patch {error}") from None
    return _object(changed)


def _merged(patches: tuple[str, ...], obj: Manifest) -> Manifest:
    changed: Any = obj
    for patch in patches:
        data = _data(patch)
        if changed is None:
            raise RuleError("error in applying JSON Patch: Invalid JSON Document")
        changed = apply_merge_patch(changed, data)
    return _object(changed)


def _strategic(patches: tuple[str, ...], obj: Manifest) -> Manifest:
    version, kind = str(obj.get("apiVersion", "")), str(obj.get("kind", ""))
    if not type_of_kind(version, kind):
        text = f'no kind "{kind}" is registered for version "{version}" in scheme "{_SCHEME}"'
        raise RuleError(text)
    for patch in patches:
        data = _data(patch)
        if data is not None and not isinstance(data, dict):
            found = "array" if isinstance(data, list) else type(data).__name__
            raise RuleError(
                f"error in applying Strategic Patch json: cannot unmarshal {found} into Go value "
                "of type map[string]interface {}"
            )
        try:
            obj = apply_strategic_patch(obj, data or {})
        except PatchError as error:
            raise RuleError(f"error in applying Strategic Patch {error}") from None
    return obj


@lru_cache(maxsize=1024)
def _data(patch: str) -> Any:
    try:
        return load_as_json(patch)
    except GoYamlError as error:
        raise RuleError(f"error in converting YAML to JSON {error}") from None


def _object(changed: Any) -> Manifest:
    if isinstance(changed, dict) and isinstance(changed.get("kind"), str) and changed["kind"]:
        return changed
    # Velero shows the whole document, and with it whatever is in there.
    shown = " in 'null'" if changed is None else ""
    raise RuleError(f"error in unmarshalling modified object Object 'Kind' is missing{shown}")
