# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which providers there are; a new one is one function here."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.ports import ObjectStore
from ansible_collections.velero.core.plugins.module_utils.storage.directory import DirectoryStore
from ansible_collections.velero.core.plugins.module_utils.storage.location import StorageLocation
from ansible_collections.velero.core.plugins.module_utils.storage.s3 import S3Store
from ansible_collections.velero.core.plugins.module_utils.storage.s3_config import s3_config

_VELERO_PREFIX = "velero.io/"


def _directory(location: StorageLocation) -> ObjectStore:
    return DirectoryStore(location.path, location.prefix)


def _aws(location: StorageLocation) -> ObjectStore:
    return S3Store(s3_config(location))


PROVIDERS: dict[str, Callable[[StorageLocation], ObjectStore]] = {
    "aws": _aws,
    "directory": _directory,
}


def open_store(location: StorageLocation) -> ObjectStore:
    """Returns the store of ``location``.

    ``velero.io/aws`` is the same provider as ``aws``. Raises RequestError for an unknown provider
    and whatever the provider raises for its configuration.
    """
    factory = PROVIDERS.get(location.provider.removeprefix(_VELERO_PREFIX))
    if factory is None:
        raise RequestError(
            "opening the backup storage",
            location.name,
            f"there is no provider {location.provider!r}",
            f"Known providers are: {', '.join(sorted(PROVIDERS))}",
        )
    return factory(location)
