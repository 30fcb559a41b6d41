# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the files of a backup archive lie, and what their paths mean.

Source: reference backup-storage-and-crs.md section 2.1, restore-engine.md section 2.3,
pkg/archive/parser.go.
"""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.velero.core.plugins.module_utils.archive.faults import quoted

RESOURCES = "resources"
CLUSTER = "cluster"
NAMESPACES = "namespaces"
VERSION_FILE = ("metadata", "version")
PREFERRED_SUFFIX = "-preferredversion"
JSON_SUFFIX = ".json"

# What an entry is: not below resources/, a sign that a folder exists, an item, or a stray.
OUTSIDE = "outside"
FOLDER = "folder"
ITEM = "item"
STRAY_FILE = "stray file"
STRAY_DIRECTORY = "stray directory"


class Place(NamedTuple):
    """Meaning of one path.

    ``name`` is a file name; that of a stray lies directly in ``directory``.
    """

    kind: str
    group_resource: str = ""
    version: str = ""
    namespace: str = ""
    name: str = ""
    directory: str = ""


_OUTSIDE = Place(OUTSIDE)


def place_of_directory(segments: tuple[str, ...]) -> Place:
    """Returns the meaning of a directory entry."""
    place = place_of_file((*segments, ""))
    return place if place.name else place._replace(kind=_folder_or_outside(place))


def _folder_or_outside(place: Place) -> str:
    return OUTSIDE if place.kind == OUTSIDE else FOLDER


def place_of_file(segments: tuple[str, ...]) -> Place:
    """Returns the meaning of a regular file."""
    if len(segments) < 2 or segments[0] != RESOURCES:
        return _OUTSIDE
    if len(segments) == 2:
        return Place(STRAY_FILE, name=segments[1], directory=RESOURCES)
    group_resource = segments[1]
    if segments[2] in (CLUSTER, NAMESPACES):
        return _in_scope(segments, 2, group_resource, "")
    if len(segments) == 3:
        return Place(FOLDER, group_resource)
    return _in_scope(segments, 3, group_resource, segments[2])


def _in_scope(segments: tuple[str, ...], at: int, group_resource: str, version: str) -> Place:
    """Returns the meaning of a path whose segment ``at`` names the scope."""
    scope, rest = segments[at], segments[at + 1 :]
    if scope not in (CLUSTER, NAMESPACES) or not rest:
        return Place(FOLDER, group_resource, version)
    if scope == NAMESPACES and len(rest) == 1:
        directory = "/".join(segments[: at + 1])
        return Place(STRAY_FILE, group_resource, version, "", rest[0], directory)
    namespace, files = (rest[0], rest[1:]) if scope == NAMESPACES else ("", rest)
    if len(files) == 1:
        return Place(ITEM, group_resource, version, namespace, files[0])
    directory = "/".join(segments[: len(segments) - len(files)])
    return Place(STRAY_DIRECTORY, group_resource, version, namespace, files[0], directory)


def item_path(group_resource: str, namespace: str, name: str, version: str = "") -> str:
    """Returns the path of an item inside the archive."""
    scope = f"{NAMESPACES}/{namespace}" if namespace else CLUSTER
    middle = f"{version}/{scope}" if version else scope
    return f"{RESOURCES}/{group_resource}/{middle}/{name}{JSON_SUFFIX}"


def stray_warning(kind: str, name: str, directory: str) -> str:
    """Returns Velero's log text for a stray file or directory."""
    what = "file" if kind == STRAY_FILE else "subdirectory"
    return f"Ignoring unexpected {what} {quoted(name)} in directory {quoted(directory)}"
