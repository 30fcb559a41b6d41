# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restoring an additional item from the backup (reference section 4.6, step 7)."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ResourceIdentifier,
)
from ansible_collections.velero.core.plugins.module_utils.item.work import (
    ItemReport,
    ItemWork,
    Note,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Catalog, Manifest
from ansible_collections.velero.core.plugins.module_utils.plan.decode import (
    DecodeError,
    decode_object,
)
from ansible_collections.velero.core.plugins.module_utils.plan.scope import Scope

RestoreObject = Callable[[str, str, str, Manifest, Callable[[], Manifest]], ItemReport]


class AdditionalItemRestorer:
    """Implements AdditionalItems with the pipeline itself (``restore_object``)."""

    def __init__(self, catalog: Catalog, scope: Scope, restore_object: RestoreObject) -> None:
        self._catalog = catalog
        self._scope = scope
        self._restore_object = restore_object

    def restore(self, work: ItemWork, item: ResourceIdentifier) -> tuple[ItemReport | None, bool]:
        """Returns what came of ``item`` and whether it is in the cluster now.

        A missing file is a warning in the item's own source namespace, and counts for ``work``.
        """
        gr, namespace, name = item.group_resource, item.namespace, item.name
        path = self._catalog.path(gr, namespace, name)
        try:
            raw = self._catalog.read(gr, namespace, name)
        except KeyError:
            text = f"stat {path}: no such file or directory"
            work.report.notes.append(Note("warning", namespace, text))
            work.log("warning", f"unable to restore additional item {item.id}")
            return None, False
        try:
            obj = decode_object(raw, path)
        except DecodeError as error:
            work.error(f"error restoring additional item {item.id}: {error}")
            return None, False
        target = self._scope.target(namespace) if namespace else ""
        report = self._restore_object(gr, namespace, target, obj, lambda: decode_object(raw, path))
        shared = report.elsewhere or report
        return report, bool(shared.outcomes and shared.outcomes[-1].exists)
