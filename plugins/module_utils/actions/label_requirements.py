# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Label selectors in their structured form (``matchLabels``, ``matchExpressions``).

Each is brought into the text form, whose parser knows what keys and values may look like.
Source: k8s.io/apimachinery pkg/apis/meta/v1/helpers.go, LabelSelectorAsSelector.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.label_selector import (
    LabelSelectorError,
    Matcher,
    parse_label_selector,
)

# What the text form takes as one word.
_WORD = re.compile(r"[^\s=!(),<>]+")
_SETS = {"In": "in", "NotIn": "notin"}
_PRESENCE = {"Exists": "", "DoesNotExist": "!"}


def compile_requirements(selector: Mapping[str, Any] | None) -> Matcher:
    """Returns a function that tells whether labels match; an absent selector matches all.

    Raises LabelSelectorError.
    """
    given = selector or {}
    labels = sorted((given.get("matchLabels") or {}).items())
    texts = [_set_text(key, "In", [value]) for key, value in labels]
    texts += [_expression(entry or {}) for entry in given.get("matchExpressions") or []]
    try:
        return parse_label_selector(",".join(texts))
    except LabelSelectorError as error:
        raise LabelSelectorError(str(error).removeprefix("unable to parse requirement: ")) from None


def _expression(entry: Mapping[str, Any]) -> str:
    key, operator = str(entry.get("key") or ""), str(entry.get("operator") or "")
    values = list(entry.get("values") or [])
    if operator in _SETS:
        return _set_text(key, operator, values)
    if operator not in _PRESENCE:
        raise LabelSelectorError(f'"{operator}" is not a valid label selector operator')
    if values:
        shown = ", ".join(f'"{value}"' for value in values)
        raise LabelSelectorError(
            f"values: Invalid value: [{shown}]: "
            "values set must be empty for exists and does not exist"
        )
    return _PRESENCE[operator] + _word("key", key)


def _set_text(key: str, operator: str, values: Sequence[Any]) -> str:
    if not values:
        raise LabelSelectorError(
            "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty"
        )
    words = [_word("values", str(value)) if value else "" for value in values]
    if len(words) == 1:
        return f"{_word('key', key)}{'=' if operator == 'In' else '!='}{words[0]}"
    return f"{_word('key', key)} {_SETS[operator]} ({','.join(words)})"


def _word(field: str, text: str) -> str:
    if not _WORD.fullmatch(text):
        raise LabelSelectorError(f'{field}: Invalid value: "{text}": no valid label {field}')
    return text
