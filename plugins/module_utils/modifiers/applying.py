# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applying all rules to an object, and counting which of them were of any use.

Source: internal/resourcemodifiers/resource_modifiers.go:87-113, reference restore-item-actions.md
section 5.4.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from ansible_collections.velero.core.plugins.module_utils.model.modifier_rules import Modifiers
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.modifiers.errors import RuleError
from ansible_collections.velero.core.plugins.module_utils.modifiers.labels import with_text_labels
from ansible_collections.velero.core.plugins.module_utils.modifiers.matching import rule_matches
from ansible_collections.velero.core.plugins.module_utils.modifiers.patching import patched


@dataclass(slots=True)
class Modified:
    """An object after all rules.

    ``rules`` are the numbers (from 1) of those that matched and could be applied, ``errors`` the
    texts of those that could not, ``log`` holds (level, message).
    """

    obj: Manifest
    rules: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    log: list[tuple[str, str]] = field(default_factory=list)


class ResourceModifiers:
    """The rules of one restore; used by many threads at once.

    Unless ``strict``, labels and annotations are kept texts (see ``labels``).
    """

    def __init__(self, modifiers: Modifiers, *, strict: bool) -> None:
        self._rules = modifiers.rules
        self._strict = strict
        self._lock = threading.Lock()
        self._matched: set[int] = set()

    def apply(self, obj: Manifest, gr: str) -> Modified:
        """Returns what the rules make of ``obj``, which is left alone.

        All conditions are about ``obj`` as it is now. A rule with a fault changes nothing, and
        the next one is applied all the same.
        """
        out = Modified(obj)

        def log(level: str, text: str) -> None:
            out.log.append((level, text))

        for number, rule in enumerate(self._rules, 1):
            try:
                if not rule_matches(rule, obj, gr, log):
                    continue
                self._count(number)
                log("info", f"Applying resource modifier patch on {_name(obj)}")
                changed = patched(rule, out.obj, log, strict=self._strict)
                if changed is not out.obj:
                    out.obj = changed if self._strict else with_text_labels(changed)
                    out.rules.append(number)
            except RuleError as error:
                out.errors.append(str(error))
        return out

    def unused(self) -> list[str]:
        """Returns a text for each rule that has matched no object so far."""
        with self._lock:
            return [
                f"Resource modifier rule {number} ({rule.group_resource}) matched no object."
                for number, rule in enumerate(self._rules, 1)
                if number not in self._matched
            ]

    def _count(self, number: int) -> None:
        if number not in self._matched:
            with self._lock:
                self._matched.add(number)


def _name(obj: Manifest) -> str:
    metadata = obj.get("metadata") or {}
    return f"{metadata.get('namespace') or ''}/{metadata.get('name') or ''}"
