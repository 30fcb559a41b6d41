# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one error tree of the collection.

Every error says what was being done, to what, why it failed and what the user can do.
"""

from __future__ import annotations

from typing import Any


class VeleroCoreError(Exception):
    """Root of all errors raised by the engine.

    ``doing`` is a gerund phrase ("reading backup metadata"), ``target`` the thing it was done to,
    ``why`` the cause in plain words and ``hint`` what the user can do about it.
    """

    def __init__(self, doing: str, target: str = "", why: str = "", hint: str = "") -> None:
        self.doing = doing
        self.target = target
        self.why = why
        self.hint = hint
        super().__init__(doing, target, why, hint)

    def __str__(self) -> str:
        text = f"Failed {self.doing}"
        if self.target:
            text += f" {self.target}"
        if self.why:
            text += f": {self.why}"
        if self.hint:
            text = f"{text.rstrip('.')}. {self.hint}"
        return text


class RequestError(VeleroCoreError):
    """The request itself is wrong; nothing was written."""


class RecordError(VeleroCoreError):
    """The restore record in the storage or in the cluster forbids what was asked."""


class MissingLibraryError(VeleroCoreError):
    """A Python library that this task needs cannot be imported."""

    def __init__(self, library: str, needed_for: str, traceback: str = "") -> None:
        self.library = library
        self.traceback = traceback
        super().__init__(
            "importing",
            library,
            f"it is needed for {needed_for}",
            "Install it for the Python that runs this task",
        )


class StorageError(VeleroCoreError):
    """Backup storage cannot be reached, read or written."""


class ObjectNotFoundError(StorageError):
    """There is no object under this key."""


class StorageAccessError(StorageError):
    """The storage answered that the caller may not do this."""


class BackupNotFoundError(StorageError):
    """The storage holds no readable backup of this name."""


class ArchiveError(VeleroCoreError):
    """The archive cannot be read as a whole.

    ``velero_message`` is the text that Velero reports for the same fault (results bucket
    ``velero``); where Velero has no such check it is our own.
    """

    def __init__(
        self,
        doing: str,
        target: str = "",
        why: str = "",
        hint: str = "",
        *,
        velero_message: str = "",
    ) -> None:
        super().__init__(doing, target, why, hint)
        self.velero_message = velero_message or why


class TruncatedArchiveError(ArchiveError):
    """The archive ends before its last entry is complete."""


class CorruptArchiveError(ArchiveError):
    """Checksum, compression or header data of the archive are wrong."""


class UnsafeArchiveError(ArchiveError):
    """An entry is of a kind or has a path that no backup of Velero contains."""


class ArchiveLimitError(ArchiveError):
    """A size or count limit would be passed."""


class ClusterError(VeleroCoreError):
    """The cluster cannot be used."""


class ClusterConfigError(ClusterError):
    """Kubeconfig, certificates or credentials cannot be used; nothing was sent."""


class ConnectionFailedError(ClusterError):
    """No answer came from the API server (after the retries that are safe)."""


class RunAbortedError(ClusterError):
    """Nothing further can succeed now; the restore stays unfinished and can be resumed."""


class ApiError(ClusterError):
    """The API server refused a request.

    ``message`` is the text of its Status (what Velero shows), ``reason`` its reason word,
    ``code`` the HTTP code and ``details`` the Status details (causes, retryAfterSeconds).
    """

    def __init__(
        self,
        doing: str,
        target: str,
        *,
        code: int,
        reason: str,
        message: str,
        details: dict[str, Any] | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(doing, target, message or reason or f"HTTP {code}", hint)
        self.code = code
        self.reason = reason
        self.message = message or reason or f"HTTP {code}"
        self.details = details or {}

    @property
    def causes(self) -> list[dict[str, Any]]:
        """Returns the Status causes (``reason``, ``message``, ``field``), possibly empty."""
        return list(self.details.get("causes") or [])


class NotFoundError(ApiError):
    """HTTP 404."""


class AlreadyExistsError(ApiError):
    """HTTP 409 with reason AlreadyExists."""


class ConflictError(ApiError):
    """HTTP 409 with another reason than AlreadyExists."""


class ForbiddenError(ApiError):
    """HTTP 403."""


class UnauthorizedError(ApiError):
    """HTTP 401 after credentials were refreshed."""


class InvalidError(ApiError):
    """HTTP 422."""


class ThrottledError(ApiError):
    """HTTP 429 or 503 after the retries ran out."""


class VolumeError(VeleroCoreError):
    """A volume cannot be restored. ``message`` is the text for the results."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__("restoring a volume", why=message)


def cause_text(error: BaseException) -> str:
    """Returns the text that Velero would put into its results for ``error``."""
    if isinstance(error, (ApiError, VolumeError)):
        return error.message
    if isinstance(error, ArchiveError):
        return error.velero_message
    return str(error)
