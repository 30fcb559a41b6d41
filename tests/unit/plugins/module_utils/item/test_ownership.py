# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.ownership import (
    APPLY,
    CREATE,
    CREATE_THEN_PATCH,
    DEFAULT_MANAGER,
    plan_ownership,
    tracked_fields,
)
from tests.support.builders import Manifest, config_map, labelled, obj, owner

STATUS = owner("controller", subresource="status", fieldsV1={"f:status": {"f:a": {}}})


def with_owners(*entries: Manifest, **fields: Any) -> Manifest:
    return labelled(config_map(meta={"managedFields": list(entries)}, **fields))


@pytest.mark.parametrize(
    ("item", "options", "how", "manager"),
    [
        pytest.param(labelled(config_map()), {}, CREATE, DEFAULT_MANAGER, id="no-owners"),
        pytest.param(with_owners(), {}, CREATE, DEFAULT_MANAGER, id="empty-list"),
        pytest.param(with_owners(owner()), {}, CREATE, "kubectl", id="one-update-owns-all"),
        pytest.param(
            with_owners(owner(), data={"a": "1", "b": "2"}),
            {},
            CREATE_THEN_PATCH,
            DEFAULT_MANAGER,
            id="one-update-owns-a-part",
        ),
        pytest.param(with_owners(owner(operation="Apply")), {}, APPLY, "kubectl", id="one-apply"),
        pytest.param(
            with_owners(owner("a"), owner("b")),
            {},
            CREATE_THEN_PATCH,
            DEFAULT_MANAGER,
            id="two-writers",
        ),
        pytest.param(with_owners(owner(), STATUS), {}, CREATE, "kubectl", id="status-writer-aside"),
        pytest.param(with_owners(STATUS), {}, CREATE_THEN_PATCH, DEFAULT_MANAGER, id="only-status"),
        pytest.param(
            with_owners(owner(subresource="scale")),
            {},
            CREATE_THEN_PATCH,
            DEFAULT_MANAGER,
            id="another-subresource",
        ),
        pytest.param(
            with_owners(owner(api="v1beta1")),
            {},
            CREATE_THEN_PATCH,
            DEFAULT_MANAGER,
            id="another-version",
        ),
        pytest.param(with_owners(owner("")), {}, CREATE_THEN_PATCH, DEFAULT_MANAGER, id="nameless"),
        pytest.param(
            with_owners(owner(operation="Guess")),
            {},
            CREATE_THEN_PATCH,
            DEFAULT_MANAGER,
            id="unknown-operation",
        ),
        pytest.param(
            with_owners(owner("a"), owner("b")),
            {"mode": "drop"},
            CREATE,
            DEFAULT_MANAGER,
            id="drop",
        ),
        pytest.param(
            with_owners(owner()), {"strict": True}, CREATE_THEN_PATCH, DEFAULT_MANAGER, id="strict"
        ),
        pytest.param(
            with_owners(owner()),
            {"with_status": True},
            CREATE_THEN_PATCH,
            DEFAULT_MANAGER,
            id="with-status",
        ),
    ],
)
def test_plan(item: Manifest, options: dict[str, Any], how: str, manager: str) -> None:
    plan = plan_ownership(
        item, **{"mode": "restore", "strict": False, "with_status": False, **options}
    )
    assert (plan.how, plan.manager) == (how, manager)
    assert (plan.body is not None) is (how == APPLY)


def test_apply_sends_what_the_manager_owned() -> None:
    fields = {"f:data": {"f:a": {}}, "f:metadata": {"f:labels": {"f:app": {}}}}
    item = with_owners(
        owner(operation="Apply", fieldsV1=fields),
        data={"a": "1", "default": "2"},
        labels={"app": "web", "other": "x"},
    )
    plan = plan_ownership(item, mode="restore", strict=False, with_status=False)
    assert plan.body == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "x", "namespace": "shop", "labels": {"app": "web"}},
        "data": {"a": "1"},
    }


def test_apply_at_cluster_scope_has_no_namespace() -> None:
    item = obj(
        "PersistentVolume", "pv", meta={"managedFields": [owner(operation="Apply", fieldsV1={})]}
    )
    plan = plan_ownership(item, mode="restore", strict=False, with_status=False)
    assert plan.body is not None
    assert plan.body["metadata"] == {"name": "pv"}


@pytest.mark.parametrize(
    ("fields", "how"),
    [
        ({"f:spec": {"f:type": {}}}, CREATE_THEN_PATCH),
        ({"f:spec": {"f:type": {}, "f:clusterIP": {}}}, APPLY),
    ],
    ids=["address-of-the-server", "address-applied"],
)
def test_an_applied_service_keeps_its_address(fields: Manifest, how: str) -> None:
    spec = {"type": "ClusterIP", "clusterIP": "10.0.0.7"}
    entries = [owner(operation="Apply", fieldsV1=fields)]
    item = obj("Service", "s", "shop", spec=spec, meta={"managedFields": entries})
    assert plan_ownership(item, mode="restore", strict=False, with_status=False).how == how


def test_tracked_fields_are_without_identity_and_restore_labels() -> None:
    item = labelled(
        config_map(labels={"a": "b"}, meta={"uid": "u", "finalizers": ["f"]}, status={"x": 1})
    )
    assert tracked_fields(item) == {
        "data": {"a": "1"},
        "metadata": {"labels": {"a": "b"}, "finalizers": ["f"]},
    }
    assert tracked_fields(labelled(obj("ConfigMap"))) == {}
