# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Against the lenient API server that lies beside the checkout."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.client import ApiCluster
from ansible_collections.velero.core.plugins.module_utils.cluster.config import connect
from ansible_collections.velero.core.plugins.module_utils.cluster.options import ConnectionOptions
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    AlreadyExistsError,
    NotFoundError,
)

CHECKOUT = Path(__file__).resolve().parents[5]
SHARED = Path(os.environ.get("VELERO_CORE_SHARED") or CHECKOUT.parent / "shared")
SERVER = SHARED / "tools" / "lenient_api.py"


@pytest.fixture
def cluster(tmp_path):
    if not SERVER.is_file():
        pytest.skip(f"there is no {SERVER} (VELERO_CORE_SHARED names its folder)")
    spec = importlib.util.spec_from_file_location("lenient_api", SERVER)
    module = importlib.util.module_from_spec(spec)
    sys.modules["lenient_api"] = module
    spec.loader.exec_module(module)
    resources = [
        {"group": "", "version": "v1", "resource": "configmaps", "kind": "ConfigMap",
         "namespaced": True, "short_names": ["cm"]},
        {"group": "ex.io", "version": "v2", "resource": "things", "kind": "Thing"},
        {"group": "ex.io", "version": "v1", "resource": "things", "kind": "Thing",
         "preferred": True},
    ]  # fmt: skip
    with module.LenientAPI({"api_resources": resources}) as api:
        api.write_kubeconfig(str(tmp_path / "kubeconfig"))
        options = ConnectionOptions(kubeconfig=str(tmp_path / "kubeconfig"))
        used = ApiCluster(connect(options, {}), page_limit=2)
        yield used
        used.close()


def test_life_of_an_object(cluster):
    found = cluster.discover()
    maps = found.resolve("cm")
    assert maps.subresources == {"status"}
    assert found.groups["ex.io"].versions == ("v1", "v2")
    for name in "abc":
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
        made = cluster.create(maps, "ns", body)
        assert made["metadata"]["uid"]
    with pytest.raises(AlreadyExistsError, match='configmaps "a" already exists'):
        cluster.create(maps, "ns", {"metadata": {"name": "a"}})
    assert [item["metadata"]["name"] for item in cluster.list(maps, "ns")] == ["a", "b", "c"]
    patched = cluster.merge_patch(maps, "ns", "a", {"data": {"k": "v"}})
    assert patched["data"] == {"k": "v"}
    status = {**patched, "status": {"phase": "X"}}
    assert cluster.replace_status(maps, "ns", "a", status)["status"] == {"phase": "X"}
    cluster.delete(maps, "ns", "a")
    cluster.delete(maps, "ns", "a")
    with pytest.raises(NotFoundError, match='configmaps "a" not found'):
        cluster.get(maps, "ns", "a")


def test_applies(cluster):
    maps = cluster.discover().resolve("cm")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    for expected in (True, False):
        assert cluster.apply(maps, "ns", "a", body, field_manager="v", force=True)[1] is expected
    with pytest.raises(AlreadyExistsError):
        cluster.apply(maps, "ns", "a", body, field_manager="v", create_only=True)
    assert cluster.apply(maps, "ns", "b", body, field_manager="v", create_only=True)[1]


def test_version_and_rights(cluster):
    assert cluster.server_version().startswith("v1.")
    assert cluster.access_review("create", "", "configmaps") == (True, "")
