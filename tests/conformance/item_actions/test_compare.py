"""The comparer: noise is equal, everything else is not."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.item_actions.compare import differences, exact_differences
from tests.conformance.item_actions.noise import ALWAYS_REAL, is_nothing, reencodes
from tests.conformance.item_actions.records import Manifest, Record, execute_records

_MUTATIONS_PER_RECORD = 12


def pod(spec: Manifest, **more: Any) -> Manifest:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec, **more}


def with_env(reference: Manifest) -> Manifest:
    return pod({"containers": [{"env": [{"valueFrom": {"resourceFieldRef": reference}}]}]})


def service_account(**more: Any) -> Manifest:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a"}, **more}


def crd(version: Manifest) -> Manifest:
    return {"kind": "CustomResourceDefinition", "spec": {"versions": [version]}}


# (ours and the item, theirs)
NOISE = {
    "unknown field": (pod({"hostname": "h", "odd": {"x": 1}}), pod({"hostname": "h"})),
    "unknown field deep": (
        pod({"containers": [{"name": "c", "odd": 1}]}),
        pod({"containers": [{"name": "c", "resources": {}}]}),
    ),
    "zero values": (
        pod({"hostNetwork": False, "hostname": "", "volumes": [], "nodeSelector": {}, "os": None}),
        pod({"containers": None}),
    ),
    "empty structs": (pod({"hostname": "h"}), pod({"hostname": "h"}, status={})),
    "status with nothing in it": (
        {"kind": "Service", "spec": {}},
        {"kind": "Service", "spec": {}, "status": {"loadBalancer": {}}},
    ),
    "required fields": (
        pod({"tolerations": [], "containers": [{"ports": [{}]}]}),
        pod({"containers": [{"name": "", "ports": [{"containerPort": 0}], "resources": {}}]}),
    ),
    "null becomes zero": (
        pod({"readinessGates": [{"conditionType": None}]}),
        pod({"readinessGates": [{"conditionType": ""}]}),
    ),
    "quantities": (
        pod({"overhead": {"cpu": 0.5, "memory": "1024Mi"}}),
        pod({"overhead": {"cpu": "500m", "memory": "1Gi"}}),
    ),
    "divisor": (with_env({"resource": "r"}), with_env({"resource": "r", "divisor": "0"})),
    "spelling in CRDs": (crd({"NAME": "v1"}), crd({"name": "v1", "served": False})),
    "bytes": (
        {"kind": "Secret", "data": {"a": "YQ==\n"}},
        {"kind": "Secret", "data": {"a": "YQ=="}},
    ),
    "numbers": (pod({"activeDeadlineSeconds": 5.0}), pod({"activeDeadlineSeconds": 5})),
}

# (the item, ours, theirs)
REAL = {
    "known field lost by them": (pod({"hostname": "h"}), pod({"hostname": "h"}), pod({})),
    "known field lost by us": (pod({"hostname": "h"}), pod({}), pod({"hostname": "h"})),
    "unknown field of our own": (pod({}), pod({"odd": 1}), pod({})),
    "zero value of our own": (pod({}), pod({"hostNetwork": False}), pod({})),
    "explicit zero lost by us": (
        pod({"enableServiceLinks": False}),
        pod({}),
        pod({"enableServiceLinks": False}),
    ),
    "label with empty value": (
        service_account(metadata={"labels": {"a": ""}}),
        service_account(metadata={"labels": {"a": ""}}),
        service_account(metadata={"labels": {}}),
    ),
    "label lost by us": (
        service_account(metadata={"labels": {"a": ""}}),
        service_account(metadata={"labels": {}}),
        service_account(metadata={"labels": {"a": ""}}),
    ),
    "other quantity": (
        pod({"overhead": {"cpu": "1"}}),
        pod({"overhead": {"cpu": "1"}}),
        pod({"overhead": {"cpu": "1m"}}),
    ),
    "quantity elsewhere": (
        pod({"hostname": "1000m"}),
        pod({"hostname": "1000m"}),
        pod({"hostname": "1"}),
    ),
    "order": (
        pod({"initContainers": [{"name": "a"}, {"name": "b"}]}),
        pod({"initContainers": [{"name": "b"}, {"name": "a"}]}),
        pod({"initContainers": [{"name": "a"}, {"name": "b"}]}),
    ),
    "status with content": (pod({}), pod({}), pod({}, status={"phase": "Running"})),
    "true and one": (pod({"priority": 1}), pod({"priority": 1}), pod({"priority": True})),
    "large numbers": (
        pod({"priority": 9007199254740993}),
        pod({"priority": 9007199254740992}),
        pod({"priority": 9007199254740993}),
    ),
    "open parts": (
        crd({"name": "v", "schema": {"openAPIV3Schema": {"default": {"a": ""}}}}),
        crd({"name": "v", "schema": {"openAPIV3Schema": {"default": {}}}}),
        crd({"name": "v", "schema": {"openAPIV3Schema": {"default": {"a": ""}}}}),
    ),
    "spelling elsewhere": (pod({"HostName": "h"}), pod({"HostName": "h"}), pod({"hostname": "h"})),
}


@pytest.mark.parametrize("case", NOISE)
def test_noise_is_equal(case: str) -> None:
    ours, theirs = NOISE[case]
    assert differences(ours, theirs, ours) == []


@pytest.mark.parametrize("case", REAL)
def test_real_differences_are_seen(case: str) -> None:
    given, ours, theirs = REAL[case]
    assert differences(ours, theirs, given) != []


def test_cleared_fields_are_never_noise() -> None:
    given = pod({"priority": 0, "nodeName": ""})
    real = frozenset(ALWAYS_REAL["velero.io/pod"])
    assert len(differences(given, pod({}), given, real)) == 2
    assert differences(pod({"priority": None}), pod({}), pod({"priority": None}), real) == []


def _reencoded() -> list[Record]:
    return [
        record for record in execute_records() if "output" in record.data and reencodes(record.data)
    ]


@pytest.mark.parametrize("record", _reencoded(), ids=lambda record: record.id)
def test_mutated_outputs_are_seen(record: Record) -> None:
    theirs, given = record.data["output"]["item"], record.data["item"]
    assert differences(theirs, theirs, given) == []
    chooser = random.Random(record.id)
    mutations = list(_mutations(theirs, ()))
    for path, how in chooser.sample(mutations, min(len(mutations), _MUTATIONS_PER_RECORD)):
        mutated = _mutate(theirs, path, how)
        assert differences(mutated, theirs, given) != [], (path, how)


def _mutations(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(value, dict):
        yield path, "add a key"
        for key, part in value.items():
            if not is_nothing(part) and (key, part) != ("divisor", "0"):
                yield (*path, key), "remove"
            yield from _mutations(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield (*path, index), "remove"
            yield from _mutations(part, (*path, index))
    elif value is not None:
        yield path, "change"


def _mutate(root: Manifest, path: tuple[Any, ...], how: str) -> Manifest:
    mutated = {"root": copy.deepcopy(root)}
    holder: Any = mutated
    steps = ("root", *path)
    for step in steps[:-1]:
        holder = holder[step]
    last = steps[-1]
    if how == "remove":
        del holder[last]
    elif how == "add a key":
        holder[last]["injected"] = "x"
    elif isinstance(holder[last], bool):
        holder[last] = not holder[last]
    elif isinstance(holder[last], str):
        holder[last] += "x"
    else:
        holder[last] += 1
    return mutated["root"]


def test_exact_comparison_knows_no_noise() -> None:
    for ours, theirs in NOISE.values():
        if ours != theirs:
            assert list(exact_differences(ours, theirs)) != []


@pytest.mark.parametrize("name", ["job-1", "pod-1", "pod-3", "pvc-1", "secret-7", "service-5"])
def test_doing_nothing_is_seen(name: str) -> None:
    record = next(record for record in execute_records() if record.id == name)
    real = frozenset(ALWAYS_REAL.get(record.action, ()))
    given = record.data["item"]
    assert differences(given, record.data["output"]["item"], given, real) != []
