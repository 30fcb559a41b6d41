# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for a PersistentVolume that is in the cluster already (pkg/restore/restore.go:864)."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    NotFoundError,
    VolumeError,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import (
    CLAIMS,
    NAMESPACES,
    VOLUMES,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Clock,
    Cluster,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource
from ansible_collections.velero.core.plugins.module_utils.waits.polling import TIMED_OUT, poll

_WOULD_WAIT = (
    "it is released, or it or its claim or namespace is going away; a run waits until it has gone"
)

ABSENT, HEALTHY, GOING = "absent", "healthy", "going"


def is_absent(cluster: Cluster, clock: Clock, name: str, timeout: float) -> bool:
    """Returns whether no PersistentVolume ``name`` is in the cluster.

    One that is released or being deleted, or whose claim or namespace is going, is waited for up
    to ``timeout`` seconds; with 0 (a plan) it is an error at once. Raises VolumeError. Source:
    reference section 4.3.
    """
    seen = GOING

    def settled() -> bool:
        nonlocal seen
        seen = state_of(cluster, name)
        return seen != GOING

    try:
        if not poll(clock, settled, timeout):
            raise VolumeError(TIMED_OUT if timeout else _WOULD_WAIT)
    except VolumeError as error:
        prefix = f"error waiting on in-cluster persistentvolume {name}: "
        raise VolumeError(prefix + error.message) from error
    return seen == ABSENT


def state_of(cluster: Cluster, name: str) -> str:
    """Returns whether the volume is absent, healthy, or going away; raises VolumeError."""
    try:
        found = cluster.get(VOLUMES, "", name)
    except NotFoundError:
        return ABSENT
    except ApiError as error:
        text = f"could not retrieve in-cluster copy of PV {name}: {error.message}"
        raise VolumeError(text) from error
    if _phase(found) == "Released" or _is_deleted(found):
        return GOING
    claim = (found.get("spec") or {}).get("claimRef")
    if not claim:
        return HEALTHY
    namespace, claim_name = str(claim.get("namespace") or ""), str(claim.get("name") or "")
    doing = f"error getting claim {claim_name} for persistent volume"
    owner = _find(cluster, CLAIMS, namespace, claim_name, doing)
    if owner is None or _is_deleted(owner):
        return GOING
    doing = f"error getting namespace {namespace} associated with PV {name}"
    home = _find(cluster, NAMESPACES, "", namespace, doing)
    if home is None or _is_deleted(home) or _phase(home) == "Terminating":
        return GOING
    return HEALTHY


def _find(
    cluster: Cluster, resource: ApiResource, namespace: str, name: str, doing: str
) -> Manifest | None:
    try:
        return cluster.get(resource, namespace, name)
    except NotFoundError:
        return None
    except ApiError as error:
        raise VolumeError(f"{doing}: {error.message}") from error


def _phase(obj: Manifest) -> str:
    return str((obj.get("status") or {}).get("phase") or "")


def _is_deleted(obj: Manifest) -> bool:
    return bool((obj.get("metadata") or {}).get("deletionTimestamp"))
