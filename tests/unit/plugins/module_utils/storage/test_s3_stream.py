# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import StorageError
from ansible_collections.velero.core.plugins.module_utils.storage.s3_stream import ResumingStream

CONTENT = bytes(range(256)) * 40


class Body:
    """Breaks after ``alive`` bytes."""

    def __init__(self, offset: int, alive: int) -> None:
        self.stream = io.BytesIO(CONTENT[offset : offset + alive])
        self.complete = offset + alive >= len(CONTENT)
        self.closed = False

    def read(self, amt: int | None = None) -> bytes:
        data = self.stream.read(amt)
        if not data and not self.complete:
            raise ConnectionResetError("gone")
        return data

    def close(self) -> None:
        self.closed = True


def stream(alive: int) -> tuple[io.BufferedReader, list[int]]:
    offsets: list[int] = []

    def reopen(offset: int) -> Body:
        offsets.append(offset)
        return Body(offset, alive)

    def fault(error: Exception) -> StorageError:
        return StorageError("reading", "k", str(error))

    raw = ResumingStream(Body(0, alive), reopen, fault, (OSError,))
    return io.BufferedReader(raw, 100), offsets


def test_goes_on_where_it_stopped() -> None:
    reader, offsets = stream(4000)
    with reader:
        assert reader.read() == CONTENT
    assert offsets == [4000, 8000]


def test_gives_up() -> None:
    reader, offsets = stream(1000)
    with reader, pytest.raises(StorageError, match="gone"):
        reader.read()
    assert offsets == [1000, 2000, 3000]
