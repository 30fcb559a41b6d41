# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The encoding of messages; the bytes are those of the Protocol Buffers specification."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.rpc.messages import (
    EXECUTE_RESPONSE,
    LIST_RESPONSE,
    OPERATION_PROGRESS,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.wire import (
    Field,
    Message,
    WireError,
)

NUMBER = Message(Field(1, "n", "int"))
TEXT = Message(Field(2, "t", "string"))
OUTER = Message(Field(3, "inner", NUMBER), Field(4, "many", NUMBER, repeated=True))


@pytest.mark.parametrize(
    ("message", "values", "data"),
    [
        (NUMBER, {"n": 150}, "08 96 01"),
        (NUMBER, {"n": -1}, "08 ff ff ff ff ff ff ff ff ff 01"),
        (NUMBER, {"n": 0}, ""),
        (TEXT, {"t": "testing"}, "12 07 74 65 73 74 69 6e 67"),
        (TEXT, {"t": "é"}, "12 02 c3 a9"),
        (OUTER, {"inner": {"n": 150}, "many": []}, "1a 03 08 96 01"),
        (OUTER, {"inner": {"n": 0}, "many": []}, "1a 00"),
        (OUTER, {"inner": None, "many": [{"n": 1}, {"n": 0}]}, "22 02 08 01 22 00"),
    ],
)
def test_bytes_of_the_specification(message: Message, values: dict[str, Any], data: str) -> None:
    assert message.encode(values).hex(" ") == data
    assert message.decode(bytes.fromhex(data)) == {
        field.name: values[field.name] for field in message.fields
    }


def test_defaults_and_unknown_fields() -> None:
    unknown = "48 0151 01020304050607085d 0102030462 01 61"
    assert EXECUTE_RESPONSE.decode(bytes.fromhex(unknown)) == {
        "item": b"",
        "additionalItems": [],
        "skipRestore": False,
        "operationID": "",
        "waitForAdditionalItems": False,
        "additionalItemsReadyTimeout": None,
    }


def test_the_last_of_several_counts() -> None:
    assert NUMBER.decode(bytes.fromhex("08 01 08 02")) == {"n": 2}


def test_text_that_is_no_utf8() -> None:
    assert TEXT.decode(b"\x12\x01\xff") == {"t": "\ufffd"}
    assert TEXT.encode({"t": "\ud800"}) == b"\x12\x01?"


@pytest.mark.parametrize(
    "data", ["08", "08 ff", "12 05 61", "0b", "0a 01 61", "12", "08" + "ff" * 11]
)
def test_broken_bytes(data: str) -> None:
    with pytest.raises(WireError):
        Message(*NUMBER.fields, *TEXT.fields).decode(bytes.fromhex(data))


def test_a_name_that_is_no_field() -> None:
    with pytest.raises(KeyError, match="wrong"):
        NUMBER.encode({"wrong": 1})


_INT64 = st.integers(-(2**63), 2**63 - 1)
_TIME = st.none() | st.fixed_dictionaries({"seconds": _INT64, "nanos": st.integers(0, 10**9 - 1)})


@given(
    st.fixed_dictionaries(
        {
            "completed": st.booleans(),
            "err": st.text(),
            "nCompleted": _INT64,
            "nTotal": _INT64,
            "operationUnits": st.text(),
            "description": st.text(),
            "started": _TIME,
            "updated": _TIME,
        }
    )
)
def test_round_trip(values: dict[str, Any]) -> None:
    assert OPERATION_PROGRESS.decode(OPERATION_PROGRESS.encode(values)) == values


@given(st.binary())
def test_any_bytes_are_a_message_or_a_wire_error(data: bytes) -> None:
    try:
        LIST_RESPONSE.decode(data)
    except WireError:
        return
