# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items, times and errors between the item actions' contract and the plugin protocol.

Source: reference plugin-protocol.md sections 7 to 9.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    OperationProgress,
    ResourceIdentifier,
    ResourceSelector,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.rpc.errors import CallError
from ansible_collections.velero.core.plugins.module_utils.rpc.wire import Values

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_TOO_LARGE = "received message larger than max"


class PluginCallError(ActionError):
    """A plugin's error; its text has the ``rpc error: …`` prefix that Velero shows already."""


def encoded(obj: Manifest) -> bytes:
    """Returns a manifest as compact JSON: plugins take 4 MiB for an item, its copy and more."""
    text = json.dumps(obj, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair, which JSON can only spell as an escape.
        return json.dumps(obj, separators=(",", ":")).encode()


def decoded_item(data: bytes) -> Manifest:
    """Returns the item of a response. Raises ActionError with the text of Velero's decoder."""
    if not data.strip():
        raise ActionError("unexpected end of JSON input")
    try:
        item = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ActionError(f"the plugin's item is no JSON: {error}") from error
    if not isinstance(item, dict) or not item.get("kind"):
        raise ActionError(f"Object 'Kind' is missing in '{data.decode('utf-8', 'replace')}'")
    return item


def call_error(error: CallError, sent: Sequence[bytes] = ()) -> PluginCallError:
    """Returns an error of a call as the engine reports it; ``sent`` are the manifests in it."""
    text = str(error)
    if _TOO_LARGE in text and sent:
        sizes = " + ".join(f"{len(data):,}" for data in sent)
        text += (
            f" (plugins take messages up to a limit of their own, usually 4 MiB; item + item from "
            f"backup + restore are {sizes} bytes. Exclude the item, restore it without the plugin, "
            f"or use a plugin built with a higher limit)"
        )
    return PluginCallError(text)


def selector(values: Values | None) -> ResourceSelector:
    """Returns a ResourceSelector; none matches everything."""
    given = values or {}
    return ResourceSelector(
        included_namespaces=tuple(given.get("includedNamespaces", ())),
        excluded_namespaces=tuple(given.get("excludedNamespaces", ())),
        included_resources=tuple(given.get("includedResources", ())),
        excluded_resources=tuple(given.get("excludedResources", ())),
        label_selector=given.get("selector", ""),
    )


def identifiers(listed: Sequence[Values]) -> tuple[ResourceIdentifier, ...]:
    """Returns the additional items of a response."""
    return tuple(ResourceIdentifier(**values) for values in listed)


def identifier_values(items: Sequence[ResourceIdentifier]) -> list[dict[str, Any]]:
    """Returns additional items for a request."""
    return [
        {
            "group": item.group,
            "resource": item.resource,
            "namespace": item.namespace,
            "name": item.name,
        }
        for item in items
    ]


def seconds(duration: Values | None) -> float:
    """Returns a Duration in seconds; 0 for none."""
    return float(duration["seconds"] + duration["nanos"] / 1e9) if duration else 0.0


def progress(values: Values | None) -> OperationProgress:
    """Returns the progress of an operation; an absent one is empty."""
    given = values or {}
    return OperationProgress(
        completed=given.get("completed", False),
        err=given.get("err", ""),
        n_completed=given.get("nCompleted", 0),
        n_total=given.get("nTotal", 0),
        operation_units=given.get("operationUnits", ""),
        description=given.get("description", ""),
        started=timestamp(given.get("started")),
        updated=timestamp(given.get("updated")),
    )


def timestamp(values: Values | None) -> str:
    """Returns an RFC 3339 text, empty for none and for Go's zero time, which is of the year 1."""
    if not values:
        return ""
    try:
        moment = _EPOCH + timedelta(seconds=values["seconds"])
    except OverflowError:
        return ""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment.year > 1 else ""
