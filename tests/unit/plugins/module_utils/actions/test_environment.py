# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the built-in actions read from the cluster, and how often."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ActionError
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
    Once,
    api_errors,
)
from ansible_collections.velero.core.plugins.module_utils.actions.plugin_config import (
    CHANGE_IMAGE_NAME,
    config_selector,
    plugin_config,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ConnectionFailedError,
    ForbiddenError,
    NotFoundError,
)
from tests.conformance.item_actions.cluster import IMAGE, FakeCluster

Manifest = dict[str, Any]
RESTORE: Manifest = {
    "metadata": {"name": "r", "namespace": "velero"},
    "spec": {"backupName": "b"},
}
NOBODY: Manifest = {"user": "nobody", "rules": []}


def config_map(name: str, data: dict[str, str] | None) -> Manifest:
    labels = {"velero.io/plugin-config": "", CHANGE_IMAGE_NAME: "RestoreItemAction"}
    body: Manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "velero", "labels": labels},
    }
    return body if data is None else {**body, "data": data}


def backed_up_volume(name: str, backup: str) -> Manifest:
    metadata = {"name": name, "namespace": "velero", "labels": {"velero.io/backup-name": backup}}
    return {"apiVersion": "velero.io/v1", "kind": "PodVolumeBackup", "metadata": metadata}


def test_what_was_found_is_not_read_again() -> None:
    cluster = FakeCluster(
        [
            config_map("c", {"a": "b"}),
            {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "s"}},
        ]
    )
    environment = ActionEnvironment(cluster=cluster)
    for attempt in range(3):
        assert plugin_config(environment, CHANGE_IMAGE_NAME) == {"a": "b"}, attempt
        assert environment.storage_class("s")["kind"] == "StorageClass"
        assert environment.service_accounts("shop") == {"default"}
        assert environment.image_of_server() == IMAGE
    assert cluster.requests == 4


def test_failures_are_asked_again() -> None:
    cluster = FakeCluster(access=NOBODY)
    environment = ActionEnvironment(cluster=cluster)
    for attempt in range(2):
        with pytest.raises(ForbiddenError):
            environment.storage_class("s")
        assert cluster.requests == attempt + 1


def test_service_accounts_of_all_namespaces() -> None:
    assert "default" in ActionEnvironment(cluster=FakeCluster()).service_accounts("")


def test_service_accounts_can_be_read_anew() -> None:
    cluster = FakeCluster()
    environment = ActionEnvironment(cluster=cluster)
    assert not environment.knows_service_accounts("shop")
    environment.service_accounts("shop")
    assert environment.knows_service_accounts("shop")
    environment.service_accounts("shop", fresh=True)
    assert cluster.requests == 2


def test_what_is_given_is_not_asked() -> None:
    cluster = FakeCluster()
    environment = ActionEnvironment(
        cluster=cluster, backup={"kind": "Backup"}, pod_volume_backups=(), server_image="v/v:1"
    )
    assert environment.backup_of(RESTORE) == {"kind": "Backup"}
    assert environment.pod_volume_backups_of(RESTORE) == ()
    assert environment.image_of_server() == "v/v:1"
    assert cluster.requests == 0


def test_backup_and_volumes_of_the_restore() -> None:
    backup = {
        "apiVersion": "velero.io/v1",
        "kind": "Backup",
        "metadata": {"name": "b", "namespace": "velero"},
    }
    objects = [backup, backed_up_volume("one", "b"), backed_up_volume("two", "other")]
    environment = ActionEnvironment(cluster=FakeCluster(objects))
    assert environment.backup_of(RESTORE) == backup
    found = environment.pod_volume_backups_of(RESTORE)
    assert [item["metadata"]["name"] for item in found] == ["one"]


def test_no_deployment() -> None:
    cluster = FakeCluster()
    cluster.remove("apps", "deployments", "velero", "velero")
    with pytest.raises(NotFoundError, match='"velero" not found'):
        ActionEnvironment(cluster=cluster).image_of_server()


def test_api_errors_become_errors_of_the_action() -> None:
    with pytest.raises(ActionError) as caught, api_errors("why: "):
        raise ForbiddenError("a", "b", code=403, reason="Forbidden", message="no")
    assert str(caught.value) == "why: no"


def test_a_lost_connection_ends_more_than_the_item() -> None:
    with pytest.raises(ConnectionFailedError), api_errors("why: "):
        raise ConnectionFailedError("reading", "x", "down")


@pytest.mark.parametrize("data", [None, {}])
def test_configuration_without_data(data: dict[str, str] | None) -> None:
    environment = ActionEnvironment(cluster=FakeCluster([config_map("c", data)]))
    assert plugin_config(environment, CHANGE_IMAGE_NAME) == {}


def test_several_configurations() -> None:
    cluster = FakeCluster([config_map("two", {}), config_map("one", {})])
    with pytest.raises(ActionError) as caught:
        plugin_config(ActionEnvironment(cluster=cluster), CHANGE_IMAGE_NAME)
    selector = "velero.io/plugin-config,velero.io/change-image-name=RestoreItemAction"
    assert config_selector(CHANGE_IMAGE_NAME) == selector
    assert str(caught.value) == (
        f'found more than one ConfigMap matching label selector "{selector}": [one two]'
    )


def test_inline_configuration_wins_and_comes_first() -> None:
    environment = ActionEnvironment(
        cluster=FakeCluster([config_map("c", {"z": "1", "a": "2", "b": "3"})]),
        inline_config={CHANGE_IMAGE_NAME: {"q": "4", "b": "5"}},
    )
    found = plugin_config(environment, CHANGE_IMAGE_NAME)
    assert list(found.items()) == [("q", "4"), ("b", "5"), ("a", "2"), ("z", "1")]


def test_configuration_is_read_from_the_velero_namespace() -> None:
    environment = ActionEnvironment(
        cluster=FakeCluster([config_map("c", {"a": "b"})]), velero_namespace="velero-two"
    )
    assert plugin_config(environment, CHANGE_IMAGE_NAME) == {}


def test_threads_make_a_value_once() -> None:
    once = Once()
    made: list[int] = []
    gate = threading.Barrier(8)

    def make(number: int) -> int:
        made.append(number)
        return number

    def ask(number: int) -> object:
        gate.wait()
        return once.get("key", lambda: make(number))

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(ask, range(8)))
    assert len(made) == 1
    assert found == set(made)
