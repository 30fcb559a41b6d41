# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resource modifiers through ansible-playbook: in the task, in a file and in a ConfigMap."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.playbook import ansible

if TYPE_CHECKING:
    from tests.testbed.cluster import Cluster

ROOT = Path(__file__).resolve().parents[2]
BACKUP = ROOT / "tests" / "data" / "backup-storage" / "backups" / "shop-full"
MANAGED = ("managedFields", "uid", "resourceVersion", "creationTimestamp", "namespace")

RULES = {
    "version": "v1",
    "resourceModifierRules": [
        {
            "conditions": {
                "groupResource": "deployments.apps",
                "namespaces": ["shop"],
                "resourceNameRegex": "^web$",
            },
            "patches": [
                {"operation": "test", "path": "/kind", "value": "Deployment"},
                {"operation": "replace", "path": "/spec/replicas", "value": "1"},
                {"operation": "add", "path": "/metadata/labels/number", "value": "7"},
            ],
        },
        {
            "conditions": {"groupResource": "configmaps", "resourceNameRegex": "^app"},
            "mergePatches": [{"patchData": 'data: {greeting: null, from-yaml: "true"}'}],
        },
        {
            "conditions": {"groupResource": "deployments.apps"},
            "strategicPatches": [{"patchData": "spec: {template: {spec: {hostNetwork: false}}}"}],
        },
        {
            "conditions": {"groupResource": "foos.example.com"},
            "mergePatches": [{"patchData": "{}"}],
        },
    ],
}


@pytest.fixture(scope="module")
def golden() -> Iterator[Cluster]:
    """A cluster without controllers that make objects of their own."""
    from tests.testbed.cluster import start_cluster

    with start_cluster(profile="golden") as running:
        yield running


@pytest.fixture
def storage(tmp_path: Path) -> dict[str, Any]:
    shutil.copytree(BACKUP, tmp_path / "s/backups/shop-full")
    return {"provider": "directory", "path": str(tmp_path / "s")}


def task(storage: dict[str, Any], namespace: str, modifier: dict[str, Any]) -> dict[str, Any]:
    return {
        "velero.core.velero_restore": {
            "name": f"into-{namespace}",
            "backup_name": "shop-full",
            "storage": storage,
            "included_namespaces": ["shop"],
            "included_resources": ["configmaps", "deployments.apps"],
            "include_cluster_resources": False,
            "namespace_mapping": {"shop": namespace},
            "resource_modifier": modifier,
        },
        "diff": True,
    }


def objects(cluster: Cluster, namespace: str) -> dict[str, Any]:
    """The content of a namespace, without what is different in every namespace."""
    found = {}
    for path in ("/api/v1", "/apis/apps/v1"):
        plural = "configmaps" if path == "/api/v1" else "deployments"
        listed = cluster.request("GET", f"{path}/namespaces/{namespace}/{plural}").body["items"]
        for item in listed:
            item["metadata"] = {k: v for k, v in item["metadata"].items() if k not in MANAGED}
            item["metadata"].get("labels", {}).pop("velero.io/restore-name", None)
            found[f"{plural}/{item['metadata']['name']}"] = item
    return found


def test_a_task_a_file_and_a_config_map_make_the_same_objects(
    tmp_path: Path, golden: Cluster, storage: dict[str, Any]
) -> None:
    # Relative to the folder of the playbook, as for every action that reads a file.
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "rules.yml").write_text(yaml.safe_dump(RULES))
    golden.request("POST", "/api/v1/namespaces", {"metadata": {"name": "velero"}})
    config_map = {"metadata": {"name": "rules"}, "data": {"rules.yaml": yaml.safe_dump(RULES)}}
    assert golden.request("POST", "/api/v1/namespaces/velero/configmaps", config_map).ok
    places = {
        "inline": {"definition": RULES},
        "text": {"definition": yaml.safe_dump(RULES)},
        "file": {"src": "rules.yml"},
        "map": {"name": "rules"},
    }
    tasks = [task(storage, namespace, modifier) for namespace, modifier in places.items()]
    again = [task(storage, "inline", places["text"])]
    done, results = ansible(tmp_path, golden, [*tasks, *again])
    assert done.returncode == 0, done.stdout + done.stderr
    made = {namespace: objects(golden, namespace) for namespace in places}
    for result in results[:-1]:
        assert result["restore"]["status"]["phase"] == "Completed"
        assert result["warnings"] == [
            "Resource modifier rule 4 (foos.example.com) matched no object."
        ]
        changed = {
            item["id"].rpartition("/")[2]: item.get("modified_by") for item in result["items"]
        }
        assert changed["web"] == [1, 3]
        headers = [entry["after_header"] for entry in result["diff"]]
        assert any(one.endswith("/web (resource modifiers)") for one in headers)
    assert results[-1]["changed"] is False
    web = made["inline"]["deployments/web"]
    assert web["spec"]["replicas"] == 1
    assert web["metadata"]["labels"]["number"] == "7"
    app = made["inline"]["configmaps/app.v1.config"]
    assert app["data"]["from-yaml"] == "true"
    assert "greeting" not in app["data"]
    for namespace in places:
        assert made[namespace] == made["inline"]


def test_a_file_that_is_not_there(tmp_path: Path, golden: Cluster, storage: dict[str, Any]) -> None:
    both = {"src": "rules.yml", "definition": RULES}
    tasks = [
        {**task(storage, "none", {"src": "absent.yml"}), "ignore_errors": True},
        {**task(storage, "none", both), "ignore_errors": True},
    ]
    _done, (absent, twice) = ansible(tmp_path, golden, tasks)
    assert "resource_modifier.src absent.yml" in absent["msg"]
    assert "mutually exclusive" in twice["msg"]
    assert not (tmp_path / "s" / "restores").exists()
