# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option resource_modifier, from parameters to a request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.velero.core.plugins.module_utils.ansible_request import restore_request
from ansible_collections.velero.core.plugins.module_utils.ansible_spec_restore import RESTORE
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.request import RestoreRequest
from tests.unit.plugins.modules.support import Refused, parsed

RULES = {
    "version": "v1",
    "resourceModifierRules": [
        {"conditions": {"groupResource": "pods"}, "mergePatches": [{"patchData": "spec: {}"}]}
    ],
}
TEXT = yaml.safe_dump(RULES)


def request(**modifier: Any) -> RestoreRequest:
    given = {
        "backup_name": "b",
        "storage": {"provider": "directory", "path": "/b"},
        "resource_modifier": modifier,
    }
    return restore_request(parsed(RESTORE, given))


def test_a_reference_to_a_config_map() -> None:
    made = request(name="m")
    assert made.resource_modifiers is None
    assert made.spec.resource_modifier == {"kind": "ConfigMap", "name": "m"}


def test_a_mapping_a_text_and_a_file_say_the_same(tmp_path: Path) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(TEXT)
    made = [
        request(definition=RULES),
        request(definition=TEXT),
        request(src=str(file)),
        # What the action plugin makes of a file.
        request(src="rules.yml", definition=TEXT),
    ]
    for one in made:
        assert one == made[0]
        assert one.resource_modifiers is not None
        assert one.spec.resource_modifier is not None
        assert set(one.spec.resource_modifier) == {"apiGroup", "kind", "name"}


@pytest.mark.parametrize(
    ("modifier", "why"),
    [
        ({}, "one of the following is required: name, definition, src"),
        ({"name": "m", "definition": RULES}, "mutually exclusive: name|definition"),
        ({"name": "m", "src": "x"}, "mutually exclusive: name|src"),
    ],
)
def test_one_place_is_needed(modifier: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused) as caught:
        request(**modifier)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("modifier", "why"),
    [
        ({"definition": {"version": "v2"}}, "resource_modifier.definition: "),
        (
            {"src": "rules.yml", "definition": "{}"},
            "modifiers of rules.yml resource_modifier.src: ",
        ),
        ({"src": "/no/such/file"}, "/no/such/file: No such file or directory"),
    ],
)
def test_mistakes_are_told_with_their_place(modifier: dict[str, Any], why: str) -> None:
    with pytest.raises(RequestError) as caught:
        request(**modifier)
    assert why in str(caught.value)
