# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.service_accounts import (
    merge_maps,
    merge_references,
    merge_service_account,
)
from tests.support.builders import obj


def refs(*names: str) -> list[dict[str, Any]]:
    return [{"name": name} for name in names]


@pytest.mark.parametrize(
    ("first", "second", "merged"),
    [
        (None, None, None),
        (refs("a"), None, refs("a")),
        (None, refs("a"), refs("a")),
        (refs("a"), refs("a", "b"), refs("a", "b")),
        ([{"name": "a", "uid": "1"}], [{"name": "a", "uid": "2"}], [{"name": "a", "uid": "1"}]),
        (refs("b"), refs("a"), refs("b", "a")),
    ],
)
def test_merge_references(
    first: list[dict[str, Any]] | None, second: list[dict[str, Any]] | None, merged: Any
) -> None:
    assert merge_references(first, second) == merged


@pytest.mark.parametrize(
    ("first", "second", "merged"),
    [
        (None, None, None),
        ({}, None, {}),
        ({"a": "1"}, None, {"a": "1"}),
        (None, {"a": "1"}, {"a": "1"}),
        ({"a": "1"}, {"a": "2", "b": "3"}, {"a": "1", "b": "3"}),
    ],
)
def test_merge_maps(first: Any, second: Any, merged: Any) -> None:
    assert merge_maps(first, second) == merged


def test_4_9_the_cluster_wins_and_nothing_is_removed() -> None:
    cluster = obj(
        "ServiceAccount",
        "sa",
        "shop",
        labels={"a": "cluster"},
        annotations={"x": "cluster"},
        secrets=refs("one"),
        automountServiceAccountToken=True,
    )
    backup = obj(
        "ServiceAccount",
        "sa",
        "shop",
        labels={"a": "backup", "b": "backup"},
        annotations={"y": "backup"},
        secrets=refs("one", "two"),
        imagePullSecrets=refs("pull"),
        automountServiceAccountToken=False,
    )
    merged = merge_service_account(cluster, backup)
    assert merged == obj(
        "ServiceAccount",
        "sa",
        "shop",
        labels={"a": "cluster", "b": "backup"},
        annotations={"x": "cluster", "y": "backup"},
        secrets=refs("one", "two"),
        imagePullSecrets=refs("pull"),
        automountServiceAccountToken=True,
    )
    assert cluster["secrets"] == refs("one"), "nothing given is changed"


def test_4_9_empty_service_accounts() -> None:
    plain = obj("ServiceAccount", "sa", "shop")
    assert merge_service_account(plain, plain) == plain
