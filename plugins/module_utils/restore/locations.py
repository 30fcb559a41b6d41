# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the artifacts of a restore lie."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model.ports import ObjectStore
from ansible_collections.velero.core.plugins.module_utils.storage import layout


def locations(name: str, store: ObjectStore | None) -> dict[str, str]:
    """Returns the place of each artifact by its kind; empty without a store."""
    if store is None:
        return {}
    keys = {
        "record": layout.restore_record(name),
        "log": layout.restore_log(name),
        "results": layout.restore_results(name),
        "resource_list": layout.restore_resource_list(name),
        "item_operations": layout.restore_item_operations(name),
        "volume_info": layout.restore_volume_info(name),
        "hooks": layout.restore_hooks(name),
        "progress": layout.restore_progress(name),
    }
    return {kind: store.location(key) for kind, key in keys.items()}
