# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a document is a declared action, and where it is not.

Values are never shown: a patch may hold a password.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.declared.schema import SCHEMA
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    MissingLibraryError,
    RequestError,
)
from ansible_collections.velero.core.plugins.module_utils.model.patching.values import type_name

_TYPES = {"object": "mapping", "array": "list", "string": "text"}
_COMMENTED = ("oneOf", "anyOf", "not", "pattern", "minProperties", "maxProperties")
HINT = "See docs/writing_item_actions.md"


def check_document(document: Any, where: str) -> None:
    """Raises RequestError that names all faults of ``document`` by their paths below ``where``."""
    faults = sorted(_faults(document, where))
    if faults:
        first, why = faults[0]
        others = [f"{path}: {text}" for path, text in faults[1:]]
        raise invalid(first, "; ".join([why, *others]))


def invalid(path: str, why: str) -> RequestError:
    """Returns the error for a fault at ``path``."""
    return RequestError("reading the item action", path, why, HINT)


def _faults(document: Any, where: str) -> Iterable[tuple[str, str]]:
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        raise MissingLibraryError("jsonschema", "declared item actions") from None
    for error in Draft202012Validator(SCHEMA).iter_errors(document):
        yield path_of(where, error.absolute_path), _why(error)


def path_of(where: str, parts: Iterable[str | int]) -> str:
    """Returns ``where`` with the keys and indices of a place below it."""
    text = where
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text


def _why(error: Any) -> str:
    rule, wanted, found = error.validator, error.validator_value, error.instance
    if rule in _COMMENTED and "$comment" in error.schema:
        return str(error.schema["$comment"])
    if rule == "additionalProperties":
        known = error.schema.get("properties", {})
        unknown = sorted(str(key) for key in found if key not in known)
        return f"unknown {', '.join(unknown)}; there are {', '.join(sorted(known))}"
    if rule == "required":
        missing = [key for key in wanted if key not in found]
        return f"{', '.join(missing)} is missing"
    if rule == "dependentRequired":
        return "timeout has no effect without ready_when"
    if rule == "type":
        names = [wanted] if isinstance(wanted, str) else wanted
        words = " or ".join(_TYPES.get(name, name) for name in names)
        return f"a {words} is needed, not a {type_name(found)}"
    if rule == "enum":
        return f"one of {', '.join(str(one) for one in wanted)} is needed"
    if rule == "pattern":
        return "an empty text or one that begins with / is needed"
    return "it must not be empty"
