# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine needs from the outside world, as small interfaces."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Protocol

from ansible_collections.velero.core.plugins.module_utils.model.commands import (
    CommandOutcome,
    ContainerCommand,
)
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiResource,
    ApiResources,
)

Manifest = dict[str, Any]


class Clock(Protocol):
    """Time as the engine sees it, so that tests can drive it."""

    def now(self) -> float:
        """Returns seconds since the epoch."""

    def monotonic(self) -> float:
        """Returns seconds of a clock that never goes back."""

    def sleep(self, seconds: float) -> None:
        """Waits."""


class Cluster(Protocol):
    """The API server. Every method may be called from several threads at once.

    Refused requests raise ApiError and its children, unreachable servers ConnectionFailedError.
    """

    def discover(self) -> ApiResources:
        """Returns what the server serves now; groups that are down are reported in the result."""

    def get(self, resource: ApiResource, namespace: str, name: str) -> Manifest:
        """Returns one object."""

    def list(
        self, resource: ApiResource, namespace: str = "", label_selector: str = ""
    ) -> Iterator[Manifest]:
        """Yields the objects (with ``apiVersion`` and ``kind`` filled in), page by page."""

    def create(
        self, resource: ApiResource, namespace: str, body: Manifest, *, field_manager: str = ""
    ) -> Manifest:
        """Creates ``body`` and returns what the server stored."""

    def apply(
        self,
        resource: ApiResource,
        namespace: str,
        name: str,
        body: Manifest,
        *,
        field_manager: str,
        force: bool = False,
        create_only: bool = False,
    ) -> tuple[Manifest, bool]:
        """Server-side apply. Returns the object and whether this request created it.

        With ``create_only`` an object that exists is left alone: AlreadyExistsError.
        """

    def merge_patch(
        self,
        resource: ApiResource,
        namespace: str,
        name: str,
        patch: Manifest,
        *,
        subresource: str = "",
    ) -> Manifest:
        """Sends an RFC 7386 merge patch and returns the object."""

    def preview(self, resource: ApiResource, namespace: str, name: str, body: Manifest) -> Manifest:
        """Returns what the server would store if ``body`` replaced the object; stores nothing."""

    def replace_status(
        self, resource: ApiResource, namespace: str, name: str, body: Manifest
    ) -> Manifest:
        """PUTs the status sub-resource and returns the object."""

    def delete(self, resource: ApiResource, namespace: str, name: str) -> None:
        """Deletes one object; an absent one is no error."""

    def execute(self, command: ContainerCommand) -> CommandOutcome:
        """Runs a command in a container and returns how it ended, timeouts among that."""

    @property
    def server_time(self) -> float:
        """Returns seconds since the epoch by the server's clock (0 before its first answer)."""

    def access_review(
        self, verb: str, group: str, plural: str, namespace: str = ""
    ) -> tuple[bool, str]:
        """Returns whether the caller may do it, and the server's reason.

        ``plural`` may name a subresource (``pods/exec``).
        """


class ObjectStore(Protocol):
    """An object store below its prefix. Keys are relative to the prefix, with ``/``.

    Raises StorageError and its children. May be called from several threads at once.
    """

    def location(self, key: str = "") -> str:
        """Returns where ``key`` lies, for people (``s3://bucket/prefix/key`` or a path)."""

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        """Opens an object as a stream of bytes; ObjectNotFoundError when there is none."""

    def read(self, key: str) -> bytes:
        """Returns the whole object; ObjectNotFoundError when there is none."""

    def write(self, key: str, data: bytes) -> None:
        """Writes an object as a whole or not at all."""

    def exists(self, key: str) -> bool:
        """Returns whether there is an object under ``key``."""

    def keys(self, prefix: str) -> list[str]:
        """Returns all keys below ``prefix``, sorted."""

    def folders(self, prefix: str) -> list[str]:
        """Returns the names of the folders directly below ``prefix``, sorted."""

    def delete(self, key: str) -> None:
        """Deletes one object; an absent one is no error."""


class Catalog(Protocol):
    """Index of an archive that was read once.

    ``warnings`` are log texts about files that lie where none should.
    """

    @property
    def warnings(self) -> tuple[str, ...]:
        """Returns what the log should say about the archive's layout."""

    @property
    def has_resources(self) -> bool:
        """Returns whether there is a ``resources`` directory at all."""

    def group_resources(self) -> list[str]:
        """Returns the group-resource folders, sorted; also those without items."""

    def namespaces(self, gr: str, version: str = "") -> list[str]:
        """Returns the source namespaces that hold items (empty string: cluster scope), sorted."""

    def items(self, gr: str, namespace: str, version: str = "") -> list[str]:
        """Returns the item names, sorted."""

    def versions(self, gr: str) -> list[str]:
        """Returns the version folders of a resource, sorted."""

    def path(self, gr: str, namespace: str, name: str, version: str = "") -> str:
        """Returns the path of an item inside the archive, whether it is there or not."""

    def read(self, gr: str, namespace: str, name: str, version: str = "") -> bytes:
        """Returns the raw content; KeyError when the archive has no such item."""
