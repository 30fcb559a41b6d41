# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the resource modifiers of a restore come from.

Source: pkg/controller/restore_controller.go:407-424, reference restore-engine.md section 1.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    RequestError,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import CONFIG_MAPS
from ansible_collections.velero.core.plugins.module_utils.model.modifier_rules import Modifiers
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster
from ansible_collections.velero.core.plugins.module_utils.model.request import (
    RestoreRequest,
    Settings,
)
from ansible_collections.velero.core.plugins.module_utils.modifiers.config_map import (
    read_config_map,
    validation_error,
)
from ansible_collections.velero.core.plugins.module_utils.modifiers.errors import ModifiersError

_CONFIG_MAP = "configmap"


class ModifierSource:
    """The rules of the request itself, or of the ConfigMap that its spec refers to."""

    def __init__(self, request: RestoreRequest, cluster: Cluster) -> None:
        self._own = request.resource_modifiers
        self._settings: Settings = request.settings
        self._cluster = cluster

    def read(self, reference: Mapping[str, Any] | None) -> Modifiers | None:
        """Returns the valid rules that a spec refers to; None for none, or another kind.

        Raises ModifiersError with Velero's text, ConnectionFailedError.
        """
        if self._own is not None or not reference or not _is_config_map(reference):
            return self._own
        namespace, name = self._settings.velero_namespace, str(reference.get("name") or "")
        try:
            found = self._cluster.get(CONFIG_MAPS, namespace, name)
        except ApiError:
            text = f"failed to get resource modifiers configmap {namespace}/{name}"
            raise ModifiersError(text) from None
        where = f"resource modifiers provided in configmap {namespace}/{name}"
        try:
            modifiers = read_config_map(found)
        except ModifiersError as error:
            raise ModifiersError(f"Error in parsing {where}: {error}") from None
        why = validation_error(modifiers)
        if why:
            raise ModifiersError(f"Validation error in {where}: {why}")
        return modifiers

    def passed_over(self, reference: Mapping[str, Any] | None) -> str:
        """Returns a warning when Velero passes over the reference without a word.

        Raises RequestError for it, unless Velero's behaviour is wanted.
        """
        if self._own is not None or not reference or _is_config_map(reference):
            return ""
        kind = str(reference.get("kind") or "")
        if not self._settings.strict:
            raise RequestError(
                "reading",
                "resource_modifier.kind",
                f'there are no resource modifiers of kind "{kind}"',
                "Use ConfigMap, or leave it out",
            )
        return f'The resource modifiers are not applied: Velero knows none of kind "{kind}".'


def _is_config_map(reference: Mapping[str, Any]) -> bool:
    return str(reference.get("kind") or "").lower() == _CONFIG_MAP
