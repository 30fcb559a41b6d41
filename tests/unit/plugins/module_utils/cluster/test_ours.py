# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.ours import contains, is_ours

CREATED = 1_767_225_600.0  # 2026-01-01T00:00:00Z


def live(**metadata):
    return {
        "kind": "ConfigMap",
        "metadata": {
            "name": "a",
            "uid": "u",
            "labels": {"velero.io/restore-name": "r", "added": "x"},
            "creationTimestamp": "2026-01-01T00:00:00Z",
            **metadata,
        },
        "data": {"k": "v"},
    }


SENT = {
    "kind": "ConfigMap",
    "metadata": {
        "name": "a",
        "labels": {"velero.io/restore-name": "r"},
        "creationTimestamp": None,
        "uid": "other",
    },
    "data": {"k": "v"},
    "status": {"phase": "Bound"},
}


@pytest.mark.parametrize(
    ("found", "since", "ours"),
    [
        (live(), CREATED, True),
        (live(), CREATED + 1.5, True),
        (live(), CREATED + 60, False),
        (live(), None, True),
        (live(labels={"velero.io/restore-name": "another"}), CREATED, False),
        (live(labels=None), CREATED, False),
        (live(deletionTimestamp="2026-01-01T00:00:00Z"), CREATED, False),
        (live(creationTimestamp="nonsense"), CREATED, False),
        ({**live(), "data": {"k": "w"}}, CREATED, False),
        ({**live(), "data": {"k": "v", "more": "x"}}, CREATED, True),
    ],
)
def test_is_ours(found, since, ours):
    assert is_ours(SENT, found, since) is ours


@pytest.mark.parametrize(
    ("found", "sent", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({}, {"a": None, "b": {}, "c": [], "d": ""}, True),
        (None, {}, True),
        (None, {"a": 1}, False),
        ("text", {"a": None}, False),
        ([{"a": 1, "default": 2}], [{"a": 1}], True),
        ([1, 2], [1], False),
        ([2, 1], [1, 2], False),
        (None, 0, True),
    ],
)
def test_contains(found, sent, expected):
    assert contains(found, sent) is expected
