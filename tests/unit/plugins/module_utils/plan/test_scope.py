# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.plan.filters import IncludesExcludes
from ansible_collections.velero.core.plugins.module_utils.plan.scope import MUST_HAVE, scope_of
from tests.support.builders import api_of

EVERYTHING = IncludesExcludes()


@pytest.mark.parametrize("gr", sorted(MUST_HAVE))
def test_must_have_resources_bypass_filters(gr: str) -> None:
    spec = RestoreSpec(included_resources=["pods"], excluded_resources=[gr])
    scope = scope_of(spec, api_of(), IncludesExcludes(nothing=True))
    assert scope.includes_resource(gr)
    assert scope.includes_namespace(gr, "any")
    assert not scope.includes_resource("secrets")
    assert not scope.includes_namespace("pods", "any")


@pytest.mark.parametrize(
    ("restore_status", "gr", "wanted"),
    [
        pytest.param(None, "pods", None, id="no-restore-status"),
        pytest.param({}, "pods", True, id="empty-means-all"),
        pytest.param({"includedResources": []}, "pods", True, id="empty-list-means-all"),
        pytest.param({"includedResources": ["po"]}, "pods", True, id="included-by-short-name"),
        pytest.param({"includedResources": ["po"]}, "services", False, id="not-included"),
        pytest.param({"excludedResources": ["po"]}, "pods", False, id="excluded"),
    ],
)
def test_status_filter(
    restore_status: dict[str, list[str]] | None, gr: str, wanted: bool | None
) -> None:
    scope = scope_of(RestoreSpec(restore_status=restore_status), api_of(), EVERYTHING)
    found = scope.status.should_include(gr) if scope.status else None
    assert found is wanted


@pytest.mark.parametrize(
    ("mapping", "target"), [(None, "a"), ({"a": "b"}, "b"), ({"x": "b"}, "a"), ({"a": ""}, "a")]
)
def test_target_namespace(mapping: dict[str, str] | None, target: str) -> None:
    scope = scope_of(RestoreSpec(namespace_mapping=mapping), api_of(), EVERYTHING)
    assert scope.target("a") == target


def test_2_5_resources_are_resolved_once_with_the_discovery_of_the_start() -> None:
    scope = scope_of(RestoreSpec(excluded_resources=["foos"]), api_of(), EVERYTHING)
    assert scope.includes_resource("foos.example.io"), "surprise 53: not known yet, so no filter"
