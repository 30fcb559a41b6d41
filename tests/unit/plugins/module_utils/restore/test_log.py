# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.restore.log import RestoreLog, quoted
from tests.support.builders import examples
from tests.support.fake_clock import FakeClock


def test_6_4_format() -> None:
    clock = FakeClock()
    log = RestoreLog(clock, "velero/r1")
    log.line("info", "starting restore")
    clock.advance(61)
    log.lines([("error", 'a "quoted"\ttext\\'), ("warning", "two\r\nlines")])
    assert gzip.decompress(log.close()).decode() == (
        'time="2026-01-02T03:04:05Z" level=info msg="starting restore" restore=velero/r1\n'
        'time="2026-01-02T03:05:06Z" level=error msg="a \\"quoted\\"\\ttext\\\\" '
        "restore=velero/r1\n"
        'time="2026-01-02T03:05:06Z" level=warning msg="two\\r\\nlines" restore=velero/r1\n'
    )


def test_what_there_is_so_far_and_what_follows() -> None:
    log = RestoreLog(FakeClock(), "velero/r1")
    log.line("info", "one")
    first = log.so_far()
    assert b"msg=one" in gzip.decompress(first)
    assert not log.grew
    assert log.so_far() and not log.grew
    log.line("info", "two")
    assert log.grew
    whole = log.close()
    assert whole.startswith(first)
    lines = gzip.decompress(whole).decode().splitlines()
    assert [line.split()[2] for line in lines] == ["msg=one", "msg=two"]


def test_closing_twice() -> None:
    log = RestoreLog(FakeClock(), "velero/r1")
    assert gzip.decompress(log.close()) == b""
    assert log.close() == b""


# As Go's fmt prints them with %q, and logrus leaves words alone.
@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("velero/r1", "velero/r1"),
        ("a.B-9_@^+", "a.B-9_@^+"),
        ("", ""),
        ("a b", '"a b"'),
        ("a=b", '"a=b"'),
        ("é", '"é"'),
        ("日本 €", '"日本 €"'),
        ("\a\b\f\n\r\t\v", r'"\a\b\f\n\r\t\v"'),
        ("\x00\x1b[31m\x7f", r'"\x00\x1b[31m\x7f"'),
        ("\x85\u2028\u00a0\ufeff", r'"\u0085\u2028\u00a0\ufeff"'),
        ("\U000e0001", r'"\U000e0001"'),
        ("\ud800", r'"\ufffd"'),
        ("😀", '"😀"'),
    ],
)
def test_values_are_quoted_as_go_does(text: str, written: str) -> None:
    assert quoted(text) == written


@examples()
@given(st.text())
def test_one_record_is_one_line(text: str) -> None:
    log = RestoreLog(FakeClock(), "velero/r1")
    log.line("info", text)
    (line,) = gzip.decompress(log.close()).decode().splitlines()
    assert line.endswith(" restore=velero/r1")
