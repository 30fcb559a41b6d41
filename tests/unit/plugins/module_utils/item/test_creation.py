# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.creation import ObjectCreator
from ansible_collections.velero.core.plugins.module_utils.item.work import ItemWork
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError
from tests.support.builders import (
    CONFIG_MAPS,
    SERVICES,
    Manifest,
    config_map,
    labelled,
    obj,
    owner,
)
from tests.support.builders_item import LABELS, logged, work_on
from tests.support.fake_cluster import FakeCluster, api_error, obj_namespace

TWO = [owner("a"), owner("b")]


def cluster() -> FakeCluster:
    return FakeCluster(obj_namespace("shop"))


def create(
    server: FakeCluster, item: Manifest, *, mode: str = "restore", strict: bool = False
) -> ItemWork:
    work = work_on(labelled(item))
    creator = ObjectCreator(server, LABELS, managed_fields=mode, strict=strict)
    made, work.completing_patch = creator.create(work, CONFIG_MAPS, with_status=False)
    creator.complete(work, CONFIG_MAPS, made)
    return work


def stored_owners(server: FakeCluster) -> Any:
    return server.see("configmaps", "shop", "x")["metadata"]["managedFields"]


def with_owners(*entries: Manifest, **fields: Any) -> Manifest:
    return config_map(meta={"managedFields": list(entries)}, **fields)


@pytest.mark.parametrize(
    ("item", "options", "requests", "managers"),
    [
        pytest.param(config_map(), {}, ["create"], ["velero.core"], id="no-owners"),
        pytest.param(with_owners(owner()), {}, ["create"], ["kubectl"], id="one-update"),
        pytest.param(
            with_owners(owner(operation="Apply")), {}, ["apply"], ["kubectl"], id="one-apply"
        ),
        pytest.param(with_owners(*TWO), {}, ["create", "patch"], ["a", "b"], id="two-writers"),
        pytest.param(
            with_owners(owner()), {"strict": True}, ["create", "patch"], ["kubectl"], id="strict"
        ),
        pytest.param(
            with_owners(*TWO), {"mode": "drop"}, ["create"], ["velero.core"], id="dropped"
        ),
    ],
)
def test_13_owners_by_the_fewest_requests(
    item: Manifest, options: dict[str, Any], requests: list[str], managers: list[str]
) -> None:
    server = cluster()
    create(server, item, **options)
    assert [call.verb for call in server.writes] == requests
    assert [entry["manager"] for entry in stored_owners(server)] == managers
    assert server.see("configmaps", "shop", "x")["metadata"]["labels"] == LABELS
    assert server.see("configmaps", "shop", "x")["data"] == {"a": "1"}


def test_13_apply_patches_what_nobody_owned_and_keeps_the_owners() -> None:
    server = cluster()
    entry = owner(operation="Apply")
    work = create(server, with_owners(entry, data={"a": "1", "default": "2"}))
    assert [call.verb for call in server.writes] == ["apply", "patch"]
    assert server.writes[1].body == {
        "data": {"default": "2"},
        "metadata": {"managedFields": [entry]},
    }
    assert server.see("configmaps", "shop", "x")["data"] == {"a": "1", "default": "2"}
    assert stored_owners(server) == [entry]
    assert logged(work) == ["the managed fields for configmaps/shop/x is patched"]


def test_13_what_apply_brings_beyond_the_backup_stays() -> None:
    server = cluster()
    fields = {"f:data": {"f:a": {}}}
    item = with_owners(owner(operation="Apply", fieldsV1=fields))
    work = work_on(labelled(item))
    creator = ObjectCreator(server, LABELS, managed_fields="restore", strict=False)
    made, patch = creator.create(work, CONFIG_MAPS, with_status=False)
    assert patch is None
    assert made["metadata"]["labels"] == LABELS


def test_4_11_no_request_when_the_owners_are_right() -> None:
    server = cluster()
    creator = ObjectCreator(server, LABELS, managed_fields="restore", strict=True)
    work = work_on(labelled(with_owners(*TWO)))
    work.completing_patch = {"metadata": {"managedFields": TWO}}
    creator.complete(work, CONFIG_MAPS, with_owners(*TWO))
    assert not server.writes


@pytest.mark.parametrize(
    ("entries", "missing"),
    [
        ([], None),
        ([owner()], None),
        (TWO, {"metadata": {"managedFields": TWO}}),
        ([owner(operation="Apply")], None),
    ],
    ids=["none", "one-update", "two", "one-apply"],
)
def test_what_an_object_of_a_cut_off_run_still_needs(entries: list[Any], missing: Any) -> None:
    creator = ObjectCreator(cluster(), LABELS, managed_fields="restore", strict=False)
    item = labelled(with_owners(*entries) if entries else config_map())
    assert creator.still_missing(work_on(item), item) == missing


TAKEN = "provided port is already allocated"


@pytest.mark.parametrize(
    ("kind", "error", "existing", "means"),
    [
        pytest.param("ConfigMap", api_error("AlreadyExists"), False, True, id="already-exists"),
        pytest.param("ConfigMap", api_error("Forbidden"), True, False, id="forbidden"),
        pytest.param(
            "Service", api_error("Invalid", causes=[f"80: {TAKEN}"]), True, True, id="port-taken"
        ),
        pytest.param(
            "Service",
            api_error("Invalid", causes=[f"80: {TAKEN}"]),
            False,
            False,
            id="port-taken-by-another",
        ),
        pytest.param(
            "Service",
            api_error("Invalid", causes=[TAKEN, "something else"]),
            True,
            False,
            id="19-not-all-causes",
        ),
        pytest.param("Service", api_error("Invalid"), True, False, id="no-causes"),
        pytest.param(
            "ConfigMap", api_error("Invalid", causes=[TAKEN]), True, False, id="no-service"
        ),
    ],
)
def test_4_9_which_refusals_mean_that_it_exists(
    kind: str, error: ApiError, existing: bool, means: bool
) -> None:
    server = FakeCluster(*([obj(kind, "x", "shop")] if existing else []))
    creator = ObjectCreator(server, LABELS, managed_fields="restore", strict=False)
    work = work_on(obj(kind, "x", "shop"))
    resource = SERVICES if kind == "Service" else CONFIG_MAPS
    assert creator.means_existing(work, resource, error) is means
    text = "Service x exists, ignore the provided port is already allocated error"
    assert (text in logged(work)) is (means and kind == "Service")


def test_4_9_a_service_that_cannot_be_read() -> None:
    server = cluster()
    server.fail("get", error=api_error("InternalError", "boom"))
    creator = ObjectCreator(server, LABELS, managed_fields="restore", strict=False)
    work = work_on(obj("Service", "x", "shop"))
    with pytest.raises(ApiError, match="boom"):
        creator.means_existing(work, SERVICES, api_error("Invalid", causes=[TAKEN]))
