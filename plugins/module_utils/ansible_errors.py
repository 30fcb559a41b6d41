# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user reads when a task fails."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import missing_required_lib

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    ArchiveError,
    ClusterConfigError,
    ConnectionFailedError,
    ForbiddenError,
    MissingLibraryError,
    RecordError,
    RequestError,
    StorageError,
    UnauthorizedError,
    VeleroCoreError,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.errors import PluginError

# The most specific kinds come first. The words are part of the interface: playbooks branch on them.
KINDS: tuple[tuple[type[VeleroCoreError], str], ...] = (
    (MissingLibraryError, "library"),
    (RequestError, "request"),
    (RecordError, "record"),
    (StorageError, "storage"),
    (ArchiveError, "archive"),
    (PluginError, "plugin"),
    (ClusterConfigError, "cluster_config"),
    (ConnectionFailedError, "connection"),
    (ForbiddenError, "rights"),
    (UnauthorizedError, "rights"),
    (ApiError, "api"),
)

_HINTS: tuple[tuple[type[VeleroCoreError], str], ...] = (
    (UnauthorizedError, "Check the credentials of this task and whether they have expired"),
    (ForbiddenError, "Grant the user of this task the missing right, or use another user"),
    (ConnectionFailedError, "Check the address, the proxy options and the network"),
)


def failure(error: VeleroCoreError) -> dict[str, Any]:
    """Returns the arguments of fail_json: ``msg`` and ``error`` with the parts of the message."""
    return {
        "msg": message(error),
        "error": {
            "kind": kind(error),
            "doing": error.doing,
            "target": error.target,
            "why": error.why,
            "hint": error.hint or default_hint(error),
        },
    }


def message(error: VeleroCoreError) -> str:
    """Returns what was being done, to what, why it failed and what to do next, as one text."""
    if isinstance(error, MissingLibraryError):
        reason = error.why.removeprefix("it is needed ")
        return str(missing_required_lib(error.library, reason=reason))
    text = str(error)
    if not error.hint and default_hint(error):
        text = f"{text.rstrip('.')}. {default_hint(error)}"
    return text if text.endswith((".", "!", "?")) else f"{text}."


def kind(error: VeleroCoreError) -> str:
    """Returns the stable word for the kind of ``error``."""
    return next((word for tree, word in KINDS if isinstance(error, tree)), "other")


def default_hint(error: VeleroCoreError) -> str:
    """Returns the next step for kinds of errors whose raiser cannot know a better one."""
    return next((text for tree, text in _HINTS if isinstance(error, tree)), "")
