# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names with a random end, as the API server makes them from ``generateName``.

Made here instead, so that a create whose answer was lost can be sent again without leaving a
second object behind.
"""

from __future__ import annotations

import random

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    AlreadyExistsError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Cluster, Manifest
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

# Without vowels and look-alikes (k8s.io/apimachinery/pkg/util/rand, apiserver/pkg/storage/names).
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_RANDOM_LENGTH = 5
_BASE_LIMIT = 63 - _RANDOM_LENGTH
_ATTEMPTS = 5
# Not the shared generator: forked workers would all draw the same names from it.
_RANDOM = random.SystemRandom()


def random_end() -> str:
    """Returns five random characters of Kubernetes' alphabet for names."""
    return "".join(_RANDOM.choices(_ALPHABET, k=_RANDOM_LENGTH))


def create_with_random_name(cluster: Cluster, resource: ApiResource, body: Manifest) -> Manifest:
    """Creates ``body`` under its ``generateName`` and a random end; returns the stored object.

    A name that is taken is replaced by another one, five times in all (pkg/client/retry.go).
    Raises ApiError and ConnectionFailedError.
    """
    metadata = body["metadata"]
    attempt = 1
    while True:
        name = metadata["generateName"][:_BASE_LIMIT] + random_end()
        named = {**body, "metadata": {**metadata, "name": name}}
        try:
            return cluster.create(resource, metadata["namespace"], named)
        except AlreadyExistsError:
            if attempt == _ATTEMPTS:
                raise
        attempt += 1
