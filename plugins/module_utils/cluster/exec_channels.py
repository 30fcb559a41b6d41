# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The channels inside an exec stream: output, errors, and the status at the end.

Source: k8s.io/apimachinery/pkg/util/remotecommand, k8s.io/client-go/tools/remotecommand (v4).
"""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.commands import CommandOutcome

# The second one is for servers before 1.30.
PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")

_STDOUT, _STDERR, _STATUS, _CLOSE = 1, 2, 3, 255
# What is kept of each output, in bytes; the rest is counted only.
OUTPUT_LIMIT = 16 * 1024
_UNKNOWN = "error stream protocol error: unknown error"


class ExecChannels:
    """Takes the messages of a stream in.

    ``ended`` tells whether the command's status has come, ``closed`` whether nothing more can.
    """

    def __init__(self) -> None:
        self._texts = {_STDOUT: bytearray(), _STDERR: bytearray()}
        self._dropped = {_STDOUT: 0, _STDERR: 0}
        self._status = b""
        self._closed: set[int] = set()

    @property
    def ended(self) -> bool:
        """Returns whether the status of the command is known."""
        return _decoded(self._status) is not None

    @property
    def closed(self) -> bool:
        """Returns whether the server has closed all channels (version 5 of the protocol)."""
        return self._closed >= {_STDOUT, _STDERR, _STATUS}

    def take(self, message: bytes) -> None:
        """Takes one message: the number of its channel and what was written to that."""
        channel, data = message[:1], message[1:]
        if not channel or not data:
            return
        number = channel[0]
        if number == _CLOSE:
            self._closed.add(data[0])
        elif number == _STATUS:
            self._status += data
        elif number in self._texts:
            kept = self._texts[number]
            room = OUTPUT_LIMIT - len(kept)
            kept += data[:room]
            self._dropped[number] += max(0, len(data) - room)

    def outcome(self) -> CommandOutcome:
        """Returns how the command ended, once ``ended``."""
        return CommandOutcome(_error(self._status), self._text(_STDOUT), self._text(_STDERR))

    def _text(self, number: int) -> str:
        text = self._texts[number].decode("utf-8", "replace")
        dropped = self._dropped[number]
        return f"{text} ... ({dropped} bytes more)" if dropped else text


def _error(content: bytes) -> str:
    """Returns the text of client-go for a status; empty for success."""
    status = _decoded(content)
    if status is None:
        return _UNKNOWN
    if status.get("status") == "Success":
        return ""
    if status.get("reason") == "NonZeroExitCode":
        return _exit_code(status)
    return str(status.get("message") or _UNKNOWN)


def _decoded(content: bytes) -> dict[str, Any] | None:
    try:
        status = json.loads(content)
    except ValueError:
        return None
    return status if isinstance(status, dict) else None


def _exit_code(status: dict[str, Any]) -> str:
    details = status.get("details")
    if not isinstance(details, dict):
        return "error stream protocol error: details must be set"
    for cause in details.get("causes") or []:
        if cause.get("reason") == "ExitCode":
            code = str(cause.get("message") or "")
            if code.isdigit() and int(code) < 256:
                return f"command terminated with exit code {int(code)}"
            return f'error stream protocol error: invalid exit code value "{code}"'
    return "error stream protocol error: no ExitCode cause given"
