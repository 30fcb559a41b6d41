# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors of plugin processes and of calls to them.

Source: reference plugin-protocol.md section 9.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model.errors import VeleroCoreError

# Go's names of the codes, which are what Velero shows.
_GO_NAMES = {"CANCELLED": "Canceled", "OK": "OK"}

UNAVAILABLE = "Unavailable"
UNIMPLEMENTED = "Unimplemented"


class PluginError(VeleroCoreError):
    """A plugin binary cannot be started, does not speak the protocol or lists what may not be."""


class CallError(Exception):
    """A call to a plugin failed; the text is the one that Velero shows.

    ``code`` is the gRPC code by its Go name (``Unknown``, ``Aborted``), ``details`` the plugin's
    own text; ``was_sent`` is False when the call certainly did not reach the plugin.
    """

    def __init__(self, code: str, details: str, *, was_sent: bool = True) -> None:
        self.code = code
        self.details = details
        self.was_sent = was_sent
        super().__init__(f"rpc error: code = {code} desc = {details}")


def go_code_name(name: str) -> str:
    """Returns the Go name of a gRPC code: ``RESOURCE_EXHAUSTED`` is ``ResourceExhausted``."""
    return _GO_NAMES.get(name) or "".join(part.capitalize() for part in name.split("_"))
