# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values as Velero's command line prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.label_requirements import (
    compile_requirements,
)
from ansible_collections.velero.core.plugins.module_utils.actions.label_selector import (
    LabelSelectorError,
)
from ansible_collections.velero.core.plugins.module_utils.model.durations import (
    format_duration,
    parse_duration,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError

NONE = "<none>"
UNKNOWN = "<n/a>"
EVERYTHING = "*"
ALL_NAMESPACES = "all namespaces found in the backup"

_EXPRESSIONS = {
    "In": "{key} in ({values})",
    "NotIn": "{key} notin ({values})",
    "Exists": "{key}",
    "DoesNotExist": "!{key}",
}


def shown_list(items: Sequence[str] | None, empty: str = NONE) -> str:
    """Returns the items of a list with commas, or ``empty``."""
    return ", ".join(items) if items else empty


def shown_namespaces(items: Sequence[str] | None) -> str:
    """Returns the included namespaces."""
    if not items or list(items) == [EVERYTHING]:
        return ALL_NAMESPACES
    return shown_list(items)


def shown_choice(value: bool | None, no: str = "false", yes: str = "true") -> str:
    """Returns the word for an option that is off, on or left to the server."""
    if value is None:
        return "auto"
    return yes if value else no


def shown_time(stamp: str | None) -> str:
    """Returns a Kubernetes timestamp as Go prints it, in UTC; ``<n/a>`` without one."""
    if not stamp:
        return UNKNOWN
    return f"{stamp[:10]} {stamp[11:].removesuffix('Z')} +0000 UTC"


def shown_duration(value: str | None) -> str:
    """Returns a duration in Go's form; what is none as it is."""
    try:
        return format_duration(parse_duration(value)) if value else "0s"
    except RequestError:
        return str(value)


def shown_selector(selector: Mapping[str, Any] | None) -> str:
    """Returns a label selector (k8s.io/apimachinery metav1.FormatLabelSelector)."""
    given = selector or {}
    try:
        compile_requirements(given)
    except LabelSelectorError:
        return "<error>"
    parts = [(key, f"{key}={value}") for key, value in (given.get("matchLabels") or {}).items()]
    for entry in given.get("matchExpressions") or []:
        key, values = str(entry["key"]), ",".join(sorted(entry.get("values") or []))
        parts.append((key, _EXPRESSIONS[entry["operator"]].format(key=key, values=values)))
    # Kubernetes sorts them by key alone.
    return ",".join(text for _key, text in sorted(parts, key=lambda part: part[0])) or NONE


def shown_any_selector(selectors: Sequence[Mapping[str, Any]] | None) -> str:
    """Returns label selectors of which one has to match."""
    return " or ".join(shown_selector(each) for each in selectors) if selectors else NONE
