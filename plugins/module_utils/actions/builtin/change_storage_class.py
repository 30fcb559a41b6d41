# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Maps storage classes by a ConfigMap (reference section 3.5).

Source: pkg/restore/actions/change_storageclass_action.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
    ExecuteOutput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import api_errors
from ansible_collections.velero.core.plugins.module_utils.actions.go_values import (
    AccessorError,
    nested_string,
)
from ansible_collections.velero.core.plugins.module_utils.actions.names import refused_name
from ansible_collections.velero.core.plugins.module_utils.actions.plugin_config import (
    CHANGE_STORAGE_CLASS,
    plugin_config,
)
from ansible_collections.velero.core.plugins.module_utils.actions.shapes import STATEFUL_SET
from ansible_collections.velero.core.plugins.module_utils.actions.typed import check
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


class ChangeStorageClassAction(BuiltinAction):
    """Changes the class of claims, volumes and claim templates; the new class must exist."""

    NAME = "velero.io/change-storage-class"
    RESOURCES = ("persistentvolumeclaims", "persistentvolumes", "statefulsets")

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the item with its storage classes mapped.

        Raises ActionError for unusable configuration, a new class that cannot be read, and a
        class of another type than text.
        """
        config = plugin_config(self.environment, CHANGE_STORAGE_CLASS)
        if config and given.item.get("kind") == "StatefulSet":
            check(given.item, STATEFUL_SET)
            for template in (given.item.get("spec") or {}).get("volumeClaimTemplates") or []:
                spec = (template or {}).get("spec") or {}
                self._map(spec, spec.get("storageClassName") or "", config)
        elif config:
            self._map(given.item.get("spec") or {}, _class_of(given.item), config)
        return ExecuteOutput(updated_item=given.item)

    def _map(self, spec: dict[str, Any], old: str, config: Mapping[str, str]) -> None:
        if not old or old not in config:
            return
        new = config[old]
        prefix = f"error getting storage class {new} from API: "
        refused = refused_name(new)
        if refused:
            raise ActionError(f"{prefix}{refused}")
        with api_errors(prefix):
            self.environment.storage_class(new)
        spec["storageClassName"] = new


def _class_of(item: Manifest) -> str:
    try:
        return nested_string(item, ("spec", "storageClassName"))
    except AccessorError as error:
        raise ActionError(f"error getting item's spec.storageClassName: {error}") from error
