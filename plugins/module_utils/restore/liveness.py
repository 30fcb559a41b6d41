# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a Velero server works in a namespace (reference beside-a-live-server.md)."""

from __future__ import annotations

import uuid

from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.kinds import DEPLOYMENTS
from ansible_collections.velero.core.plugins.module_utils.model.ports import Clock, Cluster
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiResource,
    ApiResources,
)

_PATIENCE = 1.5
_PAUSE = 0.1


class LivenessProbe:
    """Asks once, and only when somebody wants to know: the question can be a write."""

    def __init__(self, cluster: Cluster, clock: Clock, api: ApiResources, namespace: str) -> None:
        self._cluster = cluster
        self._clock = clock
        self._api = api
        self._namespace = namespace
        self._answer: bool | None = None

    def is_live(self) -> bool:
        """Returns whether a server answers in the namespace."""
        if self._answer is None:
            self._answer = server_is_live(self._cluster, self._clock, self._api, self._namespace)
        return self._answer


def server_is_live(cluster: Cluster, clock: Clock, api: ApiResources, namespace: str) -> bool:
    """Returns whether a server answers in ``namespace``.

    The Deployment ``velero`` with an available replica is enough; a server outside of the cluster
    is found by a ServerStatusRequest, which it answers within a moment.
    """
    if has_available_server(cluster, namespace):
        return True
    requests = api.by_plural("velero.io", "v1", "serverstatusrequests")
    return requests is not None and _answers(cluster, clock, requests, namespace)


def has_available_server(cluster: Cluster, namespace: str) -> bool:
    """Returns whether a server is available in the cluster itself; a read only, for plans."""
    try:
        deployment = cluster.get(DEPLOYMENTS, namespace, "velero")
    except ApiError:
        return False
    return bool((deployment.get("status") or {}).get("availableReplicas"))


def _answers(cluster: Cluster, clock: Clock, resource: ApiResource, namespace: str) -> bool:
    name = f"velero-core-{uuid.uuid4().hex[:8]}"
    body = {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {},
    }
    try:
        cluster.create(resource, namespace, body)
    except ApiError:
        return False
    try:
        deadline = clock.monotonic() + _PATIENCE
        while clock.monotonic() < deadline:
            clock.sleep(_PAUSE)
            found = cluster.get(resource, namespace, name)
            if (found.get("status") or {}).get("phase") == "Processed":
                return True
        return False
    except ApiError:
        return False
    finally:
        _forget(cluster, resource, namespace, name)


def _forget(cluster: Cluster, resource: ApiResource, namespace: str, name: str) -> None:
    try:
        cluster.delete(resource, namespace, name)
    except ApiError:
        # A server removes processed requests by itself; there is nothing more to clean.
        return
