# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rewrites images by the rules of a ConfigMap (reference section 3.4).

Source: pkg/restore/actions/change_image_name_action.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
    ExecuteOutput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.go_values import (
    AccessorError,
    go_text,
    nested_list,
)
from ansible_collections.velero.core.plugins.module_utils.actions.plugin_config import (
    CHANGE_IMAGE_NAME,
    plugin_config,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

_POD_PATHS = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
_TEMPLATE_PATH = ("spec", "template", "spec")
# Velero says so twice, and for init containers, too.
_TROUBLE = "error getting item's spec.containers: " * 2


@dataclass(frozen=True, slots=True)
class _Rule:
    old: str
    new: str


class ChangeImageNameAction(BuiltinAction):
    """Replaces parts of image names; of several rules that fit the first one does."""

    NAME = "velero.io/change-image-name"
    RESOURCES = (
        "deployments",
        "statefulsets",
        "daemonsets",
        "replicasets",
        "replicationcontrollers",
        "jobs",
        "cronjobs",
        "pods",
    )

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the item with the images of its containers and init containers replaced.

        Raises ActionError for unusable configuration and for containers of another type.
        """
        config = plugin_config(self.environment, CHANGE_IMAGE_NAME)
        if config:
            rules = _rules(config.values())
            path = _POD_PATHS.get(str(given.item.get("kind")), _TEMPLATE_PATH)
            for field in ("containers", "initContainers"):
                for container in _containers(given.item, (*path, field)):
                    _rename(container, rules)
        return ExecuteOutput(updated_item=given.item)


def _rules(rows: Iterable[str]) -> list[_Rule]:
    rules: list[_Rule] = []
    for row in rows:
        old, comma, new = row.partition(",")
        if comma and new:
            rules.append(_Rule(old.strip(), new.strip()))
    return rules


def _containers(item: Manifest, path: Sequence[str]) -> list[Any]:
    try:
        return nested_list(item, path)
    except AccessorError as error:
        raise ActionError(f"{_TROUBLE}{error}") from error


def _rename(container: Any, rules: Sequence[_Rule]) -> None:
    if not isinstance(container, dict):
        raise ActionError(f"container {go_text(container)} is no object")
    if "image" not in container:
        return
    image = container["image"]
    if not isinstance(image, str):
        raise ActionError(f"image {go_text(image)} is no text")
    rule = next((rule for rule in rules if rule.old in image), None)
    if image and rule:
        container["image"] = image.replace(rule.old, rule.new)
