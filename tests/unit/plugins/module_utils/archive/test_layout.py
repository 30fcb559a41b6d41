# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.archive.index import Index
from ansible_collections.velero.core.plugins.module_utils.archive.layout import (
    FOLDER,
    ITEM,
    OUTSIDE,
    STRAY_DIRECTORY,
    STRAY_FILE,
    item_path,
    place_of_directory,
    place_of_file,
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("metadata/version", (OUTSIDE, "", "", "", "")),
        ("resources", (OUTSIDE, "", "", "", "")),
        ("resources/x", (STRAY_FILE, "", "", "", "x")),
        ("resources/pods/x", (FOLDER, "pods", "", "", "")),
        ("resources/pods/cluster", (FOLDER, "pods", "", "", "")),
        ("resources/pods/cluster/a.json", (ITEM, "pods", "", "", "a.json")),
        ("resources/pods/cluster/a/b.json", (STRAY_DIRECTORY, "pods", "", "", "a")),
        ("resources/pods/namespaces/x", (STRAY_FILE, "pods", "", "", "x")),
        ("resources/pods/namespaces/n/a.json", (ITEM, "pods", "", "n", "a.json")),
        ("resources/pods/namespaces/n/s/a.json", (STRAY_DIRECTORY, "pods", "", "n", "s")),
        ("resources/pods/v1/cluster/a.json", (ITEM, "pods", "v1", "", "a.json")),
        ("resources/pods/v1/namespaces/n/a.json", (ITEM, "pods", "v1", "n", "a.json")),
        ("resources/pods/v1/other/a.json", (FOLDER, "pods", "v1", "", "")),
    ],
)
def test_files(path: str, expected: tuple[str, ...]) -> None:
    assert place_of_file(tuple(path.split("/")))[:5] == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("metadata", (OUTSIDE, "", "")),
        ("resources", (FOLDER, "", "")),
        ("resources/pods", (FOLDER, "pods", "")),
        ("resources/pods/v1", (FOLDER, "pods", "v1")),
        ("resources/pods/cluster", (FOLDER, "pods", "")),
        ("resources/pods/namespaces", (FOLDER, "pods", "")),
        ("resources/pods/namespaces/n", (FOLDER, "pods", "")),
        ("resources/pods/namespaces/n/s", (STRAY_DIRECTORY, "pods", "")),
    ],
)
def test_directories(path: str, expected: tuple[str, ...]) -> None:
    assert place_of_directory(tuple(path.split("/")))[:3] == expected


def test_warnings_are_velero_s() -> None:
    index = Index()
    for path in (
        "resources/x",
        "resources/pods/namespaces/y",
        "resources/pods/namespaces/n/s/1.json",
        "resources/pods/namespaces/n/s/2.json",
        "resources/pods/v1/namespaces/z",
        "resources/pods/ignored-without-a-word",
    ):
        index.add(place_of_file(tuple(path.split("/"))))
    assert index.warnings() == [
        'Ignoring unexpected file "x" in directory "resources"',
        'Ignoring unexpected file "y" in directory "resources/pods/namespaces"',
        'Ignoring unexpected subdirectory "s" in directory "resources/pods/namespaces/n"',
    ]
    assert index.group_resources() == ["pods"]
    assert index.namespaces("pods", "") == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("pods", "n", "a"), "resources/pods/namespaces/n/a.json"),
        (("nodes", "", "a"), "resources/nodes/cluster/a.json"),
        (("pods", "n", "a", "v1"), "resources/pods/v1/namespaces/n/a.json"),
        (
            ("nodes", "", "a", "v1-preferredversion"),
            "resources/nodes/v1-preferredversion/cluster/a.json",
        ),
    ],
)
def test_item_path(arguments: tuple[str, ...], expected: str) -> None:
    assert item_path(*arguments) == expected
