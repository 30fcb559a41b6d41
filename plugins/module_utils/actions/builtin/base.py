# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the built-in actions have in common."""

from __future__ import annotations

from typing import ClassVar

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ResourceSelector
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)


class BuiltinAction:
    """Name and selector of an action; those that are for one kind add ``execute``.

    Every built-in action is made from the environment alone (see registry.py).
    """

    NAME: ClassVar[str]
    RESOURCES: ClassVar[tuple[str, ...]]
    LABEL_SELECTOR: ClassVar[str] = ""
    SIDE_EFFECTS: ClassVar[bool] = False

    def __init__(self, environment: ActionEnvironment) -> None:
        self.environment = environment

    @property
    def name(self) -> str:
        """Returns the registered name."""
        return self.NAME

    @property
    def has_side_effects(self) -> bool:
        """Returns whether execute() changes anything but the item it returns."""
        return self.SIDE_EFFECTS

    def applies_to(self) -> ResourceSelector:
        """Returns what the action is for."""
        return ResourceSelector(
            included_resources=self.RESOURCES, label_selector=self.LABEL_SELECTOR
        )
