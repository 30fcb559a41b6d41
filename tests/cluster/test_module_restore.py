# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules as users run them: through ansible-playbook, against a real API server and S3."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.velero.core.plugins.module_utils import (
    ansible_backup_info,
    ansible_restore,
    ansible_restore_info,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_spec_restore import RESTORE
from tests.support.playbook import ansible
from tests.unit.plugins.modules.support import run

if TYPE_CHECKING:
    from tests.testbed.cluster import Cluster
    from tests.testbed.s3 import S3Server

ROOT = Path(__file__).resolve().parents[2]
BACKUPS = ROOT / "tests" / "data" / "backup-storage"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("K8S_AUTH_", "AWS_")) or name == "KUBECONFIG":
            monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def golden() -> Iterator[Cluster]:
    """A cluster without controllers that make objects of their own."""
    from tests.testbed.cluster import start_cluster

    with start_cluster(profile="golden") as running:
        yield running


@pytest.fixture
def storage(tmp_path: Path) -> dict[str, Any]:
    shutil.copytree(BACKUPS / "backups" / "shop-full", tmp_path / "s/backups/shop-full")
    return {"provider": "directory", "path": str(tmp_path / "s")}


def restore(cluster: Cluster, options: dict[str, Any], **how: Any) -> dict[str, Any]:
    usual = {"kubeconfig": str(cluster.kubeconfig()), "backup_name": "shop-full", **options}
    given = {name: value for name, value in usual.items() if value is not None}
    return run(RESTORE, ansible_restore.run, given, **how)


def test_a_playbook_restores_once(tmp_path: Path, golden: Cluster, storage: dict[str, Any]) -> None:
    task = {
        "velero.core.velero_restore": {
            "backup_name": "shop-full",
            "storage": storage,
            "included_namespaces": "billing",
            "included_resources": "configmaps,secrets,serviceaccounts",
            "namespace_mapping": "billing=once",
            "existing_resource_policy": "update",
        }
    }
    done, results = ansible(tmp_path, golden, [{**task, "check_mode": True}, {**task}, {**task}])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[WARNING]" not in done.stdout + done.stderr
    plan, first, second = results
    assert (plan["changed"], first["changed"], second["changed"]) == (True, True, False)
    assert plan["restore"]["metadata"]["name"] == first["restore"]["metadata"]["name"]
    assert plan["counts"]["create"] == first["counts"]["created"] > 5
    assert first["restore"]["status"]["phase"] == "Completed"
    assert second["restore"] == first["restore"]
    assert set(first["results"]) == {"errors", "warnings"}
    assert Path(first["artifacts"]["results"]).exists()
    assert golden.request("GET", "/api/v1/namespaces/once/configmaps/rates").ok


def test_connection_defaults_of_the_action_group(
    tmp_path: Path, golden: Cluster, storage: dict[str, Any]
) -> None:
    task = {
        "velero.core.velero_restore_info": {"storage": storage, "record": "cluster"},
        "module_defaults": {"group/velero.core.velero": {"host": "https://127.0.0.1:9"}},
        "ignore_errors": True,
    }
    done, (result,) = ansible(tmp_path, golden, [task])
    assert result["failed"] is True, done.stdout
    assert "127.0.0.1:9" in result["msg"]


def test_secrets_stay_out_of_the_output(
    tmp_path: Path, golden: Cluster, storage: dict[str, Any]
) -> None:
    kubeconfig = json.loads(golden.kubeconfig().read_text())
    options = {"backup_name": "shop-full", "storage": storage, "excluded_resources": ["jobs.batch"]}
    task = {
        "velero.core.velero_restore": {**options, "kubeconfig": kubeconfig, "name": "hidden"},
        "diff": True,
    }
    done, (result,) = ansible(tmp_path, golden, [task], "-vvvv")
    assert done.returncode == 0, done.stdout
    assert golden.token not in done.stdout + done.stderr + json.dumps(result)
    # The rest of the kubeconfig is no secret, and masking it would make results unreadable.
    assert result["restore"]["spec"]["backupName"] == "shop-full"
    assert "********" not in json.dumps(result["restore"])
    for secret in ("regcred", "db.creds"):
        answer = golden.request("GET", f"/api/v1/namespaces/shop/secrets/{secret}")
        for value in answer.body["data"].values():
            plain = base64.b64decode(value).decode("utf-8", "replace")
            if len(plain) < 8:
                continue
            assert value not in done.stdout
            assert plain not in done.stdout


def test_an_archive_needs_no_storage(tmp_path: Path, cluster: Cluster) -> None:
    path = BACKUPS / "backups" / "shop-full" / "shop-full.tar.gz"
    options = {
        "backup_name": None,
        "archive": str(path),
        "included_namespaces": ["billing"],
        "namespace_mapping": {"billing": "from-archive"},
    }
    plan = restore(cluster, options, check_mode=True)
    assert plan["changed"] is True, plan["msg"]
    assert plan["restore"]["metadata"]["name"].startswith("shop-full-")
    (tmp_path / "artifacts").mkdir()
    artifacts = {"provider": "directory", "path": str(tmp_path / "artifacts")}
    done = restore(cluster, {**options, "artifacts": artifacts})
    assert not done.get("failed"), done["msg"]
    assert done["restore"]["status"]["phase"] == "Completed", done["msg"]
    assert list((tmp_path / "artifacts" / "restores").iterdir())


def test_from_s3_by_a_location_in_the_cluster(
    cluster: Cluster, s3: S3Server, tmp_path: Path
) -> None:
    import boto3

    bucket = s3.new_bucket()
    environment = s3.environment()
    client = boto3.client(
        "s3",
        endpoint_url=s3.url,
        region_name=environment["AWS_DEFAULT_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    folder = BACKUPS / "backups" / "shop-full"
    for path in folder.iterdir():
        client.upload_file(str(path), bucket, f"prefix/backups/shop-full/{path.name}")
    _install_location(cluster, s3, bucket)
    options = {
        "storage_location": "default",
        "included_namespaces": ["billing"],
        "name": "from-s3",
        "record": "storage",
    }
    done = restore(cluster, options)
    assert done["restore"]["status"]["phase"] == "Completed", done["msg"]
    assert done["artifacts"]["log"].startswith(f"s3://{bucket}/prefix/restores/from-s3/")
    assert environment["AWS_SECRET_ACCESS_KEY"] not in json.dumps(done)
    found = run(
        ansible_restore_info.SPEC,
        ansible_restore_info.run,
        {
            "name": "from-s3",
            "storage_location": "default",
            "kubeconfig": str(cluster.kubeconfig()),
        },
    )
    (info,) = found["restores"]
    assert info["found_in"] == ["storage"]
    assert info["status"]["phase"] == "Completed"
    assert info["counts"]["created"] == done["counts"]["created"]


def _install_location(cluster: Cluster, s3: S3Server, bucket: str) -> None:
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "backupstoragelocations.velero.io"},
        "spec": {
            "group": "velero.io",
            "scope": "Namespaced",
            "names": {"kind": "BackupStorageLocation", "plural": "backupstoragelocations"},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "x-kubernetes-preserve-unknown-fields": True,
                        }
                    },
                }
            ],
        },
    }
    location = {
        "apiVersion": "velero.io/v1",
        "kind": "BackupStorageLocation",
        "metadata": {"name": "default"},
        "spec": {
            "provider": "aws",
            "objectStorage": {"bucket": bucket, "prefix": "prefix"},
            "config": {"region": "us-east-1", "s3Url": s3.url, "s3ForcePathStyle": "true"},
            "credential": {"name": "cloud", "key": "cloud"},
        },
    }
    credentials = base64.b64encode(s3.credentials_file.read_bytes()).decode()
    secret = {"metadata": {"name": "cloud"}, "data": {"cloud": credentials}}
    _post(cluster, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
    _post(cluster, "/api/v1/namespaces", {"metadata": {"name": "velero"}})
    _post(cluster, "/api/v1/namespaces/velero/secrets", secret)
    _post(cluster, "/apis/velero.io/v1/namespaces/velero/backupstoragelocations", location)


def _post(cluster: Cluster, path: str, body: dict[str, Any]) -> None:
    import time

    deadline = time.monotonic() + 20
    while True:
        answer = cluster.request("POST", path, body)
        if answer.ok or answer.status == 409:
            return
        assert time.monotonic() < deadline, answer.body
        time.sleep(0.2)


def test_absent_forgets_the_restore_and_keeps_the_objects(
    cluster: Cluster, storage: dict[str, Any]
) -> None:
    options = {"storage": storage, "included_namespaces": ["billing"], "name": "short-lived"}
    assert restore(cluster, options)["changed"] is True
    folder = Path(storage["path"], "restores", "short-lived")
    gone = {"storage": storage, "name": "short-lived", "state": "absent", "backup_name": None}
    planned = restore(cluster, gone, check_mode=True)
    assert planned["changed"] is True
    assert folder.exists()
    removed = restore(cluster, gone)
    assert (removed["changed"], folder.exists()) == (True, False)
    assert "The objects that it restored stay." in removed["msg"]
    assert cluster.request("GET", "/api/v1/namespaces/billing/configmaps/rates").ok
    assert restore(cluster, gone)["changed"] is False


def test_rerun_always_on_an_unchanged_cluster_changes_nothing(
    golden: Cluster, storage: dict[str, Any]
) -> None:
    options = {
        "storage": storage,
        "included_namespaces": ["billing"],
        "included_resources": ["configmaps", "deployments", "roles"],
        "namespace_mapping": {"billing": "again"},
        "name": "again",
    }
    first = restore(golden, options)
    again = restore(golden, {**options, "rerun": "always"})
    assert (first["changed"], again["changed"]) == (True, False)
    assert set(again["counts"]) == {"unchanged"}, again["items"]


def test_info_modules_work_without_a_cluster(storage: dict[str, Any]) -> None:
    found = run(ansible_restore_info.SPEC, ansible_restore_info.run, {"storage": storage})
    assert (found["restores"], found["changed"]) == ([], False)
    found = run(
        ansible_backup_info.SPEC,
        ansible_backup_info.run,
        {"storage": storage, "contents": True, "verify_archive": True},
    )
    (backup,) = found["backups"]
    assert backup["status"]["phase"] == "Completed"
    assert backup["contents"]["total"] == backup["archive"]["checked"] == 99
    assert backup["archive"]["sound"] is True
