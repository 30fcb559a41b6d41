# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resource modifiers that a task gives itself, inline or as a file.

What Velero would find out with the first object is refused here before anything is written.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.document_faults import (
    listed,
    path_of,
    schema_faults,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.glob import compile_glob
from ansible_collections.velero.core.plugins.module_utils.model.go_regex import (
    GoRegexError,
    compile_go_regex,
)
from ansible_collections.velero.core.plugins.module_utils.model.go_yaml import (
    GoYamlError,
    load_as_json,
    load_strict,
)
from ansible_collections.velero.core.plugins.module_utils.model.modifier_rules import (
    ModifierRule,
    Modifiers,
)
from ansible_collections.velero.core.plugins.module_utils.model.selectors import (
    SelectorError,
    compile_selector,
)
from ansible_collections.velero.core.plugins.module_utils.modifiers.decoding import decoded
from ansible_collections.velero.core.plugins.module_utils.modifiers.errors import RuleError
from ansible_collections.velero.core.plugins.module_utils.modifiers.json_patches import (
    match_tests,
    operations,
)
from ansible_collections.velero.core.plugins.module_utils.modifiers.schema import SCHEMA

_HINT = "See docs/resource_modifiers.md"
_GROUP = "velero-core.io"
_KIND = "ResourceModifiers"


def read_document(given: Any, where: str, source: str = "") -> Modifiers:
    """Returns the rules of a document, which is YAML data or a text of YAML.

    ``where`` is the option that has it and ``source`` the file it is from. Raises RequestError
    that names all faults by their paths, MissingLibraryError.
    """
    doing = f"reading the resource modifiers{source and f' of {source}'}"
    document = _loaded(given, where, doing)
    path, why = listed(schema_faults(document, SCHEMA, where, "resource modifiers"))
    if not why:
        modifiers = decoded(_as_texts(document))
        path, why = listed(_rule_faults(modifiers, where))
    if why:
        raise RequestError(doing, path, why, _HINT)
    return modifiers


def reference(modifiers: Modifiers) -> dict[str, str]:
    """Returns what the record of a restore has in the place of a reference to a ConfigMap.

    Its name is a digest of the rules: other rules make another restore. A Velero server passes
    over references of this kind.
    """
    rules = [dataclasses.asdict(rule) for rule in modifiers.rules]
    digest = hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()
    return {"apiGroup": _GROUP, "kind": _KIND, "name": f"sha256-{digest}"}


def _loaded(given: Any, where: str, doing: str) -> Any:
    if not isinstance(given, str):
        return given
    try:
        return load_strict(given, only=True)
    except GoYamlError as error:
        why = " ".join(str(error).split())
        raise RequestError(doing, where, f"it is no YAML: {why}", _HINT) from None


def _as_texts(document: dict[str, Any]) -> dict[str, Any]:
    """The document with texts where Velero wants them."""
    rules = []
    for rule in document["resourceModifierRules"]:
        texts = dict(rule)
        for name, key in (
            ("patches", "value"),
            ("mergePatches", "patchData"),
            ("strategicPatches", "patchData"),
        ):
            if name in rule:
                texts[name] = [_with_text(patch, key) for patch in rule[name]]
        rules.append(texts)
    return {**document, "resourceModifierRules": rules}


def _with_text(patch: dict[str, Any], key: str) -> dict[str, Any]:
    value = patch.get(key)
    if not isinstance(value, (dict, list)):
        return patch
    return {**patch, key: json.dumps(value, ensure_ascii=False, sort_keys=True)}


def _rule_faults(modifiers: Modifiers, where: str) -> Iterator[tuple[str, str]]:
    for number, rule in enumerate(modifiers.rules):
        place = f"{where}.resourceModifierRules[{number}]"
        for parts, why in [*_condition_faults(rule), *_patch_faults(rule)]:
            yield path_of(place, parts), why


def _condition_faults(rule: ModifierRule) -> Iterator[tuple[list[str | int], str]]:
    if compile_glob(rule.group_resource, ".") is None:
        yield ["conditions", "groupResource"], "it is no glob"
    for number, pattern in enumerate(rule.namespaces):
        if compile_glob(pattern) is None:
            yield ["conditions", "namespaces", number], "it is no glob"
    try:
        compile_go_regex(rule.name_regex)
    except GoRegexError as error:
        yield ["conditions", "resourceNameRegex"], str(error)
    try:
        compile_selector(rule.label_selector)
    except SelectorError as error:
        yield ["conditions", "labelSelector"], str(error)
    for number, match in enumerate(rule.matches):
        try:
            match_tests((match,))
        except RuleError:
            yield ["conditions", "matches", number, "value"], _NO_JSON


def _patch_faults(rule: ModifierRule) -> Iterator[tuple[list[str | int], str]]:
    for number, patch in enumerate(rule.patches):
        try:
            operations((patch,), strict=True)
        except RuleError:
            yield ["patches", number, "value"], _NO_JSON
    for name, patches in (
        ("mergePatches", rule.merge_patches),
        ("strategicPatches", rule.strategic_patches),
    ):
        for number, text in enumerate(patches):
            why = _data_fault(text)
            if why:
                yield [name, number, "patchData"], why


_NO_JSON = "with this value, path and from the operation is no JSON; escape quotes and backslashes"


def _data_fault(text: str) -> str:
    try:
        data = load_as_json(text)
    except GoYamlError as error:
        return f"it is no YAML: {' '.join(str(error).split())}"
    return "" if isinstance(data, dict) else "a mapping is needed"
