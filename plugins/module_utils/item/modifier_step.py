# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changing an item as the resource modifiers say (pkg/restore/restore.go:1462, reference
restore-engine.md section 4.8)."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.item.field_diff import field_diff
from ansible_collections.velero.core.plugins.module_utils.item.work import ItemWork
from ansible_collections.velero.core.plugins.module_utils.model.items import Reason
from ansible_collections.velero.core.plugins.module_utils.modifiers.applying import (
    ResourceModifiers,
)


class ModifierStep:
    """Applies the rules to the object, which still has its source namespace.

    A rule that fails is an error of the item; the item goes on with what the others made of it.
    ``diff_key`` hashes the values of Secrets in the differences.
    """

    def __init__(self, modifiers: ResourceModifiers, diff_key: bytes) -> None:
        self._modifiers = modifiers
        self._diff_key = diff_key

    def __call__(self, work: ItemWork) -> bool:
        """Returns True: modifiers leave no item out."""
        modified = self._modifiers.apply(work.obj, work.gr)
        for level, text in modified.log:
            work.log(level, text)
        for text in modified.errors:
            work.error(text, Reason.MODIFIER_FAILED)
        if modified.rules:
            self._note(work, modified.obj)
            work.outcome.modified_by = tuple(modified.rules)
            work.obj = modified.obj
        return True

    def _note(self, work: ItemWork, after: dict[str, object]) -> None:
        changes = field_diff(work.obj, after, work.gr, self._diff_key)
        if changes:
            entry = {"id": f"{work.resource_id} (resource modifiers)", "changes": changes}
            work.report.diffs.append(entry)
