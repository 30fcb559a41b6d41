# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VolumeSnapshotLocations: given with the task, or objects in the cluster with their secrets.

Source: reference backup-storage-and-crs.md section 4.4, internal/volume/snapshotlocation.go.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    NotFoundError,
    VolumeError,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import SECRETS
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource
from ansible_collections.velero.core.plugins.module_utils.model.volumes import SnapshotLocation

_LOCATIONS = ApiResource(
    "velero.io", "v1", "volumesnapshotlocations", "VolumeSnapshotLocation", namespaced=True
)
_NO_CREDENTIALS = "unable to get credentials: unable to get key for secret: "


class SnapshotLocations:
    """The locations that a restore may use. What is ``given`` wins over objects of that name."""

    def __init__(
        self, cluster: Cluster, namespace: str, given: Iterable[SnapshotLocation] = ()
    ) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._given = {location.name: location for location in given}

    def read(self, name: str) -> SnapshotLocation:
        """Returns a location; raises VolumeError with the text of the API."""
        if name in self._given:
            return self._given[name]
        try:
            found = self._cluster.get(_LOCATIONS, self._namespace, name)
        except NotFoundError as error:
            raise VolumeError(
                f'volumesnapshotlocations.velero.io "{name}" not found (the option '
                "volume_snapshot_locations can describe it)"
            ) from error
        except ApiError as error:
            raise VolumeError(error.message) from error
        spec = found.get("spec") or {}
        return SnapshotLocation(
            name=name,
            provider=str(spec.get("provider") or ""),
            config={key: str(value) for key, value in (spec.get("config") or {}).items()},
            credentials=self._secret(spec.get("credential") or {}),
        )

    def _secret(self, selector: dict[str, str]) -> bytes:
        if not selector:
            return b""
        name, key = str(selector.get("name") or ""), str(selector.get("key") or "")
        try:
            data = self._cluster.get(SECRETS, self._namespace, name).get("data") or {}
        except ApiError as error:
            raise VolumeError(_NO_CREDENTIALS + error.message) from error
        if key not in data:
            text = f'{_NO_CREDENTIALS}"{name}" secret is missing data for key "{key}"'
            raise VolumeError(text)
        try:
            return base64.b64decode(data[key], validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise VolumeError(f"{_NO_CREDENTIALS}{key} of {name} is not base64") from None
