# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The status of a command as client-go reads it (errorDecoderV4), and the other channels."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.exec_channels import (
    OUTPUT_LIMIT,
    ExecChannels,
)
from ansible_collections.velero.core.plugins.module_utils.model.commands import CommandOutcome


def message(channel: int, content: Any) -> bytes:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return bytes([channel]) + data


def exit_code(*causes: dict[str, str]) -> dict[str, Any]:
    return {
        "status": "Failure",
        "reason": "NonZeroExitCode",
        "message": "command terminated with non-zero exit code: exit status 7",
        "details": {"causes": list(causes)},
    }


def code(text: str) -> dict[str, str]:
    return {"reason": "ExitCode", "message": text}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ({"status": "Success"}, ""),
        (exit_code(code("7")), "command terminated with exit code 7"),
        (exit_code({"reason": "Other"}, code("1")), "command terminated with exit code 1"),
        (
            exit_code(code("x")),
            'error stream protocol error: invalid exit code value "x"',
        ),
        (
            exit_code(code("256")),
            'error stream protocol error: invalid exit code value "256"',
        ),
        (exit_code(), "error stream protocol error: no ExitCode cause given"),
        (
            {**exit_code(), "details": None},
            "error stream protocol error: details must be set",
        ),
        ({"status": "Failure", "message": "Internal error: x"}, "Internal error: x"),
        ({"status": "Failure"}, "error stream protocol error: unknown error"),
    ],
)
def test_the_status_of_a_command(status: dict[str, Any], error: str) -> None:
    channels = ExecChannels()
    channels.take(message(3, status))
    assert channels.ended
    assert channels.outcome() == CommandOutcome(error)


def test_a_status_may_come_in_pieces() -> None:
    channels = ExecChannels()
    whole = json.dumps({"status": "Success"}).encode()
    channels.take(message(3, whole[:5]))
    assert not channels.ended
    channels.take(message(3, whole[5:]))
    assert channels.ended


def test_both_outputs_in_any_order() -> None:
    channels = ExecChannels()
    for part in (message(1, b"a"), message(2, b"x"), b"", b"\x01", message(1, b"b")):
        channels.take(part)
    channels.take(message(3, {"status": "Success"}))
    channels.take(message(2, b"y"))
    assert channels.outcome() == CommandOutcome("", "ab", "xy")


def test_long_output_is_cut_and_bytes_that_are_no_text_do_no_harm() -> None:
    channels = ExecChannels()
    channels.take(message(1, b"a" * (OUTPUT_LIMIT - 1)))
    channels.take(message(1, b"\xff" * 11))
    channels.take(message(3, {"status": "Success"}))
    assert channels.outcome().stdout == "a" * (OUTPUT_LIMIT - 1) + "\ufffd ... (10 bytes more)"


def test_closed_when_the_server_has_closed_all_channels() -> None:
    channels = ExecChannels()
    for channel in (3, 1, 2):
        assert not channels.closed
        channels.take(bytes([255, channel]))
    assert channels.closed
