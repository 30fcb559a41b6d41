# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operation of a declared action: an object that is watched until it is done.

The operation ID names the object, so that another process can go on watching.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    InvalidOperationError,
    OperationProgress,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.additional import (
    check_template,
    filled,
    item_values,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.expressions import (
    Expression,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.live import LiveObjects
from ansible_collections.velero.core.plugins.module_utils.actions.declared.object_tests import (
    object_test,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

_PARTS = ("group", "version", "resource", "namespace", "name")
_TEMPLATES = ("namespace", "name")
_FAILED = "the object that is watched says that it has failed"


class WatchedObject:
    """What ``operation`` says."""

    def __init__(self, told: Mapping[str, Any], path: str) -> None:
        """Reads ``told``, which stands at ``path``; raises RequestError."""
        self._told = told
        for field in _TEMPLATES:
            check_template(str(told.get(field, "")), f"{path}.{field}", *_TEMPLATES)
        self._done = object_test(told["done_when"], f"{path}.done_when")
        self._failed = (
            object_test(told["failed_when"], f"{path}.failed_when")
            if "failed_when" in told
            else lambda item: False
        )
        self._progress = {
            field: Expression(text, f"{path}.progress.{field}")
            for field, text in told.get("progress", {}).items()
        }

    def operation_id(self, item: Manifest, targets: Mapping[str, str]) -> str:
        """Returns the ID of the operation for one item; {namespace} is where it is restored to."""
        values = item_values(item)
        values["namespace"] = targets.get(values["namespace"], values["namespace"])
        told = {"namespace": "{namespace}", **self._told}
        texts = {part: str(told.get(part, "")) for part in _PARTS}
        texts |= {part: filled(texts[part], values) for part in _TEMPLATES}
        return "/".join(texts[part] for part in _PARTS)

    def progress(self, operation_id: str, live: LiveObjects) -> OperationProgress:
        """Returns how far it is; an object that is not there yet has not begun.

        Raises ActionError, InvalidOperationError for an ID that is not made by operation_id().
        """
        parts = operation_id.split("/")
        if len(parts) != len(_PARTS) or not parts[2] or not parts[4]:
            raise InvalidOperationError(operation_id)
        group, version, resource, namespace, name = parts
        found = live.get(resource, group, namespace, name, version)
        if found is None:
            return OperationProgress(description=f"waiting for {resource} {name}")
        failed = self._failed(found)
        return OperationProgress(
            completed=failed or self._done(found),
            err=(self._text("error", found) or _FAILED) if failed else "",
            n_completed=self._number("n_completed", found),
            n_total=self._number("n_total", found),
            operation_units=self._text("units", found),
            description=self._text("description", found),
            started=str((found.get("metadata") or {}).get("creationTimestamp") or ""),
        )

    def _number(self, field: str, found: Manifest) -> int:
        value = self._search(field, found)
        return int(value) if isinstance(value, (int, float)) else 0

    def _text(self, field: str, found: Manifest) -> str:
        value = self._search(field, found)
        return "" if value is None else str(value)

    def _search(self, field: str, found: Manifest) -> Any:
        expression = self._progress.get(field)
        return expression.search(found) if expression else None
