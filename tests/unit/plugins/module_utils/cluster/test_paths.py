# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.paths import (
    collection_path,
    object_path,
    with_query,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import InvalidError
from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

PODS = ApiResource("", "v1", "pods", "Pod", True)
NODES = ApiResource("", "v1", "nodes", "Node", False)
ROLES = ApiResource("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", False)
DEPLOYMENTS = ApiResource("apps", "v1", "deployments", "Deployment", True)


@pytest.mark.parametrize(
    ("resource", "namespace", "path"),
    [
        (PODS, "a", "/api/v1/namespaces/a/pods"),
        (PODS, "", "/api/v1/pods"),
        (NODES, "", "/api/v1/nodes"),
        (NODES, "ignored", "/api/v1/nodes"),
        (DEPLOYMENTS, "a", "/apis/apps/v1/namespaces/a/deployments"),
    ],
)
def test_collections(resource, namespace, path):
    assert collection_path(resource, namespace) == path


@pytest.mark.parametrize(
    ("name", "segment"),
    [
        ("plain-name.1", "plain-name.1"),
        ("system:controller:x", "system%3Acontroller%3Ax"),
        ("a b", "a%20b"),
        ("?x#y", "%3Fx%23y"),
        ("ü", "%C3%BC"),
        ("...", "..."),
    ],
)
def test_names_are_escaped(name, segment):
    path = f"/apis/rbac.authorization.k8s.io/v1/clusterroles/{segment}"
    assert object_path(ROLES, "", name) == path


def test_subresource():
    assert object_path(PODS, "a", "b", "status") == "/api/v1/namespaces/a/pods/b/status"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("..", "invalid resource name \"..\": [may not be '..']"),
        (".", "invalid resource name \".\": [may not be '.']"),
        ("a/b", "invalid resource name \"a/b\": [may not contain '/']"),
        ("a%2e", "invalid resource name \"a%2e\": [may not contain '%']"),
        ("", "name is required"),
    ],
)
def test_names_that_would_change_the_path_are_refused(name, message):
    with pytest.raises(InvalidError) as caught:
        object_path(PODS, "a", name)
    assert caught.value.message == message


def test_namespaces_that_would_change_the_path_are_refused():
    with pytest.raises(InvalidError):
        collection_path(PODS, "../../apis")


def test_query():
    assert with_query("/a", {"x": "", "y": "a=b,c"}) == "/a?y=a%3Db%2Cc"
    assert with_query("/a", {"x": ""}) == "/a"
