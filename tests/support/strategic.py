# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Strategic merge patches; the same cases go to a real API server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """What is at ``path`` after ``patch``; for refused patches ``wanted`` is part of the text."""

    name: str
    document: dict[str, Any]
    patch: dict[str, Any]
    path: tuple[Any, ...]
    wanted: Any


def deployment(**pod: Any) -> dict[str, Any]:
    labels = {"app": "web"}
    spec = {
        "containers": [
            {"name": "a", "image": "a:1", "args": ["x"], "env": [{"name": "E", "value": "1"}]},
            {"name": "b", "image": "b:1", "ports": [{"containerPort": 1}, {"containerPort": 2}]},
        ],
        "tolerations": [{"key": "one", "operator": "Exists"}],
        "volumes": [
            {"name": "v", "emptyDir": {}},
            {"name": "w", "configMap": {"name": "c"}},
        ],
        **pod,
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": {"x": "1"}, "finalizers": ["example.com/a"]},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def service() -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {
            "externalIPs": ["192.0.2.1"],
            "selector": {"app": "web", "tier": "1"},
            "ports": [{"name": "http", "port": 80}, {"name": "tls", "port": 443}],
        },
    }


def _pod(**patch: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": patch}}}


POD = ("spec", "template", "spec")
A, B = deployment()["spec"]["template"]["spec"]["containers"]
V, W = deployment()["spec"]["template"]["spec"]["volumes"]

CASES = [
    Case(
        "an element is merged by its key",
        deployment(),
        _pod(containers=[{"name": "b", "image": "b:2"}]),
        (*POD, "containers"),
        [A, {**B, "image": "b:2"}],
    ),
    Case(
        "a new element comes where the patch has it",
        deployment(),
        _pod(containers=[{"name": "c", "image": "c:1"}, {"name": "a", "image": "a:2"}]),
        (*POD, "containers"),
        [{"name": "c", "image": "c:1"}, {**A, "image": "a:2"}, B],
    ),
    Case(
        "an element that is to go from a list that is not there",
        deployment(),
        _pod(initContainers=[{"name": "i", "$patch": "delete"}]),
        (*POD, "initContainers"),
        [],
    ),
    Case(
        "an object that is to be replaced and is not there",
        deployment(),
        _pod(securityContext={"$patch": "replace", "runAsUser": 1}),
        POD,
        deployment()["spec"]["template"]["spec"],
    ),
    Case(
        "marks in what is new",
        deployment(),
        _pod(
            initContainers=[
                {"name": "i", "image": "i:1", "env": [{"name": "E", "$patch": "delete"}]},
                {"name": "j", "image": "j:1", "securityContext": {"$patch": "delete"}},
            ]
        ),
        (*POD, "initContainers"),
        [{"name": "i", "image": "i:1", "env": []}, {"name": "j", "image": "j:1"}],
    ),
    Case(
        "lists in lists",
        deployment(),
        _pod(containers=[{"name": "a", "env": [{"name": "F", "value": "2"}]}]),
        (*POD, "containers", 0, "env"),
        [{"name": "F", "value": "2"}, {"name": "E", "value": "1"}],
    ),
    Case(
        "a key that is a number",
        deployment(),
        _pod(containers=[{"name": "b", "ports": [{"containerPort": 2, "name": "two"}]}]),
        (*POD, "containers", 1, "ports"),
        [{"containerPort": 1}, {"containerPort": 2, "name": "two"}],
    ),
    Case(
        "lists without strategy are replaced",
        deployment(),
        _pod(
            tolerations=[{"key": "two", "operator": "Exists"}],
            containers=[{"name": "a", "args": ["y"]}],
        ),
        POD,
        {
            **deployment()["spec"]["template"]["spec"],
            "tolerations": [{"key": "two", "operator": "Exists"}],
            "containers": [{**A, "args": ["y"]}, B],
        },
    ),
    Case(
        "null removes",
        deployment(),
        {"metadata": {"labels": {"x": None, "y": None}}, **_pod(tolerations=None)},
        POD,
        {k: v for k, v in deployment()["spec"]["template"]["spec"].items() if k != "tolerations"},
    ),
    Case(
        "null in something new is nothing",
        deployment(),
        _pod(securityContext={"runAsUser": 1, "fsGroup": None}),
        (*POD, "securityContext"),
        {"runAsUser": 1},
    ),
    Case(
        "delete an element",
        deployment(),
        _pod(containers=[{"name": "a", "$patch": "delete"}]),
        (*POD, "containers"),
        [B],
    ),
    Case(
        "delete one that is not there",
        deployment(),
        _pod(volumes=[{"name": "z", "$patch": "delete"}]),
        (*POD, "volumes"),
        [V, W],
    ),
    Case(
        "replace a list",
        deployment(),
        _pod(containers=[{"name": "c", "image": "c:1"}, {"$patch": "replace"}]),
        (*POD, "containers"),
        [{"name": "c", "image": "c:1"}],
    ),
    Case(
        "replace a map",
        service(),
        {"spec": {"selector": {"app": "new", "$patch": "replace"}}},
        ("spec", "selector"),
        {"app": "new"},
    ),
    Case(
        "delete a map",
        service(),
        {"spec": {"selector": {"$patch": "delete"}}},
        ("spec", "ports"),
        service()["spec"]["ports"],
    ),
    Case(
        "retain keys of a map",
        deployment(),
        {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}},
        ("spec", "strategy"),
        {"type": "Recreate"},
    ),
    Case(
        "retain keys of an element",
        deployment(),
        _pod(volumes=[{"name": "w", "$retainKeys": ["name", "emptyDir"], "emptyDir": {}}]),
        (*POD, "volumes"),
        [V, {"name": "w", "emptyDir": {}}],
    ),
    Case(
        "plain values are merged",
        deployment(),
        {"metadata": {"finalizers": ["example.com/b", "example.com/a"]}},
        ("metadata", "finalizers"),
        ["example.com/b", "example.com/a"],
    ),
    Case(
        "plain values are deleted",
        deployment(),
        {"metadata": {"$deleteFromPrimitiveList/finalizers": ["example.com/a", "example.com/z"]}},
        ("metadata", "labels"),
        {"x": "1"},
    ),
    Case(
        "the order of a list",
        deployment(),
        _pod(
            **{
                "$setElementOrder/containers": [{"name": "b"}, {"name": "c"}, {"name": "a"}],
                "containers": [{"name": "c", "image": "c:1"}],
            }
        ),
        (*POD, "containers"),
        [B, {"name": "c", "image": "c:1"}, A],
    ),
    Case(
        "the order of a list alone",
        deployment(),
        _pod(**{"$setElementOrder/volumes": [{"name": "w"}, {"name": "v"}]}),
        (*POD, "volumes"),
        [W, V],
    ),
    Case(
        "a list that was not there",
        deployment(),
        _pod(initContainers=[{"name": "i", "image": "i:1"}]),
        (*POD, "initContainers"),
        [{"name": "i", "image": "i:1"}],
    ),
    Case(
        "ports of a service",
        service(),
        {"spec": {"ports": [{"port": 443, "name": "https"}, {"port": 8080, "name": "alt"}]}},
        ("spec", "ports"),
        [
            {"name": "http", "port": 80},
            {"name": "https", "port": 443},
            {"name": "alt", "port": 8080},
        ],
    ),
    Case(
        "addresses are replaced",
        service(),
        {"spec": {"externalIPs": ["192.0.2.2"]}},
        ("spec", "externalIPs"),
        ["192.0.2.2"],
    ),
]

REFUSED = [
    Case("no key", deployment(), _pod(containers=[{"image": "x"}]), (), "merge key name"),
    Case(
        "no key to delete",
        deployment(),
        _pod(containers=[{"$patch": "delete"}]),
        (),
        "no merge key",
    ),
    Case(
        "merge of a list",
        deployment(),
        _pod(containers=[{"name": "a", "$patch": "merge"}]),
        (),
        "unknown patch type",
    ),
    Case("unknown directive", service(), {"spec": {"$patch": "x"}}, (), "unknown patch type"),
    Case(
        "fields that are not retained",
        deployment(),
        {"spec": {"strategy": {"$retainKeys": ["type"], "rollingUpdate": {}}}},
        (),
        "$retainKeys",
    ),
    Case("several types", deployment(), _pod(containers=["a"]), (), "several types"),
]
