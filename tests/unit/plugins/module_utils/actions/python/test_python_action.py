# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    AsyncNotSupportedError,
    ExecuteInput,
    ExecuteOutput,
    OperationProgress,
    ResourceIdentifier,
    ResourceSelector,
)
from ansible_collections.velero.core.plugins.module_utils.actions.python_action import (
    PythonAction,
    load_python_action,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ConnectionFailedError,
    RequestError,
)
from tests.support.builders import config_map

EXAMPLES = Path(__file__).resolve().parents[6] / "examples" / "item_actions"
SECRET = ResourceIdentifier(resource="secrets", namespace="shop", name="s")
RESTORE: dict[str, Any] = {"spec": {}}


class Plain:
    """The least that is an action; ``said`` is what execute returns or raises."""

    def __init__(self, said: Any = None) -> None:
        self.said = said

    def applies_to(self) -> Any:
        return {"included_resources": ["pods"], "label_selector": None}

    def execute(self, given: ExecuteInput) -> Any:
        given.item["data"]["touched"] = "yes"
        given.item_from_backup["data"]["touched"] = "yes"
        if isinstance(self.said, BaseException):
            raise self.said
        return given.item if self.said == "item" else self.said


def given() -> ExecuteInput:
    return ExecuteInput(item=config_map(), item_from_backup=config_map(), restore=RESTORE)


def executed(said: Any) -> ExecuteOutput:
    return PythonAction(Plain(said)).execute(given())


def test_what_a_plain_object_gets_for_nothing() -> None:
    made = PythonAction(Plain())
    assert (made.name, made.has_side_effects) == ("Plain", True)
    assert made.applies_to() == ResourceSelector(included_resources=("pods",))
    assert made.are_additional_items_ready([SECRET], RESTORE)
    made.cancel("x", RESTORE)
    with pytest.raises(AsyncNotSupportedError):
        made.progress("x", RESTORE)


def test_nothing_returned_leaves_the_item_as_it_is() -> None:
    before = given()
    assert PythonAction(Plain()).execute(before) == ExecuteOutput()
    assert before == given()


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({}, ExecuteOutput()),
        ({"skip_restore": True}, ExecuteOutput(skip_restore=True)),
        ({"updated_item": config_map("y")}, ExecuteOutput(updated_item=config_map("y"))),
        (
            {"additional_items": [{"resource": "secrets", "namespace": "shop", "name": "s"}]},
            ExecuteOutput(additional_items=(SECRET,)),
        ),
        ({"additional_items": [SECRET]}, ExecuteOutput(additional_items=(SECRET,))),
        ({"operation_id": "o"}, ExecuteOutput(operation_id="o")),
        (ExecuteOutput().with_items_wait(5), ExecuteOutput().with_items_wait(5)),
    ],
)
def test_outputs(said: Any, wanted: ExecuteOutput) -> None:
    assert executed(said) == wanted


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("item", "execute returned unknown apiVersion, data, kind, metadata; there are "),
        ([], "execute returned a list and no mapping"),
        (True, "execute returned a bool and no mapping"),
        (
            {"skip": True},
            "execute returned unknown skip; there are updated_item, additional_items,",
        ),
        ({"updated_item": []}, "as updated_item a list that is no object"),
        ({"updated_item": {"kind": None}}, "as updated_item a dict that is no object"),
        ({"updated_item": config_map(data={"a": object()})}, "an updated_item that is no JSON"),
        ({"additional_items": "s"}, "execute returned as additional_items a str and no list"),
        ({"additional_items": ["s"]}, "a str among additional_items"),
        ({"additional_items": [{"name": "s"}]}, "TypeError: "),
        (ValueError("no such thing"), "ValueError: no such thing"),
        (ActionError("as it is"), "as it is"),
        (SystemExit(3), "SystemExit: 3"),
        (ConnectionFailedError("asking", "something of its own"), "ConnectionFailedError: Failed"),
    ],
)
def test_faults_are_errors_of_the_item(said: Any, why: str) -> None:
    with pytest.raises(ActionError) as caught:
        executed(said)
    assert why in str(caught.value)


def test_a_selector_that_is_none() -> None:
    class Wrong(Plain):
        def applies_to(self) -> Any:
            return {"included_resources": "pods"}

    with pytest.raises(ActionError, match="as included_resources a str and no list"):
        PythonAction(Wrong()).applies_to()


def test_what_ends_the_process_still_does() -> None:
    with pytest.raises(KeyboardInterrupt):
        executed(KeyboardInterrupt())


class Full(Plain):
    """Everything that the contract has."""

    name = "example.com/full"
    has_side_effects = False

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []

    def progress(self, operation_id: str, restore: Any) -> Any:
        restore["changed"] = True
        if operation_id == "bad":
            raise OSError("no route")
        return {"completed": True, "n_total": 3, "err": None}

    def cancel(self, operation_id: str, restore: Any) -> None:
        self.seen.append(operation_id)

    def are_additional_items_ready(self, items: Any, restore: Any) -> Any:
        self.seen.extend(items)
        return []


def test_a_full_object() -> None:
    wrapped = Full()
    made = PythonAction(wrapped)
    assert (made.name, made.has_side_effects) == ("example.com/full", False)
    assert made.progress("o", RESTORE) == OperationProgress(completed=True, n_total=3)
    with pytest.raises(ActionError, match="OSError: no route"):
        made.progress("bad", RESTORE)
    made.cancel("o", RESTORE)
    assert made.are_additional_items_ready((SECRET,), RESTORE) is False
    assert wrapped.seen == ["o", SECRET]
    assert RESTORE == {"spec": {}}


def load(tmp_path: Path, text: str, options: Any = None, name: str = "Mine") -> PythonAction:
    path = tmp_path / "mine.py"
    path.write_text(textwrap.dedent(text))
    return load_python_action(str(path), name, options or {}, "item_actions[2]")


GOOD = """
    from __future__ import annotations
    from dataclasses import dataclass

    @dataclass
    class Mine:
        word: str = "none"

        def applies_to(self):
            return {}

        def execute(self, given):
            raise RuntimeError(self.word)
"""


def test_a_class_from_a_file(tmp_path: Path) -> None:
    made = load(tmp_path, GOOD, {"word": "hello"})
    with pytest.raises(ActionError, match=r"RuntimeError: hello"):
        made.execute(given())


@pytest.mark.parametrize(
    ("text", "options", "why"),
    [
        ("import nothing_like_it", {}, "ModuleNotFoundError: No module named 'nothing_like_it'"),
        ("x = (", {}, "SyntaxError: "),
        ("\n\nraise OSError('closed')", {}, "OSError: closed (line 3)"),
        ("raise SystemExit(1)", {}, "SystemExit: 1"),
        ("Other = 1", {}, "has no class Mine"),
        ("Mine = 1", {}, "has no class Mine"),
        ("class Mine: pass", {}, "Mine has no method applies_to"),
        ("class Mine:\n  def applies_to(self): return {}", {}, "Mine has no method execute"),
        (GOOD, {"x": 1}, "Mine cannot be made: TypeError: "),
        (GOOD + "\n        name = 3", {}, "its name has to be a text"),
        (GOOD + "\n        name = 'velero.io/x'", {}, "that does not begin with velero.io/"),
    ],
)
def test_files_that_cannot_be_loaded(tmp_path: Path, text: str, options: Any, why: str) -> None:
    with pytest.raises(RequestError) as caught:
        load(tmp_path, text, options)
    told = str(caught.value)
    assert told.startswith("Failed loading the item action item_actions[2]: ")
    assert why in told


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="there is no file"):
        load_python_action(str(tmp_path), "A", {}, "item_actions[0]")


def test_loading_leaves_nothing_behind_after_a_fault(tmp_path: Path) -> None:
    before = set(sys.modules)
    with pytest.raises(RequestError):
        load(tmp_path, "raise OSError")
    assert set(sys.modules) == before


def test_the_example_of_the_documentation() -> None:
    options = {"owner": "team-a", "skip_label": "t"}
    made = load_python_action(str(EXAMPLES / "stamp_owner.py"), "StampOwner", options, "x")
    assert made.applies_to() == ResourceSelector(included_resources=("services",))
    item = made.execute(given()).updated_item
    assert item is not None
    assert item["metadata"]["annotations"] == {"example.com/restored-by": "team-a"}
    labelled = config_map(labels={"t": ""})
    skipped = ExecuteInput(item=labelled, item_from_backup=labelled, restore=RESTORE)
    assert made.execute(skipped) == ExecuteOutput(skip_restore=True)
