# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions that a ConfigMap configures: change-image-name and change-storage-class."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ActionError
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)
from tests.conformance.item_actions.call import environment, execute, updated

Manifest = dict[str, Any]


def config(action: str, data: dict[str, str]) -> Manifest:
    labels = {"velero.io/plugin-config": "", f"velero.io/{action}": "RestoreItemAction"}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "c", "namespace": "velero", "labels": labels},
        "data": data,
    }


def images(rules: dict[str, str]) -> ActionEnvironment:
    return environment(config("change-image-name", rules))


def classes(mapping: dict[str, str], *existing: str) -> ActionEnvironment:
    found = [
        {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}}
        for name in existing
    ]
    return environment(config("change-storage-class", mapping), *found)


def workload(kind: str, containers: Any, field: str = "containers") -> Manifest:
    body: Any = {field: containers}
    paths = {
        "Pod": ["spec"],
        "CronJob": ["spec", "jobTemplate", "spec", "template", "spec"],
        "Deployment": ["spec", "template", "spec"],
        "Job": ["spec", "template", "spec"],
    }
    for key in reversed(paths[kind]):
        body = {key: body}
    return {"kind": kind, **body}


@pytest.mark.parametrize("field", ["containers", "initContainers"])
@pytest.mark.parametrize("kind", ["Pod", "CronJob", "Deployment", "Job"])
def test_images_of_kinds(kind: str, field: str) -> None:
    given = workload(kind, [{"name": "c", "image": "dev/a"}, {"image": "b"}, {}], field)
    expected = workload(kind, [{"name": "c", "image": "test/a"}, {"image": "b"}, {}], field)
    assert updated("change-image-name", given, known=images({"r": "dev/,test/"})) == expected


@pytest.mark.parametrize(
    ("rules", "image", "expected"),
    [
        ({"r": " dev/ , test/ "}, "dev/dev/a", "test/test/a"),
        ({"r": "dev"}, "dev", "dev"),
        ({"r": "dev,"}, "dev", "dev"),
        ({"r": "dev, "}, "dev/a", "/a"),
        ({"r": "dev,x,y"}, "dev", "x,y"),
        ({"r": ",Z"}, "abc", "ZaZbZcZ"),
        ({"r": ",Z"}, "", ""),
        ({"r": "prod,x"}, "dev", "dev"),
        ({"a": "a,b", "b": "b,c"}, "a", "b"),
        ({"b": "x,1", "a": "x,2"}, "x", "2"),
    ],
)
def test_rules(rules: dict[str, str], image: str, expected: str) -> None:
    given = workload("Pod", [{"image": image}])
    found = updated("change-image-name", given, known=images(rules))
    assert found == workload("Pod", [{"image": expected}])


def test_inline_rules_are_tried_first() -> None:
    known = images({"a": "x,1"})
    known.inline_config = {"velero.io/change-image-name": {"inline-0": "x,2"}}
    found = updated("change-image-name", workload("Pod", [{"image": "x"}]), known=known)
    assert found == workload("Pod", [{"image": "2"}])


def test_without_rules_nothing_is_looked_at() -> None:
    given = workload("Pod", "x")
    assert updated("change-image-name", given) == given


TWICE = "error getting item's spec.containers: " * 2


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (
            workload("Pod", None),
            f"{TWICE}.spec.containers accessor error: <nil> is of the type <nil>, "
            "expected []interface{}",
        ),
        (
            workload("Pod", "x", "initContainers"),
            f"{TWICE}.spec.initContainers accessor error: x is of the type string, "
            "expected []interface{}",
        ),
        (
            {"kind": "Job", "spec": []},
            f"{TWICE}.spec.template accessor error: [] is of the type []interface {{}}, "
            "expected map[string]interface{}",
        ),
        (workload("Pod", ["x"]), "container x is no object"),
        (workload("Pod", [{"image": 5}]), "image 5 is no text"),
    ],
)
def test_containers_of_another_type(item: Manifest, text: str) -> None:
    with pytest.raises(ActionError) as caught:
        execute("change-image-name", item, known=images({"r": "a,b"}))
    assert str(caught.value) == text


def volume(name: Any, kind: str = "PersistentVolumeClaim") -> Manifest:
    return {"kind": kind, "spec": {"storageClassName": name, "odd": 1}}


def stateful_set(*names: str | None) -> Manifest:
    templates = [{"metadata": {"name": "d"}, "spec": {"storageClassName": name}} for name in names]
    return {"kind": "StatefulSet", "spec": {"volumeClaimTemplates": templates}}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (volume("slow"), volume("fast")),
        (volume("slow", "PersistentVolume"), volume("fast", "PersistentVolume")),
        (volume("other"), volume("other")),
        (volume(""), volume("")),
        ({"kind": "PersistentVolumeClaim"}, {"kind": "PersistentVolumeClaim"}),
        (stateful_set("slow", "other", None), stateful_set("fast", "other", None)),
        (stateful_set(), stateful_set()),
        ({"kind": "StatefulSet"}, {"kind": "StatefulSet"}),
    ],
)
def test_storage_classes(given: Manifest, expected: Manifest) -> None:
    known = classes({"slow": "fast", "fast": "slow", "": "fast"}, "fast", "slow")
    assert updated("change-storage-class", given, known=known) == expected


NOT_FOUND = (
    'error getting storage class {0} from API: storageclasses.storage.k8s.io "{0}" not found'
)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (volume("a"), NOT_FOUND.format("gone")),
        (stateful_set("a"), NOT_FOUND.format("gone")),
        (volume("b"), "error getting storage class  from API: resource name may not be empty"),
        (
            volume("c"),
            'error getting storage class x/y from API: invalid resource name "x/y": '
            "[may not contain '/']",
        ),
        (
            volume(5),
            "error getting item's spec.storageClassName: .spec.storageClassName accessor error: "
            "5 is of the type int64, expected string",
        ),
        (
            {"kind": "StatefulSet", "spec": {"volumeClaimTemplates": "x"}},
            "cannot restore slice from string",
        ),
    ],
)
def test_refused_classes(item: Manifest, text: str) -> None:
    with pytest.raises(ActionError) as caught:
        execute("change-storage-class", item, known=classes({"a": "gone", "b": "", "c": "x/y"}))
    assert str(caught.value) == text


def test_a_class_is_read_once() -> None:
    known = classes({"slow": "fast"}, "fast")
    for attempt in range(3):
        assert updated("change-storage-class", volume("slow"), known=known), attempt
    assert known.cluster.requests == 2  # type: ignore[attr-defined]
