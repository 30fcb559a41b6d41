# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which paths an archive may contain."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.archive import faults
from ansible_collections.velero.core.plugins.module_utils.archive.limits import Limits


def checked_segments(raw: bytes, limits: Limits) -> tuple[str, ...]:
    """Returns the segments of an entry's path, without empty and ``.`` ones.

    Backslashes pass: names of RBAC objects may contain them and no file gets this name. Raises
    UnsafeArchiveError for absolute paths, ``..``, NUL and bytes that are not UTF-8,
    ArchiveLimitError for over-long and over-deep paths.
    """
    path = raw.decode("utf-8", "surrogateescape")
    if len(raw) > limits.max_path_length:
        what = f"the path {faults.quoted(path)} is too long"
        raise faults.over_limit(what, f"{limits.max_path_length} bytes")
    parts = path.split("/")
    if ".." in parts:
        raise faults.unsafe_path(path, "escapes target directory")
    if "\0" in path:
        raise faults.unsafe_path(path, "contains a NUL character")
    if path.startswith("/"):
        raise faults.unsafe_path(path, "is absolute")
    if not path.isascii() and any("\udc80" <= char <= "\udcff" for char in path):
        raise faults.unsafe_path(path, "is not valid UTF-8")
    if "" in parts or "." in parts:
        parts = [part for part in parts if part not in ("", ".")]
    if len(parts) > limits.max_depth:
        what = f"the path {faults.quoted(path)} is too deep"
        raise faults.over_limit(what, f"{limits.max_depth} levels")
    return tuple(parts)
