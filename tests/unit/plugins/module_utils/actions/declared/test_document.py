# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.declared.action import (
    Declaration,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    MissingLibraryError,
    RequestError,
)

READY = {"jmespath": "a"}
OPERATION = {"resource": "jobs", "name": "a", "done_when": {"jmespath": "a"}}


def refusal(document: Any) -> str:
    with pytest.raises(RequestError) as caught:
        Declaration(document, "item_actions[3]")
    return str(caught.value)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ([], "item_actions[3]: a mapping is needed, not a list"),
        ("x", "item_actions[3]: a mapping is needed, not a text"),
        (None, "item_actions[3]: a mapping is needed, not a null"),
        ({}, "item_actions[3]: name is missing"),
        ({"name": 1}, "item_actions[3].name: a text is needed, not a number"),
        ({"name": "velero.io/x"}, "velero.io/ is kept for Velero's own actions"),
        ({"name": "a b"}, "item_actions[3].name: a name such as example.com/wait-for-operator"),
        ({"then": 1}, "unknown then; there are additional_items, applies_to, name,"),
        ({"applies_to": []}, ".applies_to: a mapping is needed, not a list"),
        ({"applies_to": {"resources": ["a"]}}, ".applies_to: unknown resources; there are "),
        (
            {"applies_to": {"included_resources": "pods"}},
            ".applies_to.included_resources: a list is needed, not a text",
        ),
        (
            {"applies_to": {"included_resources": [1]}},
            ".applies_to.included_resources[0]: a text is needed, not a number",
        ),
        ({"applies_to": {"label_selector": "a in"}}, ".applies_to.label_selector: "),
        ({"when": True}, ".when: a text is needed, not a boolean"),
        ({"when": ""}, ".when: it must not be empty"),
        ({"when": "a b"}, ".when: no JMESPath expression: "),
        ({"skip": "a["}, ".skip: no JMESPath expression: "),
        ({"skip": 1}, ".skip: a boolean or text is needed, not a number"),
        ({"patches": [{}]}, ".patches[0]: exactly one of json, merge and strategic is needed"),
        (
            {"patches": [{"merge": {}, "json": [{"op": "remove", "path": "/a"}]}]},
            ".patches[0]: exactly one of json, merge and strategic is needed",
        ),
        (
            {"patches": [{"yaml": {}}]},
            ".patches[0]: unknown yaml; there are json, merge,",
        ),
        ({"patches": [{"json": {}}]}, ".patches[0].json: a list is needed, not a mapping"),
        (
            {"patches": [{"json": [{"op": "x", "path": "/a"}]}]},
            ".patches[0].json[0].op: one of add, remove, replace, move, copy, test is needed",
        ),
        (
            {"patches": [{"json": [{"op": "remove", "path": "a"}]}]},
            ".patches[0].json[0].path: an empty text or one that begins with / is needed",
        ),
        ({"patches": [{"json": [{"op": "add", "path": "/a"}]}]}, ".json[0]: value is missing"),
        ({"patches": [{"json": [{"op": "move", "path": "/a"}]}]}, ".json[0]: from is missing"),
        (
            {"additional_items": [{"resource": "a"}]},
            ".additional_items[0]: either resource and name or jmespath is needed",
        ),
        (
            {"additional_items": [{"resource": "a", "name": "{value}"}]},
            ".additional_items[0].name: unknown {value}; there are {name}, {namespace}",
        ),
        (
            {"additional_items": [{"resource": "a", "jmespath": "a", "name": "{x}"}]},
            ".name: unknown {x}; there are {name}, {namespace}, {value}",
        ),
        ({"additional_items": [{"jmespath": "("}]}, ".additional_items[0].jmespath: no JMESPath"),
        ({"ready_when": []}, ".ready_when: it must not be empty"),
        ({"ready_when": [{}]}, ".ready_when[0]: exactly one of condition, jmespath and field"),
        (
            {"ready_when": [{**READY, "condition": {"type": "A"}}]},
            ".ready_when[0]: exactly one of condition, jmespath and field is needed",
        ),
        ({"ready_when": [{"jmespath": "]"}]}, ".ready_when[0].jmespath: no JMESPath expression"),
        (
            {"ready_when": [{"condition": {"type": "A", "status": True}}]},
            ".ready_when[0].condition.status: a text is needed, not a boolean",
        ),
        (
            {"ready_when": [{"field": {"path": "a", "operator": "=", "value": 1}}]},
            ".ready_when[0].field.operator: one of ==, !=, >, >=, <, <=, in, not in, contains",
        ),
        ({"ready_when": [{"field": {"path": "a"}}]}, ".field: operator, value is missing"),
        (
            {"ready_when": [{**READY, "resource": "a", "object": {"resource": "a", "name": "b"}}]},
            ".ready_when[0]: resource and object exclude each other",
        ),
        ({"ready_when": [READY], "timeout": "soon"}, ".timeout 'soon': it is not a duration"),
        ({"timeout": 1}, "timeout has no effect without ready_when"),
        ({"operation": {"resource": "a"}}, ".operation: name, done_when is missing"),
        (
            {"operation": {**OPERATION, "done_when": {}}},
            ".operation.done_when: exactly one of condition, jmespath and field is needed",
        ),
        (
            {"operation": {**OPERATION, "progress": {"done": "a"}}},
            ".operation.progress: unknown done; there are description, error, n_completed,",
        ),
        (
            {"operation": {**OPERATION, "progress": {"n_total": "a b"}}},
            ".operation.progress.n_total: no JMESPath expression",
        ),
        ({"operation": {**OPERATION, "name": "{value}"}}, ".operation.name: unknown {value}"),
    ],
)
def test_mistakes_are_named_by_their_path(document: Any, why: str) -> None:
    if isinstance(document, dict) and document and "name" not in document:
        document = {"name": "a", **document}
    assert why in refusal(document)


def test_all_mistakes_are_told_at_once() -> None:
    text = refusal({"name": "a", "when": 1, "patches": [{"x": 1}], "skip": 2})
    assert all(f"item_actions[3].{field}" in text for field in ("when", "patches[0]", "skip"))


def test_values_are_not_shown() -> None:
    patch = {"json": [{"op": "add", "path": "hunter2", "value": "hunter2"}]}
    for document in (
        {"name": "a", "patches": [patch, {"merge": "hunter2"}, "hunter2"]},
        {"name": "a", "when": {"password": "hunter2"}},
        {"name": "hunter2 "},
        {"name": "a", "ready_when": "hunter2"},
    ):
        assert "hunter2" not in refusal(document)


@pytest.mark.parametrize("library", ["jsonschema", "jmespath"])
def test_without_a_library(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingLibraryError, match=library):
        Declaration({"name": "a", "when": "a"}, "item_actions[0]")
