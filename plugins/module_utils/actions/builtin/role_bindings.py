# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Maps the namespaces of the subjects of bindings (reference sections 3.6 and 3.7).

Source: pkg/restore/actions/rolebinding_action.go, clusterrolebinding_action.go.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.shapes import ROLE_BINDING
from ansible_collections.velero.core.plugins.module_utils.actions.typed import check
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


class RoleBindingsAction(BuiltinAction):
    """Changes subjects only; the role reference has no namespace."""

    NAME = "velero.io/role-bindings"
    RESOURCES = ("rolebindings",)

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the binding with the subjects' namespaces mapped.

        Raises ActionError for a binding that cannot be decoded.
        """
        return _mapped(given)


class ClusterRoleBindingsAction(BuiltinAction):
    """Changes subjects only."""

    NAME = "velero.io/cluster-role-bindings"
    RESOURCES = ("clusterrolebindings",)

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the binding with the subjects' namespaces mapped.

        Raises ActionError for a binding that cannot be decoded.
        """
        return _mapped(given)


def _mapped(given: ExecuteInput) -> ExecuteOutput:
    mapping = (given.restore.get("spec") or {}).get("namespaceMapping")
    if mapping:
        check(given.item, ROLE_BINDING)
        for subject in given.item.get("subjects") or []:
            _map_subject(subject or {}, mapping)
    return ExecuteOutput(updated_item=given.item)


def _map_subject(subject: Manifest, mapping: dict[str, str]) -> None:
    namespace = subject.get("namespace") or ""
    if namespace not in mapping:
        return
    subject["namespace"] = mapping[namespace]
    if not subject["namespace"]:
        del subject["namespace"]
