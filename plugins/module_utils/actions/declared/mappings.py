# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mappings of a task, as configuration of Velero's own actions without a ConfigMap."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.velero.core.plugins.module_utils.actions.names import refused_name
from ansible_collections.velero.core.plugins.module_utils.actions.plugin_config import (
    CHANGE_IMAGE_NAME,
    CHANGE_STORAGE_CLASS,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    NotFoundError,
    RequestError,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import STORAGE_CLASSES
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster


def inline_config(
    storage_classes: Mapping[str, str], images: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Returns the configuration of the actions that map; raises RequestError."""
    config: dict[str, dict[str, str]] = {}
    if storage_classes:
        config[CHANGE_STORAGE_CLASS] = dict(storage_classes)
    if images:
        # The keys mean nothing to the action; these are none that a ConfigMap can have.
        config[CHANGE_IMAGE_NAME] = {
            f"image_mapping[{old}]": _image_rule(old, new) for old, new in images.items()
        }
    return config


def _image_rule(old: str, new: str) -> str:
    # An empty part would fit everywhere, and a comma separates the two parts of a rule.
    for part in (old, new):
        if not part.strip() or "," in part:
            raise RequestError(
                "reading",
                f"image_mapping.{old}",
                "both parts have to be texts without a comma",
                "Give parts of image names, such as docker.io/library: mirror.example.com/library",
            )
    return f"{old},{new}"


def check_storage_classes(cluster: Cluster, mapping: Mapping[str, str]) -> None:
    """Raises RequestError that names the mapped classes that the cluster does not have.

    Raises ClusterError when they cannot be read.
    """
    missing = [new for new in dict.fromkeys(mapping.values()) if not _exists(cluster, new)]
    if missing:
        raise RequestError(
            "reading",
            "storage_class_mapping",
            f"there is no storage class {', '.join(repr(name) for name in missing)} in the cluster",
            "Create it, or map to a class that is there",
        )


def _exists(cluster: Cluster, name: str) -> bool:
    if refused_name(name):
        return False
    try:
        cluster.get(STORAGE_CLASSES, "", name)
    except NotFoundError:
        return False
    return True
