# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The init container that holds a pod back until its volumes are filled.

Source: pkg/restore/actions/pod_volume_restore_action.go, pkg/util/kube/resource_requirements.go,
reference section 3.13.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.quantities import (
    QuantityError,
    quantity_value,
)
from ansible_collections.velero.core.plugins.module_utils.actions.security_context import (
    SecurityContextError,
    configured_security_context,
    default_security_context,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

WAIT_CONTAINER = "restore-wait"
WAIT_CONTAINER_NAMES = (WAIT_CONTAINER, "restic-wait")

_COMMAND = "/velero-restore-helper"
_UNBOUNDED = "0"
# Resource, its key in messages, configuration keys of request and limit, default of both.
_RESOURCES = (
    ("cpu", "CPU", "cpuRequest", "cpuLimit", "100m"),
    ("memory", "Memory", "memRequest", "memLimit", "128Mi"),
)


def is_wait_container(container: Any) -> bool:
    """Returns whether an init container is Velero's, by its present or its old name."""
    return isinstance(container, dict) and container.get("name") in WAIT_CONTAINER_NAMES


def wait_container(
    pod: Manifest,
    volumes: Iterable[str],
    config: Mapping[str, str],
    *,
    restore_uid: str,
    image: str,
    warn: Callable[[str], None],
) -> dict[str, Any]:
    """Returns the container for the named volumes of ``pod``.

    Configured values that Velero does not accept are told to ``warn`` and replaced by defaults.
    """
    return {
        "name": WAIT_CONTAINER,
        "image": image,
        "command": [config.get("command") or _COMMAND],
        "args": [restore_uid],
        "env": [
            _field("POD_NAMESPACE", "metadata.namespace"),
            _field("POD_NAME", "metadata.name"),
        ],
        "volumeMounts": [
            {"name": volume, "mountPath": f"/restores/{volume}"} for volume in volumes
        ],
        "resources": _resources(config, warn),
        "securityContext": _security_context(pod, config, warn),
    }


def _field(name: str, path: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


def configured_image(config: Mapping[str, str], default: str, tag: str) -> str:
    """Returns the configured image; without any, or without a registry part, ``default``.

    One without a tag gets ``tag``.
    """
    image = config.get("image") or ""
    path, slash, last = image.rpartition("/")
    if not slash:
        return default
    return image if ":" in last else f"{path}/{last}:{tag}"


def _resources(config: Mapping[str, str], warn: Callable[[str], None]) -> dict[str, Any]:
    try:
        return _requirements(config)
    except QuantityError as error:
        warn(f"couldn't parse resource requirements: {error}.")
        return _requirements({})


def _requirements(config: Mapping[str, str]) -> dict[str, Any]:
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    for resource, word, request_key, limit_key, default in _RESOURCES:
        request = config.get(request_key) or default
        limit = config.get(limit_key) or default
        # Only this spelling of zero means unbounded.
        if quantity_value(request) > quantity_value(limit) and limit != _UNBOUNDED:
            raise QuantityError(
                f'{word} request "{request}" must be less than or equal to {word} limit "{limit}"'
            )
        if request != _UNBOUNDED:
            requests[resource] = request
        if limit != _UNBOUNDED:
            limits[resource] = limit
    sections = {"requests": requests, "limits": limits}
    return {name: section for name, section in sections.items() if section}


def _security_context(
    pod: Manifest, config: Mapping[str, str], warn: Callable[[str], None]
) -> dict[str, Any]:
    try:
        configured = configured_security_context(config)
    except SecurityContextError as error:
        warn(
            "Using default securityContext values, couldn't parse securityContext requirements: "
            f"{error}."
        )
        configured = None
    if configured is not None:
        return configured
    containers = (pod.get("spec") or {}).get("containers") or [None]
    own = (containers[0] or {}).get("securityContext")
    return default_security_context() if own is None else copy.deepcopy(own)
