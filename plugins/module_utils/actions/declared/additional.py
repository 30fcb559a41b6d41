# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which additional items a declared action names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ResourceIdentifier,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.checking import invalid
from ansible_collections.velero.core.plugins.module_utils.actions.declared.expressions import (
    Expression,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.live import LiveObjects
from ansible_collections.velero.core.plugins.module_utils.model.names import (
    group_resource,
    split_group_resource,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_FIELDS = ("group", "resource", "namespace", "name")


def check_template(text: str, path: str, *words: str) -> None:
    """Raises RequestError for a placeholder that is none of ``words``."""
    for word in _PLACEHOLDER.findall(text):
        if word not in words:
            known = ", ".join(f"{{{one}}}" for one in words)
            raise invalid(path, f"unknown {{{word}}}; there are {known}")


def filled(text: str, values: Mapping[str, str]) -> str:
    """Returns ``text`` with its placeholders replaced."""
    return _PLACEHOLDER.sub(lambda match: values[match[1]], text)


def item_values(item: Manifest) -> dict[str, str]:
    """Returns what {name} and {namespace} stand for."""
    metadata = item.get("metadata") or {}
    return {key: str(metadata.get(key) or "") for key in ("name", "namespace")}


class AdditionalItem:
    """One entry of ``additional_items``."""

    def __init__(self, told: Mapping[str, Any], path: str) -> None:
        """Reads ``told``, which stands at ``path``; raises RequestError."""
        self._path = path
        self._told = {field: told[field] for field in _FIELDS if field in told}
        words = ["name", "namespace"]
        self._expression: Expression | None = None
        if "jmespath" in told:
            self._expression = Expression(told["jmespath"], f"{path}.jmespath")
            words.append("value")
        for field, text in self._told.items():
            check_template(text, f"{path}.{field}", *words)

    def found(self, view: Manifest, live: LiveObjects) -> Iterator[ResourceIdentifier]:
        """Yields the items for one item. Raises ActionError."""
        values = item_values(view)
        if self._expression is None:
            yield self._identifier(self._filled(values), values["namespace"], live)
            return
        found = self._expression.search(view)
        for one in found if isinstance(found, list) else [found]:
            if one is not None:
                yield self._of_result(one, values, live)

    def _filled(self, values: Mapping[str, str]) -> dict[str, str]:
        return {field: filled(text, values) for field, text in self._told.items()}

    def _of_result(self, one: Any, values: dict[str, str], live: LiveObjects) -> ResourceIdentifier:
        """What a mapping says of the item wins over what the action says, but for its name."""
        if isinstance(one, dict):
            said = {field: one[field] for field in _FIELDS if isinstance(one.get(field), str)}
            told = self._filled({**values, "value": said.get("name", "")})
            told = {**said, **told, **{key: said[key] for key in said if key != "name"}}
        elif isinstance(one, (str, int)) and not isinstance(one, bool):
            told = {"name": str(one), **self._filled({**values, "value": str(one)})}
        else:
            raise ActionError(f"{self._path}.jmespath found neither texts nor mappings")
        return self._identifier(told, values["namespace"], live)

    def _identifier(
        self, told: Mapping[str, str], default_namespace: str, live: LiveObjects
    ) -> ResourceIdentifier:
        for field in ("resource", "name"):
            if not told.get(field):
                raise ActionError(f"{self._path} has found an item without {field}")
        resource, group = told["resource"], told.get("group", "")
        namespace = told.get("namespace", default_namespace)
        known = live.resolve(resource, group)
        if known is None:
            resource, group = split_group_resource(group_resource(resource, group))
        else:
            resource, group = known.plural, known.group
            namespace = namespace if known.namespaced else ""
        return ResourceIdentifier(
            group=group, resource=resource, namespace=namespace, name=told["name"]
        )
