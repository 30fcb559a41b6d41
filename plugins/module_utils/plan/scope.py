# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which resources, namespaces and scopes a restore reaches.

Source: reference restore-engine.md sections 1.7, 2.4 to 2.6 and 2.12.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResources
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.plan.filters import (
    IncludesExcludes,
    resource_filter,
)

# Selected whatever the filters say (pkg/restore/restore.go:86).
MUST_HAVE = frozenset({"datauploads.velero.io", "volumesnapshotcontents.snapshot.storage.k8s.io"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The filters of one restore; ``status`` is None when no status is to be restored."""

    resources: IncludesExcludes
    namespaces: IncludesExcludes
    status: IncludesExcludes | None
    include_cluster_resources: bool | None
    namespace_mapping: dict[str, str]

    def includes_resource(self, gr: str) -> bool:
        """Returns whether the resource filter admits ``gr``, or it bypasses filters."""
        return gr in MUST_HAVE or self.resources.should_include(gr)

    def includes_namespace(self, gr: str, source_namespace: str) -> bool:
        """Returns whether the namespace filter admits items of ``gr`` in this namespace."""
        return gr in MUST_HAVE or self.namespaces.should_include(source_namespace)

    def bypasses(self, gr: str, source_namespace: str) -> bool:
        """Returns whether items of ``gr`` are admitted although their namespace is left out."""
        return gr in MUST_HAVE and not self.namespaces.should_include(source_namespace)

    def target(self, source_namespace: str) -> str:
        """Returns the namespace into which items of ``source_namespace`` are restored."""
        return self.namespace_mapping.get(source_namespace) or source_namespace


def scope_of(spec: RestoreSpec, api: ApiResources, namespaces: IncludesExcludes) -> Scope:
    """Returns the scope of ``spec``; resource names are resolved with discovery as it is now."""
    status = None
    if spec.restore_status is not None:
        status = resource_filter(
            spec.restore_status.get("includedResources"),
            spec.restore_status.get("excludedResources"),
            api.resolve_group_resource,
        )
    return Scope(
        resources=resource_filter(
            spec.included_resources, spec.excluded_resources, api.resolve_group_resource
        ),
        namespaces=namespaces,
        status=status,
        include_cluster_resources=spec.include_cluster_resources,
        namespace_mapping=dict(spec.namespace_mapping or {}),
    )
