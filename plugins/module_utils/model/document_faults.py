# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a document that a user wrote is not as its JSON schema wants it.

Values are never shown: a document may hold a password. ``$comment`` in a schema is what the user is
told when the rule beside it does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import MissingLibraryError
from ansible_collections.velero.core.plugins.module_utils.model.patching.values import type_name

_TYPES = {"object": "mapping", "array": "list", "string": "text"}
_COMMENTED = (
    "oneOf",
    "anyOf",
    "not",
    "pattern",
    "minProperties",
    "maxProperties",
    "dependentRequired",
)


def schema_faults(
    document: Any, schema: Mapping[str, Any], where: str, needed_for: str
) -> Iterator[tuple[str, str]]:
    """Yields (path, what is wrong there) for all faults; paths begin with ``where``.

    Raises MissingLibraryError without jsonschema, which is ``needed_for`` something.
    """
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        raise MissingLibraryError("jsonschema", needed_for) from None
    for error in Draft202012Validator(schema).iter_errors(document):
        yield path_of(where, error.absolute_path), _why(error)


def path_of(where: str, parts: Iterable[str | int]) -> str:
    """Returns ``where`` with the keys and indices of a place below it."""
    text = where
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text


def listed(faults: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Returns the path of the first fault, and a text that tells of it and of all others.

    Both are empty when there is none.
    """
    (first, why), *others = sorted(faults) or [("", "")]
    return first, "; ".join([why, *(f"{path}: {text}" for path, text in others)])


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
    if rule == "type":
        names = [wanted] if isinstance(wanted, str) else wanted
        words = " or ".join(_TYPES.get(name, name) for name in names)
        return f"a {words} is needed, not a {type_name(found)}"
    if rule == "enum":
        return f"one of {', '.join(str(one) for one in wanted)} is needed"
    if rule == "pattern":
        return "an empty text or one that begins with / is needed"
    return "it must not be empty"
