# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ConfigMaps that configure built-in actions (reference section 4).

Source: pkg/plugin/framework/common/plugin_config.go.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ActionError
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
    api_errors,
)

CHANGE_STORAGE_CLASS = "velero.io/change-storage-class"
CHANGE_IMAGE_NAME = "velero.io/change-image-name"
POD_VOLUME_RESTORE = "velero.io/pod-volume-restore"
CONFIG_LABEL = "velero.io/plugin-config"
CONFIG_KIND = "RestoreItemAction"


def config_selector(label_key: str) -> str:
    """Returns the label selector of the ConfigMaps of one action."""
    return f"{CONFIG_LABEL},{label_key}={CONFIG_KIND}"


def plugin_config(environment: ActionEnvironment, label_key: str) -> dict[str, str]:
    """Returns the configuration of an action, empty without any.

    Inline configuration comes first and its entries win; those of the ConfigMap follow, sorted by
    key (Velero's order there is random). Raises ActionError when the ConfigMaps cannot be listed
    or several match.
    """
    inline = dict(environment.inline_config.get(label_key) or {})
    stored = _stored_config(environment, label_key)
    return inline | {key: stored[key] for key in sorted(stored) if key not in inline}


def _stored_config(environment: ActionEnvironment, label_key: str) -> dict[str, str]:
    selector = config_selector(label_key)
    with api_errors():
        found = environment.config_maps(environment.velero_namespace, selector)
    if len(found) > 1:
        names = " ".join(str(item["metadata"]["name"]) for item in found)
        raise ActionError(
            f'found more than one ConfigMap matching label selector "{selector}": [{names}]'
        )
    return dict(found[0].get("data") or {}) if found else {}
