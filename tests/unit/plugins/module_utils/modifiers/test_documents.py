# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resource modifiers of a task or a file."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.modifier_rules import Match
from ansible_collections.velero.core.plugins.module_utils.modifiers.config_map import (
    read_config_map,
)
from ansible_collections.velero.core.plugins.module_utils.modifiers.documents import (
    read_document,
    reference,
)

WHERE = "resource_modifier.definition"
RULE = f"{WHERE}.resourceModifierRules[0]"
REMOVE = {"operation": "remove", "path": "/a"}


def document(**fields: Any) -> dict[str, Any]:
    """A document with one rule, which ``fields`` change."""
    rule = {"conditions": {"groupResource": "pods"}, "patches": [REMOVE], **fields}
    kept = {key: value for key, value in rule.items() if value is not None}
    return {"version": "v1", "resourceModifierRules": [kept]}


def conditions(**fields: Any) -> dict[str, Any]:
    return document(conditions={"groupResource": "pods", **fields})


def patch(**fields: Any) -> dict[str, Any]:
    return document(patches=[fields])


def merge(data: Any) -> dict[str, Any]:
    return document(patches=None, mergePatches=[{"patchData": data}])


FULL = document(
    conditions={
        "groupResource": "deployments.apps",
        "resourceNameRegex": "^web$",
        "namespaces": ["shop"],
        "labelSelector": {
            "matchLabels": {"a": "b"},
            "matchExpressions": [{"key": "k", "operator": "In", "values": ["v"]}],
        },
        "matches": [{"path": "/spec/replicas", "value": "3"}],
    },
    patches=[
        {"operation": "copy", "from": "/a", "path": "/b"},
        {"operation": "replace", "path": "/spec/replicas", "value": "1"},
    ],
)


@pytest.mark.parametrize("shown", [yaml.safe_dump, json.dumps])
def test_a_text_a_mapping_and_a_config_map_say_the_same(shown: Any) -> None:
    config_map = {"metadata": {"name": "m"}, "data": {"x": shown(FULL)}}
    inline = read_document(FULL, WHERE)
    assert inline == read_document(shown(FULL), WHERE) == read_config_map(config_map)
    assert inline.rules[0].matches == (Match("/spec/replicas", "3"),)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (2, "2"),
        (True, "true"),
        (1.5, "1.5"),
        ("", ""),
        ("x", "x"),
        ({"b": [1], "a": "ä"}, '{"a": "ä", "b": [1]}'),
        ([{"a": None}], '[{"a": null}]'),
    ],
)
def test_values_become_texts(given: Any, text: str) -> None:
    found = read_document(patch(operation="add", path="/a", value=given), WHERE)
    assert found.rules[0].patches[0].value == text


def test_the_data_of_a_patch_may_be_a_mapping() -> None:
    data = {"spec": {"a": None, "b": 1}}
    as_mapping, as_text = (read_document(merge(one), WHERE) for one in (data, json.dumps(data)))
    assert as_mapping == as_text


@pytest.mark.parametrize(
    ("given", "path", "why"),
    [
        (None, WHERE, "a mapping is needed, not a null"),
        ([], WHERE, "a mapping is needed, not a list"),
        ("a: b:", WHERE, "it is no YAML: yaml: mapping values are not allowed"),
        ("a: 1\na: 2", WHERE, 'it is no YAML: yaml: unmarshal errors: line 2: key "a"'),
        ("{}\n---\n{}", WHERE, "more than one document"),
        ({}, WHERE, "version, resourceModifierRules is missing"),
        ({**FULL, "version": "v2"}, f"{WHERE}.version", "the only version is v1"),
        ({**FULL, "rules": []}, WHERE, "unknown rules; there are resourceModifierRules, version"),
        ({**FULL, "resourceModifierRules": []}, f"{WHERE}.resourceModifierRules", "not be empty"),
        (document(conditions=None), RULE, "conditions is missing"),
        (document(conditions={}), f"{RULE}.conditions", "groupResource is missing"),
        (document(patches=None), RULE, "exactly one of patches, mergePatches, strategicPatches"),
        (document(mergePatches=[{"patchData": "{}"}]), RULE, "exactly one of"),
        (document(patches=[]), f"{RULE}.patches", "it must not be empty"),
        (conditions(groupResource=""), f"{RULE}.conditions.groupResource", "not be empty"),
        (conditions(groupResource="[a"), f"{RULE}.conditions.groupResource", "it is no glob"),
        (conditions(namespaces="a"), f"{RULE}.conditions.namespaces", "a list is needed"),
        (conditions(namespaces=["a", "{"]), f"{RULE}.conditions.namespaces[1]", "no glob"),
        (
            conditions(resourceNameRegex="(?=a)"),
            f"{RULE}.conditions.resourceNameRegex",
            "error parsing regexp: invalid or unsupported Perl syntax",
        ),
        (
            conditions(labelSelector={"matchExpressions": [{"key": "a", "operator": "Is"}]}),
            f"{RULE}.conditions.labelSelector.matchExpressions[0].operator",
            "one of In, NotIn, Exists, DoesNotExist is needed",
        ),
        (
            conditions(labelSelector={"matchExpressions": [{"key": "a", "operator": "In"}]}),
            f"{RULE}.conditions.labelSelector",
            "values set can't be empty",
        ),
        (
            conditions(matches=[{"path": "a", "value": "b"}]),
            f"{RULE}.conditions.matches[0].path",
            "a text that begins with / is needed",
        ),
        (
            conditions(matches=[{"path": "/a", "value": "NaN"}]),
            f"{RULE}.conditions.matches[0].value",
            "is no JSON",
        ),
        (
            patch(operation="Add", path="/a", value="b"),
            f"{RULE}.patches[0].operation",
            "one of add",
        ),
        (patch(operation="add", path="/a"), f"{RULE}.patches[0]", "value is missing"),
        (patch(operation="move", path="/a"), f"{RULE}.patches[0]", "from is missing"),
        (patch(operation="remove", path="a"), f"{RULE}.patches[0].path", "begins with /"),
        (patch(operation="add", path="/a", value=None), f"{RULE}.patches[0].value", "not a null"),
        (
            patch(operation="add", path="/a", value='a "b"'),
            f"{RULE}.patches[0].value",
            "escape quotes and backslashes",
        ),
        (patch(op="add", path="/a"), f"{RULE}.patches[0]", "operation is missing"),
        (merge("a: b:"), f"{RULE}.mergePatches[0].patchData", "it is no YAML"),
        (merge("[]"), f"{RULE}.mergePatches[0].patchData", "a mapping is needed"),
        (merge(1), f"{RULE}.mergePatches[0].patchData", "a text or mapping is needed"),
    ],
)
def test_faults_are_told_by_their_path(given: Any, path: str, why: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_document(given, WHERE)
    assert caught.value.target == path
    assert why in caught.value.why


def test_all_faults_are_told_at_once() -> None:
    given = document(conditions={}, patches=[{"operation": "x"}])
    with pytest.raises(RequestError) as caught:
        read_document(given, WHERE)
    assert f"{RULE}.patches[0]: path is missing" in str(caught.value)
    assert f"{RULE}.patches[0].operation: one of add" in str(caught.value)


def test_values_are_in_no_message() -> None:
    wrong = patch(operation="add", path="a", value='hid"den')
    with pytest.raises(RequestError) as caught:
        read_document(wrong, WHERE)
    assert "hid" not in str(caught.value)


def test_a_file_is_named() -> None:
    with pytest.raises(
        RequestError, match=r"reading the resource modifiers of rules\.yml resource_"
    ):
        read_document("{}", "resource_modifier.src", "rules.yml")


def test_other_rules_have_another_reference() -> None:
    found = reference(read_document(FULL, WHERE))
    assert (found["apiGroup"], found["kind"]) == ("velero-core.io", "ResourceModifiers")
    assert found == reference(read_document(yaml.safe_dump(FULL), WHERE))
    assert found == reference(read_document({**FULL, "version": "V1"}, WHERE))
    assert found != reference(read_document(document(), WHERE))
    assert len(found["name"]) == len("sha256-") + 64
