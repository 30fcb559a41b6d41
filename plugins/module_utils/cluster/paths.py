# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Request paths of API resources."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, urlencode

from ansible_collections.velero.core.plugins.module_utils.model.errors import InvalidError
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

# Names that need no escaping; most are like this, and quote() is not cheap.
_PLAIN = re.compile(r"[A-Za-z0-9_~-]([A-Za-z0-9._~-]*[A-Za-z0-9_~-])?")


def collection_path(resource: ApiResource, namespace: str = "") -> str:
    """Returns the path of a resource's objects, in one namespace or in all.

    Raises InvalidError when the namespace cannot be part of a path.
    """
    root = f"/apis/{resource.group}" if resource.group else "/api"
    if resource.namespaced and namespace:
        space = _segment(namespace, "namespace")
        return f"{root}/{resource.version}/namespaces/{space}/{resource.plural}"
    return f"{root}/{resource.version}/{resource.plural}"


def object_path(resource: ApiResource, namespace: str, name: str, subresource: str = "") -> str:
    """Returns the path of one object; raises InvalidError when a name cannot be part of a path."""
    path = f"{collection_path(resource, namespace)}/{_segment(name, 'resource name')}"
    return f"{path}/{subresource}" if subresource else path


def with_query(path: str, query: dict[str, str]) -> str:
    """Returns ``path`` with the non-empty members of ``query``."""
    encoded = _encoded(tuple(query.items()))
    return f"{path}?{encoded}" if encoded else path


# Most requests of a run share one query, and urlencode() costs a tenth of a small create.
@lru_cache(maxsize=64)
def _encoded(query: tuple[tuple[str, str], ...]) -> str:
    return urlencode([(key, value) for key, value in query if value])


def _segment(name: str, word: str) -> str:
    if _PLAIN.fullmatch(name):
        return name
    fault = _fault(name)
    if fault:
        # The text of client-go (k8s.io/client-go/rest/request.go).
        message = f'invalid {word} "{name}": [{fault}]' if name else "name is required"
        raise InvalidError(
            "addressing", f"{word} {name!r}", code=422, reason="Invalid", message=message
        )
    return quote(name, safe="")


def _fault(name: str) -> str:
    if name in ("", ".", ".."):
        return f"may not be '{name}'"
    for character in "/%":
        if character in name:
            return f"may not contain '{character}'"
    return ""
