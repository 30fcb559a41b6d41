# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiGroup,
    ApiResource,
    ApiResources,
)
from tests.support.builders import api_of, resource

API = api_of(
    resource("pods", "Pod", short=("po",)),
    resource("events", "Event", short=("ev",)),
    resource("deployments.apps", "Deployment", short=("deploy",)),
    resource("ingresses.networking.k8s.io", "Ingress", short=("ing",)),
    resource("foos.a.example.io", "Foo"),
    resource("foos.b.example.io", "Foo"),
    resource("bars.shop.example.io", "Bar"),
    resource("events.events.k8s.io", "Event", short=("ev",)),
    resource("tokens.auth.io", "Token", verbs=("create",)),
)


@pytest.mark.parametrize(
    ("name", "gr"),
    [
        pytest.param("pods", "pods", id="plural"),
        pytest.param("pod", "pods", id="singular"),
        pytest.param("po", "pods", id="short"),
        pytest.param("Pods", "pods", id="any-case"),
        pytest.param("deploy", "deployments.apps", id="short-of-a-group"),
        pytest.param("deploy.apps", "deployments.apps", id="short-with-group"),
        pytest.param("deployment.apps", "deployments.apps", id="singular-with-group"),
        pytest.param("deployments.apps", "deployments.apps", id="canonical"),
        pytest.param("ing.networking", "ingresses.networking.k8s.io", id="prefix-of-the-group"),
        pytest.param("ing.net", "ingresses.networking.k8s.io", id="part-of-the-first-label"),
        pytest.param("events", "events", id="core-wins"),
        pytest.param("events.events.k8s.io", "events.events.k8s.io", id="not-the-core-one"),
        pytest.param("foos", "foos.a.example.io", id="first-discovered"),
        pytest.param("foos.b.example.io", "foos.b.example.io", id="second-by-its-group"),
        pytest.param("foos.b", "foos.b.example.io", id="second-by-a-prefix"),
    ],
)
def test_resolve(name: str, gr: str) -> None:
    found = API.resolve(name)
    assert found is not None
    assert found.group_resource == gr
    assert API.resolve_group_resource(name) == gr


def test_an_ambiguous_prefix_of_a_group_is_not_resolved() -> None:
    api = api_of(resource("foos.one.io", "Foo"), resource("foos.once.io", "Foo"))
    assert api.resolve("foos.on") is None
    assert api.resolve_group_resource("foos.on") == "foos.on"


@pytest.mark.parametrize(
    "name", ["nothing", "pods.apps", "deployments.x", "*", "fo*", "", "tokens", "tokens.auth.io"]
)
def test_what_is_not_served_or_not_restorable_stays_literal(name: str) -> None:
    assert API.resolve(name) is None
    assert API.resolve_group_resource(name) == name


@pytest.mark.parametrize("missing", ["list", "create", "get", "delete"])
def test_restorable_needs_four_verbs(missing: str) -> None:
    verbs = {"list", "create", "get", "delete"} - {missing}
    assert not resource("pods", "Pod", verbs=verbs).restorable
    assert resource("pods", "Pod", verbs={*verbs, missing}).restorable


def _versions() -> ApiResources:
    new = ApiResource("g.io", "v2", "foos", "Foo", True, verbs=resource("x", "X").verbs)
    old = ApiResource("g.io", "v1", "foos", "Foo", True, verbs=new.verbs)
    only_old = ApiResource("g.io", "v1", "bars", "Bar", True, verbs=new.verbs)
    return ApiResources((old, only_old, new), {"g.io": ApiGroup("g.io", ("v2", "v1"))})


def test_names_mean_the_preferred_version() -> None:
    found = _versions().resolve("foos")
    assert found is not None
    assert found.api_version == "g.io/v2"


def test_a_resource_that_only_an_older_version_has_counts_in_that() -> None:
    api = _versions()
    assert sorted(item.api_version + "/" + item.plural for item in api.preferred()) == [
        "g.io/v1/bars",
        "g.io/v2/foos",
    ]


def test_lookups_by_kind_and_plural_are_exact() -> None:
    api = _versions()
    assert api.groups["g.io"].preferred == "v2"
    for version in ("v1", "v2"):
        by_kind, by_plural = (
            api.by_kind("g.io", version, "Foo"),
            api.by_plural("g.io", version, "foos"),
        )
        assert by_kind is by_plural is not None
        assert by_kind.version == version
    assert api.by_kind("g.io", "v2", "Bar") is None
    assert api.by_kind("", "v1", "Foo") is None
    assert api.by_plural("g.io", "v3", "foos") is None


def test_core_api_version_has_no_group() -> None:
    assert resource("pods", "Pod").api_version == "v1"
    assert resource("pods", "Pod").group_resource == "pods"
