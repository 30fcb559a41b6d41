# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rights that a plan needs, asked from the cluster before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.items import (
    CREATED,
    FAILED,
    UPDATED,
    ItemOutcome,
    Reason,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster

_READ = ("get", "list")
Need = tuple[str, str, str]


def needed_access(
    outcomes: Iterable[ItemOutcome],
    cluster: Cluster,
    more: Mapping[Need, Collection[str]] | None = None,
) -> list[dict[str, Any]]:
    """Returns ``{verb, group, resource, namespace, allowed, reason}``, sorted.

    ``more`` is needed beside what the items need, by group, resource and verb: the namespaces.
    A right that the caller has in the whole cluster is listed once with an empty namespace.
    """
    api = cluster.discover()
    # Target namespaces are looked at, and made where they are missing.
    needs: dict[tuple[str, str, str], set[str]] = {
        ("", "namespaces", verb): {""} for verb in ("get", "create")
    }
    for outcome in outcomes:
        group, _slash, rest = outcome.key.api_kind.rpartition("/")
        group, _slash, version = group.rpartition("/")
        resource = api.by_kind(group, version, rest)
        if resource is None:
            continue
        for verb in _verbs(outcome):
            needs.setdefault((resource.group, resource.plural, verb), set()).add(
                outcome.key.namespace
            )
        for plural, verb in _hook_needs(outcome):
            needs.setdefault((resource.group, plural, verb), set()).add(outcome.key.namespace)
    for need, namespaces in (more or {}).items():
        needs.setdefault(need, set()).update(namespaces)
    return [entry for need in sorted(needs) for entry in _review(cluster, need, needs[need])]


def _verbs(outcome: ItemOutcome) -> tuple[str, ...]:
    # What is blocked now would be created once nothing blocks it.
    blocked = outcome.action == FAILED and outcome.reason not in (
        Reason.DIFFERENT,
        Reason.COLLISION,
    )
    if outcome.action == CREATED or blocked:
        return (*_READ, "create", "patch")
    if outcome.action == UPDATED:
        return (*_READ, "patch")
    return _READ


def _hook_needs(outcome: ItemOutcome) -> list[tuple[str, str]]:
    if not any(hook["type"] == "exec" for hook in outcome.hooks):
        return []
    # Up to Kubernetes 1.34 a websocket needs `get`, from 1.35 on also `create`.
    return [("pods", "list"), ("pods/exec", "create"), ("pods/exec", "get")]


def _review(
    cluster: Cluster, need: tuple[str, str, str], namespaces: set[str]
) -> list[dict[str, Any]]:
    group, plural, verb = need
    everywhere = _ask(cluster, need, "")
    if everywhere["allowed"] or not namespaces - {""}:
        return [everywhere]
    return [_ask(cluster, (group, plural, verb), namespace) for namespace in sorted(namespaces)]


def _ask(cluster: Cluster, need: tuple[str, str, str], namespace: str) -> dict[str, Any]:
    group, plural, verb = need
    try:
        allowed, reason = cluster.access_review(verb, group, plural, namespace)
    except ApiError as error:
        allowed, reason = False, error.message
    return {
        "verb": verb,
        "group": group,
        "resource": plural,
        "namespace": namespace,
        "allowed": allowed,
        "reason": reason,
    }
