# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields that a cluster gives an object by itself where the object to be restored leaves them open.

They are those that Velero's item actions clear because a cluster has to choose them anew
(pkg/restore/actions, reference restore-item-actions.md section 3), and what admission adds.
Defaults are not among them: a backup comes from a server that has filled them in, and for those
of another version the server is asked (sameness.py).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ansible_collections.velero.core.plugins.module_utils.item import limit_ranger
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

_EACH: Final = "*"
_HEADLESS: Final = "None"
_TOKEN_MOUNT: Final = "/var/run/secrets/kubernetes.io/serviceaccount"
_TAINTS: Final = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_PROTECTION: Final = ("kubernetes.io/pv-protection", "kubernetes.io/pvc-protection")

_Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Injected:
    """Elements that admission appends to a list which has none of the kind."""

    path: _Path
    is_one: Callable[[Any], bool]


def _is_token_volume(volume: Any) -> bool:
    if not isinstance(volume, dict):
        return False
    name = str(volume.get("name") or "")
    if "projected" in volume:
        return name.startswith("kube-api-access-")
    return "secret" in volume and "-token-" in name


def _is_token_mount(mount: Any) -> bool:
    return isinstance(mount, dict) and mount.get("mountPath") == _TOKEN_MOUNT


def _is_default_toleration(toleration: Any) -> bool:
    return (
        isinstance(toleration, dict)
        and toleration.get("key") in _TAINTS
        and toleration.get("operator") == "Exists"
        and toleration.get("effect") == "NoExecute"
    )


def _is_protection(finalizer: Any) -> bool:
    return finalizer in _PROTECTION


_UIDS_OF_JOBS: Final = ("batch.kubernetes.io/controller-uid", "controller-uid")
_NAMES_OF_JOBS: Final = ("batch.kubernetes.io/job-name", "job-name")
_BINDING: Final = (
    "pv.kubernetes.io/bind-completed",
    "pv.kubernetes.io/bound-by-controller",
    "volume.beta.kubernetes.io/storage-provisioner",
    "volume.kubernetes.io/selected-node",
    "volume.kubernetes.io/storage-provisioner",
)

_DEFAULTS_OF_CONTAINERS: Final = (
    "imagePullPolicy",
    "terminationMessagePath",
    "terminationMessagePolicy",
)

_FIELDS: Final[Mapping[str, tuple[_Path, ...]]] = {
    "jobs.batch": (
        *(("spec", "selector", "matchLabels", key) for key in _UIDS_OF_JOBS),
        *(
            ("spec", "template", "metadata", "labels", key)
            for key in (*_UIDS_OF_JOBS, *_NAMES_OF_JOBS)
        ),
    ),
    "persistentvolumeclaims": (
        ("spec", "volumeName"),
        *(("metadata", "annotations", key) for key in _BINDING),
    ),
    "persistentvolumes": (
        ("spec", "claimRef", "resourceVersion"),
        ("spec", "claimRef", "uid"),
        *(("metadata", "annotations", key) for key in _BINDING),
    ),
    "pods": (
        ("spec", "nodeName"),
        ("spec", "priority"),
        # A container that an action has added has been through no server yet.
        *(
            ("spec", field, _EACH, key)
            for field in ("containers", "initContainers")
            for key in _DEFAULTS_OF_CONTAINERS
        ),
    ),
    "services": (
        ("spec", "clusterIP"),
        ("spec", "clusterIPs"),
        ("spec", "healthCheckNodePort"),
        ("spec", "ports", _EACH, "nodePort"),
    ),
}

_INJECTED: Final[Mapping[str, tuple[_Injected, ...]]] = {
    "persistentvolumeclaims": (_Injected(("metadata", "finalizers"), _is_protection),),
    "persistentvolumes": (_Injected(("metadata", "finalizers"), _is_protection),),
    "pods": (
        _Injected(("spec", "volumes"), _is_token_volume),
        _Injected(("spec", "containers", _EACH, "volumeMounts"), _is_token_mount),
        _Injected(("spec", "initContainers", _EACH, "volumeMounts"), _is_token_mount),
        _Injected(("spec", "tolerations"), _is_default_toleration),
    ),
}


def with_server_fields(desired: Manifest, from_cluster: Manifest, gr: str) -> Manifest:
    """Returns ``desired`` with the fields of ``from_cluster`` that it leaves to the cluster.

    Nothing that ``desired`` has is changed. Both objects stay as they are.
    """
    fields, injected = _FIELDS.get(gr, ()), _INJECTED.get(gr, ())
    if not fields and not injected:
        return desired
    filled = copy.deepcopy(desired)
    for path in fields:
        _adopt(filled, from_cluster, path)
    for one in injected:
        _append(filled, from_cluster, one.path, one.is_one)
    if gr == "pods":
        _adopt_limits(filled, from_cluster)
    return filled


def without_start_containers(desired: Manifest, found: Manifest, names: set[str]) -> Manifest:
    """Returns ``desired`` without those of its init containers ``names`` that ``found`` lacks.

    What a restore adds to be run before a pod starts is no difference of a pod that is there.
    """
    spec = _map(desired.get("spec"))
    has = _names(_map(found.get("spec")).get("initContainers"))
    absent = names - has
    if not absent:
        return desired
    kept = [one for one in spec["initContainers"] if str(one.get("name")) not in absent]
    rest = {key: value for key, value in spec.items() if key != "initContainers"}
    return {**desired, "spec": {**rest, "initContainers": kept} if kept else rest}


def _names(containers: Any) -> set[str]:
    return {str(one.get("name")) for one in containers or () if isinstance(one, dict)}


def _adopt_limits(pod: Manifest, found: Manifest) -> None:
    """LimitRanger writes its note anew for the containers that it changes."""
    note = _map(_map(found.get("metadata")).get("annotations")).get(limit_ranger.ANNOTATION)
    annotations = pod["metadata"].get("annotations") or {}
    if not isinstance(note, str) or not isinstance(annotations, dict):
        return
    for field, container, *path in limit_ranger.limited_fields(note):
        for own, theirs in _pairs(
            _map(pod.get("spec")).get(field), _map(found.get("spec")).get(field)
        ):
            if own.get("name") == container:
                _adopt(own, theirs, tuple(path))
    pod["metadata"]["annotations"] = {**annotations, limit_ranger.ANNOTATION: note}


def _map(value: Any) -> Manifest:
    return value if isinstance(value, dict) else {}


def _adopt(desired: Any, found: Any, path: _Path) -> None:
    if path[0] == _EACH:
        for own, theirs in _pairs(desired, found):
            _adopt(own, theirs, path[1:])
        return
    key, rest = path[0], path[1:]
    if not isinstance(desired, dict) or not isinstance(found, dict) or key not in found:
        return
    if rest:
        if desired.get(key) in (None, {}) and isinstance(found[key], dict):
            _adopt_into_new(desired, found, path)
        else:
            _adopt(desired.get(key), found[key], rest)
    elif desired.get(key) is None and found[key] not in (None, _HEADLESS, [_HEADLESS]):
        desired[key] = copy.deepcopy(found[key])


def _adopt_into_new(desired: Manifest, found: Manifest, path: _Path) -> None:
    """A map that only has server-set keys is missing as a whole in the object to be restored."""
    made: Manifest = {}
    _adopt(made, found[path[0]], path[1:])
    if made:
        desired[path[0]] = made


def _append(desired: Any, found: Any, path: _Path, is_one: Callable[[Any], bool]) -> None:
    if path[0] == _EACH:
        for own, theirs in _pairs(desired, found):
            _append(own, theirs, path[1:], is_one)
        return
    key, rest = path[0], path[1:]
    if not isinstance(desired, dict) or not isinstance(found, dict):
        return
    if rest:
        _append(desired.get(key), found.get(key), rest, is_one)
        return
    own, theirs = desired.get(key) or [], found.get(key) or []
    if not isinstance(own, list) or not isinstance(theirs, list) or any(map(is_one, own)):
        return
    added = [copy.deepcopy(element) for element in theirs if is_one(element)]
    if added:
        desired[key] = [*own, *added]


def _pairs(desired: Any, found: Any) -> list[tuple[Any, Any]]:
    """Returns the elements of both lists that are the same port or the same container."""
    if not isinstance(desired, list) or not isinstance(found, list):
        return []
    by_key = {_merge_key(element): element for element in found}
    return [(own, by_key[key]) for own in desired if (key := _merge_key(own)) in by_key]


def _merge_key(element: Any) -> tuple[str, ...]:
    if not isinstance(element, dict):
        return ()
    if "port" in element:
        return (str(element["port"]), str(element.get("protocol") or "TCP"))
    return (str(element.get("name")),)
