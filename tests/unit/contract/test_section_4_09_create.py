# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference section 4.9 up to "Compare": creating, and what a refusal means."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Manifest, config_map, labelled, obj
from tests.support.contract import Seen, both_modes, restore
from tests.support.fake_cluster import FakeCluster, api_error, obj_namespace

X = config_map("x")
TAKEN = "provided port is already allocated"
SERVICE = obj("Service", "web", "shop", spec={"type": "NodePort"})
CREATED = ("created", "created")
DIFFERENT = (
    "could not restore, {} already exists. Warning: the in-cluster version is different than the "
    "backed-up version"
)


def refused(item: Manifest, error: Any, *existing: Manifest, **options: Any) -> Seen:
    """A restore of ``item`` whose existence nobody noticed before its creation is refused.

    ``get_error`` refuses to read it from the second time on.
    """
    get_error, mode = options.pop("get_error", None), options.pop("mode")
    cluster = FakeCluster(obj_namespace("shop"), *existing)
    gr = f"{item['kind'].lower()}s"
    cluster.fail("get", gr, error=api_error("NotFound", "not yet"), times=1)
    if get_error is not None:
        cluster.fail("get", gr, error=get_error)
    cluster.fail("create", gr, error=error)
    return restore([item], mode=mode, cluster=cluster, actions=[], **options)


@both_modes
def test_4_9_existence_first_makes_no_create(mode: str) -> None:
    seen = restore([X], mode=mode, existing=[config_map("x", data={"a": "2"})])
    assert seen.requests == ["get namespaces/shop", "get configmaps/shop/x"]
    assert seen.warnings == {"namespaces": {"shop": [DIFFERENT.format("ConfigMap:x")]}}


@both_modes
def test_4_9_a_failing_look_creates(mode: str) -> None:
    cluster = FakeCluster(obj_namespace("shop"))
    cluster.fail("get", "configmaps", error=api_error("Forbidden", "no"), times=1)
    seen = restore([X], mode=mode, cluster=cluster)
    assert seen.fates == {"v1/ConfigMap/shop/x": CREATED}
    assert seen.silent


@both_modes
def test_4_9_created(mode: str) -> None:
    seen = restore([X], mode=mode)
    assert seen.writes == ["create configmaps/shop/x"]
    assert seen.fates == {"v1/ConfigMap/shop/x": CREATED}
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}
    assert seen.silent


# ------------------------------------------------------------------ refusals


@both_modes
def test_4_9_already_exists_is_fetched_and_compared(mode: str) -> None:
    error = api_error("AlreadyExists", "it is there")
    seen = refused(X, error, config_map("x", data={"a": "2"}), mode=mode)
    assert seen.requests[-2:] == ["create configmaps/shop/x", "get configmaps/shop/x"]
    assert seen.warnings == {"namespaces": {"shop": [DIFFERENT.format("ConfigMap:x")]}}
    assert not seen.errors


@both_modes
def test_4_9_service_with_all_causes_taken_and_there_exists(mode: str) -> None:
    error = api_error("Invalid", "port", causes=[TAKEN, f"{TAKEN} too"])
    seen = refused(SERVICE, error, {**SERVICE, "spec": {"type": "x"}}, mode=mode)
    assert seen.warnings == {"namespaces": {"shop": [DIFFERENT.format("Service:web")]}}
    assert "Service web exists, ignore the provided port is already allocated error" in seen.log
    assert not seen.errors


@both_modes
def test_4_9_service_with_all_causes_taken_and_not_there_is_an_error(mode: str) -> None:
    seen = refused(SERVICE, api_error("Invalid", "port", causes=[TAKEN]), mode=mode)
    assert seen.errors == {"namespaces": {"shop": ["error restoring services/shop/web: port"]}}
    assert seen.fates == {"v1/Service/shop/web": ("failed", "create_failed")}


@both_modes
@pytest.mark.parametrize("causes", [[], [TAKEN, "another"]], ids=["no-causes", "mixed-causes"])
def test_4_9_service_with_other_causes_is_an_ordinary_refusal(mode: str, causes: list[str]) -> None:
    seen = refused(SERVICE, api_error("Invalid", "port", causes=causes), mode=mode)
    assert seen.errors == {"namespaces": {"shop": ["error restoring services/shop/web: port"]}}
    assert not any("ignore the provided port" in text for text in seen.log)


@both_modes
def test_4_9_other_kinds_with_taken_causes_are_an_ordinary_refusal(mode: str) -> None:
    seen = refused(X, api_error("Invalid", "port", causes=[TAKEN]), mode=mode)
    assert seen.errors == {"namespaces": {"shop": ["error restoring configmaps/shop/x: port"]}}


@both_modes
def test_4_9_service_that_cannot_be_read_is_an_error(mode: str) -> None:
    error = api_error("Invalid", "port", causes=[TAKEN])
    seen = refused(SERVICE, error, mode=mode, get_error=api_error("InternalError", "boom"))
    text = (
        "Unable to get the service shop/web while checking the NodePort is already allocated "
        "error: boom"
    )
    assert seen.errors == {"namespaces": {"shop": [text]}}
    assert seen.fates == {"v1/Service/shop/web": ("failed", "create_failed")}


@both_modes
@pytest.mark.parametrize("reason", ["Forbidden", "Invalid", "InternalError", "Conflict"])
def test_4_9_any_other_refusal_of_what_is_not_there_is_an_error(mode: str, reason: str) -> None:
    seen = refused(X, api_error(reason, "why"), mode=mode)
    assert seen.errors == {"namespaces": {"shop": ["error restoring configmaps/shop/x: why"]}}
    assert seen.fates == {"v1/ConfigMap/shop/x": ("failed", "create_failed")}
    assert seen.requests[-2:] == ["create configmaps/shop/x", "get configmaps/shop/x"]


@both_modes
def test_4_9_a_refusal_at_cluster_scope_is_an_error_of_the_cluster(mode: str) -> None:
    item = obj("PersistentVolume", "pv", spec={"persistentVolumeReclaimPolicy": "Retain"})
    seen = refused(item, api_error("Forbidden", "why"), mode=mode)
    assert seen.errors == {"cluster": ["error restoring persistentvolumes/pv: why"]}


@both_modes
def test_4_9_not_fetched_and_already_exists_is_a_warning(mode: str) -> None:
    seen = refused(
        X, api_error("AlreadyExists"), X, mode=mode, get_error=api_error("Forbidden", "not yours")
    )
    assert seen.warnings == {"namespaces": {"shop": ["not yours"]}}
    assert not seen.errors
    assert seen.fates == {"v1/ConfigMap/shop/x": ("failed", "existing_not_readable")}
    assert (
        "Unable to retrieve in-cluster version of configmaps/shop/x: not yours, object won't be "
        "restored by velero or have restore labels, and existing resource policy is not applied"
    ) in seen.log


@both_modes
def test_4_9_not_fetched_and_not_already_exists_is_the_creates_error(mode: str) -> None:
    seen = refused(
        X, api_error("Invalid", "why"), X, mode=mode, get_error=api_error("Forbidden", "not yours")
    )
    assert seen.errors == {"namespaces": {"shop": ["error restoring configmaps/shop/x: why"]}}
    assert not seen.warnings


@both_modes
@pytest.mark.parametrize("reason", ["Forbidden", "Invalid", "InternalError", "Conflict"])
def test_4_9_fetched_is_compared_whatever_the_refusal_was(mode: str, reason: str) -> None:
    seen = refused(X, api_error(reason, "why"), config_map("x", data={"a": "2"}), mode=mode)
    assert seen.warnings == {"namespaces": {"shop": [DIFFERENT.format("ConfigMap:x")]}}
    assert not seen.errors
    equal = refused(X, api_error(reason, "why"), labelled(X), mode=mode)
    assert equal.silent
    assert equal.listed == {"v1/ConfigMap": ["shop/x(skipped)"]}
