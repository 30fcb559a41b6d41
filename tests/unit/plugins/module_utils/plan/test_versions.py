# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiGroup
from ansible_collections.velero.core.plugins.module_utils.plan.versions import (
    choose_version,
    choose_versions,
    kubernetes_version_order,
    parse_user_priorities,
)
from tests.support.builders import MemoryCatalog, obj


def test_kubernetes_order_of_versions() -> None:
    given = ["v1beta1", "foo", "v10", "v1alpha2", "v2", "v1", "v11alpha1", "v2beta3", "bar"]
    assert kubernetes_version_order(given) == [
        *("v10", "v2", "v1", "v2beta3", "v1beta1", "v11alpha1", "v1alpha2", "bar", "foo")
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("foos.g.io=v1,v1beta1", {"foos.g.io": ["v1", "v1beta1"]}),
        (" foos.g.io = v1 , v2 \nbars.g.io=v3", {"foos.g.io": ["v1", "v2"], "bars.g.io": ["v3"]}),
        ("foos.g.io", {}),
        ("=v1", {}),
        ("foos.g.io=", {}),
        ("foos.g.io=v1=v2", {}),
        ("bad\nfoos.g.io=v1\n\n", {"foos.g.io": ["v1"]}),
    ],
)
def test_2_7_user_priorities(text: str, found: dict[str, list[str]]) -> None:
    assert parse_user_priorities(text) == found


@pytest.mark.parametrize(
    ("source", "preferred", "target", "user", "chosen"),
    [
        pytest.param(["v1"], "v1", None, ["v9"], "v1", id="group-absent"),
        pytest.param(["v2", "v1"], "v2", ["v2", "v1"], ["v3", "v1"], "v1", id="0-user"),
        pytest.param(["v2", "v1"], "v2", ["v1", "v3"], ["v3"], "v1", id="0-user-has-no-say"),
        pytest.param(["v2", "v1"], "v2", ["v1", "v2"], [], "v1", id="1-target-preferred"),
        pytest.param(["v2", "v1"], "v1", ["v3", "v1"], [], "v1", id="2-source-preferred"),
        pytest.param(
            ["v3", "v2", "v1"], "v3", ["v5", "v2", "v1"], [], "v2", id="3-first-common-version"
        ),
        pytest.param(
            ["v2", "v1"], "v1", ["v3", "v2"], [], "v1", id="3-first-entries-are-passed-over"
        ),
        pytest.param(["v1"], "v1", ["v2"], [], "v1", id="nothing-in-common"),
    ],
)
def test_2_7_choose_version(
    source: list[str], preferred: str, target: list[str] | None, user: list[str], chosen: str
) -> None:
    group = ApiGroup("g.io", tuple(target)) if target else None
    assert choose_version(source, preferred, group, user) == chosen


def test_folders_by_resource() -> None:
    item = obj("Foo", api="g.io/v1")
    catalog = MemoryCatalog(
        [item],
        versions={
            ("foos.g.io", "v1-preferredversion", "", "x"): item,
            ("foos.g.io", "v2", "", "x"): item,
            ("bars.g.io", "v1-preferredversion", "", "x"): item,
            ("odds.g.io", "v1", "", "x"): item,
        },
    )
    groups = {"g.io": ApiGroup("g.io", ("v2", "v1"))}
    assert choose_versions(catalog, groups, {}) == {
        "foos.g.io": "v2",
        "bars.g.io": "v1-preferredversion",
    }
    assert choose_versions(catalog, groups, {"foos.g.io": ["v1"]}) == {
        "foos.g.io": "v1-preferredversion",
        "bars.g.io": "v1-preferredversion",
    }
