# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a rule is for an object.

Source: internal/resourcemodifiers/resource_modifiers.go:115-205, reference
restore-item-actions.md sections 5.4 and 5.5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.glob import glob_matches
from ansible_collections.velero.core.plugins.module_utils.model.go_regex import (
    GoRegexError,
    compile_go_regex,
)
from ansible_collections.velero.core.plugins.module_utils.model.modifier_rules import ModifierRule
from ansible_collections.velero.core.plugins.module_utils.model.patching.json_patch import (
    check_json_tests,
)
from ansible_collections.velero.core.plugins.module_utils.model.patching.values import (
    MissingPathError,
    PatchError,
    TestFailedError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.selectors import (
    SelectorError,
    compile_selector,
)
from ansible_collections.velero.core.plugins.module_utils.modifiers.errors import RuleError
from ansible_collections.velero.core.plugins.module_utils.modifiers.json_patches import match_tests

Log = Callable[[str, str], None]

_SEPARATOR = "."
_EVERYTHING = "*"


def rule_matches(rule: ModifierRule, obj: Manifest, gr: str, log: Log) -> bool:
    """Returns whether ``rule`` is for ``obj``, which still has its source namespace.

    ``gr`` is the group-resource it has in the backup. Raises RuleError for a condition that
    cannot be evaluated.
    """
    metadata = _mapping(obj.get("metadata"))
    namespace = str(metadata.get("namespace") or "")
    if namespace and not _includes(rule.namespaces, namespace):
        return False
    if not _is_resource(rule.group_resource, gr, log):
        return False
    if rule.name_regex and not _has_name(rule.name_regex, str(metadata.get("name") or "")):
        return False
    if rule.label_selector is not None and not _has_labels(rule.label_selector, metadata):
        return False
    return _has_values(rule, obj, log)


def glob_fault(pattern: str) -> str:
    """Returns why ``pattern`` is no glob; empty when it is one."""
    return "unexpected end of input" if glob_matches(pattern, "", _SEPARATOR) is None else ""


def _includes(patterns: tuple[str, ...], namespace: str) -> bool:
    if not patterns or _EVERYTHING in patterns:
        return True
    for pattern in sorted(set(patterns)):
        matched = glob_matches(pattern, namespace)
        if matched is not False:
            # One that does not compile lets nothing pass.
            return bool(matched)
    return False


def _is_resource(pattern: str, gr: str, log: Log) -> bool:
    matched = glob_matches(pattern, gr, _SEPARATOR)
    if matched is None:
        why = glob_fault(pattern)
        log(
            "error",
            f"Bad glob pattern of groupResource in condition, groupResource: {pattern}, err: {why}",
        )
        raise RuleError(why)
    return matched


def _has_name(pattern: str, name: str) -> bool:
    try:
        return bool(compile_go_regex(pattern).search(name))
    except GoRegexError as error:
        raise RuleError(f"error in matching regex {error}") from None


def _has_labels(selector: Mapping[str, Any], metadata: Mapping[str, Any]) -> bool:
    try:
        accepts = compile_selector(selector)
    except SelectorError as error:
        raise RuleError(f"error in creating label selector {error}") from None
    labels = _mapping(metadata.get("labels"))
    # Velero cannot read a map that holds anything but texts.
    return accepts(labels if all(isinstance(one, str) for one in labels.values()) else {})


def _has_values(rule: ModifierRule, obj: Manifest, log: Log) -> bool:
    if not rule.matches:
        return True
    try:
        check_json_tests(obj, match_tests(rule.matches))
    except (TestFailedError, MissingPathError):
        log("info", "Conditions do not match, skip it")
        return False
    except PatchError as error:
        raise RuleError(str(error)) from None
    return True


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
