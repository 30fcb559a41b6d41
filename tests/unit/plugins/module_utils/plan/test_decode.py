# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.plan.decode import (
    DecodeError,
    decode_item,
)
from tests.support.builders import MemoryCatalog

PATH = "resources/pods/namespaces/shop/x.json"


def catalog(content: bytes) -> MemoryCatalog:
    return MemoryCatalog(raw={("pods", "shop", "x"): content})


def test_object() -> None:
    assert decode_item(catalog(b'{"kind":"Pod"}'), "pods", "shop", "x") == {"kind": "Pod"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "unexpected end of JSON input"),
        (b"  \n", "unexpected end of JSON input"),
        (b'{"kind":', "unexpected end of JSON input"),
        (b'{"kind": "Po', "unexpected end of JSON input"),
        (b"hello", "invalid character 'h' looking for beginning of value"),
        (b"'a'", "invalid character '\\'' looking for beginning of value"),
        (b"\xff\xfe", "invalid character '\ufffd' looking for beginning of value"),
        (b"[]", "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        (b'"a"', "json: cannot unmarshal string into Go value of type map[string]interface {}"),
        (b"7", "json: cannot unmarshal number into Go value of type map[string]interface {}"),
        (b"true", "json: cannot unmarshal bool into Go value of type map[string]interface {}"),
        (b"{}", "Object 'Kind' is missing"),
        (b'{"kind": ""}', "Object 'Kind' is missing"),
        (b'{"kind": 5}', "Object 'Kind' is missing"),
        (b"null", "Object 'Kind' is missing"),
        (b'{"a": NaN}', "invalid character 'N' looking for beginning of value"),
        (b'{"a": -Infinity}', "invalid character 'I' in numeric literal"),
        (b"[" * 100_000, "exceeded max depth"),
    ],
)
def test_what_is_no_object(content: bytes, why: str) -> None:
    with pytest.raises(DecodeError) as raised:
        decode_item(catalog(content), "pods", "shop", "x")
    assert str(raised.value) == f'error decoding "{PATH}": {why}'


def test_absent_file() -> None:
    with pytest.raises(DecodeError) as raised:
        decode_item(MemoryCatalog(), "pods", "shop", "x")
    assert str(raised.value) == f'error decoding "{PATH}": open {PATH}: no such file or directory'


def test_no_content_of_a_secret_is_told() -> None:
    with pytest.raises(DecodeError) as raised:
        decode_item(catalog(b'{"data": {"password": "hunter2"}}'), "pods", "shop", "x")
    assert "hunter2" not in str(raised.value)
