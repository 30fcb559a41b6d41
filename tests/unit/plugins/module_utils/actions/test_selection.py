# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which actions are for an item."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
    ExecuteOutput,
    ResourceSelector,
    V1AsV2,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    FEATURE_CSI,
    ActionEnvironment,
)
from ansible_collections.velero.core.plugins.module_utils.actions.registry import builtin_actions
from ansible_collections.velero.core.plugins.module_utils.actions.selection import (
    ActionSelection,
    select_actions,
)
from ansible_collections.velero.core.plugins.module_utils.model.glob import glob_matches
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiGroup,
    ApiResource,
    ApiResources,
)
from tests.conformance.item_actions.cluster import FakeCluster

_VERBS = frozenset({"list", "create", "get", "delete"})


def _resource(
    group: str, plural: str, kind: str, *short: str, namespaced: bool = True
) -> ApiResource:
    return ApiResource(group, "v1", plural, kind, namespaced, kind.lower(), short, _VERBS)


RESOURCES = ApiResources(
    resources=(
        _resource("", "configmaps", "ConfigMap", "cm"),
        _resource("", "persistentvolumeclaims", "PersistentVolumeClaim", "pvc"),
        _resource("", "persistentvolumes", "PersistentVolume", "pv", namespaced=False),
        _resource("", "pods", "Pod", "po"),
        _resource("apps", "statefulsets", "StatefulSet", "sts"),
        _resource("batch", "jobs", "Job"),
        _resource(
            "apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition", "crd"
        ),
    ),
    groups={
        name: ApiGroup(name, ("v1",)) for name in ("", "apps", "batch", "apiextensions.k8s.io")
    },
)


@dataclass
class Action:
    """A v1 action that does nothing."""

    selector: ResourceSelector = field(default_factory=ResourceSelector)
    name: str = "example.org/a"
    has_side_effects: bool = False

    def applies_to(self) -> ResourceSelector:
        return self.selector

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        return ExecuteOutput()


def _select(selector: ResourceSelector, name: str = "example.org/a") -> ActionSelection:
    return select_actions([V1AsV2(Action(selector, name))], RESOURCES, glob_matches=glob_matches)


def _names(selection: ActionSelection, gr: str, namespace: str = "shop") -> list[str]:
    return [item.name.removeprefix("velero.io/") for item in selection.for_item(gr, namespace)]


@pytest.mark.parametrize(
    ("selector", "gr", "namespace", "expected"),
    [
        (ResourceSelector(), "pods", "shop", True),
        (ResourceSelector(), "persistentvolumes", "", True),
        (ResourceSelector(included_resources=("po",)), "pods", "shop", True),
        (ResourceSelector(included_resources=("Pod",)), "pods", "shop", True),
        (ResourceSelector(included_resources=("sts",)), "statefulsets.apps", "shop", True),
        (ResourceSelector(included_resources=("sts.apps",)), "statefulsets.apps", "shop", True),
        (ResourceSelector(included_resources=("unheard",)), "pods", "shop", False),
        (ResourceSelector(included_resources=("a.example.org",)), "a.example.org", "shop", True),
        (ResourceSelector(included_resources=("*",)), "pods", "shop", True),
        (ResourceSelector(included_resources=("p*s",)), "pods", "shop", True),
        (ResourceSelector(excluded_resources=("pods",)), "pods", "shop", False),
        (ResourceSelector(excluded_resources=("*",)), "pods", "shop", True),
        (
            ResourceSelector(included_resources=("pods",), excluded_resources=("po",)),
            "pods",
            "shop",
            False,
        ),
        (ResourceSelector(included_resources=("[", "pods")), "pods", "shop", False),
        (ResourceSelector(excluded_resources=("[", "pods")), "pods", "shop", True),
        (ResourceSelector(included_namespaces=("shop",)), "pods", "shop", True),
        (ResourceSelector(included_namespaces=("sh*",)), "pods", "shop", True),
        (ResourceSelector(included_namespaces=("blog",)), "pods", "shop", False),
        (ResourceSelector(excluded_namespaces=("shop",)), "pods", "shop", False),
        (ResourceSelector(included_namespaces=("shop",)), "persistentvolumes", "", False),
        (ResourceSelector(included_namespaces=("*",)), "persistentvolumes", "", True),
        (ResourceSelector(excluded_namespaces=("blog",)), "persistentvolumes", "", False),
    ],
)
def test_resources_and_namespaces(
    selector: ResourceSelector, gr: str, namespace: str, expected: bool
) -> None:
    assert bool(_select(selector).for_item(gr, namespace)) is expected


def test_labels_are_asked_per_item() -> None:
    [found] = _select(ResourceSelector(label_selector="a=b")).for_item("pods", "shop")
    assert found.is_for({"a": "b"})
    assert not found.is_for({})


def test_an_unusable_selector_ends_the_restore() -> None:
    with pytest.raises(ActionError, match="expected: ',' or 'end of string'"):
        _select(ResourceSelector(label_selector="a=b c"))


@pytest.mark.parametrize(
    ("name", "features", "expected"),
    [
        ("velero.io/csi-pvc-restorer", frozenset[str](), False),
        ("velero.io/csi-pvc-restorer", frozenset({FEATURE_CSI}), True),
        ("x.velero.io/csi-mine", frozenset[str](), False),
        ("example.org/csi-mine", frozenset[str](), True),
    ],
)
def test_csi_actions_need_the_feature(name: str, features: frozenset[str], expected: bool) -> None:
    selection = select_actions([V1AsV2(Action(name=name))], RESOURCES, features=features)
    [found] = selection.for_item("pods", "shop")
    assert found.is_for({}) is expected


def _builtins() -> ActionSelection:
    actions = builtin_actions(ActionEnvironment(cluster=FakeCluster()))
    return select_actions(actions, RESOURCES, features=frozenset({FEATURE_CSI}))


@pytest.mark.parametrize(
    ("gr", "expected"),
    [
        (
            "pods",
            ["add-pvc-from-pod", "change-image-name", "init-restore-hook", "pod"]
            + ["pod-volume-restore"],
        ),
        ("persistentvolumeclaims", ["change-storage-class", "pvc", "csi-pvc-restorer"]),
        ("persistentvolumes", ["change-storage-class"]),
        ("statefulsets.apps", ["change-image-name", "change-storage-class"]),
        ("jobs.batch", ["change-image-name", "job"]),
        ("customresourcedefinitions.apiextensions.k8s.io", ["crd-preserve-fields"]),
        ("configmaps", []),
    ],
)
def test_chains_of_the_built_in_actions(gr: str, expected: list[str]) -> None:
    assert _names(_builtins(), gr) == expected


def test_a_config_map_costs_next_to_nothing() -> None:
    selection = _builtins()
    count = 10_000
    started = time.process_time()
    for index in range(count):
        for item in selection.for_item("configmaps", f"ns-{index % 10}"):
            item.is_for({})
    assert (time.process_time() - started) / count < 150e-6
