# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.rpc.errors import (
    CallError,
    PluginError,
    go_code_name,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.handshake import (
    parse_handshake,
    plugin_environment,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.logs import LineSplitter, parse_line


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("1|2|unix|/tmp/plugin1|grpc|\n", "unix:/tmp/plugin1"),
        ("1|2|unix|/tmp/plugin1|grpc||true", "unix:/tmp/plugin1"),
        ("1|2|unix|/tmp/plugin1|grpc|short", "unix:/tmp/plugin1"),
        ("1|2|tcp|127.0.0.1:10000|grpc", "127.0.0.1:10000"),
    ],
)
def test_where_a_plugin_listens(line: str, target: str) -> None:
    assert parse_handshake(line, "/p").target == target


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("hello\n", "Unrecognized remote plugin message: hello"),
        ("2|2|unix|/s|grpc|", "incompatible core API version with plugin. Plugin version: 2"),
        ("1|1|unix|/s|grpc|", "Plugin version: 1, Client versions: \\[2\\]"),
        ("1|2|pipe|/s|grpc|", "unknown address type: pipe /s"),
        ("1|2|unix||grpc|", "unknown address type"),
        ("1|2|unix|/s", 'unsupported plugin protocol "netrpc". Supported: \\[grpc\\]'),
        ("1|2|unix|/s|grpc|" + "x" * 51, "TLS"),
    ],
)
def test_handshakes_that_are_refused(line: str, why: str) -> None:
    with pytest.raises(PluginError, match=f"Failed starting the plugin /p: .*{why}"):
        parse_handshake(line, "/p")


def test_environment() -> None:
    given = {"PATH": "/bin", "PLUGIN_CLIENT_CERT": "x", "PLUGIN_MULTIPLEX_GRPC": "true"}
    assert plugin_environment(given, "/s") == {
        "PATH": "/bin",
        "VELERO_PLUGIN": "hello",
        "PLUGIN_PROTOCOL_VERSIONS": "2",
        "PLUGIN_MIN_PORT": "10000",
        "PLUGIN_MAX_PORT": "25000",
        "PLUGIN_UNIX_SOCKET_DIR": "/s",
    }


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        (
            '{"@level":"warn","@message":"m","level":"warning","b":1,"a":"x"}',
            ("warning", "m a=x b=1"),
        ),
        ('{"@level":"strange","@message":"m","time":"t"}', ("debug", "m")),
        ('{"@level":"panic"}', ("error", "")),
        ("{broken", ("debug", "{broken")),
        ("[1]", ("debug", "[1]")),
        ("[ERROR] bad", ("error", "bad")),
        ("[WARN]bad", ("warning", "bad")),
        ("panic: x", ("error", "panic: x")),
        ("fatal error: x", ("error", "fatal error: x")),
        ("else", ("debug", "else")),
    ],
)
def test_log_lines(line: str, entry: tuple[str, str]) -> None:
    assert parse_line(line) == entry


def test_lines_of_a_stream() -> None:
    lines: list[str] = []
    splitter = LineSplitter(lines.append, longest=10)
    for data in (b"a\nb", b"c\n\nd\r\n", b"12345678901", b"\xff\nend"):
        splitter.feed(data)
    splitter.end()
    assert lines == ["a", "bc", "d", "12345678901", "\ufffd", "end"]


@pytest.mark.parametrize(
    ("name", "go"),
    [
        ("UNKNOWN", "Unknown"),
        ("RESOURCE_EXHAUSTED", "ResourceExhausted"),
        ("CANCELLED", "Canceled"),
        ("OK", "OK"),
        ("DATA_LOSS", "DataLoss"),
    ],
)
def test_names_of_codes(name: str, go: str) -> None:
    assert go_code_name(name) == go


def test_text_of_a_call_error() -> None:
    assert str(CallError("Unknown", "no")) == "rpc error: code = Unknown desc = no"
