# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Choice of an API version per resource (feature EnableAPIGroupVersions).

Source: pkg/restore/prioritize_group_version.go, reference restore-engine.md section 2.7.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ansible_collections.velero.core.plugins.module_utils.model.ports import Catalog
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiGroup

PREFERRED_SUFFIX = "-preferredversion"
CONFIG_MAP = "enableapigroupversions"
CONFIG_KEY = "restoreResourcesVersionPriority"
_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")
_STABILITY = {"alpha": 0, "beta": 1, None: 2}


def kubernetes_version_order(versions: Sequence[str]) -> list[str]:
    """Returns versions by Kubernetes' priority: GA, beta, alpha, each by falling number."""
    return sorted(versions, key=_rank)


def _rank(version: str) -> tuple[int, int, int, int, str]:
    match = _VERSION.fullmatch(version)
    if match is None:
        return (1, 0, 0, 0, version)
    stability = _STABILITY[match.group(2)]
    return (0, -stability, -int(match.group(1)), -int(match.group(3) or 0), version)


def parse_user_priorities(text: str) -> dict[str, list[str]]:
    """Returns the ConfigMap's lines ``resource.group=v1,v1beta1``; malformed lines are ignored."""
    out: dict[str, list[str]] = {}
    for raw in text.splitlines():
        line = raw.replace(" ", "")
        left, _sep, right = line.partition("=")
        if line.count("=") == 1 and left and right:
            out[left] = right.split(",")
    return out


def choose_versions(
    catalog: Catalog, groups: Mapping[str, ApiGroup], user: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Returns the version folder to read per group-resource that has version folders."""
    chosen: dict[str, str] = {}
    for gr in catalog.group_resources():
        folders = catalog.versions(gr)
        preferred = next((f for f in folders if f.endswith(PREFERRED_SUFFIX)), "")
        if not preferred:
            continue
        source_preferred = preferred[: -len(PREFERRED_SUFFIX)]
        source = [f.removesuffix(PREFERRED_SUFFIX) for f in folders]
        group = groups.get(gr.partition(".")[2])
        version = choose_version(source, source_preferred, group, user.get(gr, ()))
        chosen[gr] = preferred if version == source_preferred else version
    return chosen


def choose_version(
    source: Sequence[str],
    source_preferred: str,
    group: ApiGroup | None,
    user: Sequence[str],
) -> str:
    """Returns the version to restore; ``group`` is what the target offers (None: nothing)."""
    if group is None:
        return source_preferred
    target = group.versions
    for version in user:
        if version in source and version in target:
            return version
    if group.preferred in source:
        return group.preferred
    if source_preferred in target:
        return source_preferred
    # Velero skips the first entry of both lists here: it takes them for the preferred ones.
    rest = kubernetes_version_order(source)[1:]
    for version in kubernetes_version_order(target)[1:]:
        if version in rest:
            return version
    return source_preferred
