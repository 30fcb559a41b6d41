# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.http1 import (
    NoAnswerError,
    ProtocolError,
    read_answer,
)


def read(data: bytes):
    return read_answer(io.BytesIO(data))


def test_body_by_length_leaves_the_rest():
    stream = io.BytesIO(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: x\r\n\r\nhiHTTP/1.1")
    answer = read_answer(stream)
    assert (answer.status, answer.body, answer.reusable) == (200, b"hi", True)
    assert answer.header("Date") == "x"
    assert answer.header("absent") == ""
    assert stream.read() == b"HTTP/1.1"


def test_chunked_with_extension_and_trailer():
    answer = read(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
    )
    assert answer.body == b"abc0123456789"
    assert answer.reusable


@pytest.mark.parametrize(
    ("data", "body", "reusable"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end", False),
        (b"HTTP/1.1 204 No\r\n\r\n", b"", True),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", b"x", False),
        (b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 1\r\n\r\nx", b"x", False),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 C\r\nContent-Length: 1\r\n\r\nx", b"x", True),
    ],
)
def test_framing(data, body, reusable):
    answer = read(data)
    assert (answer.body, answer.reusable) == (body, reusable)


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 300 + b"\r\n",
    ],
)
def test_what_is_no_whole_answer(data):
    with pytest.raises(ProtocolError):
        read(data)


def test_nothing_at_all():
    with pytest.raises(NoAnswerError):
        read(b"")
