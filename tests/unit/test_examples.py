# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documents show is what the tests run; other examples are valid."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.velero.core.plugins.module_utils.actions.declared.action import (
    Declaration,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.sources import (
    stored_action,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_request import restore_request
from ansible_collections.velero.core.plugins.module_utils.ansible_spec_restore import RESTORE
from ansible_collections.velero.core.plugins.module_utils.modifiers.documents import (
    read_document,
)
from ansible_collections.velero.core.plugins.module_utils.restore.refinement import check_rules
from tests.unit.plugins.modules.support import parsed

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "item_actions"
TEXT = (ROOT / "docs" / "writing_item_actions.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


YAML = [yaml.safe_load(text) for text in blocks("yaml")]
DECLARED = sorted(path.name for path in EXAMPLES.glob("*.yml") if path.name != "restore.yml")


@pytest.mark.parametrize("name", DECLARED)
def test_declared_examples_are_shown_as_they_are(name: str) -> None:
    document = yaml.safe_load((EXAMPLES / name).read_text())
    assert document in YAML
    Declaration(document, name)


def test_the_python_example_is_shown_as_it_is() -> None:
    (shown,) = (ast.parse(text).body[0] for text in blocks("python"))
    file = ast.parse((EXAMPLES / "stamp_owner.py").read_text())
    (kept,) = (node for node in file.body if isinstance(node, ast.ClassDef))
    assert _bare(shown) == _bare(kept)


def _bare(node: ast.AST) -> str:
    """Without docstrings and the types of methods."""
    for child in ast.walk(node):
        if isinstance(child, ast.ClassDef) and ast.get_docstring(child):
            child.body = child.body[1:]
        if isinstance(child, ast.FunctionDef) and child.name != "__init__":
            child.returns = None
            for argument in child.args.args:
                argument.annotation = None
    return ast.dump(node)


def test_other_pieces_are_right() -> None:
    (config_map,) = (one for one in YAML if isinstance(one, dict) and one.get("kind"))
    stored_action(config_map)
    (play,) = yaml.safe_load((EXAMPLES / "restore.yml").read_text())
    used: list[Any] = play["tasks"][0]["velero.core.velero_restore"]["item_actions"]
    for shown in (one["item_actions"] for one in YAML if "item_actions" in one):
        assert all(entry in used for entry in shown)
    (ready,) = (one["ready_when"] for one in YAML if set(one) == {"ready_when"})
    Declaration({"name": "x", "ready_when": ready}, "x")


def test_the_example_of_rules_is_right() -> None:
    (play,) = yaml.safe_load((ROOT / "examples" / "select_and_order.yml").read_text())
    module = "velero.core.velero_restore"
    tasks = [one[module] for one in play["tasks"] if module in one]
    rules = [restore_request(parsed(RESTORE, task)) for task in tasks]
    for request in rules:
        check_rules(request)
    assert [request.selection.with_dependencies for request in rules] == [False, True]
    assert rules[0].selection.rules == rules[1].selection.rules
    assert rules[1].order.last == ("Service", "Ingress")


def test_the_rules_that_change_objects_are_right() -> None:
    folder = ROOT / "examples" / "resource_modifiers"
    assert read_document((folder / "rules.yml").read_text(), "rules").rules
    (play,) = yaml.safe_load((folder / "restore.yml").read_text())
    options = [task["velero.core.velero_restore"]["resource_modifier"] for task in play["tasks"]]
    assert options[0]["src"].endswith("/rules.yml")
    assert read_document(options[1]["definition"], "definition").rules
    (shown,) = (
        yaml.safe_load(text)
        for text in re.findall(
            r"```yaml\n(version: v1\n.*?)```",
            (ROOT / "docs" / "resource_modifiers.md").read_text(),
            re.DOTALL,
        )
    )
    assert read_document(shown, "documentation").rules
