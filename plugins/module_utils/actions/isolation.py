# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calling actions so that nothing they do harms the restore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ItemAction,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    ConnectionFailedError,
    VeleroCoreError,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.errors import (
    UNAVAILABLE,
    CallError,
)

_BUILT_IN = "velero.io/"
_REMOTE = "rpc error: "
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = 500
_PASSING_CODES = (UNAVAILABLE, "DeadlineExceeded")


@contextmanager
def isolated(action: ItemAction) -> Iterator[None]:
    """Turns whatever an action raises into an ActionError with the text that Velero shows.

    Velero's own actions run in a plugin process, whose transport adds a prefix. What ends the
    whole run (a lost connection) passes through.
    """
    prefix = _REMOTE + "code = {} desc = " if action.name.startswith(_BUILT_IN) else ""
    try:
        yield
    except ActionError as error:
        if not prefix or str(error).startswith(_REMOTE):
            raise
        raise ActionError(prefix.format("Unknown") + str(error)) from error
    except VeleroCoreError:
        raise
    except Exception as error:
        text = f"plugin panicked: {type(error).__name__}: {error}"
        raise ActionError(prefix.format("Aborted") + text) from error


def may_pass(error: BaseException | None) -> bool:
    """Returns whether an action's error comes from a server or a connection that may recover."""
    while error is not None:
        if isinstance(error, ApiError):
            return error.code == _TOO_MANY_REQUESTS or error.code >= _SERVER_ERRORS
        if isinstance(error, CallError):
            return error.code in _PASSING_CODES
        if isinstance(error, ConnectionFailedError):
            return True
        error = error.__cause__
    return False
