# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.gates import (
    ScopeGate,
    completed_gate,
    mirror_pod_gate,
)
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.plan.filters import IncludesExcludes
from ansible_collections.velero.core.plugins.module_utils.plan.scope import scope_of
from tests.support.builders import api_of, obj
from tests.support.builders_item import fate, logged, notes, work_on

POD = obj("Pod", "p", "shop")
VOLUME = obj("PersistentVolume", "pv")
UPLOAD = obj("DataUpload", "u", "velero", api="velero.io/v2alpha1")


def gate(namespaces: list[str] | None = None, **spec: Any) -> ScopeGate:
    filtered = IncludesExcludes.of(namespaces, None)
    return ScopeGate(scope_of(RestoreSpec(**spec), api_of(), filtered))


@pytest.mark.parametrize(
    ("item", "namespaces", "spec", "text", "reason"),
    [
        pytest.param(
            POD,
            None,
            {"excluded_resources": ["po"]},
            "Not restoring item because resource is excluded",
            "resource_excluded",
            id="1-resource",
        ),
        pytest.param(
            POD,
            ["bank"],
            {},
            "Not restoring item because namespace is excluded",
            "namespace_excluded",
            id="2a-namespace",
        ),
        pytest.param(
            VOLUME,
            None,
            {"include_cluster_resources": False},
            "Not restoring item because it's cluster-scoped",
            "cluster_scoped",
            id="2c-cluster-scope",
        ),
    ],
)
def test_4_1_scope_stops(
    item: dict[str, Any], namespaces: list[str] | None, spec: dict[str, Any], text: str, reason: str
) -> None:
    work = work_on(item)
    assert not gate(namespaces, **spec)(work)
    assert fate(work) == ("skipped", reason)
    assert logged(work) == [text]
    assert not work.outcome.listed
    assert not notes(work)


@pytest.mark.parametrize(
    ("item", "namespaces", "spec"),
    [
        pytest.param(POD, None, {}, id="nothing-excluded"),
        pytest.param(POD, ["shop"], {"included_resources": ["pods"]}, id="included"),
        pytest.param(VOLUME, ["shop"], {}, id="cluster-scope-without-a-word-about-it"),
        pytest.param(VOLUME, None, {"include_cluster_resources": True}, id="cluster-scope"),
        pytest.param(UPLOAD, ["shop"], {"included_resources": ["po"]}, id="1-and-2a-must-have"),
    ],
)
def test_4_1_scope_lets_pass(
    item: dict[str, Any], namespaces: list[str] | None, spec: dict[str, Any]
) -> None:
    assert gate(namespaces, **spec)(work_on(item))


def test_4_1_2a_the_filter_sees_the_source_namespace() -> None:
    work = work_on(POD, namespace="mapped")
    assert gate(["shop"])(work)
    assert not gate(["mapped"])(work_on(POD, namespace="mapped"))


@pytest.mark.parametrize("metadata", [None, {}])
def test_4_1_2a_odd_metadata_has_no_namespace(metadata: Any) -> None:
    work = work_on(POD)
    work.obj["metadata"] = metadata
    assert not gate(["shop"])(work)


@pytest.mark.parametrize(
    ("item", "where"),
    [
        (obj("Pod", "p", "shop", status={"phase": "Succeeded"}), "shop/p"),
        (obj("Job", "j", "shop", api="batch/v1", status={"completionTime": "now"}), "shop/j"),
    ],
)
def test_4_1_4_completed(item: dict[str, Any], where: str) -> None:
    work = work_on(item)
    assert not completed_gate(work)
    assert fate(work) == ("skipped", "already_completed")
    assert not work.outcome.listed
    assert logged(work) == [f"{where} is complete - skipping"]


def test_4_1_4_completion_that_cannot_be_read() -> None:
    work = work_on(obj("Pod", "p", "shop", status={"phase": 3}), namespace="mapped")
    assert not completed_gate(work)
    assert notes(work) == [
        (
            "error",
            "mapped",
            'error checking completion of "pods/mapped/p": .status.phase accessor error: 3 is of '
            "the type int64, expected string",
        )
    ]
    assert fate(work) == ("failed", "item_unreadable")


def test_4_1_4_running_goes_on() -> None:
    assert completed_gate(work_on(POD))


@pytest.mark.parametrize(
    ("item", "passes"),
    [
        (obj("Pod", annotations={"kubernetes.io/config.mirror": "hash"}), False),
        (obj("Pod", annotations={"kubernetes.io/config.mirror": ""}), True),
        (obj("Pod", annotations={}), True),
        (obj("Pod"), True),
        ({"kind": "Pod", "apiVersion": "v1", "metadata": None}, True),
        (obj("ConfigMap", annotations={"kubernetes.io/config.mirror": "hash"}), True),
    ],
)
def test_4_1_7_mirror_pods(item: dict[str, Any], passes: bool) -> None:
    work = work_on({**item, "metadata": {}}, gr_of_kind(item["kind"]))
    work.obj = item
    assert mirror_pod_gate(work) is passes
    if not passes:
        assert fate(work) == ("skipped", "mirror_pod")
        assert work.outcome.listed
        assert logged(work) == ["Not restoring pod because it's a mirror pod"]


def gr_of_kind(kind: str) -> str:
    return f"{kind.lower()}s"
