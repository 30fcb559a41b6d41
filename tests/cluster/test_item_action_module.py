# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules for item actions against a real API server; their examples through a playbook."""

from __future__ import annotations

import base64
import importlib
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from ansible_collections.velero.core.plugins.module_utils import (
    ansible_item_action,
    ansible_item_action_info,
    ansible_restore,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_item_action_spec import (
    ITEM_ACTION,
    ITEM_ACTION_INFO,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_spec_restore import RESTORE
from tests.support.playbook import ROOT, ansible
from tests.unit.plugins.modules.support import run

if TYPE_CHECKING:
    from tests.testbed.cluster import Cluster

MODULES = "ansible_collections.velero.core.plugins.modules"
BACKUPS = ROOT / "tests" / "data" / "backup-storage" / "backups"
CONFIG_MAPS = "/api/v1/namespaces/velero/configmaps"
WAIT = {
    "name": "example.com/wait",
    "applies_to": {"included_namespaces": ["billing"], "included_resources": ["configmaps"]},
    "patches": [{"merge": {"metadata": {"labels": {"waited": "true"}}}}],
}
CLASSES = {"plugin": "change-storage-class", "data": {"gp2": "standard"}}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("K8S_AUTH_", "AWS_")) or name == "KUBECONFIG":
            monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def golden() -> Iterator[Cluster]:
    """A cluster without controllers that would say what a test is to say."""
    from tests.testbed.cluster import start_cluster

    with start_cluster(profile="golden") as running:
        for name in ("velero", "shop", "operators"):
            post(running, "/api/v1/namespaces", {"metadata": {"name": name}})
        yield running


@pytest.fixture
def clean(golden: Cluster) -> Iterator[Cluster]:
    """The same cluster, and afterwards no ConfigMap in the namespace of Velero."""
    yield golden
    for item in golden.request("GET", CONFIG_MAPS).body["items"]:
        golden.request("DELETE", f"{CONFIG_MAPS}/{item['metadata']['name']}")


def post(cluster: Cluster, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = cluster.request("POST", path, body)
    assert answer.ok, answer.body
    return dict(answer.body)


def set_status(cluster: Cluster, path: str, status: dict[str, Any]) -> None:
    answer = cluster.request("GET", path)
    assert answer.ok, answer.body
    answer = cluster.request("PUT", f"{path}/status", {**answer.body, "status": status})
    assert answer.ok, answer.body


def do(cluster: Cluster, state: str, **given: Any) -> dict[str, Any]:
    how = {name: given.pop(name) for name in ("check_mode", "diff") if name in given}
    task = {"kubeconfig": str(cluster.kubeconfig()), "state": state, **given}
    return run(ITEM_ACTION, ansible_item_action.run, task, **how)


def info(cluster: Cluster, **given: Any) -> dict[str, Any]:
    task = {"kubeconfig": str(cluster.kubeconfig()), **given}
    return run(ITEM_ACTION_INFO, ansible_item_action_info.run, task)


def deployment(cluster: Cluster) -> str:
    """Makes the one of the examples, which nobody starts; returns its path."""
    path = "/apis/apps/v1/namespaces/operators/deployments"
    labels = {"app": "operator"}
    container = {"name": "c", "image": "docker.io/library/nginx:1"}
    spec = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
    }
    post(cluster, path, {"metadata": {"name": "database-operator"}, "spec": spec})
    return f"{path}/database-operator"


def completed_job(cluster: Cluster) -> None:
    path = "/apis/batch/v1/namespaces/shop/jobs"
    container = {"name": "c", "image": "docker.io/library/nginx:1"}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    body = {"metadata": {"name": "import-settings"}, "spec": {"template": template}}
    post(cluster, path, body)
    moment = "2026-05-01T04:00:00Z"
    conditions = [
        {"type": kind, "status": "True", "lastTransitionTime": moment}
        for kind in ("SuccessCriteriaMet", "Complete")
    ]
    set_status(
        cluster,
        f"{path}/import-settings",
        {
            "startTime": moment,
            "completionTime": moment,
            "succeeded": 1,
            "conditions": conditions,
            "uncountedTerminatedPods": {},
        },
    )


# ------------------------------------------------------------------ the examples

TRANSFER = """
class Transfer:
    def __init__(self, server):
        self.server = server
        self.ended = False

    def applies_to(self):
        return {"included_resources": ("configmaps",)}

    def execute(self, given):
        return None

    def progress(self, operation_id, restore):
        return {"completed": self.ended, "description": self.server}

    def cancel(self, operation_id, restore):
        self.ended = True
"""


def examples(module: str, **places: str) -> list[dict[str, Any]]:
    """The tasks of a module's examples, with what a test has in the places that they name."""
    text = str(importlib.import_module(f"{MODULES}.{module}").EXAMPLES)
    for place, what in places.items():
        assert what
        text = text.replace(PLACES[place], what)
    tasks = yaml.safe_load(text)
    assert all(task["name"] for task in tasks)
    return list(tasks)


PLACES = {
    "backups": "path: /backups",
    "with_flags": "/opt/velero-plugins/example --features=EnableCSI",
    "binary": "- /opt/velero-plugins/example",
    "python": "/opt/item-actions/transfer.py",
}
# Whether the examples say that something has changed, in their order.
CHANGED = {
    "restore_item_action": [True, True, *[False] * 3, True, *[False] * 3, True, True, True],
    "restore_item_action_info": [False] * 4,
}


def test_the_examples_work(tmp_path: Path, clean: Cluster) -> None:
    pytest.importorskip("grpc")
    from tests.testbed.build import plugin_binaries

    binary = f"{plugin_binaries() / 'testplugin'} --also=RestoreItemActionV2:example.com/stamp"
    shutil.copytree(BACKUPS / "shop-full", tmp_path / "s/backups/shop-full")
    (tmp_path / "transfer.py").write_text(TRANSFER)
    # What the plugin of the tests is for.
    labels = {"example.com/stamp": ""}
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "labels": labels}}
    (tmp_path / "configmap.json").write_text(json.dumps(item))
    set_status(
        clean,
        deployment(clean),
        {"conditions": [{"type": "Available", "status": "True", "reason": "a", "message": ""}]},
    )
    completed_job(clean)
    for module, changed in CHANGED.items():
        tasks = examples(
            module,
            backups=f"path: {tmp_path / 's'}",
            with_flags=binary,
            binary=f"- {binary}",
            python=str(tmp_path / "transfer.py"),
        )
        done, results = ansible(tmp_path, clean, tasks)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "[WARNING]" not in done.stdout + done.stderr
        by_name = {task["name"]: result for task, result in zip(tasks, results, strict=True)}
        assert [result["changed"] for result in results] == changed, done.stdout
        assert all(result.get("applies", True) for result in results), by_name
        if module == "restore_item_action_info":
            assert "velero.io/pod" in results[2]["applicable"]
            assert "plugin_binary" in {action["source"] for action in results[2]["actions"]}
            assert results[3]["applicable"] == ["example.com/labels"]
        else:
            tried = by_name["See what a rule for images makes of a pod, without storing it"][
                "output"
            ]["updated_item"]
            assert tried["spec"]["containers"][0]["image"].startswith("registry.example.com/")
    assert clean.request("GET", CONFIG_MAPS).body["items"] == []


# ------------------------------------------------------------------ in the cluster


@pytest.mark.parametrize("given", [{"definition": WAIT}, {"velero_config": CLASSES}])
def test_stored_once_changed_and_removed(given: dict[str, Any], clean: Cluster) -> None:
    def stored() -> list[dict[str, Any]]:
        return list(clean.request("GET", CONFIG_MAPS).body["items"])

    planned = do(clean, "present", check_mode=True, diff=True, **given)
    assert (planned["changed"], stored()) == (True, [])
    made = do(clean, "present", diff=True, **given)
    assert made["changed"] is True
    assert made["diff"] == planned["diff"]
    (found,) = stored()
    assert found["data"] == made["config_map"]["data"]
    version = found["metadata"]["resourceVersion"]
    assert do(clean, "present", **given)["changed"] is False
    assert stored()[0]["metadata"]["resourceVersion"] == version
    path = f"{CONFIG_MAPS}/{found['metadata']['name']}"
    changed = {**found, "data": {"action.yaml": "name: example.com/wait\n", "more": "x"}}
    assert clean.request("PUT", path, changed).ok
    assert do(clean, "present", **given)["changed"] is True
    wanted = {"more": "x"} if "definition" in given else {}
    assert stored()[0]["data"] == {**found["data"], **wanted}
    gone = do(clean, "absent", diff=True, **given)
    assert (gone["changed"], gone["config_map"], stored()) == (True, None, [])
    assert do(clean, "absent", **given)["changed"] is False


def test_a_restore_uses_what_was_stored(tmp_path: Path, clean: Cluster) -> None:
    shutil.copytree(BACKUPS / "shop-full", tmp_path / "backups/shop-full")
    do(clean, "present", definition=WAIT)
    storage = {"provider": "directory", "path": str(tmp_path)}
    options = {
        "kubeconfig": str(clean.kubeconfig()),
        "storage": storage,
        "backup_name": "shop-full",
        "included_namespaces": ["billing"],
        "included_resources": ["configmaps"],
    }
    done = run(RESTORE, ansible_restore.run, options)
    assert done["restore"]["status"]["phase"] == "Completed", done["msg"]
    found = clean.request("GET", "/api/v1/namespaces/billing/configmaps/rates").body
    assert found["metadata"]["labels"]["waited"] == "true"
    of_backup = {
        "storage": storage,
        "backup_name": "shop-full",
        "resource": "cm",
        "namespace": "billing",
        "name": "rates",
    }
    assert info(clean, from_backup=of_backup)["applicable"] == ["example.com/wait"]
    tried = do(clean, "executed", name="example.com/wait", from_backup=of_backup)
    labels = tried["output"]["updated_item"]["metadata"]["labels"]
    assert (labels["waited"], tried["changed"]) == ("true", False)
    name = done["restore"]["metadata"]["name"]
    again = do(clean, "executed", name="example.com/wait", from_backup=of_backup, restore=name)
    assert again["applies"] is True


def test_ready_waits_for_a_live_object(clean: Cluster) -> None:
    path = "/apis/apps/v1/namespaces/operators/deployments/database-operator"
    if not clean.request("GET", path).ok:
        deployment(clean)
    set_status(clean, path, {})
    given = {
        "definition": {"name": "a", "ready_when": [{"condition": {"type": "Available"}}]},
        "additional_items": [
            {"resource": "deployments.apps", "namespace": "operators", "name": "database-operator"}
        ],
    }
    late = do(clean, "ready", timeout=1, **given)
    assert (late["ready"], late["failed"]) == (False, True)
    available = {"type": "Available", "status": "True", "reason": "a", "message": ""}
    status = {"conditions": [available]}
    timer = threading.Timer(1.5, set_status, (clean, path, status))
    started = time.monotonic()
    timer.start()
    done = do(clean, "ready", timeout=20, **given)
    timer.join()
    assert done["ready"] is True, done["msg"]
    assert 1 < time.monotonic() - started < 10


def test_rights_that_are_missing_are_told(clean: Cluster) -> None:
    from tests.testbed.cluster import start_cluster

    with start_cluster() as running:
        given = {"kubeconfig": str(running.kubeconfig("narrow")), "velero_config": CLASSES}
        done = run(ITEM_ACTION, ansible_item_action.run, given)
    assert (done["failed"], done["error"]["kind"]) == (True, "rights"), done


def test_values_of_a_secret_stay_out_of_the_output(tmp_path: Path, clean: Cluster) -> None:
    plain = "a-value-that-nobody-sees"
    encoded = base64.b64encode(plain.encode()).decode()
    item = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "shop", "uid": "1"},
        "stringData": {"plain": plain},
        "data": {"encoded": encoded},
    }
    merge = {"data": {"encoded": None}, "stringData": {"plain": None}}
    definition = {"name": "a", "patches": [{"merge": merge}]}
    options = {"state": "executed", "item": item, "definition": definition}
    task = {"velero.core.restore_item_action": options, "diff": True, "no_log": False}
    done, (result,) = ansible(tmp_path, clean, [task], "-vvvv")
    assert done.returncode == 0, done.stdout
    assert result["output"]["updated_item"]["metadata"] == {"name": "s", "namespace": "shop"}
    assert "hmac-sha256" in result["diff"][0]["before"]
    for text in (plain, encoded):
        assert text not in done.stdout + done.stderr + json.dumps(result)
