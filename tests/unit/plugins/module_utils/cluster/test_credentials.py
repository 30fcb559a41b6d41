# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.credentials import (
    Credential,
    FixedCredentials,
    Issued,
    RenewedCredentials,
    bearer,
    token_file,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import ClusterConfigError


def counting(*issued):
    queue, calls = list(issued), []

    def load():
        calls.append(1)
        step = queue.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    return load, calls


def test_loaded_once_at_first_use(clock):
    load, calls = counting(Issued(Credential("a")))
    source = RenewedCredentials(load, clock=clock)
    assert not calls
    assert source.current() is source.current()
    assert len(calls) == 1


def test_renewed_shortly_before_its_end(clock):
    first = Issued(Credential("a"), clock.time + 100)
    load, _calls = counting(first, Issued(Credential("b"), clock.time + 1000))
    source = RenewedCredentials(load, clock=clock)
    clock.time += 0
    assert source.current().authorization == "a"
    clock.time += 91
    assert source.current().authorization == "b"


def test_refresh_after_a_refusal(clock):
    load, calls = counting(Issued(Credential("a")), Issued(Credential("b")))
    source = RenewedCredentials(load, clock=clock)
    refused = source.current()
    assert source.refresh(refused)
    # Another thread was refused with the same credential, later.
    assert source.refresh(refused)
    assert source.current().authorization == "b"
    assert len(calls) == 2


def test_refresh_that_brings_the_same_again(clock):
    load, _calls = counting(Issued(Credential("a")), Issued(Credential("a")))
    source = RenewedCredentials(load, clock=clock)
    assert not source.refresh(source.current())


def test_failed_renewal(clock):
    broken = ClusterConfigError("running", "it")
    load, _calls = counting(Issued(Credential("a"), clock.time), broken)
    source = RenewedCredentials(load, clock=clock)
    source.current()
    with pytest.raises(ClusterConfigError):
        source.current()


def test_many_threads_cause_one_load(clock):
    started = threading.Barrier(8)
    load, calls = counting(Issued(Credential("a")))
    source = RenewedCredentials(load, clock=clock)

    def ask():
        started.wait()
        source.current()

    threads = [threading.Thread(target=ask) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def test_token_file_is_read_again(tmp_path, clock):
    path = tmp_path / "token"
    path.write_text("one\n")
    source = token_file(str(path), clock=clock)
    first = source.current()
    assert first.authorization == "Bearer one"
    path.write_text("two\n")
    assert source.current() is first
    clock.time += 61
    assert source.current().authorization == "Bearer two"
    path.unlink()
    clock.time += 61
    assert source.current().authorization == "Bearer two"
    path.write_text("three\n")
    assert source.refresh(source.current())
    assert source.current().authorization == "Bearer three"


def test_missing_token_file(tmp_path):
    with pytest.raises(ClusterConfigError, match="No such file"):
        token_file(str(tmp_path / "absent")).current()


@pytest.mark.parametrize("token", ["", " ", "a\r\nX-Evil: 1", "tök"])
def test_tokens_that_cannot_be_sent(token):
    with pytest.raises(ClusterConfigError) as caught:
        bearer(token)
    assert not token.strip() or token not in str(caught.value)


def test_fixed():
    source = FixedCredentials(Credential("Bearer hidden"))
    assert not source.refresh(source.current())
    assert "hidden" not in repr(source) + repr(source.current())
