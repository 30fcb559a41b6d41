# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import NotFoundError
from ansible_collections.velero.core.plugins.module_utils.restore.dry_run import (
    DryRunCluster,
)
from tests.support.builders import (
    CONFIG_MAPS,
    CRDS,
    NAMESPACES,
    PODS,
    config_map,
    crd,
    obj,
    resource,
)
from tests.support.fake_cluster import FakeCluster

FOOS = resource("foos.example.io", "Foo")


def test_no_write_ever_reaches_the_cluster() -> None:
    cluster = FakeCluster(config_map())
    dry = DryRunCluster(cluster)
    dry.discover()
    dry.create(CONFIG_MAPS, "shop", config_map("new"))
    dry.apply(CONFIG_MAPS, "shop", "new2", config_map("new2"), field_manager="m", create_only=True)
    dry.merge_patch(CONFIG_MAPS, "shop", "x", {"data": {"a": "2"}})
    dry.replace_status(PODS, "shop", "x", obj("Pod", "x", "shop"))
    dry.delete(CONFIG_MAPS, "shop", "x")
    assert not cluster.writes


def test_reads_show_what_would_be() -> None:
    dry = DryRunCluster(FakeCluster(config_map()))
    assert dry.get(CONFIG_MAPS, "shop", "x")["data"] == {"a": "1"}
    dry.merge_patch(CONFIG_MAPS, "shop", "x", {"data": {"a": None, "b": "2"}})
    assert dry.get(CONFIG_MAPS, "shop", "x")["data"] == {"b": "2"}
    dry.create(CONFIG_MAPS, "shop", config_map("new"))
    dry.merge_patch(CONFIG_MAPS, "shop", "new", {"data": {"b": "2"}, "spec": {"c": {"d": 1}}})
    found = dry.get(CONFIG_MAPS, "shop", "new")
    assert (found["data"], found["spec"]) == ({"a": "1", "b": "2"}, {"c": {"d": 1}})


def test_a_planned_namespace_is_there_and_empty() -> None:
    cluster = FakeCluster()
    dry = DryRunCluster(cluster)
    dry.create(NAMESPACES, "", obj("Namespace", "shop"))
    assert dry.get(NAMESPACES, "", "shop")["metadata"]["name"] == "shop"
    assert list(dry.list(CONFIG_MAPS, "shop")) == []
    with pytest.raises(NotFoundError):
        dry.get(CONFIG_MAPS, "shop", "x")
    assert not cluster.calls


def test_a_planned_definition_brings_its_kind() -> None:
    dry = DryRunCluster(FakeCluster(obj("Namespace", "shop")))
    assert dry.discover().resolve("foos") is None
    with pytest.raises(NotFoundError, match="could not find the requested resource"):
        dry.create(FOOS, "shop", obj("Foo", "f", "shop", api="example.io/v1"))
    dry.create(CRDS, "", crd())
    api = dry.discover()
    found = api.resolve("foo")
    assert found is not None
    assert (found.api_version, found.namespaced) == ("example.io/v1", True)
    assert dry.assumed_kinds() == {"example.io/v1/Foo"}
    assert list(dry.list(found, "shop")) == []
    dry.create(found, "shop", obj("Foo", "f", "shop", api="example.io/v1"))


def test_a_definition_that_is_there_already_is_not_assumed() -> None:
    dry = DryRunCluster(FakeCluster(crd()))
    dry.discover()
    dry.create(CRDS, "", crd())
    dry.discover()
    assert not dry.assumed_kinds()


def test_time_and_access_are_those_of_the_cluster() -> None:
    cluster = FakeCluster()
    cluster.allowed = lambda verb, *rest: verb == "get"
    dry = DryRunCluster(cluster)
    assert dry.server_time == cluster.server_time
    assert dry.access_review("get", "", "pods") == (True, "")
    assert dry.access_review("create", "", "pods")[0] is False
