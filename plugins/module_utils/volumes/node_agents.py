# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Velero's node agents: the DaemonSet whose pods move the data of volumes.

Source: pkg/nodeagent/node_agent.go, reference restore-engine.md section 4.16.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    NotFoundError,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import DAEMON_SETS, PODS
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster

DAEMON_SET = "node-agent"
_ROLE = "role=node-agent"
_RUNNING = "Running"


class NodeAgents:
    """The node agents of one Velero namespace."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._why_missing: str | None = None

    def why_missing(self) -> str:
        """Returns why there are none, in Velero's words; empty when the DaemonSet is there.

        It is asked once for a restore.
        """
        if self._why_missing is None:
            self._why_missing = self._look()
        return self._why_missing

    def _look(self) -> str:
        try:
            self._cluster.get(DAEMON_SETS, self._namespace, DAEMON_SET)
        except NotFoundError:
            return "daemonset not found"
        except ApiError as error:
            return error.message
        return ""

    def why_not_on(self, node: str) -> str:
        """Returns why none runs on ``node``, in Velero's words; empty when one does."""
        if not node:
            return "node name is empty"
        try:
            pods = list(self._cluster.list(PODS, self._namespace, _ROLE))
        except ApiError as error:
            return f"failed to list node-agent pods: {error.message}"
        for pod in pods:
            runs = (pod.get("status") or {}).get("phase") == _RUNNING
            runs = runs and not pod["metadata"].get("deletionTimestamp")
            if runs and (pod.get("spec") or {}).get("nodeName") == node:
                return ""
        return f"daemonset pod not found in running state in node {node}"

    def image(self) -> str:
        """Returns the image of the node agents, which is Velero's; empty when it is not known."""
        try:
            found = self._cluster.get(DAEMON_SETS, self._namespace, DAEMON_SET)
            return str(found["spec"]["template"]["spec"]["containers"][0]["image"])
        except (ApiError, KeyError, IndexError, TypeError):
            return ""
