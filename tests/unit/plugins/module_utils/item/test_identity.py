# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.identity import (
    IdentityStep,
    reset_step,
)
from tests.support.builders import api_of, config_map, obj
from tests.support.builders_item import LABELS, logged, notes, work_on

IDENTITY = IdentityStep(LABELS, api_of)


def test_4_5_reset_keeps_the_status_aside() -> None:
    work = work_on(obj("Pod", "p", "shop", meta={"uid": "u"}, status={"phase": "Running"}))
    assert reset_step(work)
    assert work.status == {"phase": "Running"}
    assert work.obj == obj("Pod", "p", "shop")


@pytest.mark.parametrize(
    ("metadata", "text"),
    [(None, "metadata not found"), ("x", "metadata was of type str, expected a map")],
)
def test_4_5_without_metadata(metadata: Any, text: str) -> None:
    work = work_on(obj("Pod", "p", "shop"))
    work.obj["metadata"] = metadata
    assert not reset_step(work)
    assert notes(work) == [("error", "shop", text)]


def test_4_8_namespace_and_labels() -> None:
    work = work_on(config_map("x", "shop", labels={"a": "b"}), namespace="shop2")
    assert IDENTITY(work)
    assert work.obj["metadata"] == {
        "name": "x",
        "namespace": "shop2",
        "labels": {"a": "b", **LABELS},
    }
    assert work.resource is not None
    assert work.resource.group_resource == "configmaps"


def test_4_8_cluster_scope_gets_no_namespace() -> None:
    work = work_on(obj("PersistentVolume", "pv"))
    assert IDENTITY(work)
    assert "namespace" not in work.obj["metadata"]


def test_4_8_what_discovery_does_not_know_is_tried_all_the_same() -> None:
    work = work_on(obj("Foo", "f", "shop", api="g.io/v3"))
    assert IDENTITY(work)
    assert work.resource is not None
    assert (work.resource.group_resource, work.resource.api_version) == ("foos.g.io", "g.io/v3")
    assert work.resource.namespaced


def test_4_8_4_another_group() -> None:
    work = work_on(
        obj("Deployment", "d", "shop", api="extensions/v1beta1"), "deployments.extensions"
    )
    work.obj["apiVersion"] = "apps/v1"
    assert IDENTITY(work)
    assert work.resource is not None
    assert work.resource.group_resource == "deployments.apps"
    assert logged(work) == [
        "Resource to be restored changed from deployments.extensions to deployments.apps"
    ]


def test_4_8_4_another_kind() -> None:
    work = work_on(config_map())
    work.obj["kind"] = "Secret"
    assert IDENTITY(work)
    assert work.resource is not None
    assert work.resource.group_resource == "secrets"
    assert "Resource kind changed from ConfigMap to Secret" in logged(work)


def test_4_8_4_a_kind_that_is_not_served() -> None:
    work = work_on(config_map())
    work.obj.update(kind="Foo", apiVersion="g.io/v1")
    assert not IDENTITY(work)
    assert notes(work) == [
        (
            "error",
            "shop",
            'error getting GVR for g.io/v1, Kind=Foo: no matches for kind "Foo" in version '
            '"g.io/v1"',
        )
    ]
