# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip

from ansible_collections.velero.core.plugins.module_utils.restore.log import RestoreLog
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


def test_closing_twice() -> None:
    log = RestoreLog(FakeClock(), "velero/r1")
    assert gzip.decompress(log.close()) == b""
    assert log.close() == b""


def test_one_record_is_one_line() -> None:
    log = RestoreLog(FakeClock(), "velero/r1")
    log.line("info", "a\nb\u2028c")
    assert gzip.decompress(log.close()).count(b"\n") == 1
