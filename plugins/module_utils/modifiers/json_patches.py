# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON patch of a rule: texts that Velero pastes together.

Source: internal/resourcemodifiers/json_patch.go, reference restore-item-actions.md section 5.6.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.go_numbers import (
    is_float,
    json_number,
)
from ansible_collections.velero.core.plugins.module_utils.model.modifier_rules import (
    JsonOperation,
    Match,
)
from ansible_collections.velero.core.plugins.module_utils.modifiers.config_map import OPERATIONS
from ansible_collections.velero.core.plugins.module_utils.modifiers.errors import RuleError

_UNREADABLE = "error in decoding json patch invalid state detected"
_LABEL = re.compile(r"/metadata/(labels|annotations)/[^/]+")


@lru_cache(maxsize=1024)
def operations(patches: tuple[JsonOperation, ...], *, strict: bool) -> list[dict[str, Any]]:
    """Returns the operations that ``patches`` make, with the values as JSON data.

    Values of labels and annotations are texts, unless ``strict``: there a number makes Velero lose
    all labels of the object. Raises RuleError for what is no JSON when it is pasted together.
    """
    pasted = [pasted_operation(one, as_text=not strict and _sets_label(one)) for one in patches]
    return _parsed(pasted)


@lru_cache(maxsize=1024)
def match_tests(matches: tuple[Match, ...]) -> list[dict[str, Any]]:
    """Returns the ``test`` operations for ``matches``; raises RuleError."""
    if not all(one.path for one in matches):
        raise RuleError("path is required for match rule")
    return _parsed(
        [pasted_operation(JsonOperation("test", one.path, "", one.value)) for one in matches]
    )


def pasted_operation(patch: JsonOperation, *, as_text: bool = False) -> str:
    """Returns the text of one operation. With ``as_text`` only null is no text."""
    value, is_text = unquoted(patch.value)
    if is_text or (as_text and value != "null" and value[:1] not in ("{", "[")):
        value = f'"{value}"'
    return (
        f'{{"op": "{patch.operation}", "from": "{patch.origin}", "path": "{patch.path}", '
        f'"value": {value}}}'
    )


def unquoted(value: str) -> tuple[str, bool]:
    """Returns a value without quotes around it, and whether it stands for a text."""
    if value.startswith('"') and value.endswith('"'):
        return value.removeprefix('"').removesuffix('"'), True
    is_json = (
        value == "null"
        or value.lower() in ("true", "false")
        or value.startswith(("{", "["))
        or is_float(value)
    )
    return value, not is_json


def _sets_label(patch: JsonOperation) -> bool:
    # A test compares with what is there, and must fail as it does in Velero.
    return patch.operation in ("add", "replace") and bool(_LABEL.fullmatch(patch.path))


def _parsed(pasted: list[str]) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = json.loads(
            f"[{','.join(pasted)}]", parse_constant=_no_constant, parse_float=_number
        )
    except (ValueError, RecursionError):
        raise RuleError(_UNREADABLE) from None
    for one in found:
        if one.get("op") not in OPERATIONS:
            shown = json.dumps({key: one.get(key) for key in ("from", "op", "path")})
            text = f"error in decoding json patch invalid operation {shown}: unsupported operation"
            raise RuleError(text)
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _number(text: str) -> float | int:
    return json_number(float(text))
