# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking whether what was restored is there and usable, which only warns.

Velero has no such task. It is asked for, and looks once: nothing is waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from ansible_collections.velero.core.plugins.module_utils.finalize.contract import FinalizeInput
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource
from ansible_collections.velero.core.plugins.module_utils.model.results import Results

_DONE = ("(created)", "(updated)")
# Reasons of containers that wait for something that does not come by itself.
_STUCK = frozenset(
    {
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
    }
)


class ValidateItems:
    """Compares the items that this restore has created or updated with what is in the cluster."""

    name = "validating restored items"

    def run(self, given: FinalizeInput) -> Results:
        """Returns a warning for each item that is gone, failed, stuck or not bound."""
        results = Results()
        api = given.cluster.discover()
        for api_kind, entries in sorted(given.restored_items.items()):
            group_version, _slash, kind = api_kind.rpartition("/")
            group, _slash, version = group_version.rpartition("/")
            resource = api.by_kind(group, version, kind)
            for namespace, names in sorted(_by_namespace(entries).items()):
                for text in _found_wrong(given, resource, kind, namespace, names):
                    results.warnings.add(namespace, text)
        return results


def _by_namespace(entries: Iterable[str]) -> dict[str, list[str]]:
    """Returns the names of what was created or updated, by namespace (reference section 4.15)."""
    found: dict[str, list[str]] = {}
    for entry in entries:
        identity, _bracket, _action = entry.rpartition("(")
        if entry.endswith(_DONE):
            namespace, _slash, name = identity.rpartition("/")
            found.setdefault(namespace, []).append(name)
    return found


def _found_wrong(
    given: FinalizeInput,
    resource: ApiResource | None,
    kind: str,
    namespace: str,
    names: list[str],
) -> Iterator[str]:
    if resource is None:
        yield f"restored items of kind {kind} cannot be validated: the server does not serve it"
        return
    try:
        present = {
            str(item["metadata"]["name"]): item for item in given.cluster.list(resource, namespace)
        }
    except ApiError as error:
        yield f"restored items of kind {kind} cannot be validated: {error.message}"
        return
    looks = _LOOKS.get(resource.group_resource)
    for name in sorted(names):
        if name not in present:
            yield f'{kind} "{name}" was restored, but is not in the cluster any more'
        elif looks is not None:
            yield from (f'{kind} "{name}" {what}' for what in looks(present[name]))


def _claim(claim: Manifest) -> Iterator[str]:
    phase = (claim.get("status") or {}).get("phase") or "Pending"
    if phase != "Bound":
        yield f"is {phase}"


def _pod(pod: Manifest) -> Iterator[str]:
    status = pod.get("status") or {}
    if status.get("phase") == "Failed":
        yield f"has failed: {status.get('message') or status.get('reason') or 'no reason is given'}"
    for kind in ("initContainerStatuses", "containerStatuses"):
        for container in status.get(kind) or []:
            waiting = (container.get("state") or {}).get("waiting") or {}
            if waiting.get("reason") in _STUCK:
                yield f"has container {container.get('name')} in {waiting['reason']}"


_LOOKS: Mapping[str, Callable[[Manifest], Iterator[str]]] = {
    "persistentvolumeclaims": _claim,
    "pods": _pod,
}
