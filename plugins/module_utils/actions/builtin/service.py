# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Frees a service of addresses and node ports that the cluster gave it (reference section 3.16).

Source: pkg/restore/actions/service_action.go.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.actions.applied_ports import (
    LAST_APPLIED,
    applied_health_port,
    applied_ports,
    owned_ports,
    owns_health_port,
)
from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.shapes import SERVICE
from ansible_collections.velero.core.plugins.module_utils.actions.typed import check
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


class ServiceAction(BuiltinAction):
    """Keeps those node ports only that somebody asked for."""

    NAME = "velero.io/service"
    RESOURCES = ("services",)

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the service without cluster IPs (unless headless) and automatic node ports.

        Raises ActionError for a service, an annotation or managed fields that cannot be read.
        """
        item = given.item
        check(item, SERVICE)
        spec = item.get("spec") or {}
        if spec.get("clusterIP") != "None":
            spec.pop("clusterIP", None)
            spec.pop("clusterIPs", None)
        if (given.restore.get("spec") or {}).get("preserveNodePorts") is not True:
            metadata = item.get("metadata") or {}
            _clear_node_ports(spec, metadata)
            _clear_health_port(spec, metadata)
        return ExecuteOutput(updated_item=item)


def _clear_node_ports(spec: Manifest, metadata: Manifest) -> None:
    if spec.get("type") == "ExternalName":
        return
    ports = [port for port in spec.get("ports") or [] if port]
    annotation = (metadata.get("annotations") or {}).get(LAST_APPLIED)
    if LAST_APPLIED in (metadata.get("annotations") or {}):
        names, numbers = applied_ports(annotation or "")
        kept = [
            port["name"] in names if port.get("name") else port.get("nodePort") in numbers
            for port in ports
        ]
    else:
        owned = owned_ports(metadata.get("managedFields") or [])
        kept = [_key(port) in owned for port in ports]
    for port, keep in zip(ports, kept, strict=True):
        if not keep:
            port.pop("nodePort", None)


def _key(port: Manifest) -> str:
    """The port's key in managed fields; without a protocol it has none that matches."""
    number = int(port.get("port") or 0)
    return f'k:{{"port":{number},"protocol":"{port.get("protocol") or ""}"}}'


def _clear_health_port(spec: Manifest, metadata: Manifest) -> None:
    if spec.get("type") != "LoadBalancer" or spec.get("externalTrafficPolicy") != "Local":
        return
    if not spec.get("healthCheckNodePort"):
        return
    annotations = metadata.get("annotations") or {}
    if LAST_APPLIED in annotations and applied_health_port(annotations[LAST_APPLIED] or ""):
        return
    if not owns_health_port(metadata.get("managedFields") or []):
        del spec["healthCheckNodePort"]
