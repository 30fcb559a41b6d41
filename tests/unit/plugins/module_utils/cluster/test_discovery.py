# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.discovery import discover
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    ClusterError,
    ThrottledError,
    UnauthorizedError,
)

VERBS = ["create", "delete", "get", "list"]


def aggregated(*items):
    return {"kind": "APIGroupDiscoveryList", "items": list(items)}


def group(name, *versions):
    return {"metadata": {"name": name} if name else {}, "versions": list(versions)}


def version(name, *resources, **more):
    return {"version": name, "resources": list(resources), **more}


def resource(plural, kind, scope="Namespaced", **more):
    return {
        "resource": plural,
        "responseKind": {"group": "", "version": "", "kind": kind},
        "scope": scope,
        "singularResource": kind.lower(),
        "verbs": VERBS,
        **more,
    }


def served_from(documents):
    def fetch(path, accept):
        found = documents[path]
        if isinstance(found, Exception):
            raise found
        return found

    return fetch


def test_aggregated():
    pods = resource("pods", "Pod", shortNames=["po"], subresources=[{"subresource": "status"}])
    found = discover(
        served_from(
            {
                "/api": aggregated(group("", version("v1", pods))),
                "/apis": aggregated(
                    group(
                        "autoscaling",
                        version("v2", resource("scalers", "Scaler")),
                        version("v1", resource("scalers", "Scaler")),
                    ),
                    group("down.io", version("v1", freshness="Stale")),
                    group("none.io"),
                    group("ex.io", version("v1", {"resource": "x", "subresources": []})),
                ),
            }
        )
    )
    pod = found.resolve("po")
    assert (pod.group, pod.version, pod.kind, pod.namespaced) == ("", "v1", "Pod", True)
    assert pod.subresources == {"status"}
    assert pod.restorable
    assert list(found.groups) == ["", "autoscaling", "down.io", "ex.io"]
    assert found.groups["autoscaling"].versions == ("v2", "v1")
    assert [item.version for item in found.resources if item.plural == "scalers"] == ["v2", "v1"]
    assert found.failed_groups == {"down.io/v1": "stale GroupVersion discovery: down.io/v1"}
    assert not [item for item in found.resources if item.plural == "x"]


def unavailable():
    return ThrottledError(
        "discovering", "x", code=503, reason="ServiceUnavailable", message="currently unable"
    )


def classic(**changed):
    entry = {"name": "widgets", "kind": "Widget", "namespaced": True, "verbs": VERBS}
    return {
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/api/v1": {
            "resources": [
                {"name": "pods", "singularName": "pod", "kind": "Pod", "namespaced": True,
                 "verbs": VERBS, "shortNames": ["po"]},
                {"name": "pods/status", "kind": "Pod", "namespaced": True, "verbs": ["get"]},
            ]
        },
        "/apis": {
            "kind": "APIGroupList",
            "groups": [
                {"name": "ex.io", "versions": [{"version": "v2"}, {"version": "v1"}],
                 "preferredVersion": {"version": "v1"}},
                {"name": "down.io", "versions": [{"version": "v1"}]},
            ],
        },
        "/apis/ex.io/v1": {"resources": [entry]},
        "/apis/ex.io/v2": {"resources": [entry]},
        "/apis/down.io/v1": unavailable(),
        **changed,
    }  # fmt: skip


def test_classic():
    found = discover(served_from(classic()))
    assert found.groups["ex.io"].versions == ("v1", "v2")
    assert found.resolve("po").subresources == {"status"}
    assert found.resolve("widgets").version == "v1"
    assert found.failed_groups == {"down.io/v1": "currently unable"}


def test_classic_with_refused_credentials_stops():
    refused = UnauthorizedError("x", "x", code=401, reason="Unauthorized", message="no")
    with pytest.raises(ApiError):
        discover(served_from(classic(**{"/apis/down.io/v1": refused})))


def test_what_is_no_api_server():
    with pytest.raises(ClusterError, match="no discovery document"):
        discover(served_from({"/api": {"hello": "world"}}))
