# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option resource_modifier: a reference to a ConfigMap, or rules of the task itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.modifier_rules import Modifiers
from ansible_collections.velero.core.plugins.module_utils.modifiers.documents import read_document

_OPTION = "resource_modifier"


def own_modifiers(given: dict[str, Any] | None) -> Modifiers | None:
    """Returns the rules that the option has itself; None where it refers to a ConfigMap.

    The action plugin has put the content of a file into ``definition``. Raises RequestError.
    """
    if not given or given.get("name"):
        return None
    definition, source = given.get("definition"), given.get("src")
    if not source:
        return read_document(definition, f"{_OPTION}.definition")
    text = _content(source) if definition is None else definition
    return read_document(text, f"{_OPTION}.src", source)


def _content(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise RequestError("reading the resource modifiers of", path, str(why)) from None
