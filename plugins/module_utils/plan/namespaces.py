# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The namespace filter of a restore, with wildcards expanded against the backup.

Source: reference restore-engine.md section 2.6; surprise 1 of section 11 (an include list that
expands to nothing) is decided by ``safe``.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model.ports import Catalog
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.plan import wildcards
from ansible_collections.velero.core.plugins.module_utils.plan.filters import IncludesExcludes


def namespaces_in_backup(catalog: Catalog) -> set[str]:
    """Returns the namespaces that hold at least one namespaced item."""
    return {
        namespace
        for gr in catalog.group_resources()
        for namespace in catalog.namespaces(gr)
        if namespace
    }


def namespace_filter(spec: RestoreSpec, catalog: Catalog, *, safe: bool) -> IncludesExcludes:
    """Returns the namespace filter of ``spec``.

    With ``safe`` an include list that matches no namespace selects nothing; Velero then selects
    everything. Raises WildcardError with the text that Velero reports.
    """
    includes, excludes = spec.included_namespaces or [], spec.excluded_namespaces or []
    if not wildcards.should_expand(includes, excludes):
        return IncludesExcludes.of(includes, excludes)
    if "*" in excludes:
        raise wildcards.WildcardError("wildcard '*' is not allowed in restore excludes")
    try:
        includes, excludes = wildcards.expand(namespaces_in_backup(catalog), includes, excludes)
    except wildcards.WildcardError as error:
        raise wildcards.WildcardError(
            f"error expanding wildcard patterns in namespace includes/excludes: {error}"
        ) from error
    if safe and not includes:
        return IncludesExcludes(nothing=True)
    return IncludesExcludes.of(includes, excludes)
