# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference restore-item-actions.md sections 5.1 and 5.3."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.modifier_rules import (
    JsonOperation,
    Match,
    ModifierRule,
    Modifiers,
)
from ansible_collections.velero.core.plugins.module_utils.modifiers.config_map import (
    read_config_map,
    validation_error,
)
from ansible_collections.velero.core.plugins.module_utils.modifiers.errors import ModifiersError

HEAD = "version: v1\nresourceModifierRules:\n"
CONTAINER = '{"name": "nginx", "image": "nginx:1.14.2", "ports": [{"containerPort": 80}]}'


def config_map(*texts: str) -> dict[str, Any]:
    data = {f"key{number}": text for number, text in enumerate(texts)}
    return {"metadata": {"namespace": "velero", "name": "m"}, "data": data}


def read(text: str) -> Modifiers:
    return read_config_map(config_map(text))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param(
            "- conditions:\n    groupResource: persistentvolumeclaims\n    resourceNameRegex: .*\n"
            "    namespaces: [bar, foo]\n  patches:\n"
            "  - {operation: replace, path: /spec/storageClassName, value: premium}\n"
            "  - {operation: remove, path: /metadata/labels/test}\n",
            ModifierRule(
                group_resource="persistentvolumeclaims",
                name_regex=".*",
                namespaces=("bar", "foo"),
                patches=(
                    JsonOperation("replace", "/spec/storageClassName", value="premium"),
                    JsonOperation("remove", "/metadata/labels/test"),
                ),
            ),
            id="json patch",
        ),
        pytest.param(
            "- conditions: {groupResource: deployments.apps}\n  patches:\n"
            f"  - operation: add\n    path: /c/0\n    value: '{CONTAINER}'\n"
            "  - {operation: copy, from: /c/0, path: /c/1}\n",
            ModifierRule(
                group_resource="deployments.apps",
                patches=(
                    JsonOperation("add", "/c/0", value=CONTAINER),
                    JsonOperation("copy", "/c/1", "/c/0"),
                ),
            ),
            id="value that is a json object",
        ),
        pytest.param(
            "- conditions: {groupResource: a, labelSelector: {matchLabels: {a: b}}}\n",
            ModifierRule(group_resource="a", label_selector={"matchLabels": {"a": "b"}}),
            id="label selector",
        ),
        pytest.param(
            "- conditions:\n    groupResource: pods\n    namespaces: [ns1]\n"
            "    matches: [{path: /metadata/annotations/foo, value: bar}]\n"
            "  mergePatches:\n  - patchData: |\n      metadata:\n        annotations:\n"
            "          foo: null",
            ModifierRule(
                group_resource="pods",
                namespaces=("ns1",),
                matches=(Match("/metadata/annotations/foo", "bar"),),
                merge_patches=("metadata:\n  annotations:\n    foo: null",),
            ),
            id="merge patch in yaml",
        ),
        pytest.param(
            "- conditions: {groupResource: pods}\n  mergePatches:\n"
            '  - patchData: |\n      {"metadata":{"annotations":{"foo":null}}}',
            ModifierRule(
                group_resource="pods",
                merge_patches=('{"metadata":{"annotations":{"foo":null}}}',),
            ),
            id="merge patch in json",
        ),
        pytest.param(
            "- conditions: {groupResource: pods}\n  strategicPatches:\n"
            "  - patchData: |\n      spec:\n        containers:\n        - name: nginx",
            ModifierRule(
                group_resource="pods",
                strategic_patches=("spec:\n  containers:\n  - name: nginx",),
            ),
            id="strategic patch in yaml",
        ),
        pytest.param(
            "- conditions: {groupResource: pods}\n  strategicPatches:\n"
            '  - patchData: |\n      {"spec":{"containers":[{"name": "nginx"}]}}',
            ModifierRule(
                group_resource="pods",
                strategic_patches=('{"spec":{"containers":[{"name": "nginx"}]}}',),
            ),
            id="strategic patch in json",
        ),
        pytest.param(
            '- conditions: {groupResource: a}\n  patches:\n  - {value: "\\"true\\""}\n',
            ModifierRule(group_resource="a", patches=(JsonOperation("", "", value='"true"'),)),
            id="boolean as text",
        ),
        pytest.param(
            '- conditions: {groupResource: a}\n  patches:\n  - {value: "true"}\n',
            ModifierRule(group_resource="a", patches=(JsonOperation("", "", value="true"),)),
            id="boolean",
        ),
    ],
)
def test_documents(text: str, rule: ModifierRule) -> None:
    assert read(HEAD + text) == Modifiers("v1", (rule,))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2", "2"),
        ("yes", "true"),
        ("off", "false"),
        ("1.0", "1"),
        ("1.25", "1.25"),
        ("1e6", "1e+06"),
        ("0x10", "16"),
        ("~", ""),
        ("2020-01-01", "2020-01-01"),
        ("1:30", "1:30"),
    ],
)
def test_scalars_become_texts(value: str, text: str) -> None:
    (rule,) = read(f"{HEAD}- patches:\n  - value: {value}\n").rules
    assert rule.patches == (JsonOperation("", "", value=text),)


def test_keys_match_whatever_their_case() -> None:
    found = read("Version: v1\nRESOURCEMODIFIERRULES:\n- Conditions: {groupresource: pods}\n")
    assert found == Modifiers("v1", (ModifierRule(group_resource="pods"),))


def test_null_is_absent() -> None:
    text = f"{HEAD}- conditions:\n  patches: ~\n- ~\n- conditions: {{namespaces: [~]}}\n"
    assert read(text).rules == (ModifierRule(), ModifierRule(), ModifierRule(namespaces=("",)))


def test_texts_in_selectors() -> None:
    text = (
        f"{HEAD}- conditions:\n    labelSelector:\n      matchLabels: {{a: 1, b: ~}}\n"
        "      matchExpressions: [{key: k, operator: In, values: [1, on]}]\n"
    )
    (rule,) = read(text).rules
    assert rule.label_selector == {
        "matchLabels": {"a": "1", "b": ""},
        "matchExpressions": [{"key": "k", "operator": "In", "values": ["1", "true"]}],
    }


@pytest.mark.parametrize("texts", [(), ("version: v1", "version: v1")])
def test_a_config_map_has_one_key(texts: tuple[str, ...]) -> None:
    with pytest.raises(ModifiersError, match=r"^illegal resource modifiers velero/m configmap$"):
        read_config_map(config_map(*texts))


DECODING = "error unmarshaling JSON: while decoding JSON: json: "
FIELD = f"{DECODING}cannot unmarshal {{}} into Go struct field {{}} of type {{}}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "version: v1\nresourceModifierRules: [oops\n",
            "error converting YAML to JSON: yaml: line 2: did not find expected ',' or ']'",
        ),
        (
            "version: v1\nversion: v1",
            "error converting YAML to JSON: yaml: unmarshal errors:\n"
            '  line 2: key "version" already set in map',
        ),
        ("version1: v1", f'{DECODING}unknown field "version1"'),
        (f"{HEAD}- when: x", f'{DECODING}unknown field "when"'),
        (
            "oops",
            f"{DECODING}cannot unmarshal string into Go value of type "
            "resourcemodifiers.ResourceModifiers",
        ),
        (
            "[]",
            f"{DECODING}cannot unmarshal array into Go value of type "
            "resourcemodifiers.ResourceModifiers",
        ),
        (
            "version: []",
            FIELD.format("array", "ResourceModifiers.version", "string"),
        ),
        (
            "version: v1\nresourceModifierRules: oops",
            FIELD.format(
                "string",
                "ResourceModifiers.resourceModifierRules",
                "[]resourcemodifiers.ResourceModifierRule",
            ),
        ),
        (
            f"{HEAD}- conditions: 1",
            FIELD.format(
                "number",
                "ResourceModifierRule.resourceModifierRules.conditions",
                "resourcemodifiers.Conditions",
            ),
        ),
        (
            f"{HEAD}- conditions: {{namespaces: shop}}",
            FIELD.format(
                "string", "Conditions.resourceModifierRules.conditions.namespaces", "[]string"
            ),
        ),
        (
            f"{HEAD}- conditions: {{labelSelector: {{matchLabels: true}}}}",
            FIELD.format(
                "bool",
                "LabelSelector.resourceModifierRules.conditions.labelSelector.matchLabels",
                "map[string]string",
            ),
        ),
        (
            f"{HEAD}- mergePatches:\n  - patchData: {{a: b}}",
            FIELD.format(
                "object", "JSONMergePatch.resourceModifierRules.mergePatches.patchData", "string"
            ),
        ),
    ],
)
def test_documents_that_cannot_be_decoded(text: str, why: str) -> None:
    with pytest.raises(ModifiersError) as caught:
        read(text)
    head = "failed to decode yaml data into resource modifiers, err: "
    assert str(caught.value) == head + why


def valid(**fields: Any) -> ModifierRule:
    return ModifierRule(
        **{"group_resource": "pods", "patches": (JsonOperation("remove", "/a"),), **fields}
    )


@pytest.mark.parametrize(
    ("modifiers", "why"),
    [
        (Modifiers("v1", (valid(),)), ""),
        (Modifiers("V1", (valid(),)), ""),
        (Modifiers("v1", (ModifierRule(group_resource="pods"),)), ""),
        (Modifiers(), "unsupported resource modifier version "),
        (Modifiers("v2", (valid(),)), "unsupported resource modifier version v2"),
        (Modifiers("v1"), "resource modifier rules cannot be empty"),
        (Modifiers("v1", (valid(), valid(group_resource=""))), "groupkResource cannot be empty"),
        (
            Modifiers("v1", (valid(merge_patches=("{}",)),)),
            "only one of patches, mergePatches, strategicPatches can be specified",
        ),
        (
            Modifiers("v1", (valid(patches=(), merge_patches=("a",), strategic_patches=("a",)),)),
            "only one of patches, mergePatches, strategicPatches can be specified",
        ),
    ],
)
def test_validation(modifiers: Modifiers, why: str) -> None:
    assert validation_error(modifiers) == why


@pytest.mark.parametrize(
    ("patch", "why"),
    [
        (JsonOperation("replace", "/spec/storageClassName", value="premium"), ""),
        *((JsonOperation(name, "/a"), "") for name in ("add", "MOVE", "Copy", "test", "remove")),
        (JsonOperation("", "/a", value="b"), "operation cannot be empty"),
        (JsonOperation("", ""), "operation cannot be empty"),
        (JsonOperation("replace", "", value="b"), "path cannot be empty"),
        (JsonOperation("invalid", "/a"), "unsupported operation invalid"),
        (JsonOperation("Patch", ""), "unsupported operation Patch"),
    ],
)
def test_validation_of_operations(patch: JsonOperation, why: str) -> None:
    assert validation_error(Modifiers("v1", (valid(patches=(patch,)),))) == why
