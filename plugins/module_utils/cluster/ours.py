# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an object in the cluster is the one that a lost request made."""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.times import seconds_of

# What the server sets itself, or what only sub-resources set.
_SERVER_FIELDS = frozenset(
    {
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "generation",
        "managedFields",
        "resourceVersion",
        "selfLink",
        "uid",
    }
)
# Creation times have whole seconds, and so has the server time that is compared with them.
_SLACK = 2.0


def is_ours(sent: Manifest, live: Manifest, since: float | None) -> bool:
    """Returns whether ``live`` was made from ``sent`` at ``since`` or later.

    ``since`` is server time in seconds since the epoch; None leaves the age out of it. Fields
    that the server added do not count; all that was sent must be there, except the status.
    """
    metadata = live.get("metadata") or {}
    if since is not None and _created(metadata) < since - _SLACK:
        return False
    if metadata.get("deletionTimestamp"):
        return False
    wanted = {
        key: value
        for key, value in (sent.get("metadata") or {}).items()
        if key not in _SERVER_FIELDS
    }
    rest = {key: value for key, value in sent.items() if key not in ("metadata", "status")}
    return contains(metadata, wanted) and contains(live, rest)


def contains(live: Any, sent: Any) -> bool:
    """Returns whether all of ``sent`` is in ``live``; empty values may be absent there."""
    if isinstance(sent, dict):
        found = live if isinstance(live, dict) else {}
        return (live is None or isinstance(live, dict)) and all(
            contains(found.get(key), value) for key, value in sent.items()
        )
    if isinstance(sent, list) and sent:
        return (
            isinstance(live, list)
            and len(live) == len(sent)
            and all(contains(one, other) for one, other in zip(live, sent, strict=True))
        )
    return bool(live == sent or (live is None and not sent))


def _created(metadata: dict[str, Any]) -> float:
    return seconds_of(str(metadata.get("creationTimestamp", ""))) or 0.0
