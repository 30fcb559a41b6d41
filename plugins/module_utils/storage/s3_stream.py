# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a large object as a stream that survives a broken connection."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Protocol

from ansible_collections.velero.core.plugins.module_utils.model.errors import VeleroCoreError

_ATTEMPTS = 4


class Body(Protocol):
    """The part of botocore's StreamingBody that is used here."""

    def read(self, amt: int | None = None) -> bytes:
        """Returns up to ``amt`` bytes, nothing at the end."""

    def close(self) -> None:
        """Closes the connection."""


class ResumingStream(io.RawIOBase):
    """The content of an object; after a broken connection it goes on where it stopped.

    ``reopen(offset)`` returns a body that begins at ``offset`` and raises StorageError;
    ``fault(error)`` returns the StorageError for what reading a body raised.
    """

    def __init__(
        self,
        body: Body,
        reopen: Callable[[int], Body],
        fault: Callable[[Exception], VeleroCoreError],
        errors: tuple[type[Exception], ...],
    ) -> None:
        super().__init__()
        self._body = body
        self._reopen = reopen
        self._fault = fault
        self._errors = errors
        self._offset = 0
        self._attempts = 1

    def readable(self) -> bool:
        """Returns True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fills ``buffer`` from the object and returns how many bytes there were."""
        data = self._read(len(buffer))
        buffer[: len(data)] = data
        self._offset += len(data)
        return len(data)

    def _read(self, size: int) -> bytes:
        while True:
            try:
                return self._body.read(size)
            except self._errors as error:
                self._body.close()
                if self._attempts >= _ATTEMPTS:
                    raise self._fault(error) from error
                self._attempts += 1
                self._body = self._reopen(self._offset)

    def close(self) -> None:
        """Closes the connection."""
        if not self.closed:
            self._body.close()
        super().close()
