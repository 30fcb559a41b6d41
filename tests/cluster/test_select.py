# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One deployment out of a backup, through the module, on a cluster whose controllers run it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.engine import WRITES
from tests.support.playbook import ansible
from tests.support.waiting import eventually
from tests.testbed.cluster import ClusterOptions, start_cluster

if TYPE_CHECKING:
    from tests.testbed.cluster import Cluster

ROOT = Path(__file__).resolve().parents[2]
BACKUPS = ROOT / "tests" / "data" / "backup-storage"
WEB = {"kinds": ["Deployment"], "namespaces": ["shop"], "names": ["web"]}
NEEDS = {
    "v1/Namespace/shop",
    "apps/v1/Deployment/shop/web",
    "v1/ConfigMap/shop/app.v1.config",
    "v1/Secret/shop/regcred",
    "v1/Secret/shop/web-extra",
    "v1/ServiceAccount/shop/web",
}


@pytest.fixture(scope="module")
def empty() -> Iterator[Cluster]:
    """With the controllers that make pods of deployments."""
    names = ("namespace", "deployment", "replicaset", "serviceaccount")
    controllers = tuple(f"{name}-controller" for name in names)
    with start_cluster(ClusterOptions(controllers=controllers, narrow_namespace=None)) as cluster:
        yield cluster


@pytest.fixture
def storage(tmp_path: Path) -> dict[str, Any]:
    shutil.copytree(BACKUPS / "backups" / "shop-full", tmp_path / "s/backups/shop-full")
    return {"provider": "directory", "path": str(tmp_path / "s")}


def task(storage: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {
        "velero.core.velero_restore": {"backup_name": "shop-full", "storage": storage, **options}
    }


def planned(task: dict[str, Any]) -> dict[str, Any]:
    return {**task, "check_mode": True}


def items(entries: list[dict[str, Any]]) -> dict[str, str]:
    return {entry["id"]: entry["reason"] for entry in entries}


def test_a_deployment_with_all_that_it_needs(
    tmp_path: Path, empty: Cluster, storage: dict[str, Any]
) -> None:
    bare = task(storage, select=[WEB], name="bare")
    whole = task(storage, select=[WEB], with_dependencies=True, name="whole")
    done, results = ansible(tmp_path, empty, [planned(bare), planned(whole), {**whole}, {**whole}])
    assert done.returncode == 0, done.stdout + done.stderr
    alone, plan, first, second = results

    assert set(items(alone["plan"])) == {"v1/Namespace/shop", "apps/v1/Deployment/shop/web"}
    assert items(alone["dangling"]) == {
        "configmaps/shop/app.v1.config": "not_selected",
        "serviceaccounts/shop/web": "not_selected",
    }
    (account,) = (one for one in alone["dangling"] if one["id"].startswith("serviceaccounts"))
    assert account["referrers"] == [
        {"id": "deployments.apps/shop/web", "field": "spec.template.spec.serviceAccountName"}
    ]
    assert alone["warnings"] == [
        "deployments.apps/shop/web refers to configmaps/shop/app.v1.config "
        "(spec.template.spec.volumes[cfg].configMap), which is not restored (not_selected) and not "
        "in the cluster.",
        "deployments.apps/shop/web refers to serviceaccounts/shop/web "
        "(spec.template.spec.serviceAccountName), which is not restored (not_selected) and not in "
        "the cluster.",
    ]

    assert set(items(plan["plan"])) == NEEDS
    assert items(plan["plan"]) == items(first["items"])
    assert plan["dangling"] == first["dangling"] == []
    assert first["restore"]["status"]["phase"] == "Completed"
    assert (plan["changed"], first["changed"], second["changed"]) == (True, True, False)
    assert "velero-core.io/select" in first["restore"]["metadata"]["annotations"]

    def pods() -> list[dict[str, Any]]:
        found = empty.request("GET", "/api/v1/namespaces/shop/pods").body["items"]
        return [pod for pod in found if pod["metadata"]["labels"].get("app") == "web"]

    wanted = empty.request("GET", "/apis/apps/v1/namespaces/shop/deployments/web").body
    eventually(lambda: len(pods()) == wanted["spec"]["replicas"])
    for pod in pods():
        assert pod["spec"]["serviceAccountName"] == "web"
    account = empty.request("GET", "/api/v1/namespaces/shop/serviceaccounts/web").body
    assert account["imagePullSecrets"] == [{"name": "regcred"}]
    for path in ("secrets/regcred", "secrets/web-extra", "configmaps/app.v1.config"):
        assert empty.request("GET", f"/api/v1/namespaces/shop/{path}").ok


def test_what_is_in_the_cluster_does_not_dangle(
    tmp_path: Path, empty: Cluster, storage: dict[str, Any]
) -> None:
    ingress = task(storage, included_resources=["ingresses"], name="ingress")
    done, (plan,) = ansible(tmp_path, empty, [planned(ingress)])
    assert done.returncode == 0, done.stdout + done.stderr
    assert items(plan["dangling"]) == {
        "ingressclasses.networking.k8s.io/main": "not_in_backup",
        "secrets/shop/shop-tls": "resource_excluded",
        "services/shop/web": "resource_excluded",
    }
    path = "/apis/networking.k8s.io/v1/ingressclasses"
    body = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": "main"},
        "spec": {"controller": "example.com/ingress"},
    }
    assert empty.request("POST", path, body).ok
    done, (plan,) = ansible(tmp_path, empty, [planned(ingress)])
    assert set(items(plan["dangling"])) == {"secrets/shop/shop-tls", "services/shop/web"}


def test_order_by_rules(
    tmp_path: Path, empty: Cluster, storage: dict[str, Any], proxy_factory: Any
) -> None:
    proxy = proxy_factory(empty)
    ordered = task(
        storage,
        name="ordered",
        host=proxy.url,
        included_namespaces=["billing"],
        included_resources=["configmaps", "secrets", "services", "deployments"],
        namespace_mapping={"billing": "ordered"},
        order={"before": [{"first": "deploy", "then": "Secret"}], "last": ["ConfigMap"]},
        record="storage",
    )
    done, _results = ansible(tmp_path, empty, [ordered])
    assert done.returncode == 0, done.stdout + done.stderr
    place = "/namespaces/ordered/"
    writes = [one.path for one in proxy.requests() if one.method in WRITES and place in one.path]
    plurals = [re.split("[/?]", path.partition(place)[2])[0] for path in writes]
    assert list(dict.fromkeys(plurals)) == ["deployments", "secrets", "services", "configmaps"]
