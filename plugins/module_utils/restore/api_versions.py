# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which API version of each resource is restored (reference section 2.7)."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    NotFoundError,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import CONFIG_MAPS
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Catalog,
    Cluster,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import (
    ENABLE_API_GROUP_VERSIONS,
    Settings,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiResources,
)
from ansible_collections.velero.core.plugins.module_utils.plan.versions import (
    CONFIG_KEY,
    CONFIG_MAP,
    choose_versions,
    parse_user_priorities,
)

_FIRST_FORMAT = "1.1.0"


class VersionChoiceError(Exception):
    """The versions cannot be chosen; the text is Velero's."""


def versions_to_restore(
    settings: Settings, backup: Manifest, catalog: Catalog, api: ApiResources, cluster: Cluster
) -> dict[str, str]:
    """Returns the version folder by group-resource; empty without the feature.

    Raises VersionChoiceError when the user's ConfigMap cannot be read.
    """
    written_as = str((backup.get("status") or {}).get("formatVersion") or "")
    if ENABLE_API_GROUP_VERSIONS not in settings.features or written_as < _FIRST_FORMAT:
        return {}
    return choose_versions(catalog, api.groups, _user_priorities(settings, cluster))


def _user_priorities(settings: Settings, cluster: Cluster) -> dict[str, list[str]]:
    try:
        found = cluster.get(CONFIG_MAPS, settings.velero_namespace, CONFIG_MAP)
    except NotFoundError:
        return {}
    except ApiError as error:
        raise VersionChoiceError(
            f"retrieving enableapigroupversion config map: {error.message}"
        ) from error
    return parse_user_priorities(str((found.get("data") or {}).get(CONFIG_KEY) or ""))
