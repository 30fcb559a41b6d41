# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hooks of a pod that was just created (reference section 4.17)."""

from __future__ import annotations

from typing import Any, Protocol

from ansible_collections.velero.core.plugins.module_utils.item.work import ItemWork
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

PODS = "pods"


class PodHooks(Protocol):
    """The hooks of a restore. May be called from several threads at once."""

    def start(self, pod: Manifest) -> None:
        """Takes the hooks of a created pod on; they are run while other items are restored."""

    def planned(self, pod: Manifest) -> list[dict[str, Any]]:
        """Returns the hooks of a pod as a plan shows them."""


class HookStep:
    """Hands created pods to the hooks; with ``plans`` it only tells which hooks there are."""

    def __init__(self, hooks: PodHooks, *, plans: bool) -> None:
        self._hooks = hooks
        self._plans = plans

    def __call__(self, work: ItemWork) -> bool:
        """Always lets the item go on."""
        resource, created = work.resource, work.created
        if resource is None or created is None or resource.group_resource != PODS:
            return True
        if self._plans:
            work.outcome.hooks = self._hooks.planned(created)
        else:
            self._hooks.start(created)
        return True
