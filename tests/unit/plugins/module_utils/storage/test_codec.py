# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.storage.codec import (
    compress,
    decode_json,
    decompress,
    encode_json,
)

BACKUPS = Path(__file__).parents[4] / "data" / "backup-storage" / "backups"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, b"null\n"),
        ({"b": [1, True], "a": "ü"}, '{"b":[1,true],"a":"ü"}\n'.encode()),
        ("<a> & \u2028\u2029", b'"\\u003ca\\u003e \\u0026 \\u2028\\u2029"\n'),
        ("\ud800", b'"\\ufffd"\n'),
    ],
)
def test_json_is_that_of_go(value: Any, expected: bytes) -> None:
    assert encode_json(value) == expected


def test_real_files_are_written_as_they_are() -> None:
    for path in sorted(BACKUPS.glob("*/*.gz")):
        if path.name.endswith(("-logs.gz", ".tar.gz")):
            continue
        content = gzip.decompress(path.read_bytes())
        assert encode_json(decode_json(decompress(path.read_bytes()))) == content


def test_gzip_is_deterministic_and_has_go_s_header() -> None:
    data = compress(b"x" * 1000)
    assert data == compress(b"x" * 1000)
    assert data[:10] == (BACKUPS / "fragile" / "fragile-results.gz").read_bytes()[:10]
    assert gzip.decompress(data) == b"x" * 1000
    assert decompress(data + data + bytes(3)) == b"x" * 2000


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "incomplete"),
        (b"no gzip", "not sound gzip"),
        (compress(b"x" * 100)[:-1], "incomplete"),
        (compress(b"x" * 100)[:-8] + bytes(8), "not sound gzip"),
        (compress(bytes(2000)), "larger than 1000 bytes"),
    ],
)
def test_damaged_gzip(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        decompress(data, 1000)


@pytest.mark.parametrize("data", [b"{secret", b"\xff\xfe\xfa", b"[" * 100_000])
def test_bad_json_is_not_quoted(data: bytes) -> None:
    with pytest.raises(ValueError, match="it is not JSON") as caught:
        decode_json(data)
    assert "secret" not in str(caught.value)
