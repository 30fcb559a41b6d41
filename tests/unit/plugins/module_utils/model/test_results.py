# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.results import Messages, Results

FULL: dict[str, Any] = {
    "errors": {"velero": ["v"], "cluster": ["c1", "c2"], "namespaces": {"a": ["x"], "b": ["y"]}},
    "warnings": {"namespaces": {"a": ["w"]}},
}


def test_add_by_namespace() -> None:
    messages = Messages()
    messages.add("", "cluster")
    messages.add("b", "first")
    messages.add("a", "other")
    messages.add("b", "second")
    assert messages.cluster == ["cluster"]
    assert messages.namespaces == {"b": ["first", "second"], "a": ["other"]}
    assert messages.count == 4
    assert list(messages.to_dict()["namespaces"]) == ["a", "b"]


def test_merge_appends_and_copies() -> None:
    one, two = Results.from_dict(FULL), Results.from_dict(FULL)
    one.merge(two)
    assert one.errors.count == 10
    assert one.errors.namespaces["a"] == ["x", "x"]
    assert one.warnings.namespaces == {"a": ["w", "w"]}
    assert two.to_dict() == FULL


@pytest.mark.parametrize(
    ("data", "empty"), [({}, True), ({"errors": None, "warnings": {}}, True), (FULL, False)]
)
def test_round_trip(data: dict[str, Any], empty: bool) -> None:
    results = Results.from_dict(data)
    assert results.empty is empty
    assert results.to_dict() == {"errors": {}, "warnings": {}, **(FULL if not empty else {})}


def test_null_members_are_empty() -> None:
    messages = Messages.from_dict({"velero": None, "cluster": None, "namespaces": {"a": None}})
    assert messages.count == 0
    assert messages.to_dict() == {}
