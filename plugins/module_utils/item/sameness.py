# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether restoring over an existing object would change it (docs/compatibility.md, rule C1)."""

from __future__ import annotations

from typing import Final

from ansible_collections.velero.core.plugins.module_utils.item.equality import (
    same_object,
    without_ownership,
)
from ansible_collections.velero.core.plugins.module_utils.item.merge_patch import same_value
from ansible_collections.velero.core.plugins.module_utils.item.metadata import (
    reset_metadata_and_status,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

# No server fills in or rewrites anything here: a difference is one.
_VERBATIM: Final = ("metadata", "data", "binaryData", "stringData")


def would_stay_the_same(
    cluster: Cluster, resource: ApiResource, found: Manifest, desired: Manifest, version: str
) -> bool:
    """Returns whether restoring ``desired`` over ``found`` would leave it as it is.

    ``found`` is the object in the cluster without what is never compared, ``version`` its
    resource version. When both are not equal at a glance, the server is asked what it would
    store: it knows its defaults, the notations of quantities, and which empty values mean
    nothing. What it refuses to store is a difference.
    """
    if same_object(found, desired, strict=False):
        return True
    one, other = without_ownership(found), without_ownership(desired)
    if not all(same_value(one.get(key), other.get(key)) for key in _VERBATIM):
        return False
    metadata = desired["metadata"]
    body = {**desired, "metadata": {**metadata, "resourceVersion": version}}
    namespace, name = str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
    try:
        stored = cluster.preview(resource, namespace, name, body)
    except ApiError:
        return False
    return same_object(found, reset_metadata_and_status(stored), strict=False)
