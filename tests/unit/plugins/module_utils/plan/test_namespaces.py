# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.plan.namespaces import (
    namespace_filter,
    namespaces_in_backup,
)
from ansible_collections.velero.core.plugins.module_utils.plan.wildcards import WildcardError
from tests.support.builders import MemoryCatalog, config_map, obj

CATALOG = MemoryCatalog(
    [
        obj("Namespace", "app-empty"),
        obj("ClusterRole", "r", api="rbac.authorization.k8s.io/v1"),
        config_map("x", "app-1"),
        config_map("x", "app-2"),
        config_map("x", "shop"),
    ]
)
NAMES = ["app-1", "app-2", "app-empty", "shop"]


def test_namespaces_with_namespaced_items_are_candidates() -> None:
    assert namespaces_in_backup(CATALOG) == {"app-1", "app-2", "shop"}


@pytest.mark.parametrize(
    ("includes", "excludes", "passing"),
    [
        pytest.param(None, None, NAMES, id="no-lists"),
        pytest.param(["*"], None, NAMES, id="star"),
        pytest.param(["shop"], None, ["shop"], id="literal"),
        pytest.param(["app-*"], None, ["app-1", "app-2"], id="wildcard-sees-no-empty-namespace"),
        pytest.param(["app-*"], ["*-2"], ["app-1"], id="both-expanded"),
        pytest.param(["shop", "app-[2-9]"], None, ["app-2", "shop"], id="brackets"),
        pytest.param(None, ["app-*"], ["shop"], id="excludes-alone-are-not-expanded"),
        pytest.param(["*"], ["app-?"], ["app-empty", "shop"], id="star-and-excludes"),
        pytest.param(["shop"], ["no-*"], ["shop"], id="exclude-that-matches-nothing"),
    ],
)
@pytest.mark.parametrize("safe", [True, False], ids=["safe", "strict"])
def test_filter(
    includes: list[str] | None, excludes: list[str] | None, passing: list[str], safe: bool
) -> None:
    spec = RestoreSpec(included_namespaces=includes, excluded_namespaces=excludes)
    chosen = namespace_filter(spec, CATALOG, safe=safe)
    assert [name for name in NAMES if chosen.should_include(name)] == passing


@pytest.mark.parametrize("excludes", [None, ["app-*"]])
def test_2_6_an_include_list_that_matches_nothing(excludes: list[str] | None) -> None:
    spec = RestoreSpec(included_namespaces=["no-*"], excluded_namespaces=excludes)
    safe = namespace_filter(spec, CATALOG, safe=True)
    assert not any(safe.should_include(name) for name in NAMES)
    assert not safe.include_everything
    strict = namespace_filter(spec, CATALOG, safe=False)
    assert strict.should_include("shop")
    assert strict.include_everything is (excludes is None)


@pytest.mark.parametrize(
    ("includes", "excludes", "text"),
    [
        (["a"], ["*"], "wildcard '*' is not allowed in restore excludes"),
        (
            ["a**"],
            [],
            "error expanding wildcard patterns in namespace includes/excludes: wildcard pattern "
            "contains consecutive asterisks (only single * allowed)",
        ),
    ],
)
def test_errors(includes: list[str], excludes: list[str], text: str) -> None:
    spec = RestoreSpec(included_namespaces=includes, excluded_namespaces=excludes)
    with pytest.raises(WildcardError) as raised:
        namespace_filter(spec, CATALOG, safe=True)
    assert str(raised.value) == text
