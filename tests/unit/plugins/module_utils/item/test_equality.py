# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.equality import same_object
from tests.support.builders import config_map, owner


@pytest.mark.parametrize(
    ("change", "safe", "strict"),
    [
        pytest.param({}, True, True, id="nothing"),
        pytest.param({"data": {"a": "2"}}, False, False, id="value"),
        pytest.param({"data": {"a": "1", "b": "2"}}, False, False, id="key"),
        pytest.param({"data": {"a": "1", "b": ""}}, False, False, id="empty-text"),
        pytest.param({"data": {"a": "1", "b": None}}, True, False, id="null"),
        pytest.param({"status": {}}, True, False, id="empty-map"),
        pytest.param({"spec": {"a": {"b": []}}}, False, False, id="empty-deep-down"),
        pytest.param({"spec": {"namespaceSelector": {}}}, False, False, id="empty-selector"),
        pytest.param({"labels": {"a": ""}}, False, False, id="empty-label"),
        pytest.param({"spec": {"a": [{}]}}, False, False, id="elements-count"),
        pytest.param({"spec": {"a": 0}}, False, False, id="zero-counts"),
        pytest.param({"spec": {"a": False}}, False, False, id="false-counts"),
        pytest.param({"meta": {"managedFields": [owner()]}}, True, False, id="owners"),
        pytest.param({"meta": {"finalizers": ["f"]}}, False, False, id="finalizers"),
        pytest.param({"labels": {}}, True, False, id="empty-labels"),
        pytest.param({"labels": {"a": "b"}}, False, False, id="labels"),
    ],
)
def test_4_9_what_counts_as_the_same(change: dict[str, Any], safe: bool, strict: bool) -> None:
    plain, changed = config_map(), config_map(**change)
    for one, other in ((plain, changed), (changed, plain)):
        assert same_object(one, other, strict=False) is safe
        assert same_object(one, other, strict=True) is strict


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (1, "1")])
def test_4_9_types_count(one: Any, other: Any, strict: bool) -> None:
    first, second = config_map(spec={"n": one}), config_map(spec={"n": other})
    assert not same_object(first, second, strict=strict)


@pytest.mark.parametrize("strict", [False, True])
def test_4_9_the_order_of_keys_does_not_count_that_of_lists_does(strict: bool) -> None:
    one, other = config_map(spec={"a": 1, "b": 2}), config_map(spec={"b": 2, "a": 1})
    assert same_object(one, other, strict=strict)
    first, second = config_map(spec={"l": [1, 2]}), config_map(spec={"l": [2, 1]})
    assert not same_object(first, second, strict=strict)


@pytest.mark.parametrize("field", ["resources", "securityContext", "strategy", "updateStrategy"])
def test_what_is_always_written_does_not_count_when_it_is_empty(field: str) -> None:
    plain = config_map(spec={"list": [{"name": "a"}]})
    assert same_object(config_map(spec={"list": [{"name": "a", field: {}}]}), plain, strict=False)
    filled = config_map(spec={"list": [{"name": "a", field: {"b": {}}}]})
    assert not same_object(filled, plain, strict=False)
